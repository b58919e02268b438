"""MW116 vcs-requirement-without-git."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.requirements._startup import startup_text
from mwaalint.model.install import InstallPlan
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding

_PROGRAMS = {
    "hg": ("Mercurial", ("mercurial", "hg")),
    "svn": ("Subversion", ("subversion", "svn")),
    "bzr": ("Breezy", ("breezy", "brz", "bzr")),
}
_SSH_IS_SET_UP = ("ssh", "insteadof", "git config")
_WEB_SERVER_INSTALLS_FROM = "2.2.2"
_INDEXES = ("--index-url", "--extra-index-url", "--find-links")


@check("MW116", on=InstallPlan)
def vcs_requirement_without_git(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A requirement from a repository that the containers cannot fetch, or whose content changes by itself."""
    for requirement in plan.requirements:
        url = _split(requirement)
        message = _message(requirement, url, plan, ctx) if url else None
        if url and message:
            yield ctx.report(
                requirement.location(),
                message,
                package=requirement.name or url.path.rpartition("/")[2].partition("@")[0].removesuffix(".git"),
                host=url.hostname or "the host",
                program=_PROGRAMS.get(requirement.vcs or "", ("git", ()))[0],
                subject=requirement.name or url.path,
            )


def _split(requirement: Requirement) -> SplitResult | None:
    if requirement.vcs is None or requirement.url is None:
        return None
    try:
        return urlsplit(requirement.url.partition("+")[2])
    except ValueError:
        return None


def _message(requirement: Requirement, url: SplitResult, plan: InstallPlan, ctx: Context) -> str | None:
    script = startup_text(ctx)
    if requirement.vcs in _PROGRAMS:
        words = _PROGRAMS[requirement.vcs][1]
        return None if script is None or any(word in script for word in words) else "program"
    if url.scheme == "ssh":
        return None if script is None or any(word in script for word in _SSH_IS_SET_UP) else "ssh"
    if _is_out_of_reach(plan, ctx):
        return "private"
    return None if "@" in url.path else "moving"


def _is_out_of_reach(plan: InstallPlan, ctx: Context) -> bool:
    """Whether a private web server has to clone it though all else is provided for; MW113 speaks where it is not."""
    environment, release = ctx.deployment.environment, ctx.catalog.release(ctx.deployment.target.airflow or "")
    if environment is None or release is None or release.key < version_key(_WEB_SERVER_INSTALLS_FROM):
        return False
    provided = plan.offline or any(option.name in _INDEXES for option in plan.options)
    return provided and known(environment.webserver_access_mode, str) == "PRIVATE_ONLY"
