"""`python -m dashboard [--address A] [--port N]`: serve the pages of the home named by YAOXUN_HOME."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys

from dashboard.options import SERVED, streamlit_options


def main(arguments: list[str] | None = None) -> None:
    """Replace this process by Streamlit's server, so that a signal to it ends the server itself."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--address", default="127.0.0.1", help="where to listen; loopback by default")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--end-with", type=int, metavar="PID", help="the process that started it: end when that ends")
    chosen = parser.parse_args(arguments)
    if chosen.end_with is not None:
        _end_with(chosen.end_with)
    command = [sys.executable, "-m", "streamlit", "run", str(SERVED)]
    command += streamlit_options(address=chosen.address, port=chosen.port)
    os.execv(sys.executable, command)  # noqa: S606  (no shell, our own interpreter)


def _end_with(parent: int) -> None:
    """Be ended by the kernel when the parent is, even by kill -9, so that no server is left behind (prctl(2))."""
    set_parent_death_signal = 1
    ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the kernel was told
        sys.exit(0)


if __name__ == "__main__":
    main()
