"""How errors reach the user."""

from __future__ import annotations

import os
import sys
import traceback


def internal_error(error: Exception) -> None:
    """Says on stderr that mwaalint itself failed, with the traceback only where it was asked for."""
    print(f"mwaalint: internal error: {type(error).__name__}: {error}", file=sys.stderr)
    if os.environ.get("MWAALINT_DEBUG"):
        traceback.print_exception(error)
    else:
        print("Set MWAALINT_DEBUG=1 to see where, and please report it with the file that caused it.", file=sys.stderr)
