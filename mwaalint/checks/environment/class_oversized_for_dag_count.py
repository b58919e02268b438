"""MW218: an environment class far above what the DAGs in the repository need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._sizing import classes, comfortable, oversized
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.bill import class_saving
from mwaalint.model.dags import dag_code
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW218", on=Environment)
def class_oversized_for_dag_count(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a class when even the class two sizes below takes all DAGs."""
    sizes = classes(environment, ctx.catalog)
    if not any(size.rank >= 2 for size, _ in sizes):
        return
    code = dag_code(ctx.deployment, ctx.project)
    if code is None or code.count is None:
        return
    dags = code.count
    if not all(oversized(size, dags, ctx.catalog) for size, _ in sizes):
        return
    enough = comfortable(dags, ctx.catalog)
    for size, value in sizes:
        cost = class_saving(environment, size.name, enough.name, ctx.catalog)
        yield ctx.report(
            value.origin,
            "priced" if cost else "default",
            related=argument_elsewhere(environment, "environment_class", value.origin, ctx.project),
            dags=dags,
            folder=f"{ctx.deployment.dags_folder or '.'}/",
            size=size.name,
            capacity=size.dag_capacity,
            enough=enough.name,
            enough_capacity=enough.dag_capacity,
            cost=cost.dollars if cost else "",
            arithmetic=cost.arithmetic if cost else "",
            monthly=cost.monthly if cost else None,
        )
