"""Where a TypeScript expression stands, and what it may stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.model.values import Known, Unresolved, Value
from mwaalint.records import entity
from mwaalint.source import Span

if TYPE_CHECKING:
    from mwaalint.documents.typescript_syntax import Expression, Scope, Script

MAX_EXPRESSION = 400

UNDECIDED = "the repository does not decide between its values"


@entity
class Site:
    """An expression with the scope and file it stands in, and the name its place goes by."""

    node: Expression
    scope: Scope
    script: Script
    symbol: str

    def at(self, span: Span | None = None) -> Location:
        """Where the expression stands, or a part of it."""
        return Location(self.script.file.path, span or self.node.span, self.symbol)

    def known(self, content: object) -> Known:
        """A value that is written or computed here."""
        return Known(content, self.at())

    def missing(self, reason: str) -> Unresolved:
        """A value that the repository does not tell."""
        span = self.node.span
        written = Span(span.start, min(span.end, span.start + MAX_EXPRESSION))
        return Unresolved(" ".join(self.script.file.slice(written).split()), reason, self.at())

    def to(self, node: Expression, suffix: str = "") -> Site:
        """A part of this expression, or what it stands for."""
        return Site(node, self.scope, self.script, self.symbol + suffix)


# What an expression stands for once names are followed: something written somewhere, or a value without an expression.
Target = Site | Value
