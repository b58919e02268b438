"""Where a file calls one of its functions when it is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.checks._api import FileContext
    from mwaalint.documents.python_blocks import FunctionNode
    from mwaalint.findings import Location

_SHOWN = 5


def called_at(function: FunctionNode | None, ctx: FileContext) -> list[Location]:
    """The first calls, as places related to what the function does; none for code outside of functions."""
    calls = ctx.document.calls_at_import(function) if function else []
    return [ctx.at(call).noted("called here on import") for call in calls[:_SHOWN]]
