"""MW614: an option of Airflow set in the startup script that the environment sets to something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import option_variables
from mwaalint.model.startup import StartupScript
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.startup import Step


@check("MW614", on=StartupScript)
def startup_config_shadowed(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the last assignment of each such variable where both values are known and differ."""
    options = option_variables(script.environment)
    last: dict[str, Step] = {}
    for step in script.own:
        last |= {item.name: step for item in step.assignments if item.name in options and item.value is not None}
    for name, step in last.items():
        option, value = options[name], step.values.get(name, "$")
        if not isinstance(option, Known) or "$" in value or str(option.value).strip().lower() == value.strip().lower():
            continue
        yield ctx.report(
            script.location(step.span, name),
            related=[option.origin.noted("this is the value that counts")],
            variable=name,
            value=value,
            option=name.removeprefix("AIRFLOW__").lower().replace("__", ".", 1),
            wins=str(option.value),
            subject=name,
        )
