"""MW223: the time to import a DAG file is no shorter than the time to process it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import number, options, set_at_startup
from mwaalint.checks.environment._sizing import configuration
from mwaalint.checks.environment._values import argument_elsewhere, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

_IMPORT = "core.dagbag_import_timeout"
_PROCESS = {False: "core.dag_file_processor_timeout", True: "dag_processor.dag_file_processor_timeout"}


@check("MW223", on=Environment, needs_version=True)
def dagbag_timeout_order(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports the pair of timeouts, at the one that is set, when the process is killed before the import ends."""
    airflow = ctx.deployment.target.airflow
    if airflow is None or configuration(environment) is None:
        return
    process = _PROCESS[airflow.startswith("3.")]
    entries = options(environment)
    if any(name not in entries and set_at_startup(name, environment, ctx) for name in (_IMPORT, process)):
        return
    importing, processing = entries.get(_IMPORT), entries.get(process)
    defaults = ctx.catalog.table("parsing-timeouts")["rows"]
    first = number(importing) if importing else defaults[_IMPORT]
    second = number(processing) if processing else defaults[process]
    margin = defaults[process] - defaults[_IMPORT]
    place = processing or importing
    if first is None or second is None or place is None or first < second or second == 0:
        return
    yield ctx.report(
        place.origin,
        "default" if processing else "unset",
        related=argument_elsewhere(environment, "airflow_configuration_options", place.origin, ctx.project),
        fix=_fix(processing, first + margin, process, ctx) if isinstance(processing, Known) else None,
        importing=first,
        processing=second,
        process=process,
    )


def _fix(value: Known, seconds: int, name: str, ctx: Context) -> Fix | None:
    edit = replacement(value, str(seconds), ctx.project)
    return Fix(f"Set {name} to {seconds}", Safety.SAFE, (edit,)) if edit else None
