"""MW702 migration-dags-left-paused."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks.migration._metadata import MetadataScript
from mwaalint.documents.python import source_of
from mwaalint.documents.python_walk import walk
from mwaalint.model.metadata_scripts import copies, method, selects
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_blocks import FunctionNode
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_PAUSES = regex(r"\bupdate\s+dag\b.*\bset\s+is_paused\s*=\s*true\b", re.I | re.S)
_RESUMES = regex(r"\bis_paused\s*=\s*false\b", re.I)
_AFTER_FAILURES = regex(
    r"\b(?:all_done|always|none_skipped|all_done_min_one_success|one_failed|all_failed|one_done)\b", re.I
)


@check("MW702", on=MetadataScript())
def migration_dags_left_paused(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """An export that pauses all DAGs and, when it fails, leaves them so."""
    found = ctx.code_of_dags.statements
    if not any(selects(found)) or any(copies(found)):
        return
    pausing = [node for node in document.nodes(ast.Constant) if isinstance(node.value, str)]
    paused = next(
        (node for node in (*pausing, *document.nodes(ast.JoinedStr)) if _PAUSES.search(source_of(node))), None
    )
    if paused is None or document.function_around(paused) is None or _resumes(document, ctx):
        return
    resumes = any(_RESUMES.search(source_of(node)) for node in document.functions)
    yield ctx.report(ctx.at(paused), "success" if resumes else "default", subject="is_paused")


def _resumes(document: PythonDocument, ctx: FileContext) -> bool:
    """Whether something resumes the DAGs after a failure, or may."""
    if any(method(call) in ("as_teardown", "teardown", "set_is_paused") for call in document.calls):
        return True
    for task in ctx.code_of_dags.tasks:
        rule = task.expression("trigger_rule")
        if rule is not None and _AFTER_FAILURES.search(source_of(rule)):
            called = task.arguments.nodes.get("python_callable")
            function = document.function(called) if isinstance(called, ast.Name) else task.function
            if function is None or _leads_to(function, document):
                return True
    return any(_may_resume(node, document) for node in _callbacks(document))


def _callbacks(document: PythonDocument) -> Iterator[ast.expr]:
    """What is called when a task or the DAG fails."""
    for call in document.calls:
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "on_failure_callback")
    for given in document.nodes(ast.Dict):
        for key, value in zip(given.keys, given.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "on_failure_callback":
                yield value


def _may_resume(node: ast.expr, document: PythonDocument) -> bool:
    function = document.function(node) if isinstance(node, ast.Name) else None
    return function is None or _leads_to(function, document)


def _leads_to(function: FunctionNode, document: PythonDocument) -> bool:
    """Whether a function, or one of this file that it calls, resumes DAGs."""
    called = [node.func for node in walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    others = [other for name in called if (other := document.function(name)) is not None]
    return any(_RESUMES.search(source_of(each)) for each in (function, *others))
