"""MW410 tmp-file-handoff."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.dags._tmp_files import TmpFiles, any_made, function_of, path_of, tmp_files
from mwaalint.documents.python import source_of
from mwaalint.documents.python_walk import walk
from mwaalint.model.values import known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task

_HOLE = regex(r"\0[^\0]*\0")


class _Handoff(NamedTuple):
    path: str
    reader: TmpFiles
    reading: ast.AST
    writer: TmpFiles


@check("MW410", on=DagFile("/tmp"))
def tmp_file_handoff(_: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """A file below /tmp that one task of a DAG makes and another one only reads."""
    if not any_made(ctx):
        return
    alone = ctx.environment is not None and known(ctx.environment.max_workers, int) == 1
    alone = alone or (ctx.environment is not None and known(ctx.environment.environment_class, str) == "mw1.micro")
    for dag in ctx.code_of_dags.dags:
        files = [tmp_files(task, ctx) for task in dag.tasks] if len(dag.tasks) > 1 else []
        told: set[ast.AST] = set()
        for each in (*_by_path(files, ctx), *_by_xcom(files, ctx)):
            if each.reading not in told:
                told.add(each.reading)
                path = _HOLE.sub("…", each.path)
                yield ctx.report(
                    ctx.at(each.reading),
                    "one_worker" if alone else "default",
                    related=[ctx.at(each.writer.made[each.path]).noted("the task that makes it")],
                    subject=path,
                    path=path,
                    reader=_name(each.reader.task),
                    writer=_name(each.writer.task),
                )


def _by_path(files: Sequence[TmpFiles], ctx: FileContext) -> Iterator[_Handoff]:
    for reader in files:
        for path, reading in reader.read.items():
            writer = next((each for each in files if each is not reader and path and path in each.made), None)
            if writer is not None and reader.only_reads(path, ctx):
                yield _Handoff(path, reader, reading, writer)


def _by_xcom(files: Sequence[TmpFiles], ctx: FileContext) -> Iterator[_Handoff]:
    """Paths that a task returns, and another one gets from it."""
    by_task = {each.task: each for each in files}
    for reader in files:
        for source, reading in reader.pulled:
            for writer, key in _givers(source, reader, by_task, ctx):
                given = writer.given.get(key)
                path = path_of(given, ctx) if given is not None else ""
                if path and path in writer.made and not reader.brings and not _is_remade(source, reader, ctx):
                    yield _Handoff(path, reader, reading, writer)


def _givers(
    source: ast.expr, reader: TmpFiles, by_task: dict[Task, TmpFiles], ctx: FileContext
) -> Iterator[tuple[TmpFiles, str]]:
    """The tasks that an expression gets its value from, each with the key of the value."""
    node, _ = ctx.document.followed(source)
    function = function_of(reader.task, ctx)
    if isinstance(node, ast.Name) and function is not None and reader.task.decorated:
        given = _passed(node.id, function.args, reader.task.node)
        value, _ = ctx.document.followed(given) if given is not None else (None, None)
        task = ctx.code_of_dags.task_of.get(value) if value is not None else None
        if task in by_task and task is not reader.task and not task.mapped:
            yield by_task[task], "return_value"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "xcom_pull":
        wanted = ctx.literal_argument(node, 0, "task_ids")
        key = ctx.literal_argument(node, None, "key") or "return_value"
        for task, files in by_task.items():
            if wanted is not None and known(task.task_id, str) == wanted:
                yield files, str(key)


def _passed(name: str, parameters: ast.arguments, call: ast.Call) -> ast.expr | None:
    """What a call passes for a parameter."""
    names = [parameter.arg for parameter in (*parameters.posonlyargs, *parameters.args)]
    if any(keyword.arg == name for keyword in call.keywords):
        return next(keyword.value for keyword in call.keywords if keyword.arg == name)
    place = names.index(name) if name in names else len(call.args)
    return call.args[place] if place < len(call.args) else None


def _is_remade(source: ast.expr, reader: TmpFiles, ctx: FileContext) -> bool:
    """Whether the task that gets a path may make the file itself."""
    written = source_of(source)
    function = function_of(reader.task, ctx)
    calls = (node for node in walk(function) if isinstance(node, ast.Call)) if function else ()
    known_calls = {call for _, call in reader.pulled}
    return any(
        call not in known_calls and any(source_of(value) == written for value in call.args)
        for call in calls
        if not ctx.document.dotted(call.func).startswith(("print", "os.", "log"))
    )


def _name(task: Task) -> str:
    return str(known(task.task_id, str) or (task.function.name if task.function else "") or task.class_name)
