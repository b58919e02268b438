"""MW113 private-webserver-needs-pypi."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._networks import services_out_of_reach, tables_without_a_way_out
from mwaalint.checks.requirements._names import in_image
from mwaalint.model.install import InstallPlan
from mwaalint.model.values import is_set, known
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Pins
    from mwaalint.documents.requirements import Requirement
    from mwaalint.findings import Finding
    from mwaalint.model.resources import RouteTable

_INDEXES = ("--index-url", "--extra-index-url", "--find-links")
_SETS_PIP_UP = ("pip_", "pip config", "pip.conf", "pip3 config", "http_proxy", "https_proxy", "all_proxy")
# Before 2.2.2 the web server installed no requirements at all.
_FIRST = "2.2.2"


@check("MW113", on=InstallPlan, needs_version=True)
def private_webserver_needs_pypi(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    """A private web server, or all of an environment, is to install from the public index, which it cannot reach."""
    environment = ctx.deployment.environment
    airflow = ctx.deployment.target.airflow
    if environment is None or airflow is None or _another_source(plan, ctx):
        return
    pins = ctx.catalog.pins(airflow)
    packages = [requirement for requirement in plan.requirements if _is_downloaded(requirement, pins)]
    closed = _tables_that_lead_nowhere(ctx)
    private = known(environment.webserver_access_mode, str) == "PRIVATE_ONLY"
    if not packages or not (closed or (private and version_key(airflow) >= version_key(_FIRST))):
        return
    mode = environment.where("webserver_access_mode")
    yield ctx.report(
        # About the file: which package happens to be first does not matter.
        replace(packages[0].location(), symbol=""),
        "closed" if closed else "default",
        related=[table.location.noted("no route leads out of here") for table in closed]
        or [mode.noted("the web server is private here")],
        packages="1 package" if len(packages) == 1 else f"{len(packages)} packages",
        airflow=airflow,
        subject="network" if closed else "webserver",
    )


def _tables_that_lead_nowhere(ctx: Context) -> list[RouteTable]:
    """The route tables without a way out; none where the environment does not even come up, which MW207 reports."""
    return [] if services_out_of_reach(ctx) else tables_without_a_way_out(ctx.deployment.related)


def _another_source(plan: InstallPlan, ctx: Context) -> bool:
    """Whether pip looks, or may look, somewhere else than at the public index."""
    unread = any(include.option.name == "--requirement" and include.document is None for include in plan.includes)
    indexes = any(option.name in _INDEXES for option in plan.options)
    return plan.offline or unread or indexes or _index_from_startup(ctx)


def _index_from_startup(ctx: Context) -> bool:
    """Whether the startup script may point pip somewhere else; one that is set but not to be found may as well."""
    environment, script = ctx.deployment.environment, ctx.deployment.startup_script
    if script is None:
        return environment is not None and is_set(environment.startup_script_s3_path)
    try:
        text = script.text.lower()
        return any(word in text for word in _SETS_PIP_UP)
    except UnreadableFileError:
        return True


def _is_downloaded(requirement: Requirement, pins: Pins | None) -> bool:
    """Whether pip must fetch it: no path of the container, and nothing the image has already."""
    if requirement.url is not None:
        return not requirement.is_path and not requirement.url.startswith("file:")
    installed = in_image(pins, requirement.name or "")
    if installed is None or requirement.extras:
        return True
    return not requirement.specifier.contains(installed, prereleases=True)
