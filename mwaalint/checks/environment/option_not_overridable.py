"""MW219: a configuration option that MWAA overwrites with its own value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import entry, for_one_version, options, removal
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Option
    from mwaalint.findings import Location
    from mwaalint.model.values import OneOf, Unresolved

_METRICS = "metrics."


@check("MW219", on=Environment, needs_version=True)
def option_not_overridable(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each option whose value MWAA replaces, unless it is the value that MWAA sets anyway."""
    airflow = ctx.deployment.target.airflow
    if airflow is None:
        return
    entries = options(environment)
    for name, value in entries.items():
        option = _forced(name, airflow, ctx)
        if option is None or _same(option, value):
            continue
        place = entry(name, value.origin, environment, ctx)
        yield ctx.report(
            place,
            _message(option),
            related=argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project),
            fix=_fix(name, value.origin, environment, ctx) if len(entries) > 1 else None,
            subject=name,
            name=name,
            forced=option.value,
            version=airflow,
        )


def _forced(name: str, airflow: str, ctx: Context) -> Option | None:
    """What MWAA forces for a name, also for an old name that Airflow would still read."""
    changed = ctx.catalog.option_change(name, airflow)
    if changed is not None and not changed.to:  # gone, whoever sets it
        return None
    option = ctx.catalog.option(changed.to if changed else name, airflow)
    return option if option is not None and option.forced else None


def _same(option: Option, value: Known | OneOf | Unresolved) -> bool:
    """Whether the entry says what MWAA sets anyway, or may say it."""
    if option.value is None:
        return False
    return not isinstance(value, Known) or str(value.value).strip().lower() == option.value.lower()


def _message(option: Option) -> str:
    if option.name.startswith(_METRICS):
        return "metrics"
    return "default" if option.value is None else "known"


def _fix(name: str, origin: Location, environment: Environment, ctx: Context) -> Fix | None:
    if not for_one_version(environment, origin):
        return None
    edit = removal(name, origin, ctx)
    return Fix(f"Delete {name}", Safety.SAFE, (edit,)) if edit else None
