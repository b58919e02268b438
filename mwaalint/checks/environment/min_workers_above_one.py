"""MW231: workers beyond the first that never go away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._sizing import maximums, sole_class
from mwaalint.checks.environment._values import argument_elsewhere, arms, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.costs import extra_workers
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.values import Known


@check("MW231", on=Environment)
def min_workers_above_one(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a minimum above one that the environment cannot scale below, but can scale above."""
    minimums = arms(environment.min_workers, int)
    maximum = min(maximums(environment, ctx.catalog), default=0)
    # One arm of 1 is a choice: a single worker in staging, more in production.
    if not minimums or not all(1 < number < maximum for number, _ in minimums):
        return
    size = sole_class(environment, ctx.catalog)
    if size is not None and not size.autoscaling:
        return
    for number, value in minimums:
        cost = extra_workers(ctx.catalog, size.name, number - 1) if size else None
        yield ctx.report(
            value.origin,
            "priced" if cost else "default",
            related=argument_elsewhere(environment, "min_workers", value.origin, ctx.project),
            fix=_one_worker(value, ctx),
            minimum=number,
            maximum=maximum,
            workers="1 worker" if number == 2 else f"{number - 1} workers",
            keep="keeps" if number == 2 else "keep",
            take="costs" if number == 2 else "cost",
            cost=cost.dollars if cost else "",
            arithmetic=cost.arithmetic if cost else "",
            monthly=cost.monthly if cost else None,
            size=size.name if size else "",
        )


def _one_worker(value: Known, ctx: Context) -> Fix | None:
    edit = replacement(value, "1", ctx.project)
    return Fix("Start with one worker", Safety.UNSAFE, (edit,)) if edit else None
