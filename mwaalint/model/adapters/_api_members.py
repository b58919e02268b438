"""MWAA's API as its JSON and boto3 speak it: members in CamelCase, calls that create and calls that update."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.model.adapters._properties import shaped, snake_case
from mwaalint.model.environment import ARGUMENTS
from mwaalint.model.values import Known, Unresolved, Value, is_set, possible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.findings import Location
    from mwaalint.model.environment import Environment

# What CreateEnvironment refuses to go without (botocore's data/mwaa/2020-07-01, besides the name that both calls want).
REQUIRED = frozenset({"dag_s3_path", "execution_role_arn", "network_configuration", "source_bucket_arn"})
OBJECT_VERSIONS = frozenset(
    {"requirements_s3_object_version", "plugins_s3_object_version", "startup_script_s3_object_version"}
)
_OUTPUTS_OF_LOGGING = frozenset({"cloud_watch_log_group_arn"})


def argument_of(member: str) -> str | None:
    """The Environment's name for a member of the API: ``dag_s3_path`` for ``DagS3Path``; None for an output."""
    name = snake_case(member)
    return name if name in ARGUMENTS and member[:1].isupper() else None


def as_argument(argument: str, value: Value) -> Value:
    """A member's value in the Environment's shape, without what only MWAA itself writes there."""
    value = shaped(argument, value)
    if argument != "logging_configuration" or not (isinstance(value, Known) and isinstance(value.value, dict)):
        return value
    modules = {name: _without_outputs(module) for name, module in value.value.items()}
    return Known(modules, value.origin)


def created(bare: Environment, values: Mapping[str, Value]) -> Environment:
    """An environment whose missing arguments are at MWAA's defaults."""
    return replace(bare, **values)  # type: ignore[arg-type]


def updated(bare: Environment, values: Mapping[str, Value], place: Location) -> Environment:
    """An environment of which only these arguments are told: an update leaves all others as they are."""
    untold = Unresolved("", "an update that does not name it leaves it as it is", place)
    told = {name: value for name, value in values.items() if is_set(value)}
    return replace(bare, **{**dict.fromkeys(ARGUMENTS, untold), **told})  # type: ignore[arg-type]


def tells_nothing(values: Mapping[str, Value], *besides: str) -> bool:
    """Whether no argument has a value, besides those of these names."""
    return not any(possible(value) for name, value in values.items() if name not in besides)


def _without_outputs(module: Value) -> Value:
    if not (isinstance(module, Known) and isinstance(module.value, dict)):
        return module
    return Known(
        {name: member for name, member in module.value.items() if name not in _OUTPUTS_OF_LOGGING}, module.origin
    )
