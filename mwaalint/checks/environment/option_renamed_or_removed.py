"""MW206: a configuration option under a name that this version of Airflow no longer uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import entry, for_one_version, options, rename
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import OptionChange
    from mwaalint.findings import Location


@check("MW206", on=Environment, needs_version=True)
def option_renamed_or_removed(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each option whose name changed or went away by the environment's version."""
    airflow = ctx.deployment.target.airflow
    if airflow is None:
        return
    entries = options(environment)
    for name, value in entries.items():
        changed = ctx.catalog.option_change(name, airflow)
        if changed is None or _forced(changed, airflow, ctx):
            continue
        place = entry(name, value.origin, environment, ctx)
        yield ctx.report(
            place,
            _message(changed, changed.to in entries),
            related=argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project),
            fix=None if changed.to in entries else _fix(name, changed, value.origin, environment, ctx),
            subject=name,
            name=name,
            new=changed.to,
            since=changed.since,
            version=airflow,
        )


def _forced(changed: OptionChange, airflow: str, ctx: Context) -> bool:
    """Whether MWAA sets the new option itself: then the value is lost under any name, which MW219 says."""
    option = ctx.catalog.option(changed.to, airflow) if changed.to else None
    return option is not None and option.forced


def _message(changed: OptionChange, new_is_set: bool) -> str:
    if not changed.to:
        return "removed"
    if new_is_set:
        return "twice"
    return "deprecated" if changed.read else "default"


def _fix(name: str, changed: OptionChange, origin: Location, environment: Environment, ctx: Context) -> Fix | None:
    """Safe where Airflow reads the old name as well, so that nothing changes; else the value begins to count."""
    if not changed.to or not for_one_version(environment, origin):
        return None
    edit = rename(name, changed.to, origin, ctx)
    safety = Safety.SAFE if changed.read else Safety.UNSAFE
    return Fix(f"Rename to {changed.to}", safety, (edit,)) if edit else None
