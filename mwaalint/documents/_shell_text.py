"""The text of a script as bash gets to see it, with the way back to the file."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents._utf8 import utf8
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from mwaalint.source import SourceFile

# A backslash that starts a line ("\\exit") is taken by the grammar for a part of the line before: a blank helps.
_NEWLINE = regex(rb"\r(?=\n)|(?P<blank>(?<=\n)(?=\\[^\r\n]))")
# Terraform's templates: "$${" is a plain "${", "%{ if … }" and "%{ endif }" are directives.
_TEMPLATE = regex(
    rb"(?P<escaped>\$|%)(?P=escaped)(?=\{)|\$\{~?\s*(?P<expression>[^{}\"]*(?:\"[^\"\n]*\"[^{}\"]*)*?)\s*~?\}"
    rb"|(?P<directive>%\{[^{}]*\})|\r(?=\n)|(?P<blank>(?<=\n)(?=\\[^\r\n]))"
)
# What stands for a placeholder while bash's grammar is read: letters that no script has.
_STAND_IN = "mwaalintPlaceholder%dX"
STAND_IN = regex(r"mwaalintPlaceholder(\d+)X")


class _Piece(NamedTuple):
    """A part of what is parsed: where it starts there, and the range of the file that it is, or that it replaces."""

    made: int
    start: int
    end: int
    replaced: bool = False


class ShellText:
    """UTF-8 with newlines only. With ``rendered`` the placeholders of a Terraform template are names that
    ``expressions`` tells, and its directives are gone.
    """

    def __init__(self, file: SourceFile, *, rendered: bool) -> None:
        data, self._of_file = utf8(file)
        self.expressions: list[str] = []
        self._pieces: list[_Piece] = []
        self.content = b"".join(self._read(data, _TEMPLATE if rendered else _NEWLINE))
        self._starts = [piece.made for piece in self._pieces]

    def span(self, start: int, end: int) -> Span:
        """The bytes of the file that a range of ``content`` comes from."""
        first = self._pieces[bisect_right(self._starts, start) - 1]
        # What was left out right behind a range is not of it.
        last = self._pieces[max(bisect_left(self._starts, end) - 1, 0)]
        begins = self._of_file(first.start if first.replaced else first.start + start - first.made)
        ends = self._of_file(last.end if last.replaced else last.start + end - last.made)
        return Span(begins, max(begins, ends))

    def _read(self, data: bytes, pattern: re.Pattern[bytes]) -> Iterator[bytes]:
        # A script inside another file has that file's length of blanks around it, which the grammar would read.
        position, made = len(data) - len(data.lstrip()), 0
        end = max(position, len(data.rstrip()) + 1)
        for match in pattern.finditer(data, position, end):
            plain, stand_in = data[position : match.start()], self._instead(match)
            self._pieces.append(_Piece(made, position, match.start()))
            if stand_in:
                self._pieces.append(_Piece(made + len(plain), match.start(), match.end(), replaced=True))
            made += len(plain) + len(stand_in)
            position = match.end()
            yield plain + stand_in
        self._pieces.append(_Piece(made, position, min(end, len(data))))
        yield data[position:end]

    def _instead(self, match: re.Match[bytes]) -> bytes:
        groups = match.groupdict()
        if groups["blank"] is not None:
            return b" "
        if groups.get("escaped"):
            return groups["escaped"]
        if groups.get("expression") is None:
            return b""
        self.expressions.append(groups["expression"].decode("utf-8", "replace"))
        return (_STAND_IN % (len(self.expressions) - 1)).encode()
