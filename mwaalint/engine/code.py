"""Checks one file of DAG or plugin code: bytes in, findings and facts out."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from mwaalint.checks._api import Check, FileContext
from mwaalint.documents.python_document import read_python
from mwaalint.engine.dispatch import Dispatch
from mwaalint.engine.suppress import may_be_commented
from mwaalint.findings import Confidence, Finding, Location, check_crashed
from mwaalint.model.code_facts import facts_of
from mwaalint.model.dag_reading import DagCode
from mwaalint.records import record
from mwaalint.source import CHANGED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from mwaalint.catalog import Catalog
    from mwaalint.model.deployed_code import FileFacts
    from mwaalint.model.deployment import Target
    from mwaalint.model.environment import Environment
    from mwaalint.rulebook import Rulebook
    from mwaalint.source import SourceFile


class View(NamedTuple):
    """What a file is checked for: the part of a deployment that its rules may look at, and the codes that run."""

    label: str
    target: Target
    environment: Environment | None
    cap: Confidence
    codes: frozenset[str]
    dags_folder: str | None = None


class FileTask(NamedTuple):
    """One file with all that its result depends on, beside the rules and the catalogue.

    ``called`` names what other files call of it when they are imported; ``imported`` tells that it runs when DAGs are
    read.
    """

    file: SourceFile
    place: str
    views: tuple[View, ...]
    called: frozenset[str] = frozenset()
    imported: bool = True


@dataclass(slots=True)
class FileResult:
    """What one file gave: ``findings`` with the index of their view, the codes of checks that crashed, the reason why
    it could not be read. ``commented`` tells that it may hold ignore comments. ``day`` is the day by which the file was
    judged, None where that made no difference, ``around`` the views whose environment was asked for. Small, and
    picklable.
    """

    findings: list[tuple[int, Finding]] = field(default_factory=list)
    facts: FileFacts | None = None
    crashed: frozenset[str] = frozenset()
    problem: str = ""
    commented: bool = False
    day: date | None = None
    around: frozenset[int] = frozenset()

    def __reduce__(self) -> tuple[Callable[..., FileResult], tuple[object, ...]]:
        told = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        return _file_result, (told,)


def _file_result(told: Mapping[str, Any]) -> FileResult:
    return FileResult(**told)


@record
class Rules:
    """What every file is checked with; the same for the whole run."""

    checks: Sequence[Check]
    catalog: Catalog
    rulebook: Rulebook
    today: date
    options: Mapping[str, Mapping[str, object]]
    _dispatches: dict[tuple[str, tuple[frozenset[str], ...]], Dispatch] = field(default_factory=dict, compare=False)

    def dispatch(self, task: FileTask) -> Dispatch:
        """Which checks want something of a file; files of one place and the same views share it."""
        key = task.place, tuple(view.codes for view in task.views)
        if key not in self._dispatches:
            self._dispatches[key] = Dispatch(self.checks, *key)
        return self._dispatches[key]

    def __reduce__(self) -> tuple[type[Rules], tuple[object, ...]]:
        # Each process makes tables of its own: what these remember cannot be handed over.
        return Rules, (self.checks, self.catalog, self.rulebook, self.today, self.options)


def analyse(task: FileTask, rules: Rules) -> FileResult:
    """Checks one file for all its views: parsed once, indexed once."""
    document = read_python(task.file, task.called, imported=task.imported)
    if document is None:
        return FileResult(problem=_problem(task))
    code = DagCode(document)
    try:
        return _checked(code, task, rules)
    finally:
        code.close()


def _problem(task: FileTask) -> str:
    """Why a file cannot be parsed; perhaps it is written for the Python of MWAA, which is newer than this one."""
    if task.file.problem == CHANGED:
        return CHANGED
    newest = max((_numbers(view.target.python) for view in task.views if view.target.python), default=())
    if newest > sys.version_info[:2]:
        version = ".".join(map(str, newest))
        return f"{task.file.problem}; MWAA runs it with Python {version}: run mwaalint with that version too"
    return task.file.problem


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _checked(code: DagCode, task: FileTask, rules: Rules) -> FileResult:
    result = FileResult(commented=may_be_commented(task.file))
    try:
        result.facts = facts_of(code, task.place, rules.catalog)
    except Exception as error:  # noqa: BLE001 - see _crash
        _crash(result, task, error)
    try:
        _run_checks(code, task, rules, result)
    except Exception as error:  # noqa: BLE001 - see _crash
        _crash(result, task, error)
    return result


def _run_checks(code: DagCode, task: FileTask, rules: Rules, result: FileResult) -> None:
    contexts = [_context(task, index, code, rules, result) for index in range(len(task.views))]
    for check, views, subjects in rules.dispatch(task).wanted(code):
        stated = rules.options.get(check.code, {})
        try:
            subjects = list(subjects)
            for index in views if subjects else ():
                contexts[index].begin(check, stated)
                for subject in subjects:
                    for finding in check.function(subject, contexts[index]):
                        result.findings.append((index, finding))
        except Exception as error:  # noqa: BLE001 - see _crash
            _crash(result, task, error, check.code, views[0])


def _crash(result: FileResult, task: FileTask, error: Exception, check: str = "", view: int = 0) -> None:
    """Makes a finding of a crash: what one check or one file did not foresee must not hide what others find."""
    result.crashed |= {check} - {""}
    result.findings.append((view, check_crashed(check or "reading DAG code", error, Location(task.file.path))))


def _context(task: FileTask, index: int, code: DagCode, rules: Rules, result: FileResult) -> FileContext:
    """What checks may look at; what they ask for that may change while the file stays as it is, is noted."""
    view = task.views[index]

    def day() -> date:
        result.day = rules.today
        return rules.today

    def around() -> Environment | None:
        result.around |= {index}
        return view.environment

    return FileContext(
        rulebook=rules.rulebook,
        catalog=rules.catalog,
        day=day,
        label=view.label,
        document=code.document,
        code_of_dags=code,
        place=task.place,
        target=view.target,
        around=around,
        dags_folder=view.dags_folder,
        evidence=view.cap,
    )
