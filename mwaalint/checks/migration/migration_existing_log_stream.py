"""MW711 migration-existing-log-stream."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.documents.python import source_of
from mwaalint.documents.python_walk import walk
from mwaalint.model.metadata_scripts import method
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_COPIES = frozenset({"create_log_stream", "put_log_events"})
_READS = frozenset({"get_log_events", "filter_log_events", "get_paginator"})
_EXISTS = regex(r"exist|already", re.I)


@check("MW711", on=DagFile("put_log_events"))
def migration_existing_log_stream(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Copied logs whose stream is there already: they stop the copy, or the stream is deleted."""
    called = {method(call) for call in document.calls}
    if called.isdisjoint(_READS) or not called.issuperset(_COPIES):
        return
    for call in sorted(document.calls, key=lambda call: (call.lineno, call.col_offset)):
        if method(call) == "delete_log_stream" and _in_handler(call, document):
            yield ctx.report(ctx.at(call), "deleted", subject="delete_log_stream")
        elif method(call) == "create_log_stream" and not _copes(call, document):
            yield ctx.report(ctx.at(call), subject="create_log_stream")


def _in_handler(call: ast.Call, document: PythonDocument) -> bool:
    return any(isinstance(block.node, ast.ExceptHandler) for block in document.block(call).inside_owner())


def _copes(call: ast.Call, document: PythonDocument) -> bool:
    """Whether a stream that exists is asked for before, or caught by the next handler that takes it."""
    if _in_handler(call, document):
        return True
    for block in document.block(call).inside_owner():
        node = block.node
        if isinstance(node, ast.If) and (_EXISTS.search(source_of(node.test)) or _is_membership(node.test)):
            return True
        if isinstance(node, ast.Try) and node.handlers and block.part == "body":
            alone = not any(method(each) == "put_log_events" for each in _calls(node.body))
            if alone or any(_EXISTS.search(source_of(handler)) for handler in node.handlers):
                return True
    return False


def _is_membership(test: ast.expr) -> bool:
    return any(isinstance(node, ast.In | ast.NotIn) for node in ast.walk(test))


def _calls(body: list[ast.stmt]) -> Iterator[ast.Call]:
    return (node for statement in body for node in walk(statement) if isinstance(node, ast.Call))
