"""MW205: a change of the Airflow version that MWAA does not make in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._changes import change_of
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.findings import Finding


@check("MW205", on=Environment)
def invalid_upgrade_path(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports the change where both versions are known, and the old one is one of MWAA's."""
    change = change_of("airflow_version", ctx.deployment)
    if change is None or ctx.catalog.release(change.old) is None:
        return
    paths = ctx.catalog.table("upgrade-paths")["rows"]
    tool = paths["replacing"].get(environment.dialect, "")
    message = "ended" if _ended(change.new, ctx) else _refusal(change.old, change.new, paths["in_place"], tool)
    if message:
        origin, release = change.value.origin, ctx.catalog.release(change.new)
        yield ctx.report(
            origin,
            message,
            related=argument_elsewhere(environment, "airflow_version", origin, ctx.project),
            old=change.old,
            new=change.new,
            tool=tool,
            line=paths["in_place"].get(_majors(change.old, change.new)),
            date=release.end_of_support.isoformat() if release and release.end_of_support else "",
        )


def _ended(version: str, ctx: Context) -> bool:
    release = ctx.catalog.release(version)
    return release is not None and release.end_of_support is not None and release.end_of_support < ctx.today


def _refusal(old: str, new: str, in_place: Mapping[str, str], tool: str) -> str:
    """The message for a step from one major version to another, "" for one that is possible."""
    majors = _majors(old, new)
    try:
        before, after = version_key(old)[0], version_key(new)[0]
    except ValueError:
        return ""
    if before == after:
        return ""
    if after > before and tool:
        return "replaced"
    if majors not in in_place:
        return "never"
    lower = old if before < after else new
    if f"{lower}.".startswith(f"{in_place[majors]}."):
        return ""
    return "default" if before < after else "back"


def _majors(old: str, new: str) -> str:
    return f"{old.partition('.')[0]} {new.partition('.')[0]}"
