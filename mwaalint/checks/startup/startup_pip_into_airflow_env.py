"""MW604: pip in a startup script that installs into Airflow's own Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._pip import installs
from mwaalint.checks.startup._script import table
from mwaalint.model.startup import StartupScript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.requirements import Requirement

    from mwaalint.catalog import Pins
    from mwaalint.checks.startup._pip import Install
    from mwaalint.findings import Finding

_UPGRADES = ("-U", "--upgrade", "--force-reinstall", "--pre", "--eager")


@check("MW604", on=StartupScript)
def startup_pip_into_airflow_env(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports each install that certainly runs and may change what Airflow runs with."""
    if "PIP_CONSTRAINT" in script.names or "PIP_TARGET" in script.names:
        return
    # Of what an image that is not known has already, the newest one tells most.
    pins = ctx.catalog.pins(ctx.deployment.target.airflow or ctx.catalog.latest)
    seen = set()
    for install in installs(script):
        span = install.step.span
        names = _changing(install, pins, ctx) if install.step.certain and span not in seen else []
        if names:
            seen.add(span)
            core = [name for name in names if _is_core(name, pins)]
            yield ctx.report(
                script.location(span, "pip"),
                "core" if core else "tools" if set(names) <= {"pip", "setuptools", "wheel"} else "default",
                command=script.text(span),
                package=(core or names)[0],
                subject=script.text(span),
            )


def _changing(install: Install, pins: Pins | None, ctx: Context) -> list[str]:
    """The packages of an install that may change the image's, by name."""
    if not install.into_airflow or install.has_option("-c", "--constraint", "--no-deps"):
        return []
    from packaging.utils import canonicalize_name

    alone = set(table(ctx)["standalone_packages"])
    return [
        name
        for requirement in install.requirements
        if (name := canonicalize_name(requirement.name)) not in alone and not _is_there(requirement, install, pins)
    ]


def _is_there(requirement: Requirement, install: Install, pins: Pins | None) -> bool:
    """Whether the image has what is asked for, so that pip leaves everything as it is."""
    from packaging.utils import canonicalize_name

    version = (
        (pins.preinstalled or pins.preinstalled_derived).get(canonicalize_name(requirement.name)) if pins else None
    )
    if version is None or requirement.extras or install.has_option(*_UPGRADES):
        return False
    return requirement.specifier.contains(version, prereleases=True)


def _is_core(name: str, pins: Pins | None) -> bool:
    return name in ("apache-airflow", "watchtower") or (pins is not None and name in pins.essential)
