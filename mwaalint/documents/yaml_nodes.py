"""YAML and JSON as typed nodes that know their place in the file.

The nodes are made from the parser's events with a stack of their own: nothing recurses, so depth and size are bounded
here and not by the interpreter. An alias is the node it names, shared and never copied.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mwaalint.findings import WHOLE_FILE, Finding, Location, Severity
from mwaalint.patterns import regex
from mwaalint.records import entity
from mwaalint.source import SourceFile, Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Sequence as Items

MAX_DEPTH = 200
MAX_NODES = 200_000

Kind = Literal["str", "int", "float", "bool", "null", "merge"]

_STANDARD_TAG = "tag:yaml.org,2002:"
_KINDS: dict[str, Kind] = {"int": "int", "float": "float", "bool": "bool", "null": "null", "merge": "merge"}
_JSON_STARTS = ("{", "[", " ", "\t", "\r", "\n")
_DECIMAL = regex(r"[-+]?(0|[1-9][0-9]*)")
_JSON_STRING_OR_TAB = regex(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|\t', re.DOTALL)
_SURROGATE_ESCAPE = regex(r"\\u[dD][89abA-F][0-9a-f]{2}", re.IGNORECASE)


@entity
class Scalar:
    """A single value: its text without quotes, the kind YAML 1.1 gives it, and its own tag (``!Ref``), "" for none."""

    text: str
    kind: Kind
    span: Span
    tag: str = ""

    @property
    def literal(self) -> str | int | float | bool | None:
        """The value as Python has it. A number that is not plainly decimal (octal, sexagesimal) stays text."""
        match self.kind:
            case "null":
                return None
            case "bool":
                return self.text.lower() in ("true", "yes", "on")
            case "int" if _DECIMAL.fullmatch(self.text) and len(self.text) < 20:
                return int(self.text)
            case "float":
                return _float(self.text)
            case _:
                return self.text


@entity
class Entry:
    """A key of a mapping with its value."""

    key: str
    key_span: Span
    value: Node


@entity
class Mapping:
    """A mapping. Merge keys (``<<``) are resolved; keys that are no scalars are left out; a key may occur twice."""

    entries: tuple[Entry, ...]
    span: Span
    tag: str = ""

    def entry(self, key: str) -> Entry | None:
        """The entry of a key, the last one when the key is there twice."""
        return next((entry for entry in reversed(self.entries) if entry.key == key), None)

    def get(self, key: str) -> Node | None:
        """The value of a key."""
        entry = self.entry(key)
        return entry.value if entry else None


@entity
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    span: Span
    tag: str = ""


Node = Scalar | Mapping | Sequence


class YamlError(Exception):
    """A file that is no YAML we read: the text says why, ``character`` where in the text (None: no one place)."""

    def __init__(self, reason: str, character: int | None = None) -> None:
        super().__init__(reason)
        self.character = character


def read(file: SourceFile) -> list[Node]:
    """The roots of a file's documents; empty documents are left out. Raises YamlError."""
    try:
        text = file.text
    except UnreadableFileError as error:
        raise YamlError(str(error)) from error
    if text.startswith(_JSON_STARTS):
        # Imported here, for its nodes are the ones of this module.
        from mwaalint.documents import json_nodes

        with suppress(json_nodes.NotJsonError):
            return [json_nodes.read(file, text)]
    try:
        return _compose(file, text)
    except YamlError:
        repaired = _json_as_yaml(text)
        if repaired == text:
            raise
        return _compose(file, repaired)


def read_all(files: Iterable[SourceFile], problems: list[Finding]) -> Iterator[tuple[SourceFile, list[Node]]]:
    """The roots of one file after another. One that cannot be read is added to the problems and passed over."""
    for file in files:
        try:
            yield file, read(file)
        except YamlError as error:
            problems.append(problem(file, error))


def problem(file: SourceFile, error: YamlError) -> Finding:
    """The MW001 finding for a file that cannot be read."""
    span, place = WHOLE_FILE, ""
    if error.character is not None:
        line = file.position(file.byte_offset(min(error.character, len(file.text)))).line
        span, place = file.line_span(line), f" (line {line})"
    message = f"this file is not analyzed: {error}{place}"
    return Finding("MW001", "not-analyzed", message, Location(file.path, span), Severity.WARNING)


def _float(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _json_as_yaml(text: str) -> str:
    """JSON text with what YAML does not take replaced by as many characters; other text as it is.

    Tabs between tokens become spaces. Halves of surrogate pairs become the replacement character, for offsets count
    more here than an emoji in a description.
    """
    if not text.lstrip().startswith(("{", "[")):
        return text
    return _JSON_STRING_OR_TAB.sub(_yaml_token, text)


def _yaml_token(match: re.Match[str]) -> str:
    return " " if match[0] == "\t" else _SURROGATE_ESCAPE.sub(r"\\ufffd", match[0])


def _compose(file: SourceFile, text: str) -> list[Node]:
    import yaml

    loader_class: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        loader = loader_class(text)
        builder = _Builder(file, loader, yaml.ScalarNode)
        while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"it is not valid YAML: {error.problem}", mark.index if mark else None) from error
    except yaml.reader.ReaderError as error:
        raise YamlError(f"it is not valid YAML: {error.reason}", error.position) from error
    except yaml.YAMLError as error:
        raise YamlError(f"it is not valid YAML: {error}") from error
    return builder.documents


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    start: int
    tag: str
    is_mapping: bool
    is_flow: bool
    anchor: str | None
    children: list[Node] = field(default_factory=list)


class _Builder:
    """Makes nodes from parser events."""

    def __init__(self, file: SourceFile, resolver: Any, scalar_node: type) -> None:
        self.documents: list[Node] = []
        self._file = file
        self._resolver = resolver
        self._scalar_node = scalar_node
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._count = 0

    def take(self, event: Any) -> None:
        """Takes one event of the parser, whose classes differ in nothing but their names."""
        match type(event).__name__:
            case "ScalarEvent":
                self._add(self._scalar(event), event.anchor)
            case "MappingStartEvent" | "SequenceStartEvent":
                self._begin(event)
            case "MappingEndEvent" | "SequenceEndEvent":
                opened = self._open.pop()
                self._add(self._collection(opened, event.end_mark.index), opened.anchor)
            case "AliasEvent":
                self._add(self._alias(event), None)
            case "DocumentStartEvent":
                self._anchors.clear()
            case _:
                pass

    def _begin(self, event: Any) -> None:
        start = event.start_mark.index
        if len(self._open) >= MAX_DEPTH:
            raise YamlError(f"it nests deeper than {MAX_DEPTH} levels", start)
        if event.anchor:
            self._anchors[event.anchor] = None
        is_mapping = type(event).__name__ == "MappingStartEvent"
        self._open.append(_Open(start, _own_tag(event.tag), is_mapping, bool(event.flow_style), event.anchor))

    def _alias(self, event: Any) -> Node:
        start = event.start_mark.index
        if event.anchor not in self._anchors:
            raise YamlError(f"the alias *{event.anchor} has no anchor", start)
        node = self._anchors[event.anchor]
        if node is None:
            raise YamlError(f"the alias *{event.anchor} stands inside what it names", start)
        return node

    def _scalar(self, event: Any) -> Scalar:
        tag: str = event.tag or ""
        kind: Kind = "str"
        if not tag or tag == "!":
            tag = self._resolver.resolve(self._scalar_node, event.value, event.implicit)
        if tag.startswith(_STANDARD_TAG):
            kind = _KINDS.get(tag.removeprefix(_STANDARD_TAG), "str")
        span = self._file.span(event.start_mark.index, event.end_mark.index)
        return Scalar(event.value, kind, span, _own_tag(tag))

    def _collection(self, opened: _Open, end: int) -> Node:
        span = self._file.span(opened.start, end)
        if opened.children and not opened.is_flow:
            # The parser notices the end of a block only at the next token, past blank lines and comments.
            span = Span(span.start, max(child.span.end for child in opened.children[-2:]))
        if not opened.is_mapping:
            return Sequence(tuple(opened.children), span, opened.tag)
        return Mapping(self._entries(opened.children), span, opened.tag)

    def _entries(self, children: list[Node]) -> tuple[Entry, ...]:
        pairs = list(zip(children[::2], children[1::2], strict=True))
        own = [
            Entry(key.text, key.span, value) for key, value in pairs if isinstance(key, Scalar) and key.kind != "merge"
        ]
        merged: dict[str, Entry] = {}
        for key, value in pairs:
            if isinstance(key, Scalar) and key.kind == "merge":
                for entry in _merged(value):
                    self._spend()
                    merged.setdefault(entry.key, entry)
        names = {entry.key for entry in own}
        return (*(entry for name, entry in merged.items() if name not in names), *own)

    def _add(self, node: Node, anchor: str | None) -> None:
        self._spend()
        if anchor:
            self._anchors[anchor] = node
        (self._open[-1].children if self._open else self.documents).append(node)

    def _spend(self) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise YamlError(f"it holds more than {MAX_NODES:,} values")


def _own_tag(tag: str | None) -> str:
    return tag if tag and tag != "!" and not tag.startswith(_STANDARD_TAG) else ""


def _merged(value: Node) -> Iterator[Entry]:
    sources: Items[Node] = value.items if isinstance(value, Sequence) else (value,)
    for source in sources:
        if isinstance(source, Mapping):
            yield from source.entries
