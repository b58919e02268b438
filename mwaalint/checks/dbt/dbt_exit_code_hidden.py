"""MW506 dbt-exit-code-hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._python_fixes import beginning
from mwaalint.checks._selectors import Operator
from mwaalint.findings import Safety
from mwaalint.model.task_commands import bash_command, commands, commands_in, pipes, program_of, read
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.shell_syntax import ShellScript
    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task

_DBT = frozenset({"dbt", "dbt-ol"})
# They read all they are sent and do not fail for what it is, or come before dbt and had better not fail.
_PASSING_ON = frozenset({"tee", "tail", "cat", "ts", "sort", "tr", "cut", "wc", "uniq"})
_BEFORE = frozenset({"cd", "export", "source", "."})


@check("MW506", on=Operator("BashOperator"))
def dbt_exit_code_hidden(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A dbt command whose exit code is the last command's of its pipe."""
    command = bash_command(task, ctx.code_of_dags.values)
    if command is None or "|" not in command.text or "dbt" not in command.text or "PIPESTATUS" in command.text:
        return
    script = read(command)
    if script.error is not None or _stops(script):
        return
    hidden = next(_hidden(script), None)
    if hidden is not None:
        dbt, last = hidden
        yield ctx.report(
            ctx.at(command.node),
            fix=beginning(
                command.node, "set -o pipefail", ctx, title="Begin with set -o pipefail", safety=_safety(script)
            ),
            subject=str(known(task.task_id, str) or ""),
            command=dbt,
            last=last,
        )


def _safety(script: ShellScript) -> Safety:
    """Unsafe where a pipe of the command may also fail for another reason, as ``grep`` does that finds nothing."""
    parts = [each for pipe in pipes(script) for each in pipe.statements]
    names = [found.name if (found := program_of(each)) else "" for each in commands_in(parts)]
    return Safety.SAFE if _DBT.union(_PASSING_ON, _BEFORE).issuperset(names) else Safety.UNSAFE


def _stops(script: ShellScript) -> bool:
    """Whether the command says that a pipe fails when any of it does."""
    programs = (program_of(command) for command in commands(script))
    return any(one is not None and one.name == "set" and "pipefail" in one.arguments for one in programs)


def _hidden(script: ShellScript) -> Iterator[tuple[str, str]]:
    """What runs dbt in front of a pipe, and what decides in its place."""
    for pipe in pipes(script):
        *before, last = pipe.statements
        decides = next((program_of(each) for each in commands_in((last,)) if each is last), None)
        for command in commands_in(before):
            found = program_of(command)
            if decides is not None and found is not None and found.name in _DBT and found.arguments:
                yield f"{found.name} {found.arguments[0]}", decides.name
