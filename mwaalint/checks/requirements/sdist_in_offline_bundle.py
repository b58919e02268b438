"""MW119 sdist-in-offline-bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements._bundle import Artifact, bundle, read_source, read_wheel
from mwaalint.discover import Role
from mwaalint.findings import Location
from mwaalint.model.install import InstallPlan
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

# A bundle with one of them was made to build source archives.
_BUILDERS = frozenset({"setuptools", "hatchling", "flit-core", "poetry-core", "pdm-backend", "meson-python", "maturin"})
_DOWNLOAD = regex(r"\bpip3?(?:\.\d+)? +download\b(?:\\\r?\n|[^\n;&|])*")
_INTO_PLUGINS = regex(r"(?:-d|--dest)[ =]+\S*plugins")


@check("MW119", on=InstallPlan)
def sdist_in_offline_bundle(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """Source archives where pip has no index to fetch their build tools from."""
    if not plan.offline:
        return
    artifacts = bundle(plan, ctx)
    sources = _only_as_source(artifacts, {line.name for line in plan.requirements if line.name})
    offline = next(option.location() for option in plan.options if option.name == "--no-index")
    for artifact in sources:
        related = [offline.noted("pip has no index here")]
        yield ctx.report(artifact.location, related=related, archive=artifact.filename, subject=artifact.filename)
    if not artifacts:
        for place in _downloads(ctx):
            yield ctx.report(
                place, "download", related=[offline.noted("pip has no index here")], subject="pip download"
            )


def _only_as_source(artifacts: list[Artifact], listed: set[str]) -> list[Artifact]:
    wheels = {wheel.name for artifact in artifacts if (wheel := read_wheel(artifact.filename))}
    if wheels & _BUILDERS:
        return []
    return [artifact for artifact in artifacts if read_source(artifact.filename) in listed - wheels]


def _downloads(ctx: Context) -> Iterator[Location]:
    """The commands of the project that fill the plugins folder with whatever the index has."""
    for file in ctx.project.with_role(Role.DEPLOY):
        yield from _downloads_of(file)


def _downloads_of(file: SourceFile) -> Iterator[Location]:
    try:
        text = file.text
    except UnreadableFileError:
        return
    for match in _DOWNLOAD.finditer(text):
        commented = "#" in text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if _INTO_PLUGINS.search(match[0]) and "--only-binary" not in match[0] and not commented:
            yield Location(file.path, file.span(match.start(), match.start() + len(match[0].rstrip())), "pip download")
