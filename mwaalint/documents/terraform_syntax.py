"""The typed tree of a Terraform file: blocks, attributes and expressions, each with its place.

The expressions are named tuples: a frozen dataclass takes ten times as long to make, at every start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mwaalint.source import SourceFile, Span


class Literal(NamedTuple):
    """A string, number, bool or null (None) as written."""

    value: str | int | float | bool | None
    span: Span


class Template(NamedTuple):
    """A string or heredoc with interpolations: literal strings and expressions in order."""

    parts: tuple[Expression, ...]
    span: Span


class GetAttr(NamedTuple):
    """``.name`` after an expression."""

    name: str


class GetIndex(NamedTuple):
    """``[key]`` after an expression."""

    key: Expression


class Splat(NamedTuple):
    """``[*]`` or ``.*`` after an expression, and the steps that are taken from each element."""

    steps: tuple[Step, ...]


class Reference(NamedTuple):
    """``var.x``, ``local.y.z``, ``aws_s3_object.req[0].key``: a first name and the steps after it."""

    root: str
    steps: tuple[Step, ...]
    span: Span


class Access(NamedTuple):
    """Steps after something that is no plain name: ``f(x).y``, ``(a ? b : c)["k"]``."""

    base: Expression
    steps: tuple[Step, ...]
    span: Span


class Unary(NamedTuple):
    """``!x`` or ``-x``."""

    operator: str
    operand: Expression
    span: Span


class Binary(NamedTuple):
    """Two expressions with an operator of logic, comparison or arithmetic between them."""

    operator: str
    left: Expression
    right: Expression
    span: Span


class Conditional(NamedTuple):
    """``condition ? yes : no``."""

    condition: Expression
    yes: Expression
    no: Expression
    span: Span


class Call(NamedTuple):
    """A function call; ``expanded`` when its last argument carries ``...``."""

    name: str
    arguments: tuple[Expression, ...]
    expanded: bool
    span: Span


class ListOf(NamedTuple):
    """``[a, b]``."""

    items: tuple[Expression, ...]
    span: Span


class ObjectOf(NamedTuple):
    """``{ key = value }``; a bare key is a Literal."""

    items: tuple[tuple[Expression, Expression], ...]
    span: Span


class Opaque(NamedTuple):
    """An expression that is not analysed; ``reason`` says why in words."""

    reason: str
    span: Span


Step = GetAttr | GetIndex | Splat
Expression = Literal | Template | Reference | Access | Unary | Binary | Conditional | Call | ListOf | ObjectOf | Opaque


@dataclass(frozen=True, slots=True)
class Attribute:
    """``name = expression`` and the file it stands in."""

    name: str
    expression: Expression
    span: Span
    file: SourceFile = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" { ... }``; ``header`` is the span before the brace. Of attributes of one name the first counts."""

    type: str
    labels: tuple[str, ...]
    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]
    span: Span
    header: Span
    file: SourceFile = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TerraformFile:
    """One file: its blocks, its attributes (a .tfvars file has only these), and the first place that is not HCL."""

    file: SourceFile
    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]
    error: Span | None = None
