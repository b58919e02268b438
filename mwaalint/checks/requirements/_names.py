"""What several checks ask about packages by name."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.specifiers import SpecifierSet

    from mwaalint.catalog import Pins
    from mwaalint.documents.requirements import Requirement, RequirementsFile
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


def fixes_version(specifier: SpecifierSet) -> bool:
    """Whether it names the newest version it admits, with ``==``, ``===`` or ``<=``, as AWS asks for."""
    return any(part.operator in ("==", "===", "<=") and not part.version.endswith(".*") for part in specifier)


def any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern for normalised names from several, in which ``*`` stands for anything."""
    return re.compile("|".join(re.escape(pattern).replace(r"\*", ".*") for pattern in patterns))


def pulled_in(plan: InstallPlan) -> set[int]:
    """The ``id`` of each requirement of which pip-compile or uv noted that only another package brings it in."""
    return set(chain.from_iterable(map(_pulled_in, plan.documents)))


def _pulled_in(document: RequirementsFile) -> Iterator[int]:
    starts = [*(line.span.start for line in document.requirements[1:]), len(document.file.data)]
    notes = iter(document.comments)
    note = next(notes, None)
    for line, end in zip(document.requirements, starts, strict=False):
        texts = []
        while note is not None and note.span.start < end:
            if note.span.start >= line.span.end:
                texts.append(note.text.strip("# \t"))
            note = next(notes, None)
        if _by_packages_only(texts):
            yield id(line)


def _by_packages_only(notes: list[str]) -> bool:
    """Whether comments say "via" some packages; "-r requirements.in" or "etl (pyproject.toml)" is a person's wish."""
    start = next((index for index, note in enumerate(notes) if re.match(r"via\b", note)), None)
    return start is not None and not any("-r " in note or "(" in note for note in notes[start:])
