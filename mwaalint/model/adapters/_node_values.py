"""Values of JSON and YAML documents as they are written: text, numbers, lists and maps with their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mwaalint.documents.yaml_nodes import Mapping, Node, Scalar, Sequence
from mwaalint.findings import Location
from mwaalint.model.values import ABSENT, Absent, Known, Unresolved, Value
from mwaalint.source import Span

if TYPE_CHECKING:
    from mwaalint.source import SourceFile

# Aliases share nodes, so a small file can describe a value of any size.
MAX_VISITS = 20_000
MAX_DEPTH = 100
MAX_CHARACTERS = 10_000
MAX_EXPRESSION = 400


@dataclass(slots=True)
class NodeValues:
    """Evaluates the nodes of one file. A language with expressions of its own overrides ``special``."""

    file: SourceFile
    _visits: int = 0
    _depth: int = 0

    def value(self, node: Node, symbol: str) -> Value:
        """What a node comes to; ``symbol`` names the place for locations. Null is absent, also inside of maps."""
        self._visits = self._visits + 1 if self._depth else 0
        if self._visits > MAX_VISITS or self._depth > MAX_DEPTH:
            return self.missing(node, symbol, "it is too large to follow")
        self._depth += 1
        try:
            found = self.special(node, symbol)
            return self._plain(node, symbol) if found is None else found
        finally:
            self._depth -= 1

    def special(self, _node: Node, _symbol: str, /) -> Value | None:
        """What a node comes to in this language; None for one that is just data."""
        return None

    def at(self, node: Node, symbol: str) -> Location:
        """The place of a node."""
        return Location(self.file.path, node.span, symbol)

    def missing(self, node: Node, symbol: str, reason: str) -> Unresolved:
        """A value that the repository does not tell."""
        written = Span(node.span.start, min(node.span.end, node.span.start + MAX_EXPRESSION))
        return Unresolved(" ".join(self.file.slice(written).split()), reason, self.at(node, symbol))

    def _plain(self, node: Node, symbol: str) -> Value:
        match node:
            case Scalar(kind="null"):
                return ABSENT
            case Scalar(text=text) if len(text) > MAX_CHARACTERS:
                return self.missing(node, symbol, "it is too long to follow")
            case Scalar():
                return Known(node.literal, self.at(node, symbol))
            case Sequence(items=items):
                values = tuple(self.value(item, f"{symbol}[{index}]") for index, item in enumerate(items))
                return Known(values, self.at(node, symbol))
            case Mapping(entries=entries):
                members = {each.key: self.value(each.value, f"{symbol}.{each.key}") for each in entries}
                present = {name: member for name, member in members.items() if not isinstance(member, Absent)}
                return Known(present, self.at(node, symbol))
