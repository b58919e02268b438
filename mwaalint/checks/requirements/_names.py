"""What several checks ask about packages by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Pins
    from mwaalint.documents.requirements import Requirement
    from mwaalint.model.install import InstallPlan


def named(plan: InstallPlan) -> Iterator[tuple[Requirement, str]]:
    """The applying requirements that pip looks up by name, apache-airflow itself aside: MW107 speaks of it."""
    for requirement in plan.requirements:
        if requirement.name and requirement.url is None and requirement.name != "apache-airflow":
            yield requirement, requirement.name


def in_image(pins: Pins | None, name: str) -> str | None:
    """The version of a package that MWAA's image brings, as observed, else as derived, else None."""
    if pins is None:
        return None
    return pins.preinstalled.get(name) or pins.preinstalled_derived.get(name)


def matches_any(name: str, patterns: Iterator[str] | list[str]) -> bool:
    """Whether a normalised name is one of the patterns, in which ``*`` stands for anything."""
    return any(re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) for pattern in patterns)
