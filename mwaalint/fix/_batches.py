"""Changes of a file that can be tried at once, since none of them is within what another one changes."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.source import Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping, Sequence

    from mwaalint.findings import Edit
    from mwaalint.fix._same_tree import Expected


class Change(NamedTuple):
    """An edit, the node that it changes with the place of this, and what should become of it."""

    edit: Edit
    node: ast.AST
    span: Span
    expected: Expected

    @property
    def place(self) -> Span:
        """The node and the edit, which may be beside it."""
        return Span(min(self.span.start, self.edit.span.start), max(self.span.end, self.edit.span.end))


@dataclass(slots=True)
class _Batch:
    members: list[int] = field(default_factory=list)
    places: list[Span] = field(default_factory=list)
    shared: set[tuple[Edit, ast.AST]] = field(default_factory=set)

    def takes(self, member: int, changes: Sequence[Change]) -> bool:
        """Adds changes that belong together; False when one of them is where another change is already. The very same
        change is none more.
        """
        new = {(one.edit, one.node): one.place for one in changes if (one.edit, one.node) not in self.shared}
        if any(self._is_taken(place) for place in new.values()):
            return False
        self.members.append(member)
        self.shared |= new.keys()
        for place in dict.fromkeys(new.values()):
            insort(self.places, place)
        return True

    def _is_taken(self, place: Span) -> bool:
        at = bisect_left(self.places, place)
        before = at > 0 and self.places[at - 1].end > place.start
        return before or (at < len(self.places) and self.places[at].start < place.end)


def batches(planned: Mapping[int, Sequence[Change]]) -> Iterator[list[int]]:
    """The keys of changes that can be tried together."""
    found: list[_Batch] = []
    for member, changes in planned.items():
        if not any(batch.takes(member, changes) for batch in found):
            found.append(_Batch())
            found[-1].takes(member, changes)
    return (batch.members for batch in found)
