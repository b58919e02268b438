"""MW117: a constraint option that pip reads and MWAA's own scan does not see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._edits import replaced, safe
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.documents.requirements import Option
    from mwaalint.findings import Edit, Finding


@check("MW117", on=InstallPlan)
def constraint_spelling_not_recognised(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    options = plan.document.options_named("--constraint")
    airflow = ctx.deployment.target.airflow
    forces = airflow is None or ctx.catalog.forces_constraints(airflow)
    if options and forces and plan.requirements and not (plan.detection or plan.scan_failed):
        yield ctx.report(
            options[0].location(),
            fix=safe("Write the constraint the way MWAA looks for it", *map(_as_mwaa_reads_it, options)),
            subject=options[0].value or "",
            spelling=" ".join(options[0].spelling.replace("\t", "<tab>").split()),
        )


def _as_mwaa_reads_it(option: Option) -> Edit:
    """``--constraint``, one blank, and the value with the quotes it has."""
    raw = option.file.slice(option.span)[len(option.spelling) :]
    value = raw if raw.strip("\"'") == option.value else f'"{option.value}"'
    return replaced(option.file, option.span, f"--constraint {value}")
