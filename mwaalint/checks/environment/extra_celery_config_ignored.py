"""MW243: celery.extra_celery_config where MWAA or Airflow discards it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import entry, options
from mwaalint.checks.environment._secrets import parsed
from mwaalint.checks.environment._values import argument_elsewhere, arms
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_OPTION = "celery.extra_celery_config"


@check("MW243", on=Environment, needs_version=True)
def extra_celery_config_ignored(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a value that is no JSON object, and any in the version whose first images overwrote it."""
    airflow = ctx.deployment.target.airflow or ""
    value = options(environment).get(_OPTION)
    if value is None or _OPTION not in ctx.catalog.airflow_option_names(airflow):
        return
    message = _message([text for text, _ in arms(value, str)], airflow, ctx)
    if not message:
        return
    place = entry(_OPTION, value.origin, environment, ctx)
    yield ctx.report(
        place,
        message,
        related=argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project),
        version=airflow,
        fixed=ctx.catalog.table("image-defects")["rows"][_OPTION]["fixed"],
    )


def _message(texts: list[str], airflow: str, ctx: Context) -> str:
    option = ctx.catalog.option(_OPTION, airflow)
    merged = option is not None and option.merged
    contents = [parsed(text) for text in texts]
    if contents and all(content is None for content in contents):
        return "ignored" if merged else "default"
    if contents and all(not isinstance(content, dict) for content in contents):
        return "ignored"
    defect = ctx.catalog.table("image-defects")["rows"][_OPTION]
    return "overwritten" if airflow in defect["versions"] else ""
