"""MW112 native-library-missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements._names import named
from mwaalint.checks.requirements._startup import startup_text
from mwaalint.model.install import InstallPlan
from mwaalint.model.values import is_set
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding

# A list of packages that a variable or a file holds may name any library.
_INSTALLS_UNKNOWN = regex(r"\b(yum|dnf|rpm)\b[^\n]*[$@]")
_CARRIES_LIBRARIES = regex(r"\.(so[.\d]*|ini|rpm|zip|tar|t?gz|whl)$")


@check("MW112", on=InstallPlan)
def native_library_missing(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A package that needs an OS library which neither the image nor the startup script brings."""
    rows: Mapping[str, Any] = ctx.catalog.table("native-libraries")["rows"]
    for requirement, name in named(plan):
        row = rows.get(name)
        if row and _is_in_question(requirement, row, plan, ctx) and not _is_brought(row, ctx):
            yield ctx.report(
                requirement.location(),
                row["kind"],
                package=name,
                library=row["library"],
                subject=name,
            )


def _is_in_question(requirement: Requirement, row: Mapping[str, Any], plan: InstallPlan, ctx: Context) -> bool:
    from packaging.specifiers import SpecifierSet

    release = ctx.catalog.release(ctx.deployment.target.airflow or "")
    if "since" in row and (release is None or release.key < version_key(row["since"])):
        return False
    if requirement.pin and "except" in row and SpecifierSet(row["except"]).contains(requirement.pin):
        return False
    # A wheel of one's own is built where the headers are.
    own_wheels = plan.offline or any(option.name == "--find-links" for option in plan.options)
    return row["kind"] != "builds" or not own_wheels


def _is_brought(row: Mapping[str, Any], ctx: Context) -> bool:
    """Whether something brings the library, or may: a script or plugins that are not in the repository."""
    words = row["mentions"]
    script = startup_text(ctx)
    if script is None or _INSTALLS_UNKNOWN.search(script) or _mentioned(words, [script]):
        return True
    carriers = filter(_CARRIES_LIBRARIES.search, ctx.project.files)
    return row["kind"] != "builds" and (_plugins_are_elsewhere(ctx) or _mentioned(words, carriers))


def _mentioned(words: Iterable[str], texts: Iterable[str]) -> bool:
    return any(word in text.lower() for text in texts for word in words)


def _plugins_are_elsewhere(ctx: Context) -> bool:
    """Whether the environment has plugins whose content is not in the repository; they may carry libraries."""
    environment = ctx.deployment.environment
    if environment is None or not is_set(environment.plugins_s3_path):
        return False
    return not any("plugins/" in path for path in ctx.project.files)
