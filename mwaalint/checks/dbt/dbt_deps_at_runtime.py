"""MW503 dbt-deps-at-runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Operator
from mwaalint.model.task_commands import bash_command, commands, program_of, read
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task


@check("MW503", on=Operator("BashOperator"))
def dbt_deps_at_runtime(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A task that fetches dbt's packages before it does what it is for."""
    command = bash_command(task, ctx.code_of_dags.values)
    if command is None or "deps" not in command.text or "dbt" not in command.text:
        return
    script = read(command)
    programs = [found for each in commands(script) if (found := program_of(each)) is not None]
    if any(one.name == "dbt" and one.operands[:1] == ("deps",) for one in programs):
        yield ctx.report(ctx.at(command.node), subject=str(known(task.task_id, str) or ""))
