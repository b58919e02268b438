"""MW214: a celery.worker_autoscale that MWAA cannot read, or that has the minimum first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._sizing import configuration, sole_class
from mwaalint.checks.environment._values import argument_elsewhere, arms, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.values import ABSENT
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.values import Known

_OPTION = "celery.worker_autoscale"
# Celery takes one number as well: it is the maximum.
_READABLE = regex(r"\s*(\d{1,6})\s*(?:,\s*(\d{1,6})\s*)?", re.ASCII)
# What somebody may mean as a setting; other texts are placeholders or templates.
_MEANT = regex(r"[\w\s.,;:/+-]+", re.ASCII)


@check("MW214", on=Environment)
def worker_autoscale_malformed(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a setting that is wrong wherever the environment is made."""
    settings = arms((configuration(environment) or {}).get(_OPTION, ABSENT), str)
    found = [(_problem(setting), setting, value) for setting, value in settings]
    if not all(problem for problem, _, _ in found):
        return
    for problem, setting, value in found:
        first, _, second = (part.strip() for part in setting.partition(","))
        yield ctx.report(
            value.origin,
            problem,
            related=argument_elsewhere(environment, "airflow_configuration_options", value.origin, ctx.project),
            fix=_equal(environment, setting, value, ctx),
            value=setting,
            first=first,
            second=second,
            tasks="1 task" if first == "1" else f"{first} tasks",
        )


def _problem(setting: str) -> str:
    """The message for a setting, "" for one that is fine or that is no setting at all."""
    match = _READABLE.fullmatch(setting)
    if match is None:
        return "default" if _MEANT.fullmatch(setting) else ""
    return "swapped" if match[2] and int(match[1]) < int(match[2]) else ""


def _equal(environment: Environment, setting: str, value: Known, ctx: Context) -> Fix | None:
    """The larger of the numbers twice, but no more than the class takes by itself. None when that is not known."""
    size = sole_class(environment, ctx.catalog)
    numbers = [int(number) for number in re.findall(r"\d{1,6}", setting)]
    if size is None or not numbers or max(numbers) == 0:
        return None
    tasks = min(max(numbers), size.tasks_per_worker)
    edit = replacement(value, f"{tasks},{tasks}", ctx.project)
    return Fix(f"Let a worker run {tasks} tasks at once", Safety.UNSAFE, (edit,)) if edit else None
