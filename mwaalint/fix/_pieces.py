"""Expressions that make texts, cut into literals and the rest, and what is changed in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from mwaalint.documents.jinja import replaced
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BLANK_LINES = regex(r"(?:[ \t]*\\?\r?\n)*[ \t]*")
_SHEBANG = regex(r"#![^\n]*\n[ \t]*")


class Piece(NamedTuple):
    """A part of an expression: the start of a literal (its prefix and quotes), text in it as it is written, its end, or
    anything else.
    """

    kind: Literal["start", "text", "end", "other"]
    code: str


def code_of(pieces: Sequence[Piece]) -> str:
    """What the pieces came from."""
    return "".join(piece.code for piece in pieces)


def path_pattern(folder: str) -> re.Pattern[str]:
    """Where a text names a folder, or something below it."""
    return re.compile(rf"(?<![\w./-]){re.escape(folder)}(?![\w.-])")


def begun(pieces: Sequence[Piece], command: str) -> str:
    """The expression with a shell command before those of its text: on a line of its own where the text starts on one,
    else before the first.
    """
    at = next((at for at, piece in enumerate(pieces) if piece.kind == "start"), 0)
    if not pieces or pieces[at].kind != "start" or code_of(pieces[:at]).strip("( \t\r\n"):
        raise ValueError("the text does not begin with a literal")
    text = pieces[at + 1].code if pieces[at + 1].kind == "text" else ""
    lead = _match(_BLANK_LINES, text)
    lead += _match(_SHEBANG, text[len(lead) :])
    line, newline, indent = lead.rpartition("\n")
    rest = text[len(lead) :]
    gap = f"{chr(13) * line.endswith(chr(13))}\n{indent}" if newline and rest.strip() else "; "
    after = pieces[at + 2 :] if text else pieces[at + 1 :]
    return code_of([*pieces[: at + 1], Piece("text", f"{lead}{command}{gap}{rest}"), *after])


def with_path(pieces: Sequence[Piece], old: str, new: str) -> str:
    """The expression with another path for a folder."""
    pattern = path_pattern(old)
    return "".join(pattern.sub(lambda _: new, one.code) if one.kind == "text" else one.code for one in pieces)


def with_word(pieces: Sequence[Piece], old: str, new: str) -> str:
    """The expression with another word in its templates."""
    return "".join(worded(one.code, old, new) if one.kind == "text" else one.code for one in pieces)


def worded(text: str, old: str, new: str) -> str:
    """A text with another word in its templates, outside of what these quote. What is no word itself takes the place
    of one that stands alone.
    """
    word = rf"(?<![\w.]){old}\b(?!\s*[=(])"
    alone = re.compile(rf"(?<=\{{\{{)(?P<before>[-+]?\s*){old}(?P<after>\s*[-+]?)(?=\}}\}})")
    if not new.isidentifier():
        return alone.sub(lambda found: f"{found['before']}{new}{found['after']}", text)
    either = re.compile(rf"\"[^\"]*\"|'[^']*'|{word}")
    return replaced(text, lambda block: either.sub(lambda found: new if found[0] == old else found[0], block))


def with_expression(pieces: Sequence[Piece], old: str, expression: str) -> str:
    """The expression with what another one gives in place of a folder."""
    literals = list(_literals(pieces))
    whole = len(literals) == 1
    return "".join(
        code_of(part) if part[0].kind != "start" else _with_expression(part, old, expression, whole=whole)
        for part in literals
    )


def _literals(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The literals, and each piece between them."""
    literal: list[Piece] = []
    for piece in pieces:
        literal.append(piece)
        if literal[0].kind != "start" or piece.kind == "end":
            yield literal
            literal = []


def _with_expression(literal: Sequence[Piece], old: str, expression: str, *, whole: bool) -> str:
    start, *body, end = literal
    pattern = path_pattern(old)
    texts = [piece.code for piece in body if piece.kind == "text"]
    if not any(pattern.search(text) for text in texts):
        return code_of(literal)
    prefix = start.code.rstrip("'\"")
    quotes = start.code[len(prefix) :]
    if "b" in prefix.lower():
        raise ValueError("bytes are no path to be put together")
    if "f" not in prefix.lower():
        if whole and texts == [old]:
            return expression
        if "{" in texts[0] or "}" in texts[0]:
            if not whole or not texts[0].startswith(old) or len(pattern.findall(texts[0])) > 1:
                raise ValueError("braces mean something else in an f-string")
            return f"{expression} + {start.code}{texts[0][len(old) :]}{end.code}"
        prefix = "f" + prefix.replace("u", "").replace("U", "")
    inner = "{" + (expression.replace('"', "'") if '"' in quotes else expression) + "}"
    parts = [pattern.sub(lambda _: inner, one.code) if one.kind == "text" else one.code for one in body]
    return "".join([prefix, quotes, *parts, end.code])


def _match(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found[0] if found else ""
