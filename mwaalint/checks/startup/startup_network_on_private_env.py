"""MW607: downloads in containers that have no way to the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._networks import tables_without_a_way_out
from mwaalint.checks.startup._pip import installs
from mwaalint.model.startup import StartupScript
from mwaalint.model.values import known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Location
    from mwaalint.model.startup import Program
    from mwaalint.source import Span

_HOST = regex(r"\b(?:https?|git|ssh)://(?:[^/\s@]*@)?([\w.-]+)")
_OWN_HOSTS = regex(r"(^|\.)(amazonaws\.com(\.cn)?|localhost|internal|local|corp|lan|intranet)$|^[\d.]+$")
_FETCHERS = frozenset({"curl", "wget", "git"})
_INSTALLERS = frozenset({"yum", "dnf"})
_INDEXES = ("--index-url", "-i", "--no-index", "--find-links", "-f")


@check("MW607", on=StartupScript)
def startup_network_on_private_env(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the first download that the web server certainly tries, and the first one in subnets with no way out."""
    environment = script.environment
    if environment is None or any(name.upper().endswith("_PROXY") for name in script.names):
        return
    if known(environment.webserver_access_mode, str) == "PRIVATE_ONLY":
        private = environment.where("webserver_access_mode").noted("the web server is private here")
        yield from _first(script, ctx, "default", {"webserver"}, [private])
    tables = tables_without_a_way_out(ctx.deployment.related)
    if tables:
        places = [table.location.noted("no route leads out of here") for table in tables]
        yield from _first(script, ctx, "subnets", {"worker", "scheduler", "hybrid"}, places)


def _first(
    script: StartupScript, ctx: Context, kind: str, components: set[str], related: list[Location]
) -> Iterator[Finding]:
    from_index = _from_index(script)
    for step in script.steps:
        if step.program is None or not components & step.certain:
            continue
        if _fetches(step.program, packages=kind == "default") or step.span in from_index:
            yield ctx.report(
                script.location(step.span, step.program.name),
                kind,
                related=related,
                command=script.text(step.span),
                subject=kind,
            )
            return


def _from_index(script: StartupScript) -> set[Span]:
    """Where pip asks the public index for a package; nowhere when it may be told of another one."""
    if any(name.startswith("PIP_") and ("INDEX" in name or "FIND" in name) for name in script.names):
        return set()
    if any(step.program and _points_pip(step.program) for step in script.steps):
        return set()
    return {
        install.step.span
        for install in installs(script)
        if not install.has_option(*_INDEXES) and any(install.requirements)
    }


def _points_pip(program: Program) -> bool:
    config = program.name.startswith("pip") and program.arguments[:1] == ("config",)
    return config or (program.name == "aws" and program.operands[:1] == ("codeartifact",))


def _fetches(program: Program, *, packages: bool) -> bool:
    """Whether a program asks a public host. Amazon Linux has its ``packages`` in S3, for which subnets may have an
    endpoint.
    """
    if program.name in _FETCHERS:
        hosts = [match for word in program.arguments for match in _HOST.findall(word)]
        return any("." in host and not _OWN_HOSTS.search(host) for host in hosts)
    if packages and program.name in _INSTALLERS and program.operands[:1] in (("install",), ("update",), ("upgrade",)):
        names = program.operands[1:]
        return not names or any("/" not in word and not word.endswith(".rpm") for word in names)
    return False
