"""MW241: core.parallelism lets fewer tasks run than the environment's workers take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import number, options
from mwaalint.checks.environment._sizing import maximums, minimum, sole_class, tasks_per_worker
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, is_set, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import EnvironmentClass
    from mwaalint.findings import Finding

_PARALLELISM = "core.parallelism"


@check("MW241", on=Environment)
def parallelism_below_capacity(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a parallelism that, over all schedulers, is below what the least or the most workers take."""
    value = options(environment).get(_PARALLELISM)
    parallelism = number(value) if isinstance(value, Known) else None
    size = sole_class(environment, ctx.catalog)
    schedulers = _schedulers(environment, size, ctx)
    tasks = tasks_per_worker(environment, size)
    # 0 lifts the limit in Airflow 2.
    if not isinstance(value, Known) or not parallelism or not schedulers or not tasks:
        return
    slots = parallelism * schedulers
    least = minimum(environment, size)
    most = max(maximums(environment, ctx.catalog), default=0) if size and size.autoscaling else least
    if slots >= max(least, most) * tasks:
        return
    workers = least if slots < least * tasks else most
    yield ctx.report(
        value.origin,
        "idle" if slots < least * tasks else "default",
        related=[
            *argument_elsewhere(environment, "airflow_configuration_options", value.origin, ctx.project),
            *(spot.noted("the most workers") for name, spot in environment.declared.items() if name == "max_workers"),
        ],
        parallelism=parallelism,
        slots=f"{slots} tasks run" if slots > 1 else "1 task runs",
        schedulers=f"{schedulers} schedulers" if schedulers > 1 else "1 scheduler",
        workers=f"{workers} workers take" if workers > 1 else "1 worker takes",
        capacity=workers * tasks,
    )


def _schedulers(environment: Environment, size: EnvironmentClass | None, ctx: Context) -> int:
    """The number of schedulers, 0 when not known, and for Airflow 1, which counts parallelism in another way."""
    airflow = ctx.deployment.target.airflow
    if airflow is not None and airflow.startswith("1."):
        return 0
    if is_set(environment.schedulers):
        return known(environment.schedulers, int) or 0
    if size is None:
        return 0
    default = ctx.catalog.fact("limits.schedulers.default" if size.autoscaling else "limits.schedulers.micro")
    return default if isinstance(default, int) else 0
