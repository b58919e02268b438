"""MW118 duplicate-conflicting-lines."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding


@check("MW118", on=InstallPlan)
def duplicate_conflicting_lines(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """Two lines for one package: no version satisfies both, or the second says nothing new."""
    told: set[int] = set()
    for first, second in combinations(_named(plan, ctx), 2):
        if first.name != second.name or id(second) in told:
            continue
        place = first.location().noted("the other line")
        if not _agree(first, second):
            told.add(id(second))
            yield ctx.report(
                second.location(),
                "conflict",
                related=[place],
                package=second.name,
                subject=str(second.name),
                first=str(first.specifier),
                second=str(second.specifier),
            )
        elif first.specifier == second.specifier and first.extras == second.extras:
            told.add(id(second))
            fix = _edits.safe("delete the second line", _edits.without(second)) if not second.hashes else None
            yield ctx.report(
                second.location(), "same", related=[place], package=second.name, fix=fix, subject=str(second.name)
            )


def _named(plan: InstallPlan, ctx: Context) -> list[Requirement]:
    """The requirements to compare: without MWAA's Python, a marker may or may not hold, so its line is left out."""
    undecided = ctx.deployment.target.python is None
    return [r for r in plan.requirements if r.name and r.url is None and not (undecided and r.marker)]


def _agree(first: Requirement, second: Requirement) -> bool:
    """Whether an exact version of one is admitted by the other. Two ranges are left to pip."""
    for one, other in ((first, second), (second, first)):
        if one.pin and not other.specifier.contains(one.pin, prereleases=True):
            return False
    return True
