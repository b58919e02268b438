"""MW709 migration-log-copy-one-page."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.model.metadata_scripts import method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_ONE_PAGE = ("get_log_events", "describe_log_streams", "filter_log_events")
_TOKENS = frozenset({"nextToken", "nextForwardToken", "nextBackwardToken"})


@check("MW709", on=DagFile("put_log_events"))
def migration_log_copy_one_page(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Logs that are read a page at a time, of which there is one, and written elsewhere."""
    called = {method(call) for call in document.calls}
    if "put_log_events" not in called or "get_paginator" in called or _turns_pages(document):
        return
    for call in sorted(document.calls, key=lambda call: (call.lineno, call.col_offset)):
        if method(call) in _ONE_PAGE and not any(keyword.arg is None for keyword in call.keywords):
            yield ctx.report(ctx.at(call), method(call), subject=method(call))


def _turns_pages(document: PythonDocument) -> bool:
    named = any(keyword.arg in _TOKENS for call in document.calls for keyword in call.keywords)
    return named or any(node.value in _TOKENS for node in document.nodes(ast.Constant) if isinstance(node.value, str))
