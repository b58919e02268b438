"""MW423 deferrable-known-broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.values import Absent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.findings import Finding


@check("MW423", on=DeployedCode, needs_version=True)
def deferrable_known_broken(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """Tasks that defer with an operator whose trigger does not work in the environment's image."""
    rows = ctx.catalog.table("deferrable-defects")["rows"]
    airflow = ctx.deployment.target.airflow
    broken = {
        operator: row
        for row in rows
        if airflow in row["versions"] and _as_in_image(row["packages"], ctx)
        for operator in row["operators"]
    }
    for task in (task for file in code.place("dags") for task in file.deferred):
        name = task.operator.rpartition(".")[2]
        if name in broken and task.operator.startswith("airflow."):
            what = broken[name]["what"]
            yield ctx.report(task.location, subject=name, operator=name, airflow=airflow, what=what)


def _as_in_image(packages: Iterable[str], ctx: Context) -> bool:
    """Whether nothing installs other versions of these packages than the image has."""
    requirements, environment = ctx.deployment.requirements, ctx.deployment.environment
    if not packages:
        return True
    if requirements is None:
        return environment is not None and isinstance(environment.requirements_s3_path, Absent)
    named = {requirement.name for requirement in requirements.requirements}
    included = any(option.name in ("-r", "--requirement") for option in requirements.options)
    return named.isdisjoint(packages) and not included
