"""MW504 dbt-executable-not-provided."""

from __future__ import annotations

from dataclasses import replace
from posixpath import dirname
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.dags._values import is_for_a_laptop
from mwaalint.checks.requirements._startup import startup_text
from mwaalint.checks.requirements._supply import install_plan, supply
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.packages import Packages
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.deployed_code import DbtNeed

# Where the requirements' own programs are.
_OF_PIP = regex(r"/usr/local/airflow/\.local/bin/dbt|/usr/local/bin/dbt|/usr/bin/dbt")
# Folders that come with the bucket, and those where tasks put what they like.
_BROUGHT = ("/usr/local/airflow/dags/", "/usr/local/airflow/plugins/", "/tmp/", "/var/tmp/", "/mnt/")
# A script with one of these may bring anything.
_FETCHES = regex(
    r"\bcurl\b|\bwget\b|\baws\s+s3|\bs3api\b|\bgit\s+clone|\btar\b|\bunzip\b|(?:^|[;&\s])(?:\.|source|bash|sh)\s"
)


@check("MW504", on=DeployedCode)
def dbt_executable_not_provided(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """Files that start dbt where neither the requirements nor the startup script install it, or in a shell that is not
    given the PATH to it; one finding a file.
    """
    needs = {file.path: file.dbt for file in code.place("dags") if file.dbt and not is_for_a_laptop(file.path)}
    script = startup_text(ctx) if needs else None
    if script is None or _FETCHES.search(script):
        return
    target = ctx.deployment.target
    known = target.airflow is not None
    nowhere = known and "dbt" not in script and _not_installed(ctx)
    for found in needs.values():
        missing = [need for need in found if known and _missing(need, script, nowhere=nowhere)]
        bare = [need for need in found if need.bare and "dbt" not in script]
        if missing:
            path = missing[0].executable
            own = path.startswith("/") and not _OF_PIP.fullmatch(path)
            finding = _report(missing, "path" if own else "default", ctx)
            # What an image has hangs on its version, what a shell is given does not.
            yield replace(finding, confidence=min(finding.confidence, target.confidence))
        elif bare:
            yield _report(bare, "bare", ctx)


def _report(needs: list[DbtNeed], kind: str, ctx: Context) -> Finding:
    first, *others = needs
    related = [need.location.noted("this too") for need in others]
    return ctx.report(first.location, kind, related=related, subject=first.executable, path=first.executable)


def _missing(need: DbtNeed, script: str, *, nowhere: bool) -> bool:
    path = need.executable
    if not path.startswith("/") or _OF_PIP.fullmatch(path):
        return nowhere
    if path.startswith(_BROUGHT):
        return False
    folder = dirname(dirname(path)).rpartition("/")[2]
    return bool(folder) and folder.lower() not in script and "dbt" not in script


def _not_installed(ctx: Context) -> bool:
    """Whether surely no package with dbt in its name is installed."""
    installed = supply(ctx, install_plan(ctx), Packages(ctx.catalog))
    if installed is None or installed.open:
        return False
    return not any("dbt" in name for name in (*installed.packages, *installed.unknown))
