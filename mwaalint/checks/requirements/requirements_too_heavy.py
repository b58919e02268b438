"""MW122 requirements-too-heavy."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements._names import in_image, named
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding, Location

# PyTorch's own index has a build without CUDA that is a fifth of the size.
_SMALL_TORCH = "whl/cpu"


class _Heavy(NamedTuple):
    line: Requirement
    name: str
    because: str
    megabytes: int


@check("MW122", on=InstallPlan)
def requirements_too_heavy(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """What pip downloads at every start of a container is very large, or very much. One finding a file."""
    if plan.offline:
        return
    minutes = ctx.catalog.fact("pip.install.pip_timeout_minutes")
    heavy = list(_heavy(plan, ctx.catalog.table("heavy-packages")))
    total = sum({item.because: item.megabytes for item in heavy}.values())
    if total >= _number(ctx, "megabytes"):
        yield ctx.report(
            _file_at(heavy[0].line),
            "heavy",
            related=[item.line.location().noted(f"brings {item.because}") for item in heavy[1:]],
            packages=_joined([item.name for item in heavy]),
            size=f"{total} MB" if total < 1000 else f"{total / 1000:.1f} GB",
            minutes=minutes,
            subject="heavy",
        )
        return
    lines = list(_downloaded(plan, ctx))
    if len(lines) > _number(ctx, "packages"):
        yield ctx.report(_file_at(lines[0]), "many", count=len(lines), minutes=minutes, subject="many")


def _file_at(line: Requirement) -> Location:
    """The place of a line without its package's name: the finding is about the file, whichever line comes first."""
    return replace(line.location(), symbol="")


def _heavy(plan: InstallPlan, table: Mapping[str, Any]) -> Iterator[_Heavy]:
    small_torch = any(_SMALL_TORCH in (option.value or "") for option in plan.options)
    for requirement, name in named(plan):
        wanted = table["brings"].get(name, name)
        pattern = next((pattern for pattern in table["rows"] if fnmatchcase(wanted, pattern)), None)
        without_cuda = wanted == "torch" and (small_torch or (requirement.pin or "").endswith("+cpu"))
        if pattern and not without_cuda:
            yield _Heavy(requirement, name, pattern, table["rows"][pattern]["megabytes"])


def _downloaded(plan: InstallPlan, ctx: Context) -> Iterator[Requirement]:
    """The lines for which the image has nothing that would do; none when the image is not known."""
    pins = ctx.catalog.pins(ctx.deployment.target.airflow) if ctx.deployment.target.airflow else None
    if pins is None:
        return
    for requirement, name in named(plan):
        installed = in_image(pins, name)
        if installed is None or not requirement.specifier.contains(installed, prereleases=True):
            yield requirement


def _number(ctx: Context, option: str) -> float:
    value = ctx.options[option]
    assert isinstance(value, int | float)
    return value


def _joined(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"
