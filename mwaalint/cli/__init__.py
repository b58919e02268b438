"""The command line: thin commands over ``mwaalint.api``."""

from __future__ import annotations

import io
import sys

from mwaalint.cli.app import app


def main() -> None:
    """Runs the command line. Exit codes: 0 clean, 1 findings, 2 usage or settings, 3 internal error."""
    from mwaalint.cli.errors import internal_error

    # A console of another code page shows what it can instead of failing on the rest.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last line of defence says what to do next
        internal_error(error)
        sys.exit(3)
