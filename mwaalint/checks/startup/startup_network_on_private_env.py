"""MW607: downloads in the container of a private web server, which has no way to the internet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._pip import installs
from mwaalint.model.startup import StartupScript
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.startup import Program, Step

_HOST = re.compile(r"\b(?:https?|git|ssh)://(?:[^/\s@]*@)?([\w.-]+)")
_OWN_HOSTS = re.compile(r"(^|\.)(amazonaws\.com(\.cn)?|localhost|internal|local|corp|lan|intranet)$|^[\d.]+$")
_FETCHERS = frozenset({"curl", "wget", "git"})
_INSTALLERS = frozenset({"yum", "dnf"})
_INDEXES = ("--index-url", "-i", "--no-index", "--find-links", "-f")


@check("MW607", on=StartupScript)
def startup_network_on_private_env(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the first download that the web server certainly tries."""
    environment = script.environment
    if environment is None or known(environment.webserver_access_mode, str) != "PRIVATE_ONLY":
        return
    downloads = {install.step.span for install in installs(script) if not install.has_option(*_INDEXES)}
    pointed = any(name.startswith("PIP_") and ("INDEX" in name or "FIND" in name) for name in script.names)
    for step in script.steps:
        if "webserver" not in step.certain or step.program is None:
            continue
        if _fetches(step.program) or (step.span in downloads and not pointed and _needs_index(step, script)):
            yield ctx.report(
                script.location(step.span, step.program.name),
                related=[environment.where("webserver_access_mode").noted("the web server is private here")],
                command=script.text(step.span),
                subject="webserver",
            )
            return


def _fetches(program: Program) -> bool:
    if program.name in _FETCHERS:
        hosts = [match for word in program.arguments for match in _HOST.findall(word)]
        return any("." in host and not _OWN_HOSTS.search(host) for host in hosts)
    if program.name in _INSTALLERS and program.operands[:1] in (("install",), ("update",), ("upgrade",)):
        packages = program.operands[1:]
        return not packages or any("/" not in word and not word.endswith(".rpm") for word in packages)
    return False


def _needs_index(step: Step, script: StartupScript) -> bool:
    """Whether pip is asked for a package by its name."""
    return any(install.step is step and any(install.requirements) for install in installs(script))
