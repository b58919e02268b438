"""Environment markers, evaluated for the Python of a deployment instead of the one that runs the linter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.markers import Marker

    from mwaalint.catalog import Catalog
    from mwaalint.documents.requirements import Requirement
    from mwaalint.model.deployment import Target

_QUOTED = regex(r"\"[^\"]*\"|'[^']*'")
_WORD = regex(r"[a-z_]+")
_OPERATORS = frozenset({"and", "or", "not", "in"})
# MWAA runs on Fargate with x86_64; its kernel's release and version are not known, nor what depends on them.
_CONTAINER = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
    "os_name": "posix",
    "extra": "",
}


def marker_environment(target: Target, catalog: Catalog) -> Mapping[str, str]:
    """The variables of a marker that are known; without a Python version those that tell it are missing."""
    pins = catalog.pins(target.airflow) if target.airflow else None
    python = target.python or (pins.python if pins else None)
    known = {**_CONTAINER, "python_version": python} if python else dict(_CONTAINER)
    if pins and pins.python_full and pins.python == python:
        known |= {"python_full_version": pins.python_full, "implementation_version": pins.python_full}
    return known


def holds(marker: Marker | None, environment: Mapping[str, str]) -> bool | None:
    """Whether a marker is true there; None when it asks for what is not known or compares what cannot be compared."""
    if marker is None:
        return True
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.version import InvalidVersion

    asked = set(_WORD.findall(_QUOTED.sub("", str(marker)))) - _OPERATORS
    if not asked <= environment.keys():
        return None
    try:
        return marker.evaluate({**environment})
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
        return None


def sorted_by_marker(
    requirements: Iterable[Requirement], environment: Mapping[str, str]
) -> tuple[tuple[Requirement, ...], tuple[Requirement, ...], tuple[Requirement, ...]]:
    """Requirements that apply, that do not, and those for which it cannot be told."""
    sorted_: dict[bool | None, list[Requirement]] = {True: [], False: [], None: []}
    for requirement in requirements:
        sorted_[holds(requirement.marker, environment)].append(requirement)
    return tuple(sorted_[True]), tuple(sorted_[False]), tuple(sorted_[None])
