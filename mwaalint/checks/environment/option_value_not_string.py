"""MW248: a configuration option that is set to something other than text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import options
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.findings import Edit, Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, possible

if TYPE_CHECKING:
    from collections.abc import Iterator

_API = "environment-json"
_MESSAGES = {
    _API: "default",
    "cloudformation": "cloudformation",
    "cdk-python": "cloudformation",
}
_KINDS = {tuple: "a list", dict: "a map", bool: "a boolean", int: "a number", float: "a number"}


@check("MW248", on=Environment)
def option_value_not_string(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a list or a map as an option's value; in the API's own JSON a number or boolean as well."""
    message = _MESSAGES.get(environment.dialect)
    if message is None:
        return
    wrong = (bool, int, float, tuple, dict) if environment.dialect == _API else (tuple, dict)
    for name, value in options(environment).items():
        values = possible(value)
        if not values or not all(isinstance(option.value, wrong) for option in values):
            continue
        place = values[0].origin
        yield ctx.report(
            place,
            message,
            related=argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project),
            fix=_quoted(values[0], ctx) if environment.dialect == _API else None,
            subject=name,
            name=name,
            kind=_KINDS[type(values[0].value)],
        )


def _quoted(value: Known, ctx: Context) -> Fix | None:
    """The same scalar as text; none for lists and maps, whose text Airflow expects depends on the option."""
    file = ctx.project.get(value.origin.path)
    if file is None or isinstance(value.value, (tuple, dict)):
        return None
    text = file.data[slice(*value.origin.span)]
    mark = '"'.encode(file.encoding)
    edit = Edit(file.path, value.origin.span, mark + text + mark, text)
    return Fix("Write the value as a string", Safety.SAFE, (edit,))
