"""MW121: words that happen to look like a constraint line keep MWAA from adding its constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.checks.requirements._commented import commented_constraints, lines_that_switch_off
from mwaalint.checks.requirements._constraints import add_constraint
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.findings import Finding


@check("MW121", on=InstallPlan)
def constraint_disabled_by_comment(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    lines = lines_that_switch_off(plan, ctx)
    if not lines or commented_constraints(plan, lines):
        return
    first = lines[0]
    yield ctx.report(
        first.location(),
        "comment" if first.is_comment else "text",
        fix=add_constraint(plan, ctx),
        words="--constraint " if "--constraint " in first.text else "-c ",
    )
