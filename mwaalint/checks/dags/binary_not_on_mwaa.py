"""MW406 binary-not-on-mwaa."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Operator
from mwaalint.checks.dags._values import is_airflows, unset
from mwaalint.model.task_commands import bash_command, commands, program_of, read
from mwaalint.model.values import Absent, known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task

# Commands that ask for a program, or bring it.
_LOOKS = frozenset({"command", "which", "type", "hash", "test"})
_BRINGS = frozenset({"dnf", "yum", "apt-get", "apt", "conda", "brew", "curl", "wget", "pip", "pip3", "alias"})


@check("MW406", on=Operator("BashOperator", "DockerOperator", "DockerSwarmOperator", "task.docker"))
def binary_not_on_mwaa(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A task that calls a program that the image lacks and no startup script can have installed."""
    if task.class_name in ("DockerOperator", "DockerSwarmOperator", "docker"):
        yield from _docker(task, ctx)
        return
    table = ctx.catalog.table("absent-programs")
    rows: Mapping[str, str] = table["rows"]
    command = bash_command(task, ctx.code_of_dags.values)
    if command is None or not any(name in command.text for name in rows):
        return
    script = read(command)
    programs = [found for each in commands(script) if (found := program_of(each)) is not None]
    if script.error is not None or any(one.name in _LOOKS | _BRINGS for one in programs):
        return
    for one in programs:
        if one.path in rows and (one.path in table["never"] or _nobody_installs(ctx)):
            yield ctx.report(ctx.at(command.node), subject=one.path, program=one.path, instead=rows[one.path])
            return


def _docker(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """An operator for Docker, unless a condition keeps it to a laptop or it is told of a daemon elsewhere."""
    if is_airflows(task) and not task.block.conditional and unset(task.argument("docker_url")):
        name = "@task.docker" if task.decorated else task.class_name
        yield ctx.report(task.location, "docker", subject=str(known(task.task_id, str) or ""), operator=name)


def _nobody_installs(ctx: FileContext) -> bool:
    return ctx.environment is not None and isinstance(ctx.environment.startup_script_s3_path, Absent)
