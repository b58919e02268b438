"""MW606: a variable that MWAA sets back to its own value after the script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import option_variables, table, uses
from mwaalint.model.startup import StartupScript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.startup import Step

_OPTION = "AIRFLOW__"


@check("MW606", on=StartupScript)
def startup_protected_variable(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the last assignment of each such variable, unless the script itself has a use for it."""
    found: dict[str, Step] = {}
    for step in script.own:
        found |= {item.name: step for item in step.assignments if item.value is not None or item.append}
    for name, step in found.items():
        kind = _kind(name, ctx)
        own = table(ctx)["own_values"].get(name)
        if kind == "tune" and name in option_variables(script.environment):
            continue  # the option wins anyway, which is MW614
        if (
            not kind
            or step.values.get(name) in (own, f"${{{name}}}", _own_version(name, ctx))
            or _used_here(script, name, step, ctx)
        ):
            continue
        yield ctx.report(
            script.location(step.span, name),
            "path" if name == "PYTHONPATH" else kind,
            variable=name,
            option=_option_now(name, ctx),
            subject=name,
        )


def _kind(name: str, ctx: Context) -> str:
    """Which message fits: what the image's code restores, what it forces as an option, or what AWS only documents."""
    airflow = ctx.deployment.target.airflow
    if name in table(ctx)["not_restored"]:
        return ""
    if airflow is None or ctx.catalog.release(airflow) is None:
        return _documented(name, ctx.catalog.protected_variables(table(ctx)["oldest"]).docs)
    protected = ctx.catalog.protected_variables(airflow)
    if name in protected.code:
        return "default"
    forced = ctx.catalog.option(_option(name), airflow) if name.startswith(_OPTION) else None
    if forced is not None and forced.forced:
        return "option"
    return _documented(name, protected.docs)


def _documented(name: str, docs: frozenset[str]) -> str:
    return ("tune" if _option(name) else "documented") if name in docs else ""


def _option(name: str) -> str:
    return name.removeprefix(_OPTION).lower().replace("__", ".", 1) if name.startswith(_OPTION) else ""


def _option_now(name: str, ctx: Context) -> str:
    """The option under the name that the environment's Airflow has for it."""
    option, airflow = _option(name), ctx.deployment.target.airflow
    changed = ctx.catalog.option_change(option, airflow) if option and airflow else None
    return changed.to if changed and changed.to else option


def _own_version(name: str, ctx: Context) -> str | None:
    return ctx.deployment.target.airflow if name == "AIRFLOW_VERSION" else None


def _used_here(script: StartupScript, name: str, step: Step, ctx: Context) -> bool:
    readers = table(ctx)["readers"]
    programs = next((readers[prefix] for prefix in readers if name.startswith(prefix)), ())
    return uses(script, name, after=step, programs=programs)
