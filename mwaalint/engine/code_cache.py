"""Results of single files of DAG and plugin code, kept from run to run: what a file gives is a function of its bytes
and of what it is checked for.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING

from mwaalint import findings, rewrites, source
from mwaalint.engine.cache import key_of
from mwaalint.engine.code import FileResult
from mwaalint.engine.codec import Codec, CodecError, Coder, Places, refused
from mwaalint.findings import Location
from mwaalint.model import dags, deployed_code, hidden_failures, metadata_scripts
from mwaalint.model.deployed_code import FileFacts
from mwaalint.source import CHANGED, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from mwaalint.engine.cache import Cache
    from mwaalint.engine.code import FileTask, Rules, View
    from mwaalint.engine.code_run import Analyse
    from mwaalint.engine.recheck import Newer
    from mwaalint.model.environment import Environment
    from mwaalint.source import Offset

# Where the classes are that facts are made of; without one of them, nothing would be kept.
_FACTS = (dags, deployed_code, hidden_failures, metadata_scripts)
_CODEC = Codec(findings, rewrites, source, *_FACTS)
# The same without the places, which move with every line above them.
_SHAPES = Codec(findings, rewrites, source, *_FACTS, place=Coder(lambda place, _: _shape(place), refused))
# A result, after a name for what its checks asked for beside the file.
_ENTRY = tuple[str, FileResult]
_NOWHERE = Places(lambda _: False)


class KeptCode:
    """Checks files as ``analyse`` does, but those that were checked before for the same.

    ``exists`` knows the files of the project. A result with a check that crashed is not kept, nor that of a file that
    changed meanwhile: the next run tries again.
    """

    def __init__(self, cache: Cache | Newer, analyse: Analyse, exists: Callable[[str], bool]) -> None:
        self._cache = cache
        self._analyse = analyse
        self._exists = exists
        self._names: dict[int, str] = {}
        self._alone: dict[int, View] = {}

    def __call__(self, tasks: Sequence[FileTask], rules: Rules) -> Iterator[FileResult]:
        """What each file gave, in their order."""
        keys = [self._key(task, rules) for task in tasks]
        kept = [self._kept(key, task, rules.today) for key, task in zip(keys, tasks, strict=True)]
        missing = [task for task, result in zip(tasks, kept, strict=True) if result is None]
        fresh: Iterable[FileResult] = self._analyse(missing, rules) if missing else ()
        coming = iter(fresh)
        for task, key, result in zip(tasks, keys, kept, strict=True):
            if result is None:
                result = next(coming)
                self._keep(key, task, result)
            yield result

    def earlier(self, task: FileTask, rules: Rules, digest: str) -> FileResult | None:
        """What the file gave with other bytes, of which there is a digest; None when that is not known any more."""
        return self._kept(self._key(task, rules, digest), task, rules.today)

    def _key(self, task: FileTask, rules: Rules, digest: str = "") -> str:
        """What the result depends on, beside what all results do; "" for a file that cannot be read."""
        try:
            digest = digest or task.file.digest
        except UnreadableFileError:
            return ""
        views = [self._named(self._without_environment(view)) for view in task.views]
        called = sorted(task.called)
        about = (task.file.path, task.place, str(task.imported), str(len(called)), *called, *views)
        return key_of("file", self._everywhere(rules), digest, *about)

    def _everywhere(self, rules: Rules) -> str:
        if id(rules) not in self._names:
            self._names[id(rules)] = _written(rules.options)
        return self._names[id(rules)]

    def _without_environment(self, view: View) -> View:
        return self._alone.setdefault(id(view), view._replace(environment=None))

    def _named(self, shared: View | Environment | None) -> str:
        """A name for a view or an environment: all files of a deployment share one, which lives as long as the run."""
        if id(shared) not in self._names:
            self._names[id(shared)] = key_of(_written(shared))
        return self._names[id(shared)]

    def _kept(self, key: str, task: FileTask, today: date) -> FileResult | None:
        data = self._cache.get(key) if key else None
        try:
            environments, result = _CODEC.read(data, _ENTRY, self._places(task))
        except CodecError:
            return None
        if not _is_of(result, task) or result.day not in (None, today):
            return None
        return result if environments == self._environments(task, result) else None

    def _keep(self, key: str, task: FileTask, result: FileResult) -> None:
        if not key or has_crashed(result) or result.problem == CHANGED:
            return
        try:
            entry = (self._environments(task, result), result)
            self._cache.put(key, _CODEC.write(entry, _ENTRY, self._places(task)))
        except CodecError:
            return

    def _environments(self, task: FileTask, result: FileResult) -> str:
        """A name for the environments that the checks asked for; many files have to do with none."""
        return key_of(*(self._named(task.views[index].environment) for index in sorted(result.around)))

    def _places(self, task: FileTask) -> Places:
        return Places(self._exists, task.file.path)


def _shape(place: Location | Offset) -> list[str]:
    return [place.symbol, place.note] if isinstance(place, Location) else []


def has_crashed(result: FileResult) -> bool:
    """Whether a check crashed, or what reads code for all of them."""
    return bool(result.crashed) or any(finding.code == "MW002" for _, finding in result.findings)


def same_facts(one: FileFacts | None, other: FileFacts | None, *, places: bool) -> bool:
    """Whether two files tell the same, or the same but for where it is written, without ``places``."""
    try:
        first, second = (
            json.dumps((_CODEC if places else _SHAPES).write(it, FileFacts, _NOWHERE)) for it in (one, other)
        )
    except CodecError:
        return False
    return first == second


def _is_of(result: FileResult, task: FileTask) -> bool:
    """Whether a result can be one of this file: data that somebody made up may say anything."""
    facts = result.facts
    mine = facts is None or (facts.path, facts.place) == (task.file.path, task.place)
    indexes = {*result.around, *(index for index, _ in result.findings)}
    placed = facts is None or all(one.start >= 0 <= one.length for one in facts.imports)
    return mine and placed and all(0 <= index < len(task.views) for index in indexes)


def _written(value: object) -> str:
    """A value as text that is the same for the same value in every process; sets have no order of their own."""
    if isinstance(value, Enum):
        return str(value)
    if is_dataclass(value):
        parts = [_written(getattr(value, one.name)) for one in fields(value)]
        return f"{type(value).__name__}({','.join(parts)})"
    if isinstance(value, dict):
        return f"{{{','.join(f'{_written(name)}:{_written(one)}' for name, one in value.items())}}}"
    if isinstance(value, frozenset | set):
        return f"<{','.join(sorted(map(_written, value)))}>"
    if isinstance(value, tuple | list):
        return f"{type(value).__name__}[{','.join(map(_written, value))}]"
    return repr(value)
