"""MW853 deploy-update-environment-on-every-push."""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.deploy._triggers import PIPELINE, WORKFLOW, runs_with_dags
from mwaalint.discover import Role
from mwaalint.model.deploy_commands import DeploySteps
from mwaalint.model.deploy_steps import read_steps
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.deploy_commands import DeployStep

_SHELLS = frozenset({"bash", "sh", "source", "."})
_TARGET = regex(rb"^([\w./-]+)[ \t]*:(?![=:])", re.M)


@check("MW853", on=DeploySteps)
def deploy_update_environment_on_every_push(steps: DeploySteps, ctx: Context) -> Iterator[Finding]:
    """An update of the environment in CI that a push of DAGs starts, too: there, or in a script that CI runs."""
    for step in steps.calls("aws", "mwaa", "update-environment"):
        if step.conditional or _is_graceful(step):
            continue
        if runs_with_dags(step):
            yield ctx.report(step.location)
        elif caller := next((one for one in _callers(step, ctx) if runs_with_dags(one)), None):
            yield ctx.report(step.location, related=[caller.location.noted("every push runs it")])


def _is_graceful(step: DeployStep) -> bool:
    return any("GRACEFUL" in word.upper() for word in step.words)


def _callers(step: DeployStep, ctx: Context) -> Iterator[DeployStep]:
    """The steps of CI that run the script or the target of a Makefile in which a step is."""
    name = basename(step.file.path)
    is_script, is_makefile = name.endswith((".sh", ".bash")), name == "Makefile"
    if not is_script and not is_makefile:
        return
    of_ci = (WORKFLOW, PIPELINE)
    files = [file for file in ctx.project.with_role(Role.DEPLOY) if any(one.search(file.path) for one in of_ci)]
    target = _target(step) if is_makefile else ""
    for caller in read_steps(files, (name.encode() if is_script else b"make",)).steps:
        makes = target and caller.folder == dirname(step.file.path) and caller.words[:2] == ("make", target)
        if makes or (is_script and caller.folder is not None and _runs(caller, step.file.path)):
            yield caller


def _runs(caller: DeployStep, path: str) -> bool:
    """Whether a step is the script itself, or a shell with it."""
    words = [word for word in caller.words if not word.startswith("-")]
    script = words[1] if words[0] in _SHELLS and len(words) > 1 else words[0]
    return normpath(join(caller.folder or "", script)) == path


def _target(step: DeployStep) -> str:
    """The target whose recipe a step of a Makefile is in."""
    matches = list(_TARGET.finditer(step.file.data[: step.location.span.start]))
    return matches[-1][1].decode() if matches else ""
