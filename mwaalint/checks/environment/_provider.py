"""Which versions of Terraform's AWS provider a project allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from mwaalint.model.environment import Environment
    from mwaalint.model.values import Known

Version = tuple[int, ...]

_ONE = regex(r"(?P<operator>~>|>=|<=|!=|=|<|>)?\s*(?P<version>\d+(?:\.\d+){0,2})(?:-[\w.]+)?")
_PARTS = 3


def excluding(environment: Environment, since: str) -> Known | None:
    """The constraint, or the locked version, that keeps the provider below a version; None where nothing does."""
    wanted = _numbers(since)
    return next((each for each in environment.provider if _is_below(str(each.value), wanted)), None)


def _is_below(constraints: str, wanted: Version) -> bool:
    """Whether one of the constraints, which stand between commas, allows only versions below one."""
    matches = [_ONE.fullmatch(part.strip()) for part in constraints.split(",")]
    return any(_caps(match["operator"] or "=", match["version"], wanted) for match in matches if match)


def _caps(operator: str, text: str, wanted: Version) -> bool:
    version = _numbers(text)
    match operator:
        case "=" | "<=":
            return _padded(version) < _padded(wanted)
        case "<":
            return _padded(version) <= _padded(wanted)
        case "~>":
            # The last number that is written may grow, and it alone.
            fixed = version[:-1]
            return bool(fixed) and fixed < _padded(wanted)[: len(fixed)]
        case _:
            return False


def _numbers(text: str) -> Version:
    return tuple(int(number[:9]) for number in text.split("."))


def _padded(version: Version) -> Version:
    return version + (0,) * (_PARTS - len(version))
