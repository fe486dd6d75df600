"""How the dashboard's server is started: one list, used by `python -m dashboard` and so by `yaoxun serve`."""

from __future__ import annotations

from pathlib import Path

from dashboard import palette

SERVED = Path(__file__).resolve().parent / "served.py"
ENTRY = Path(__file__).resolve().parent.parent / "app.py"
FONT = (
    "-apple-system, BlinkMacSystemFont, 'Segoe UI', 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'Noto Sans SC', 'WenQuanYi Micro Hei', 'Helvetica Neue', Arial, sans-serif"
)


def streamlit_options(*, address: str = "127.0.0.1", port: int = 8501) -> tuple[str, ...]:
    """Command line flags of Streamlit: loopback, headless, silent towards the outside, our colours and fonts."""
    options = {
        "server.headless": "true",
        "server.address": address,
        "server.port": str(port),
        "server.fileWatcherType": "none",
        "server.maxUploadSize": "200",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showSidebarNavigation": "false",
        "theme.base": "light",
        "theme.primaryColor": palette.BLUE,
        "theme.backgroundColor": palette.PAPER,
        "theme.secondaryBackgroundColor": palette.GROUND,
        "theme.textColor": palette.INK,
        "theme.borderColor": palette.LINE,
        "theme.font": FONT,
        "theme.headingFont": FONT,
        "theme.baseRadius": "6px",
        "theme.showWidgetBorder": "true",
    }
    return tuple(f"--{name}={value}" for name, value in options.items())
