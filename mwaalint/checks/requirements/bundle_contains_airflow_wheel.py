"""MW115 bundle-contains-airflow-wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements._bundle import bundle, read_wheel
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_CORE = ("apache-airflow", "apache-airflow-core")


@check("MW115", on=InstallPlan, needs_version=True)
def bundle_contains_airflow_wheel(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """The bundle carries another Airflow than the environment's. One finding a wheel."""
    airflow = ctx.deployment.target.airflow
    links = [option.location() for option in plan.options if option.name == "--find-links"]
    for artifact in bundle(plan, ctx):
        wheel = read_wheel(artifact.filename)
        if wheel and wheel.name in _CORE and str(wheel.version) != airflow:
            yield ctx.report(
                artifact.location,
                "refused" if "apache-airflow" in plan.essential else "replaced",
                related=[link.noted("pip looks for packages here") for link in links[:1]],
                wheel=artifact.filename,
                version=wheel.version,
                airflow=airflow,
                subject=artifact.filename,
            )
