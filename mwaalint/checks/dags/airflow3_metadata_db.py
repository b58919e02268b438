"""MW401 airflow3-metadata-db."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.migration._metadata import copies_metadata
from mwaalint.documents.python import source_of
from mwaalint.model.metadata_scripts import SESSIONS
from mwaalint.model.task_commands import bash_command, commands, program_of, read
from mwaalint.model.values import Absent
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task

_MODELS = ("airflow.models.", "airflow.models.dagrun.", "airflow.models.dag.", "airflow.models.xcom.")
_QUERIES = frozenset(
    f"{home}{query}"
    for home in _MODELS
    for query in (
        *("DagRun.find", "DagRun.find_duplicate", "DagRun.active_runs_of_dags", "DagModel.get_dagmodel"),
        *("DagModel.get_current", "DagModel.get_paused_dag_ids", "XCom.get_many", "XCom.clear"),
    )
)
_PROVIDERS = frozenset({"airflow.utils.session.provide_session", "airflow.utils.db.provide_session"})
# Commands of Airflow's own program that ask the database.
_ASKS = frozenset({"db", "dags", "tasks", "pools", "connections", "variables", "users", "roles", "backfill", "jobs"})
_VERSION = regex(r"version|airflow_v_?3", re.I)


@check("MW401", on=DagFile("airflow"), airflow=">=3.0")
def airflow3_metadata_db(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """What a task asks the metadata database itself, which Airflow 3 does not let it."""
    if not copies_metadata(document):
        yield from _calls(document, ctx)
        yield from _decorated(document, ctx)
    for task in ctx.code_of_dags.tasks:
        if task.class_name in ("BashOperator", "bash"):
            yield from _commands(task, ctx)


def _calls(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    guarded = {one.dotted for one in document.imports if one.guarded}
    by_name = document.calls_by_name
    asking = [(name, call) for name in _QUERIES.union(SESSIONS) for call in by_name.get(name, ())]
    for name, call in sorted(asking, key=lambda each: (each[1].lineno, each[1].col_offset, each[0])):
        if (
            len(document.origins(call.func)) == 1
            and guarded.isdisjoint(_prefixes(name))
            and not _chosen(call, document)
        ):
            yield ctx.report(ctx.at(call.func), subject=name, call=source_of(call.func), airflow=ctx.target.airflow)


def _decorated(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    guarded = {one.dotted for one in document.imports if one.guarded}
    for function in document.functions:
        for decorator in function.decorator_list:
            name = document.dotted(decorator)
            if name in _PROVIDERS - guarded:
                called = f"@{source_of(decorator)}"
                yield ctx.report(ctx.at(decorator), subject=function.name, call=called, airflow=ctx.target.airflow)


def _commands(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """Airflow's own program in the shell of a task, which inherits the address of no database."""
    command = bash_command(task, ctx.code_of_dags.values)
    if command is None or "airflow" not in command.text or not isinstance(task.arguments.value("env"), Absent):
        return
    script = read(command)
    for each in commands(script) if script.error is None else ():
        program = program_of(each)
        if program is not None and program.name == "airflow" and program.arguments[:1] in [(name,) for name in _ASKS]:
            asked = " ".join(("airflow", *program.arguments[:2]))
            yield ctx.report(ctx.at(command.node), "command", subject=asked, command=asked, airflow=ctx.target.airflow)
            return


def _chosen(call: ast.Call, document: PythonDocument) -> bool:
    """Whether a branch on the version decides if it runs."""
    tests = (each.node.test for each in document.block(call).around() if isinstance(each.node, ast.If))
    return any(_VERSION.search(source_of(test)) for test in tests)


def _prefixes(dotted: str) -> set[str]:
    parts = dotted.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
