"""Words of a script: text, variables, and the output of other commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.documents._shell_text import STAND_IN
from mwaalint.documents.shell_syntax import Expansion, Placeholder, Substitution, Text, Unread, Word
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from mwaalint.documents.shell import Reader
    from mwaalint.documents.shell_syntax import Part

WORDS = frozenset(
    {
        *("word", "number", "string", "raw_string", "ansi_c_string", "translated_string", "concatenation"),
        *("simple_expansion", "expansion", "command_substitution", "process_substitution", "arithmetic_expansion"),
        *("brace_expression", "regex", "extglob_pattern", "variable_name", "special_variable_name", "array"),
    }
)
_BACKSLASH = regex(r"\\(\n|.)", re.S)
_QUOTED_BACKSLASH = regex(r"\\([$`\"\\\n])")
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


def word(reader: Reader, node: Node) -> Word:
    """A node as a word."""
    return Word(tuple(_parts(reader, node)), reader.span(node))


def heredoc(reader: Reader, node: Node, *, literal: bool) -> Word:
    """The text of a heredoc; ``literal`` where its mark is quoted."""
    if literal or not node.children:
        return Word(tuple(_text(reader, node.start_byte, node.end_byte, quoted=True, raw=True)), reader.span(node))
    return Word(tuple(_filled(reader, node, node.start_byte, node.end_byte)), reader.span(node))


def _parts(reader: Reader, node: Node, *, quoted: bool = False) -> Iterator[Part]:
    if reader.too_deep:
        yield Unread(reader.span(node))
        return
    match node.type:
        case "concatenation" | "command_name":
            for child in node.children:
                yield from _parts(reader, child)
        case "string":
            yield from _filled(reader, node, node.start_byte + 1, node.end_byte - _closed(node))
        case "translated_string":
            yield from _parts(reader, node.children[-1])
        case "raw_string":
            end = node.end_byte - (1 if reader.source(node).endswith("'") else 0)
            yield from _text(reader, node.start_byte + 1, end, quoted=True, raw=True)
        case "ansi_c_string":
            value = re.sub(r"\\(.)", lambda match: _ANSI.get(match[1], match[0]), reader.source(node)[2:-1])
            yield Text(value, reader.span(node), quoted=True)
        case "simple_expansion":
            yield Expansion(reader.source(node)[1:], reader.span(node), quoted)
        case "expansion":
            yield _expansion(reader, node, quoted=quoted)
        case "command_substitution" | "process_substitution":
            body = reader.block(node.children)
            yield Substitution(body, reader.span(node), quoted, process=node.type == "process_substitution")
        case "arithmetic_expansion" | "array":
            yield Unread(reader.span(node))
        case _:
            yield from _text(reader, node.start_byte, node.end_byte, quoted=quoted)


def _closed(node: Node) -> int:
    """1 when a string in double quotes has its closing one, 0 when the script ends before."""
    return 1 if len(node.children) > 1 and node.children[-1].type == '"' and not node.children[-1].is_missing else 0


def _filled(reader: Reader, node: Node, start: int, end: int) -> Iterator[Part]:
    """Text in double quotes or of a heredoc: what stands between the expansions is text, whatever nodes it has."""
    for child in node.children:
        if child.type in ("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"):
            yield from _text(reader, start, child.start_byte, quoted=True)
            yield from _parts(reader, child, quoted=True)
            start = child.end_byte
    yield from _text(reader, start, end, quoted=True)


def _text(reader: Reader, start: int, end: int, *, quoted: bool, raw: bool = False) -> Iterator[Part]:
    """Text, and the placeholders of a template in it."""
    text, position = reader.slice(start, end), 0
    for match in STAND_IN.finditer(text) if reader.text.expressions else ():
        before = text[position : match.start()]
        if before:
            yield _plain(reader, before, start + len(text[:position].encode()), quoted=quoted, raw=raw)
        place = start + len(text[: match.start()].encode())
        yield Placeholder(reader.text.expressions[int(match[1])], reader.place(place, place + len(match[0])))
        position = match.end()
    if text[position:]:
        yield _plain(reader, text[position:], start + len(text[:position].encode()), quoted=quoted, raw=raw)


def _plain(reader: Reader, text: str, start: int, *, quoted: bool, raw: bool) -> Text:
    span = reader.place(start, start + len(text.encode("utf-8", "surrogatepass")))
    if "\\" in text and not raw:
        pattern = _QUOTED_BACKSLASH if quoted else _BACKSLASH
        text = pattern.sub(lambda match: "" if match[1] == "\n" else match[1], text)
    return Text(text, span, quoted)


def _expansion(reader: Reader, node: Node, *, quoted: bool) -> Part:
    """``${name:-word}``. A length, an indirection or an element of an array is not read."""
    children = node.children[1:-1]
    if not children or children[0].type not in ("variable_name", "special_variable_name"):
        return Unread(reader.span(node))
    name = reader.source(children[0])
    if len(children) == 1:
        return Expansion(name, reader.span(node), quoted)
    operator = reader.source(children[1])
    argument = reader.word(children[2]) if len(children) == 3 else Word((), reader.span(node))
    if len(children) > 3:
        argument = Word((Unread(reader.span(children[2], children[-1])),), reader.span(children[2], children[-1]))
    return Expansion(name, reader.span(node), quoted, operator, argument)
