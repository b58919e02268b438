"""MW120 wheel-python-tag-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements._bundle import Artifact, bundle, read_source, read_wheel, supported_tags
from mwaalint.model.install import InstallPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.tags import Tag

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding


@check("MW120", on=InstallPlan, needs_version=True)
def wheel_python_tag_mismatch(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A wheel for another Python or platform: one that a line names, or the only one that an offline bundle has."""
    supported = supported_tags(ctx)
    if supported is None:
        return
    python = ctx.deployment.target.python
    for requirement in plan.requirements:
        filename = _filename(requirement)
        if _is_foreign(filename, supported):
            yield ctx.report(requirement.location(), "line", wheel=filename, python=python, subject=filename)
    foreign = _without_alternative(bundle(plan, ctx), supported) if plan.offline else []
    if foreign:
        first, *others = foreign
        yield ctx.report(
            first.location,
            "bundle",
            related=[other.location.noted(other.filename) for other in others if other.location != first.location],
            wheel=first.filename,
            others={0: "", 1: " and one other wheel"}.get(len(others), f" and {len(others)} other wheels"),
            python=python,
            subject=first.filename,
        )


def _filename(requirement: Requirement) -> str:
    try:
        return unquote(urlsplit(requirement.url or "").path).rpartition("/")[2]
    except ValueError:
        return ""


def _is_foreign(filename: str, supported: frozenset[Tag]) -> bool:
    wheel = read_wheel(filename)
    return wheel is not None and not wheel.tags & supported


def _without_alternative(artifacts: list[Artifact], supported: frozenset[Tag]) -> list[Artifact]:
    """The wheels that do not fit, of packages for which the bundle has nothing that does."""
    wheels = [(artifact, wheel) for artifact in artifacts if (wheel := read_wheel(artifact.filename))]
    provided = {wheel.name for _, wheel in wheels if wheel.tags & supported}
    provided |= {name for artifact in artifacts if (name := read_source(artifact.filename))}
    return [artifact for artifact, wheel in wheels if wheel.name not in provided]
