"""Checks again what has changed since a run that is kept: files of DAG and plugin code that tell others the same.

Whoever writes a DAG changes a file at a time, and before each commit a hook wants to know what that comes to. What the
environments are, and what is found in all other places, hangs on such a file only by what it tells them. As long as
that is the same, its own findings are all that can be different.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint import catalog, findings, source
from mwaalint.engine import code, code_run
from mwaalint.engine.code import FileResult, FileTask, Rules, View
from mwaalint.engine.code_cache import KeptCode, has_crashed, same_facts
from mwaalint.engine.code_run import Looked, by_deployment, is_imported, makes_dags, one_by_one
from mwaalint.engine.codec import Codec, CodecError
from mwaalint.engine.conclude import configured
from mwaalint.engine.registry import checks_of
from mwaalint.model import deployment, environment, values
from mwaalint.model.values import Absent, Known, OneOf, Unresolved

if TYPE_CHECKING:
    from datetime import date

    from mwaalint.config import Config
    from mwaalint.discover import Project
    from mwaalint.engine.cache import Cache
    from mwaalint.engine.code_run import CodeResult
    from mwaalint.engine.codec import Places
    from mwaalint.findings import Finding
    from mwaalint.rulebook import Rulebook
    from mwaalint.source import SourceFile

MOST_FILES = 50

_CODEC = Codec(
    *(code, code_run, deployment, environment, findings, source, values), records=(Known, OneOf, Unresolved, Absent)
)
_VIEWS = tuple[View, ...]
_WAYS = tuple[Looked, ...]


def written(result: CodeResult | None, places: Places) -> object:
    """How the files of code came to be checked, as JSON: the views, the different ways, and each file's way. Raises
    CodecError.
    """
    if result is None:
        return [[], [], {}]
    ways = tuple(dict.fromkeys(result.looked.values()))
    number = {look: index for index, look in enumerate(ways)}
    way_of = {path: number[look] for path, look in result.looked.items()}
    return [_CODEC.write(tuple(result.views), _VIEWS, places), _CODEC.write(ways, _WAYS, places), way_of]


class Newer(NamedTuple):
    """Two caches: what is new is put into the first, which is smaller."""

    small: Cache
    large: Cache

    def get(self, key: str) -> object | None:
        """What was put under a key into one of them."""
        found = self.small.get(key)
        return self.large.get(key) if found is None else found

    def put(self, key: str, value: object) -> None:
        """Keeps a value."""
        self.small.put(key, value)


class Recheck:
    """Checks changed files as they were checked before; ``data`` is what ``written`` gave."""

    def __init__(
        self,
        cache: Newer,
        project: Project,
        config: Config,
        rulebook: Rulebook,
        today: date,
        data: object,
        places: Places,
    ) -> None:
        """Raises CodecError."""
        self._views, self._ways, self._way_of = _read(data, places)
        self._config = config
        codes = frozenset().union(*(view.codes for view in self._views))
        self._rules = Rules(checks_of(codes, rulebook), catalog.load(), rulebook, today, config.rule_options)
        self._code = KeptCode(cache, one_by_one, project.files.__contains__)

    def findings(self, file: SourceFile, digest: str, *, spoken_of: bool) -> tuple[tuple[int, Finding], ...] | None:
        """What is found in a changed file, with the index of the deployment; None when others may find something else,
        too. ``digest`` is of what it was, ``spoken_of`` tells that what was found elsewhere has a place in it.
        """
        if file.path not in self._way_of:
            return ()
        look = self._ways[self._way_of[file.path]]
        if not _is_taken_for_the_same(file, look):
            return None
        result = FileResult()
        for called, imported in look.checks:
            views = tuple(self._views[index] for index in look.users)
            task = FileTask(file, look.place, views, called, imported)
            checked = self._checked(task, digest, places=spoken_of)
            if checked is None:
                return None
            result = checked
        findings = by_deployment(result, look.users) if look.counts else ()
        return tuple((index, configured(one, self._config)) for index, one in findings)

    def _checked(self, task: FileTask, digest: str, *, places: bool) -> FileResult | None:
        before = self._code.earlier(task, self._rules, digest)
        if before is None or before.problem:
            return None
        (result,) = self._code([task], self._rules)
        if result.problem or has_crashed(result) or result.commented is not before.commented:
            return None
        return result if same_facts(result.facts, before.facts, places=places) else None


def _read(data: object, places: Places) -> tuple[tuple[View, ...], tuple[Looked, ...], dict[str, int]]:
    if not isinstance(data, list) or len(data) != 3 or not isinstance(data[2], dict):
        raise CodecError("no ways")
    views: tuple[View, ...] = _CODEC.read(data[0], _VIEWS, places)
    ways: tuple[Looked, ...] = _CODEC.read(data[1], _WAYS, places)
    if not all(0 <= index < len(views) for look in ways for index in look.users):
        raise CodecError("no such view")
    if not all(type(way) is int and 0 <= way < len(ways) for way in data[2].values()):
        raise CodecError("no such way")
    return views, ways, data[2]


def _is_taken_for_the_same(file: SourceFile, look: Looked) -> bool:
    """Whether the file would be looked at as early and for the same reason."""
    if look.place != "plugins" and is_imported(file) is not look.own:
        return False
    return not look.own or makes_dags(file) is look.makes_dags
