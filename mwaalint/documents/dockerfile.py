"""Dockerfiles: their instructions, with their places and with the defaults of their arguments filled in.

A reader of our own: the one on PyPI tells lines but no places in them, knows no heredocs and writes to the disk.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.records import record
from mwaalint.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_INSTRUCTIONS = 5_000
# A value grows with each variable in it: some doublings of a long one fill the memory.
MAX_TEXT = 20_000
MAX_PAIRS = 200
# How far the end of a heredoc is looked for, and of how many of a line.
MAX_HEREDOC_LINES = 500
MAX_HEREDOCS = 4

_DIRECTIVE = regex(r"#\s*escape\s*=\s*(?P<escape>[\\`])\s*$", re.IGNORECASE)
_INSTRUCTION = regex(r"[ \t]*(?P<word>[A-Za-z]+)(?:[ \t]+|$)")
_HEREDOC = regex(r"<<-?[\"']?(?P<end>\w+)[\"']?")
_PAIR = regex(r"(?<!\w)(?P<name>\w+)=(?P<value>(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|\\.|[^\s\"'\\])*)")
_VARIABLE = regex(r"\\\$|\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::-(?P<default>[^{}$]*))?\})")


@record
class Instruction:
    """One instruction: its word in capitals, its text as it is written (continued lines and all), and where that is."""

    word: str
    text: str
    span: Span


@record
class Setting:
    """A name with its value, from ARG or ENV; None for an argument without a default. ``span`` is the value's."""

    name: str
    value: str | None
    span: Span


@record
class Dockerfile:
    """A Dockerfile that was read."""

    file: SourceFile
    instructions: tuple[Instruction, ...]
    settings: tuple[Setting, ...]

    def all(self, word: str) -> Iterator[Instruction]:
        """The instructions of one kind, in order."""
        return (one for one in self.instructions if one.word == word)

    def value(self, name: str) -> str | None:
        """What ARG or ENV last set a name to, None where nothing tells."""
        return next((one.value for one in reversed(self.settings) if one.name == name), None)


def read(file: SourceFile) -> Dockerfile:
    """Reads a Dockerfile. Raises UnreadableFileError."""
    instructions = tuple(_instructions(file))
    return Dockerfile(file, instructions, tuple(_settings(file, instructions)))


def _instructions(file: SourceFile) -> Iterator[Instruction]:
    escape = _escape(file)
    number, last = 1, len(file.line_starts)
    for _ in range(MAX_INSTRUCTIONS):
        while number <= last and not _INSTRUCTION.match(file.line_text(number)):
            number += 1
        if number > last:
            return
        match = _INSTRUCTION.match(file.line_text(number))
        assert match is not None
        end = _end(file, number, escape)
        start = file.line_starts[number - 1] + match.end()
        finish = file.line_starts[end - 1] + len(file.line_text(end))
        yield Instruction(match["word"].upper(), file.text[start:finish], file.span(start, max(start, finish)))
        number = end + 1


def _escape(file: SourceFile) -> str:
    match = _DIRECTIVE.match(file.line_text(1))
    return match["escape"] if match else "\\"


def _end(file: SourceFile, number: int, escape: str) -> int:
    """The last line of the instruction that begins on a line, comments and empty lines between its lines included."""
    last, ends = len(file.line_starts), [one["end"] for one in _HEREDOC.finditer(file.line_text(number))]
    while number < last and _goes_on(file.line_text(number), escape):
        number += 1
        while number < last and file.line_text(number).lstrip()[:1] in ("", "#"):
            number += 1
        ends += [one["end"] for one in _HEREDOC.finditer(file.line_text(number))]
    for end in ends[:MAX_HEREDOCS]:
        within = range(number + 1, min(number + MAX_HEREDOC_LINES, last) + 1)
        closing = next((each for each in within if file.line_text(each).strip() == end), None)
        number = closing or number
    return number


def _goes_on(line: str, escape: str) -> bool:
    stripped = line.rstrip(" \t")
    return stripped.endswith(escape) and not line.lstrip().startswith("#")


def _settings(file: SourceFile, instructions: tuple[Instruction, ...]) -> Iterator[Setting]:
    known: dict[str, str | None] = {}
    for one in instructions:
        if one.word not in ("ARG", "ENV"):
            continue
        for setting in _pairs(file, one, known):
            known[setting.name] = setting.value
            yield setting


def _pairs(file: SourceFile, one: Instruction, known: Mapping[str, str | None]) -> Iterator[Setting]:
    matches = list(islice(_PAIR.finditer(one.text[:MAX_TEXT]), MAX_PAIRS))
    if not matches or matches[0].start():
        # "ENV NAME value" takes all of the line; "ARG NAME" has no default.
        name, _, text = one.text.partition(" ")
        value = _filled(text.strip(), known) if one.word == "ENV" and text.strip() else None
        if re.fullmatch(r"\w+", name):
            yield Setting(name, value, _span(file, one, len(one.text) - len(text), len(one.text)))
        return
    for match in matches:
        value = _filled(_unquoted(match["value"]), known)
        yield Setting(match["name"], value, _span(file, one, *match.span("value")))


def _span(file: SourceFile, one: Instruction, start: int, end: int) -> Span:
    """Where a part of an instruction's text stands in the file."""
    before, text = one.text[:start].encode(file.encoding), one.text[start:end].encode(file.encoding)
    return Span(one.span.start + len(before), one.span.start + len(before) + len(text))


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return re.sub(r"\\(.)", r"\1", text) if "$" not in text else text


def _filled(text: str, known: Mapping[str, str | None]) -> str | None:
    """The text with its variables replaced; None where one of them is not known."""
    pieces, position = [], 0
    for match in _VARIABLE.finditer(text):
        name = match["plain"] or match["name"]
        value = "$" if name is None else known.get(name) or match["default"]
        if value is None:
            return None
        pieces += [text[position : match.start()], value]
        position = match.end()
    filled = "".join([*pieces, text[position:]])
    return filled if len(filled) <= MAX_TEXT else None
