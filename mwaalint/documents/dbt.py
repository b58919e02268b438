"""``dbt_project.yml``: its settings at the top level, with their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Mapping, Scalar, Sequence
from mwaalint.patterns import regex
from mwaalint.records import record
from mwaalint.source import Span

if TYPE_CHECKING:
    import re

    from mwaalint.documents.yaml_nodes import Entry, Node
    from mwaalint.source import SourceFile

# dbt's own name, then the paths: where people look for such a setting.
_NEIGHBOURS = regex(r"name|version|config-version|profile|[a-z]+-paths?|packages-install-path|require-dbt-version")
_CEILING = regex(r"(?:^|(?<![<>=!])(?P<operator><=?|==?))\s*v?(?P<major>\d+)(?P<rest>[.\d]*)")


@record
class DbtProjectFile:
    """A project file that was read. ``root`` is None for a file that holds no mapping."""

    file: SourceFile
    root: Mapping | None

    def entry(self, key: str) -> Entry | None:
        """A setting at the top level."""
        return self.root.entry(key) if self.root else None

    def text(self, key: str) -> str | None:
        """The text of a setting, "" where it is null, None where it is absent or no single value."""
        entry = self.entry(key)
        if entry is None or not isinstance(entry.value, Scalar):
            return None
        return "" if entry.value.kind == "null" else entry.value.text

    @property
    def newest_major(self) -> int | None:
        """The newest major version of dbt that ``require-dbt-version`` allows; None when it sets no upper bound."""
        entry = self.entry("require-dbt-version")
        texts = [node.text for node in _items(entry.value) if isinstance(node, Scalar)] if entry else []
        ceilings = [_newest(match) for text in texts for match in _CEILING.finditer(text)]
        return min(ceilings, default=None)

    def insertion(self) -> tuple[int, str] | None:
        """Where new settings go: the byte offset of the end of a line and the indent of the keys; None for a file that
        is not laid out as a plain block.
        """
        if self.root is None or not self.root.entries:
            return None
        indent = _indent(self.file, self.root.span.start)
        if indent is None:
            return None
        ends = [
            self.file.line_span(self.file.position(entry.value.span.end).line).end
            for entry in self.root.entries
            if _NEIGHBOURS.fullmatch(entry.key)
            and _indent(self.file, entry.key_span.start) == indent
            and self._ends_with_its_line(entry.value)
        ]
        return (max(ends), indent) if ends else None

    def _ends_with_its_line(self, value: Node) -> bool:
        """Whether a new line may follow the value: not for a block scalar, whose end the parser puts further down."""
        text = self.file.slice(value.span)
        return isinstance(value, Scalar | Sequence) and bool(text) and not text.startswith(("|", ">"))


def read_dbt_project(file: SourceFile) -> DbtProjectFile:
    """Reads a project file, the first document of it. Raises YamlError."""
    documents = yaml_nodes.read(file)
    root = documents[0] if documents and isinstance(documents[0], Mapping) else None
    return DbtProjectFile(file, root)


def value_span(file: SourceFile, entry: Entry) -> Span:
    """What stands after a key and its colon, an empty span right behind the colon where nothing does."""
    if entry.value.span.end > entry.value.span.start:
        return entry.value.span
    line = file.line_span(file.position(entry.key_span.end).line)
    colon = file.data.find(":".encode(file.encoding), entry.key_span.end, line.end)
    end = colon + len(":".encode(file.encoding)) if colon >= 0 else entry.key_span.end
    return Span(end, end)


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else (node,)


def _newest(bound: re.Match[str]) -> int:
    major = int(bound["major"][:6])
    excluded = bound["operator"] == "<" and not bound["rest"].strip(".0")
    return major - 1 if excluded else major


def _indent(file: SourceFile, offset: int) -> str | None:
    line = file.position(offset).line
    before = file.slice(Span(file.line_span(line).start, offset))
    return before if not before.strip(" ") else None
