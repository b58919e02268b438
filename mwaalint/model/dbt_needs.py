"""Where DAG code starts dbt in Airflow's own containers, and by which name or path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.cosmos import MAKERS, argument, configuration, passes
from mwaalint.model.deployed_code import DbtNeed
from mwaalint.model.task_commands import bash_command, commands, program_of, read
from mwaalint.model.values import Absent, Known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from mwaalint.catalog import Catalog
    from mwaalint.model.dag_model import Task
    from mwaalint.model.dag_reading import DagCode

_NAMES = frozenset({"dbt", "dbt-ol"})
# A command that does this may bring dbt, look for it, or find it where nobody can see here.
_BRINGS = regex(
    r"(?:^|[;&|(\n])\s*(?:source|\.)\s|activate\b|venv|conda|\bPATH=|pip(?!efail)|\balias\b|command -v|\bwhich\b"
    r"|\btype\b|curl|wget|s3 (?:cp|sync)"
)
_BEHIND = regex(r"\|\|")


def dbt_needs(code: DagCode, catalog: Catalog) -> Iterator[DbtNeed]:
    """The places of one file, tasks first."""
    for task in code.tasks:
        if task.class_name == "BashOperator" and not task.block.conditional:
            bare = _has_no_path(task)
            if bare or "env" not in task.arguments.nodes:
                yield from (need._replace(bare=bare and need.executable == "dbt") for need in _of_task(task, code))
    for name in MAKERS:
        for call in code.document.calls_by_name.get(name, ()):
            executable = _of_cosmos(call, code, catalog)
            if executable is not None:
                yield DbtNeed(code.document.location(call), executable)


def _of_task(task: Task, code: DagCode) -> Iterator[DbtNeed]:
    command = bash_command(task, code.values)
    if command is None or "dbt" not in command.text or _BRINGS.search(command.text) or _BEHIND.search(command.text):
        return
    script = read(command)
    if script.error is not None:
        return
    for one in commands(script):
        program = program_of(one)
        if program is not None and program.name in _NAMES and program.path.startswith((*_NAMES, "/")):
            executable = program.path if program.path.startswith("/") else "dbt"
            yield DbtNeed(code.document.location(command.node), executable)
            return


def _has_no_path(task: Task) -> bool:
    """Whether a task gets variables of its own instead of the worker's, and surely no PATH among them."""
    variables, appended = task.arguments.value("env"), task.arguments.value("append_env")
    kept = not isinstance(appended, Absent) and not (isinstance(appended, Known) and appended.value is False)
    names = variables.value if isinstance(variables, Known) else None
    return not kept and isinstance(names, dict) and bool(names) and "PATH" not in names


def _of_cosmos(call: ast.Call, code: DagCode, catalog: Catalog) -> str | None:
    """The executable of a DAG or task group of Cosmos that runs dbt in the worker; None when that is not known."""
    execution = configuration(call, "execution_config", code.document)
    if execution is None:
        return None
    if isinstance(execution, bool):
        return None if execution else "dbt"
    mode, path = argument(execution, "execution_mode"), argument(execution, "dbt_executable_path")
    if passes(execution, "execution_mode", 0) is not False and not _is_local(mode):
        return None
    if path is None:
        return "dbt" if passes(execution, "dbt_executable_path", 3) is False else None
    from mwaalint.model.dag_texts import DagTexts
    from mwaalint.model.dbt_shell import HOLE

    found = DagTexts(code.document, None, catalog).text(path)
    # What lies with the DAGs came along with them.
    with_dags = found.startswith(str(catalog.fact("filesystem.dags.path")))
    return found if found.startswith("/") and HOLE not in found and not with_dags else None


def _is_local(mode: ast.expr | None) -> bool:
    return getattr(mode, "attr", None) == "LOCAL" or getattr(mode, "value", None) == "local"
