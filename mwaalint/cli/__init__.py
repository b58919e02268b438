"""The command line: thin commands over ``mwaalint.api``."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from mwaalint.cli.app import app
from mwaalint.cli.console import prepare


def main() -> NoReturn:
    """Runs the command line. Exit codes: 0 clean, 1 findings, 2 usage or settings, 3 internal error."""
    # A run is short and makes hardly any cycles: looking for them seldom saves a tenth of its time.
    gc.set_threshold(500_000, 50, 50)
    prepare(sys.stdout)
    prepare(sys.stderr)
    leave(run())


def run() -> int:
    """The exit code of the command line's words."""
    try:
        app()
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)
    except Exception as error:  # noqa: BLE001 - the last line of defence says what to do next
        from mwaalint.cli.errors import internal_error

        internal_error(error)
        return 3
    return 0


def leave(code: int) -> NoReturn:
    """Ends the process without taking it apart first, which would cost as much as reading the files did."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    os._exit(code)
