"""MW237: a larger class where more small workers would run the same tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._sizing import SMALL, classes, configuration, maximums, oversized
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.bill import class_saving
from mwaalint.model.dags import dag_code
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import EnvironmentClass
    from mwaalint.findings import Finding


@check("MW237", on=Environment)
def bigger_class_before_more_workers(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a class when small workers, within the default quota, give as many task slots and the DAGs fit."""
    sizes = classes(environment, ctx.catalog)
    small = ctx.catalog.classes[SMALL]
    if not sizes or not all(_as_well_in_small_ones(size, small, environment, ctx) for size, _ in sizes):
        return
    code = dag_code(ctx.deployment, ctx.project)
    if code is None or code.count is None or code.heavy or not 0 < code.count <= small.dag_capacity:
        return
    # Where the count alone shows that the class is too large, MW218 says so, and more.
    if any(oversized(size, code.count, ctx.catalog) for size, _ in sizes):
        return
    most = max(maximums(environment, ctx.catalog))
    for size, value in sizes:
        cost = class_saving(environment, size.name, small.name, ctx.catalog)
        yield ctx.report(
            value.origin,
            "priced" if cost else "default",
            related=argument_elsewhere(environment, "environment_class", value.origin, ctx.project),
            size=size.name,
            small=small.name,
            slots=most * size.tasks_per_worker,
            maximum=f"{most} workers" if most > 1 else "1 worker",
            take="take" if most > 1 else "takes",
            workers=_small_workers(most, size, small),
            dags=code.count,
            cost=cost.dollars if cost else "",
            arithmetic=cost.arithmetic if cost else "",
            monthly=cost.monthly if cost else None,
        )


def _as_well_in_small_ones(
    size: EnvironmentClass, small: EnvironmentClass, environment: Environment, ctx: Context
) -> bool:
    """Whether the class is a larger one whose task slots small workers can offer, with MWAA's own tasks a worker."""
    options = configuration(environment)
    most = max(maximums(environment, ctx.catalog), default=0)
    quota = ctx.catalog.fact("limits.workers.default_quota_max")
    return (
        size.rank > small.rank
        and options is not None
        and "celery.worker_autoscale" not in options
        and most > 0
        and isinstance(quota, int)
        and _small_workers(most, size, small) <= quota
    )


def _small_workers(workers: int, size: EnvironmentClass, small: EnvironmentClass) -> int:
    return -(-workers * size.tasks_per_worker // small.tasks_per_worker)
