"""MW235: more DAGs in the repository than the environment class is made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._sizing import classes, comfortable, sole_class
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.bill import class_saving
from mwaalint.model.dags import dag_code
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW235", on=Environment)
def class_too_small_for_dag_count(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a class whose number of DAGs the repository exceeds, whichever class it turns out to be."""
    sizes = [(size, value.origin) for size, value in classes(environment, ctx.catalog)]
    default = sole_class(environment, ctx.catalog)
    if not sizes and default is not None:
        sizes = [(default, environment.where("environment_class"))]
    if not sizes or not _all_go_there(ctx):
        return
    code = dag_code(ctx.deployment, ctx.project)
    if code is None or code.count is None:
        return
    dags = code.count
    if not all(dags > size.dag_capacity for size, _ in sizes):
        return
    enough = comfortable(dags, ctx.catalog)
    for size, place in sizes:
        cost = class_saving(environment, enough.name, size.name, ctx.catalog)
        yield ctx.report(
            place,
            "priced" if cost else "default",
            related=argument_elsewhere(environment, "environment_class", place, ctx.project),
            dags=dags,
            folder=f"{ctx.deployment.dags_folder or '.'}/",
            size=size.name,
            capacity=size.dag_capacity,
            enough=enough.name,
            enough_capacity=enough.dag_capacity,
            cost=cost.dollars if cost else "",
            arithmetic=cost.arithmetic if cost else "",
        )


def _all_go_there(ctx: Context) -> bool:
    """Whether the repository copies the folder to the bucket as it is, and nothing says that Airflow skips a part."""
    folder = ctx.deployment.dags_folder
    if folder is None or ctx.project.get(f"{folder}/.airflowignore") is not None:
        return False
    return any(upload.recursive and upload.source == folder for upload in ctx.deployment.uploads)
