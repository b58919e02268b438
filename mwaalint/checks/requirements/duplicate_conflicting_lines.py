"""MW118 duplicate-conflicting-lines."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements import _edits
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Fix

# How many different lines for one package a further one is compared with.
_MOST = 20


@check("MW118", on=InstallPlan)
def duplicate_conflicting_lines(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """Two lines for one package: no version satisfies both, or the second says nothing new."""
    differing: dict[str, list[Requirement]] = defaultdict(list)
    for line in plan.requirements:
        if line.name is None or line.url is not None:
            continue
        earlier = differing[line.name]
        against = next((other for other in earlier if not _agree(other, line)), None)
        twin = next((other for other in earlier if _says_the_same(other, line)), None)
        if against is not None:
            yield _conflict(line.name, against, line, ctx)
        elif twin is not None:
            place = twin.location().noted("the first line")
            fix = _fix(twin, line)
            yield ctx.report(line.location(), "same", related=[place], package=line.name, fix=fix, subject=line.name)
        elif len(earlier) < _MOST:
            earlier.append(line)


def _conflict(name: str, first: Requirement, second: Requirement, ctx: Context) -> Finding:
    return ctx.report(
        second.location(),
        "conflict",
        related=[first.location().noted("the other line")],
        package=name,
        first=str(first.specifier),
        second=str(second.specifier),
        subject=name,
    )


def _agree(first: Requirement, second: Requirement) -> bool:
    """Whether an exact version of one is admitted by the other. Two ranges are left to pip."""
    for one, other in ((first, second), (second, first)):
        if one.pin and not other.specifier.contains(one.pin, prereleases=True):
            return False
    return True


def _says_the_same(first: Requirement, second: Requirement) -> bool:
    return first.specifier == second.specifier and first.extras == second.extras


def _fix(first: Requirement, second: Requirement) -> Fix | None:
    """Only where the second line says the same everywhere: in the same file, with the same marker, without options."""
    alike = first.file is second.file and str(first.marker) == str(second.marker) and not second.options
    return _edits.safe("Delete the second line", _edits.without(second)) if alike else None
