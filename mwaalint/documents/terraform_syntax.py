"""The typed tree of a Terraform file: blocks, attributes and expressions, each with its place."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from mwaalint.records import record

if TYPE_CHECKING:
    from mwaalint.source import SourceFile, Span


@record
class Literal:
    """A string, number, bool or null (None) as written."""

    value: str | int | float | bool | None
    span: Span


@record
class Template:
    """A string or heredoc with interpolations: literal strings and expressions in order."""

    parts: tuple[Expression, ...]
    span: Span


@record
class GetAttr:
    """``.name`` after an expression."""

    name: str


@record
class GetIndex:
    """``[key]`` after an expression."""

    key: Expression


@record
class Splat:
    """``[*]`` or ``.*`` after an expression, and the steps that are taken from each element."""

    steps: tuple[Step, ...]


@record
class Reference:
    """``var.x``, ``local.y.z``, ``aws_s3_object.req[0].key``: a first name and the steps after it."""

    root: str
    steps: tuple[Step, ...]
    span: Span


@record
class Access:
    """Steps after something that is no plain name: ``f(x).y``, ``(a ? b : c)["k"]``."""

    base: Expression
    steps: tuple[Step, ...]
    span: Span


@record
class Unary:
    """``!x`` or ``-x``."""

    operator: str
    operand: Expression
    span: Span


@record
class Binary:
    """Two expressions with an operator of logic, comparison or arithmetic between them."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@record
class Conditional:
    """``condition ? yes : no``."""

    condition: Expression
    yes: Expression
    no: Expression
    span: Span


@record
class Call:
    """A function call; ``expanded`` when its last argument carries ``...``."""

    name: str
    arguments: tuple[Expression, ...]
    expanded: bool
    span: Span


@record
class ListOf:
    """``[a, b]``."""

    items: tuple[Expression, ...]
    span: Span


@record
class ObjectOf:
    """``{ key = value }``; a bare key is a Literal."""

    items: tuple[tuple[Expression, Expression], ...]
    span: Span


@record
class For:
    """``[for x in list : x]``, or with a key ``{ for k, v in map : k => v if c }``; ``grouped``: ``...`` follows."""

    names: tuple[str, ...]
    collection: Expression
    key: Expression | None
    value: Expression
    condition: Expression | None
    grouped: bool
    span: Span


@record
class Opaque:
    """An expression that is not analyzed; ``reason`` says why in words."""

    reason: str
    span: Span


Step = GetAttr | GetIndex | Splat
Expression = (
    Literal | Template | Reference | Access | Unary | Binary | Conditional | Call | ListOf | ObjectOf | For | Opaque
)


@record
class Attribute:
    """``name = expression`` and the file it stands in."""

    name: str
    expression: Expression
    span: Span
    file: SourceFile = field(compare=False, repr=False)


@record
class Block:
    """``type "label" { ... }``; ``header`` is the span before the brace. Of attributes of one name the first counts."""

    type: str
    labels: tuple[str, ...]
    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]
    span: Span
    header: Span
    file: SourceFile = field(compare=False, repr=False)


@record
class TerraformFile:
    """One file: its blocks, its attributes (a .tfvars file has only these), and the first place that is not HCL."""

    file: SourceFile
    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]
    error: Span | None = None
