"""MW113 private-webserver-needs-pypi."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.model.install import InstallPlan
from mwaalint.model.values import known
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_INDEXES = ("--index-url", "--extra-index-url", "--find-links")
# Before 2.2.2 the web server installed no requirements at all.
_FIRST = "2.2.2"


@check("MW113", on=InstallPlan, needs_version=True)
def private_webserver_needs_pypi(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A private web server is told to install from the public index, which it cannot reach."""
    environment = ctx.deployment.environment
    airflow = ctx.deployment.target.airflow
    if environment is None or airflow is None or version_key(airflow) < version_key(_FIRST):
        return
    if known(environment.webserver_access_mode, str) != "PRIVATE_ONLY" or not plan.requirements or plan.offline:
        return
    if any(plan.document.options_named(option) for option in _INDEXES) or _index_from_startup(ctx):
        return
    mode = environment.where("webserver_access_mode")
    yield ctx.report(
        plan.requirements[0].location(),
        related=[mode.noted("the web server is private here")],
        count=len(plan.requirements),
        packages="package" if len(plan.requirements) == 1 else "packages",
        airflow=airflow,
        subject="webserver",
    )


def _index_from_startup(ctx: Context) -> bool:
    """Whether the startup script may point pip somewhere else; one that is set but not to be found may as well."""
    environment, script = ctx.deployment.environment, ctx.deployment.startup_script
    if script is None:
        return environment is not None and known(environment.startup_script_s3_path, str) is not None
    try:
        return "PIP_" in script.text or "pip config" in script.text or "pip.conf" in script.text
    except UnreadableFileError:
        return True
