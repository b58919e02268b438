"""``.airflowignore``: which files below the DAGs folder Airflow does not read for DAGs."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.source import SourceFile

NAME = ".airflowignore"
_LONGEST_PATTERN = 500
_MOST_LINES = 2_000
# A group that repeats and holds a repetition can take ages to fail: "(a+)+".
_EXPLOSIVE = regex(r"[*+}][^()*+}]*\)[*+{]")


class _Rule(NamedTuple):
    """One line: what it matches, below which folder, and whether it takes back what others ignored."""

    pattern: re.Pattern[str]
    folder: str
    negated: bool = False
    only_folders: bool = False


class Ignored:
    """The ignore files of one DAGs folder, read as Airflow's versions read them: regular expressions that are searched
    in the path below the DAGs folder (the default of Airflow 2), or patterns as in ``.gitignore`` (of Airflow 3).
    """

    def __init__(self, dags_folder: str, files: Iterable[SourceFile], syntaxes: Iterable[str]) -> None:
        self.dags_folder = dags_folder
        files = list(files)
        self._rules = {syntax: [rule for file in files for rule in _rules(file, syntax)] for syntax in syntaxes}

    def __contains__(self, path: str) -> bool:
        """Whether every syntax that may hold... one is enough: a file that may be ignored is not judged."""
        return any(self._ignores(path, syntax) for syntax in self._rules)

    def _ignores(self, path: str, syntax: str) -> bool:
        inside = path.removeprefix(f"{self.dags_folder}/") if self.dags_folder else path
        parts = inside.split("/")
        # A folder that is ignored is not entered, so nothing below it can be taken back.
        steps = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        return any(self._matches(step, syntax, is_file=step == inside) for step in steps)

    def _matches(self, inside: str, syntax: str, *, is_file: bool) -> bool:
        ignored = False
        for rule in self._rules[syntax]:
            folder = rule.folder.removeprefix(self.dags_folder).strip("/") if self.dags_folder else rule.folder
            if folder and not inside.startswith(f"{folder}/"):
                continue
            if syntax == "regexp":
                ignored = ignored or rule.pattern.search(inside) is not None
            elif not (rule.only_folders and is_file):
                below = inside.removeprefix(f"{folder}/") if folder else inside
                if rule.pattern.fullmatch(below):
                    ignored = not rule.negated
        return ignored


def _rules(file: SourceFile, syntax: str) -> Iterator[_Rule]:
    folder = file.path.rpartition("/")[0]
    try:
        lines = file.text.splitlines()[:_MOST_LINES]
    except UnreadableFileError:
        return
    for line in lines:
        text = re.split(r"\s*#", line, maxsplit=1)[0].strip() if syntax == "regexp" else line.strip()
        if not text or text.startswith("#") or len(text) > _LONGEST_PATTERN:
            continue
        rule = _regexp(text, folder) if syntax == "regexp" else _glob(text, folder)
        if rule is not None:
            yield rule


def _regexp(text: str, folder: str) -> _Rule | None:
    if _EXPLOSIVE.search(text):
        return None
    pattern = _compiled(text)
    return _Rule(pattern, folder) if pattern else None


def _glob(text: str, folder: str) -> _Rule | None:
    negated, only_folders = text.startswith("!"), text.endswith("/")
    text = text.removeprefix("!").rstrip("/")
    anchored = "/" in text
    pattern = _compiled(("" if anchored else "(?:.*/)?") + _translated(text.lstrip("/")))
    return _Rule(pattern, folder, negated, only_folders) if pattern else None


def _compiled(text: str) -> re.Pattern[str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's expression, which nobody asked this tool to judge
            return re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return None


def _translated(text: str) -> str:
    """A ``.gitignore`` pattern as a regular expression."""
    made, index = "", 0
    while index < len(text):
        rest = text[index:]
        if rest.startswith("**/"):
            made, index = f"{made}(?:[^/]+/)*", index + 3
        elif rest == "**":
            made, index = f"{made}.*", index + 2
        elif rest[0] == "*":
            made, index = f"{made}[^/]*", index + len(rest) - len(rest.lstrip("*"))
        elif rest[0] == "?":
            made, index = f"{made}[^/]", index + 1
        elif rest[0] == "[" and "]" in rest[2:]:
            end = rest.index("]", 2)
            inner = rest[1:end].replace("\\", "\\\\")
            made, index = f"{made}[{'^' + inner[1:] if inner[0] == '!' else inner}]", index + end + 1
        else:
            made, index = made + re.escape(rest[0]), index + 1
    return made
