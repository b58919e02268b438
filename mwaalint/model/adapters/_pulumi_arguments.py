"""The arguments of ``aws.mwaa.Environment`` as an Environment has them, whichever language of Pulumi's set them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters._properties import shaped, snake_case
from mwaalint.model.environment import ARGUMENTS
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.findings import Location

_REQUIRED = frozenset({"name", "dag_s3_path", "execution_role_arn", "source_bucket_arn"})


def arguments(given: dict[str, Value], place: Location) -> dict[str, Value]:
    """The values that reach MWAA, among them the name that Pulumi makes up when it is given none."""
    values = {argument: _argument(argument, value) for argument, value in given.items()}
    if isinstance(values.get("name", ABSENT), Absent):
        values["name"] = Unresolved("", "Pulumi makes up a name with random characters", place)
    return values


def ignored(names: Value) -> frozenset[str]:
    """The arguments that ``ignoreChanges`` names; ``*`` is every one."""
    items: Iterable[object] = names.value if isinstance(names, Known) and isinstance(names.value, tuple) else ()
    found = {snake_case(item.value) for item in items if isinstance(item, Known) and isinstance(item.value, str)}
    return frozenset(ARGUMENTS) if "*" in found else frozenset(found)


def _argument(argument: str, value: Value) -> Value:
    """As Terraform's provider, which Pulumi's is made from, sends it: options as text, optional texts unless empty."""
    if argument == "airflow_configuration_options" and isinstance(value, Known) and isinstance(value.value, dict):
        return Known({name: _text(member) for name, member in value.value.items()}, value.origin)
    if isinstance(value, Known) and value.value == "" and argument not in _REQUIRED:
        return ABSENT
    return shaped(argument, value)


def _text(value: Value) -> Value:
    match value:
        case Known():
            return _as_text(value)
        case OneOf(options=options, origin=origin):
            return OneOf(tuple(_as_text(option) for option in options), origin)
        case _:
            return value


def _as_text(value: Known) -> Known:
    match value.value:
        case bool() as flag:
            return Known(str(flag).lower(), value.origin)
        case int() as number:
            return Known(str(number), value.origin)
        case _:
            return value
