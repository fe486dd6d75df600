"""`python -m dashboard [--address A] [--port N]`: serve the pages of the home named by YAOXUN_HOME."""

from __future__ import annotations

import argparse
import os
import sys

from dashboard.options import SERVED, streamlit_options


def main(arguments: list[str] | None = None) -> None:
    """Replace this process by Streamlit's server, so that a signal to it ends the server itself."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--address", default="127.0.0.1", help="where to listen; loopback by default")
    parser.add_argument("--port", type=int, default=8501)
    chosen = parser.parse_args(arguments)
    command = [sys.executable, "-m", "streamlit", "run", str(SERVED)]
    command += streamlit_options(address=chosen.address, port=chosen.port)
    os.execv(sys.executable, command)  # noqa: S606  (no shell, our own interpreter)


if __name__ == "__main__":
    main()
