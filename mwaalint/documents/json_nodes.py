"""JSON as the nodes of yaml_nodes, many times faster than YAML's parser makes them: templates and plans are large."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mwaalint.documents.yaml_nodes import MAX_DEPTH, MAX_NODES, Entry, Kind, Mapping, Node, Scalar, Sequence, YamlError
from mwaalint.patterns import regex

if TYPE_CHECKING:
    import re

    from mwaalint.source import SourceFile

_SPACE = r"[ \t\r\n]*"
_CHARACTERS = r"[^\"\\\x00-\x1f]*"
_STRING = rf"\"{_CHARACTERS}(?:\\.{_CHARACTERS})*\""
_VALUE = regex(
    rf"{_SPACE}(?:(?P<str>{_STRING})|(?P<float>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))"
    r"|(?P<int>-?(?:0|[1-9][0-9]*))|(?P<bool>true|false)|(?P<null>null)|(?P<open>[{\[]))"
)
_KEY = regex(rf"{_SPACE}({_STRING}){_SPACE}:")
_AFTER = regex(rf"{_SPACE}([,\]}}])")
_CLOSED = regex(rf"{_SPACE}[\]}}]")
_END = regex(rf"{_SPACE}\Z")
_HALF_OF_A_PAIR = regex("[\ud800-\udfff]")
_KINDS: dict[str, Kind] = {"str": "str", "float": "float", "int": "int", "bool": "bool", "null": "null"}


class NotJsonError(Exception):
    """A text that is no JSON, whatever else it may be."""


def read(file: SourceFile, text: str) -> Node:
    """The value of a JSON text. Raises NotJsonError, and YamlError for what is too deep or too large."""
    return _Reader(file, text).document()


class _Open:
    """A collection whose end has not come yet."""

    __slots__ = ("entries", "is_object", "items", "key", "start")

    def __init__(self, start: int, is_object: bool) -> None:
        self.start = start
        self.is_object = is_object
        self.items: list[Node] = []
        self.entries: list[Entry] = []
        self.key = (0, 0)


class _Reader:
    """Reads one text with a stack of its own, so that depth is bounded here and not by the interpreter."""

    def __init__(self, file: SourceFile, text: str) -> None:
        self.file = file
        self.text = text
        self.open: list[_Open] = []
        self.count = 0
        self.position = 0

    def document(self) -> Node:
        while True:
            node = self.value()
            if node is None:
                continue
            while self.open:
                self.add(node)
                if self.taken(_AFTER)[1] == ",":
                    self.key()
                    break
                node = self.closed()
            else:
                self.taken(_END)
                return node

    def taken(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.position)
        if match is None:
            raise NotJsonError
        self.position = match.end()
        return match

    def value(self) -> Node | None:
        """A scalar or an empty collection; None when one with something in it begins here."""
        match = self.taken(_VALUE)
        name = match.lastgroup or ""
        start = match.start(name)
        if name != "open":
            text = match[name]
            return Scalar(
                self.string(text) if name == "str" else text, _KINDS[name], self.file.span(start, self.position)
            )
        if len(self.open) >= MAX_DEPTH:
            raise YamlError(f"it nests deeper than {MAX_DEPTH} levels", start)
        self.open.append(_Open(start, match[name] == "{"))
        if _CLOSED.match(self.text, self.position):
            self.taken(_CLOSED)
            return self.closed()
        self.key()
        return None

    def key(self) -> None:
        """Takes the key that comes next in an object."""
        if self.open[-1].is_object:
            self.open[-1].key = self.taken(_KEY).span(1)

    def add(self, node: Node) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise YamlError(f"it holds more than {MAX_NODES:,} values")
        inside = self.open[-1]
        if inside.is_object:
            start, end = inside.key
            inside.entries.append(Entry(self.string(self.text[start:end]), self.file.span(start, end), node))
        else:
            inside.items.append(node)

    def closed(self) -> Node:
        """The innermost collection, whose closing bracket was taken just now."""
        opened = self.open.pop()
        if self.text[self.position - 1] != ("}" if opened.is_object else "]"):
            raise NotJsonError
        span = self.file.span(opened.start, self.position)
        return Mapping(tuple(opened.entries), span) if opened.is_object else Sequence(tuple(opened.items), span)

    def string(self, quoted: str) -> str:
        if "\\" not in quoted:
            return quoted[1:-1]
        try:
            text: str = json.loads(quoted)
        except ValueError as error:
            raise NotJsonError from error
        return _HALF_OF_A_PAIR.sub("\ufffd", text)
