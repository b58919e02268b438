"""Finds the checks: every module below ``mwaalint.checks``, family by family, and only the families that have
something to check.
"""

from __future__ import annotations

import operator
import re
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING

import mwaalint.checks
from mwaalint.checks._api import Check
from mwaalint.inventory import modules, packages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from types import ModuleType

    from mwaalint.model.deployment import Deployment
    from mwaalint.rulebook import Rulebook


_COMPARISONS = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}


class DuplicateCheckError(Exception):
    """Two functions claim the same rule."""


def checks_for(deployments: Iterable[Deployment]) -> list[Check]:
    """The checks of the families that apply to a deployment, in order of code."""
    deployments = list(deployments)
    families = [family for family in _families() if any(family.applies(deployment) for deployment in deployments)]
    return _collected(families)


def checks_of(codes: Collection[str], rulebook: Rulebook) -> list[Check]:
    """The checks of these rules, in order of code; each is in the module that its page's name names."""
    pages = [page for code, page in rulebook.pages.items() if code in codes]
    modules = [f"mwaalint.checks.{page.parent.name}.{page.stem.partition('-')[2]}".replace("-", "_") for page in pages]
    return [check for module in modules for check in _in_module(import_module(module))]


def all_checks() -> list[Check]:
    """Every check there is, in order of code."""
    return _collected(_families())


def suits(version: str, wanted: str) -> bool:
    """Whether an Airflow version is one of those wanted: ">=2.7.2,<3", or "" for all."""
    return all(_holds(version, condition.strip()) for condition in wanted.split(",") if condition.strip())


def _holds(version: str, condition: str) -> bool:
    match = re.fullmatch(r"(>=|<=|<|>|==)\s*([\d.]+)", condition)
    if match is None:
        raise ValueError(f"an Airflow version is wanted as '>=2.7.2,<3', not as {condition!r}")
    own, other = _numbers(version), _numbers(match[2])
    return bool(_COMPARISONS[match[1]](own, other))


def _numbers(version: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in version.split(".") if part.isdecimal())
    return (*numbers, 0, 0, 0)[:3]


def _families() -> Iterator[ModuleType]:
    return (import_module(f"mwaalint.checks.{name}") for name in packages(mwaalint.checks.__path__))


def _collected(families: Iterable[ModuleType]) -> list[Check]:
    found: dict[str, Check] = {}
    for family in families:
        for name in modules(family.__path__):
            for check in _in_module(import_module(f"{family.__name__}.{name}")):
                if check.code in found:
                    raise DuplicateCheckError(f"{check.code} is checked by two functions; the second is in {name}.py")
                found[check.code] = check
    return [found[code] for code in sorted(found)]


def _in_module(module: ModuleType) -> Iterator[Check]:
    for function in vars(module).values():
        check = isinstance(function, FunctionType) and getattr(function, "__mwaalint_check__", None)
        if isinstance(check, Check) and function.__module__ == module.__name__:
            yield check
