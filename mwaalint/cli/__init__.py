"""The command line: thin commands over ``mwaalint.api``."""

from __future__ import annotations

import sys

from mwaalint.cli.app import app


def main() -> None:
    """Runs the command line. Exit codes: 0 clean, 1 findings, 2 usage or settings, 3 internal error."""
    from mwaalint.cli.errors import internal_error

    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last line of defence says what to do next
        internal_error(error)
        sys.exit(3)
