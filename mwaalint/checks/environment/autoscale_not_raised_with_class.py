"""MW222: workers of a larger class that take no more tasks than those of a smaller one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._changes import change_of
from mwaalint.checks.environment._options import options
from mwaalint.checks.environment._sizing import sole_class
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.costs import class_difference
from mwaalint.model.dags import dag_code
from mwaalint.model.environment import TERRAFORM_DEFAULT_CLASS, Environment
from mwaalint.model.values import Known, known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import EnvironmentClass
    from mwaalint.findings import Finding

_OPTION = "celery.worker_autoscale"
_SETTING = regex(r"\s*(\d{1,4})\s*(?:,\s*\d{1,4}\s*)?", re.ASCII)
# What somebody writes beside a number that is low on purpose.
_REASON = regex(rb"memory|\bram\b|\boom\b|out.of.mem|heavy|\bcpu\b", re.IGNORECASE)


class _Kept(NamedTuple):
    """The message, and the smaller class whose number of tasks was kept."""

    message: str
    smaller: EnvironmentClass


@check("MW222", on=Environment)
def autoscale_not_raised_with_class(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a number of tasks that is the default of a class from before a change, or of one two sizes below."""
    value = options(environment).get(_OPTION)
    size = sole_class(environment, ctx.catalog)
    match = _SETTING.fullmatch(known(value, str) or "") if value is not None else None
    if size is None or match is None or not isinstance(value, Known):
        return
    tasks = int(match[1])
    kept = _from_before(tasks, size, environment, ctx) or _two_sizes_below(tasks, size, value, ctx)
    if kept is None:
        return
    cost = class_difference(ctx.catalog, size.name, kept.smaller.name)
    yield ctx.report(
        value.origin,
        f"{kept.message}_priced" if cost else kept.message,
        related=argument_elsewhere(environment, "airflow_configuration_options", value.origin, ctx.project),
        tasks=tasks,
        size=size.name,
        room=size.tasks_per_worker,
        smaller=kept.smaller.name,
        cost=cost.dollars if cost else "",
        arithmetic=cost.arithmetic if cost else "",
    )


def _from_before(tasks: int, size: EnvironmentClass, environment: Environment, ctx: Context) -> _Kept | None:
    """The class was raised since the commit that is compared with, and the number is still the old class's."""
    default = TERRAFORM_DEFAULT_CLASS if environment.by_terraform else None
    change = change_of("environment_class", ctx.deployment, default)
    old = ctx.catalog.environment_class(change.old) if change else None
    raised = old is not None and old.rank < size.rank and old.tasks_per_worker == tasks < size.tasks_per_worker
    return _Kept("default", old) if raised and old else None


def _two_sizes_below(tasks: int, size: EnvironmentClass, value: Known, ctx: Context) -> _Kept | None:
    """A number so far below is no caution any more, where nothing in the code or beside the number asks for memory."""
    smaller = [other for other in ctx.catalog.classes.values() if other.tasks_per_worker == tasks and other.autoscaling]
    if not smaller or size.rank - smaller[0].rank < 2 or _explained(value, ctx):
        return None
    code = dag_code(ctx.deployment, ctx.project)
    return None if code is None or code.count is None or code.heavy else _Kept("far", smaller[0])


def _explained(value: Known, ctx: Context) -> bool:
    """Whether the line of the number, or the one above it, speaks of memory."""
    file = ctx.project.get(value.origin.path)
    if file is None:
        return False
    start, end = value.origin.span
    above = file.data.rfind(b"\n", 0, max(file.data.rfind(b"\n", 0, start), 0)) + 1
    below = file.data.find(b"\n", end)
    return _REASON.search(file.data[above : below if below > 0 else None]) is not None
