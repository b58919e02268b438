"""What a change makes of an argument: its value at the commit of ``--base`` and its value now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.model.values import Known, is_set, known

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment
    from mwaalint.model.environment import Environment


class Change(NamedTuple):
    """An argument that had one text and has another; ``value`` is where it is written now."""

    old: str
    new: str
    value: Known


def change_of(argument: str, deployment: Deployment, default: str | None = None) -> Change | None:
    """The change of an argument in place, None where it stays, is not known on both sides, or changes nothing.

    ``default`` is what an argument was that was not set. A value that the tool leaves to others is not applied, and
    what ``get-environment`` answered is a record of what has happened.
    """
    environment, before = deployment.environment, deployment.previous.environment if deployment.previous else None
    if environment is None or before is None or argument in environment.ignored_changes or _is_record(environment):
        return None
    then, value = before.get(argument), environment.get(argument)
    old, new = known(then, str) if is_set(then) else default, known(value, str)
    return Change(old, new, value) if isinstance(value, Known) and old and new and old != new else None


def _is_record(environment: Environment) -> bool:
    return environment.dialect == "environment-json" and environment.location.symbol == "Environment"
