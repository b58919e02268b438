"""Constraint lines that a deploy script writes into a requirements file: ``echo "-c $URL"`` and the like."""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.discover import Role
from mwaalint.findings import Location
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile, Span

_URL = regex(
    r"https://raw\.githubusercontent\.com/apache/airflow/constraints-(?P<airflow>\d+\.\d+\.\d+)/"
    r"constraints-(?:[a-z-]+-)?(?P<python>\d+\.\d+)\.txt"
)
_ASSIGNED = regex(r"\b(?P<name>[A-Za-z_]\w{0,60})[ \t]*[:=][ \t]*[\"']?$")
_LONGEST_NAME = 80
_WRITES = regex(
    r"\b(?:echo|printf)[ \t]+(?:-[en]+[ \t]+)?[\"']?(?:-c|--constraint)[ =]\\?[\"']?(?P<what>[^\s\"';|\\]{1,300})"
)
_PYPROJECT = regex(r"[\w./-]{0,200}pyproject\.toml")
_REQUIRES = regex(r"^requires-python[ \t]*=[ \t]*[\"'](?P<versions>[^\"'\n]*)[\"']", re.MULTILINE)


class WrittenConstraint(NamedTuple):
    """A URL of Airflow's constraints that a script writes behind ``-c``; ``span`` is where the URL stands."""

    file: SourceFile
    span: Span
    url: str
    airflow: str
    python: str

    def location(self) -> Location:
        return Location(self.file.path, self.span, self.url)


def written_constraints(project: Project) -> Iterator[WrittenConstraint]:
    """Of every deploy script. A URL given only to ``pip install`` or the like is no line of a requirements file."""
    for file in project.with_role(Role.DEPLOY):
        try:
            text = file.text
        except UnreadableFileError:
            continue
        if "apache/airflow/constraints-" in text:
            yield from _of_script(file, text)


def _of_script(file: SourceFile, text: str) -> Iterator[WrittenConstraint]:
    written = {match["what"] for match in _WRITES.finditer(text)}
    for match in _URL.finditer(text):
        variable = _ASSIGNED.search(text, max(match.start() - _LONGEST_NAME, 0), match.start())
        spellings = {match[0]} | ({f"${variable['name']}", f"${{{variable['name']}}}"} if variable else set())
        if spellings & written:
            yield WrittenConstraint(
                file, file.span(match.start(), match.end()), match[0], match["airflow"], match["python"]
            )


def projects_for_another_python(script: SourceFile, python: str, project: Project) -> Iterator[Location]:
    """The ``requires-python`` of each pyproject.toml the script names that leaves MWAA's Python out."""
    for name in sorted(set(_PYPROJECT.findall(script.text))):
        file = project.get(normpath(name)) or project.get(normpath(join(dirname(script.path), name)))
        match = _REQUIRES.search(_text(file)) if file else None
        if file and match and _leaves_out(match["versions"], python):
            yield Location(
                file.path, file.span(match.start(), match.end()), "requires-python", f"leaves Python {python} out"
            )


def _leaves_out(versions: str, python: str) -> bool:
    """Whether no patch release of a Python ("3.11") is among the versions."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(versions)
    except InvalidSpecifier:
        return False
    return not any(allowed.contains(f"{python}.{patch}") for patch in range(30))


def _text(file: SourceFile) -> str:
    try:
        return file.text
    except UnreadableFileError:
        return ""
