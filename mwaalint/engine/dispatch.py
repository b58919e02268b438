"""Which checks want something of a file: tables that are made once, and asked once a file or a name in it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from mwaalint.checks._selectors import Call, Selector, in_order

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator, Sequence

    from mwaalint.checks._api import Check
    from mwaalint.model.dag_reading import DagCode

    Entry = tuple[str, Call]


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
        self._words = sorted({word for selector in selectors for word in selector.words})
        self._calls = CallTable(selector for selector in selectors if isinstance(selector, Call))

    def wanted(self, code: DagCode) -> Iterator[tuple[Check, list[int], Iterable[Any]]]:
        """The checks that may want something of a file, each with the indexes of its views and its subjects."""
        data = code.document.file.data
        words = {word for word in self._words if word in data}
        calls = self._calls.calls(code)
        for check, selector, views in self._checks:
            if isinstance(selector, Call):
                if selector in calls:
                    yield check, views, calls[selector]
            elif not selector.words or not words.isdisjoint(selector.words):
                yield check, views, selector.subjects(code)


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

    def matching(self, name: str) -> set[Call]:
        """The selectors that a dotted name matches."""
        found = set(self._exact.get(name, ()))
        found.update(one for start, one in self._first.get(name.partition(".")[0], ()) if name.startswith(start))
        found.update(one for end, one in self._last.get(name.rpartition(".")[2], ()) if name.endswith(end))
        found.update(one for end, one in self._undotted if name.endswith(end))
        return found

    def calls(self, code: DagCode) -> dict[Call, list[ast.Call]]:
        """The calls of a file that each selector asks for, in the order of the file."""
        found: defaultdict[Call, set[ast.Call]] = defaultdict(set)
        for name, calls in code.document.calls_by_name.items():
            for selector in self.matching(name):
                found[selector].update(calls)
        return {selector: in_order(calls) for selector, calls in found.items()}
