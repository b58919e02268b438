"""MW216: more tasks at once on a small worker than its memory takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import set_at_startup
from mwaalint.checks.environment._sizing import SMALL, configuration, sole_class
from mwaalint.checks.environment._values import argument_elsewhere, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.dags import dag_code
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTION = "celery.worker_autoscale"
_LIGHTER = "4,4"


@check("MW216", on=Environment)
def small_default_concurrency(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a small environment whose tasks do heavy work on the worker at MWAA's default of tasks a worker, or whose
    own setting goes beyond that default.
    """
    size = sole_class(environment, ctx.catalog)
    options = configuration(environment)
    if size is None or size.name != SMALL or options is None:
        return
    memory = f"{size.worker_ram_gb:g} GB"
    code = dag_code(ctx.deployment, ctx.project)
    if OPTION not in options:
        place = environment.where("environment_class")
        if code is not None and code.in_process and not set_at_startup(OPTION, environment, ctx):
            yield ctx.report(
                place,
                related=argument_elsewhere(environment, "environment_class", place, ctx.project),
                tasks=size.tasks_per_worker,
                memory=memory,
                libraries=" and ".join(code.in_process[:2]),
                size=size.name,
            )
        return
    value = options[OPTION]
    most = _tasks(known(value, str))
    if isinstance(value, Known) and most > size.tasks_per_worker and (code is None or code.works_locally):
        yield ctx.report(
            value.origin,
            "raised",
            related=argument_elsewhere(environment, "airflow_configuration_options", value.origin, ctx.project),
            fix=_lighter(value, ctx),
            value=value.value,
            tasks=most,
            default=size.tasks_per_worker,
            memory=memory,
            size=size.name,
        )


def _tasks(setting: str | None) -> int:
    """The tasks one worker takes by a ``max,min`` setting; 0 for a text that is none."""
    first = (setting or "").partition(",")[0].strip()
    return int(first) if first.isascii() and first.isdigit() and len(first) <= 4 else 0


def _lighter(value: Known, ctx: Context) -> Fix | None:
    edit = replacement(value, _LIGHTER, ctx.project)
    return Fix(f"Run {_LIGHTER.partition(',')[0]} tasks at once per worker", Safety.UNSAFE, (edit,)) if edit else None
