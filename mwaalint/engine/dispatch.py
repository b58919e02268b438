"""Which checks want something of a file: tables that are made once, and asked once a file or a name in it."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mwaalint.checks._selectors import Call, Dags, Operator, Selector, in_order

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mwaalint.checks._api import Check
    from mwaalint.model.dag_reading import DagCode

    Entry = tuple[str, Call]

_IN_TABLES = (Call, Operator, Dags)
# The names of functions and operators repeat from file to file.
_REMEMBERED = 20_000


class Dispatch:
    """The checks for the files of one place. ``codes`` are those that run for each view of a file."""

    def __init__(self, checks: Iterable[Check], place: str, codes: Sequence[frozenset[str]]) -> None:
        self._checks: list[tuple[Check, Selector[Any], list[int]]] = []
        for check in checks:
            views = [index for index, each in enumerate(codes) if check.code in each]
            assert isinstance(check.subject, Selector)
            if views and place in check.subject.places:
                self._checks.append((check, check.subject, views))
        selectors = [selector for _, selector, _ in self._checks]
        self._calls = CallTable(selector for selector in selectors if isinstance(selector, Call))
        self._tasks = TaskTable(selector for selector in selectors if isinstance(selector, (Operator, Dags)))

    def wanted(self, code: DagCode) -> Iterator[tuple[Check, list[int], Iterable[Any]]]:
        """The checks that may want something of a file, each with the indexes of its views and its subjects."""
        told: dict[Any, Any] = {**self._calls.calls(code), **self._tasks.subjects(code)}
        words = _Words(code.document.file.data)
        for check, selector, views in self._checks:
            found = told.get(selector) if isinstance(selector, _IN_TABLES) else selector.subjects(code)
            if found and words.one_of(selector.words):
                yield check, views, in_order(set(found)) if isinstance(selector, Call) else found


class _Words:
    """Which words a file holds; each is looked for when it is first asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._held: dict[bytes, bool] = {}

    def one_of(self, words: Sequence[bytes]) -> bool:
        """Whether the file holds one of these; True where there are none."""
        for word in words:
            if word not in self._held:
                self._held[word] = word in self._data
            if self._held[word]:
                return True
        return not words


class TaskTable:
    """Which selectors of DAGs there are, and to which of tasks an operator belongs."""

    def __init__(self, selectors: Iterable[Operator | Dags]) -> None:
        self._selectors = list(selectors)
        self._of_dags = [selector for selector in self._selectors if isinstance(selector, Dags)]
        self._of_tasks = [selector for selector in self._selectors if isinstance(selector, Operator)]
        self.matching = lru_cache(_REMEMBERED)(self._matching)

    def _matching(self, operator: str) -> list[Operator]:
        return [selector for selector in self._of_tasks if selector.matches(operator)]

    def subjects(self, code: DagCode) -> Mapping[Selector[Any], Iterable[Any]]:
        """The DAGs and tasks of a file that each selector asks for, in the order of the file. Where they cannot be
        read, each check fails that wants some, and no other.
        """
        try:
            tasks, dags = code.tasks, code.dags
        except Exception:  # noqa: BLE001 - whatever it is, who asks again meets it again
            return {selector: selector.subjects(code) for selector in self._selectors}
        found: dict[Selector[Any], list[Any]] = dict.fromkeys(self._of_dags, dags)
        for task in tasks:
            for selector in self.matching(task.operator):
                found.setdefault(selector, []).append(task)
        return found


class CallTable:
    """The names that selectors of calls ask for, by what a name can be looked up with: all of it, its first or its last
    part.
    """

    def __init__(self, selectors: Iterable[Call]) -> None:
        self._exact: defaultdict[str, list[Call]] = defaultdict(list)
        self._first: defaultdict[str, list[Entry]] = defaultdict(list)
        self._last: defaultdict[str, list[Entry]] = defaultdict(list)
        self._undotted: list[Entry] = []
        for selector in selectors:
            for name in selector.exact:
                self._exact[name].append(selector)
            for start in selector.below:
                self._first[start.partition(".")[0]].append((start, selector))
            for end in selector.ending:
                (self._last[end.rpartition(".")[2]] if "." in end else self._undotted).append((end, selector))
        self.matching = lru_cache(_REMEMBERED)(self._matching)

    def _matching(self, name: str) -> frozenset[Call]:
        """The selectors that a dotted name matches."""
        found = set(self._exact.get(name, ()))
        found.update(one for start, one in self._first.get(name.partition(".")[0], ()) if name.startswith(start))
        found.update(one for end, one in self._last.get(name.rpartition(".")[2], ()) if name.endswith(end))
        found.update(one for end, one in self._undotted if name.endswith(end))
        return frozenset(found)

    def calls(self, code: DagCode) -> dict[Call, list[ast.Call]]:
        """The calls of a file that each selector asks for, in no order that means something, some more than once."""
        found: dict[Call, list[ast.Call]] = {}
        for name, calls in code.document.calls_by_name.items():
            for selector in self.matching(name):
                found.setdefault(selector, []).extend(calls)
        return found
