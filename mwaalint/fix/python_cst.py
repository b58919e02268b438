"""Reads single expressions and imports with all their blanks and comments: the one module that knows libcst.

What is not as expected raises ValueError, so that nothing is changed that was not understood.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from mwaalint.fix._listing import Item, Listing
from mwaalint.fix._pieces import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N = TypeVar("N")


class _Printer:
    """Prints nodes as they were, newlines included."""

    def __init__(self, code: str) -> None:
        line, newline, _ = code.partition("\n")
        self._module = cst.Module([], default_newline="\r\n" if newline and line.endswith("\r") else "\n")

    def __call__(self, node: cst.CSTNode | cst.MaybeSentinel | None) -> str:
        return self._module.code_for_node(node) if isinstance(node, cst.CSTNode) else ""


def arguments(code: str) -> Listing:
    """The arguments of a call, or the entries of a dictionary's display."""
    node, show = _expression(code), _Printer(code)
    match node:
        case cst.Call():
            head = show(node.func) + show(node.whitespace_after_func) + "("
            items = tuple(_argument(each, show) for each in node.args)
            listing = Listing(head, show(node.whitespace_before_args), items, ")")
        case cst.Dict():
            entries = _with_end((_entry(each, show) for each in node.elements), show(node.rbrace.whitespace_before))
            listing = Listing("{", show(node.lbrace.whitespace_after), entries, "}")
        case _:
            raise ValueError(code)
    return _checked(listing, code)


def imported_names(code: str) -> Listing:
    """The names of a ``from … import`` statement."""
    statement, show = _parsed(cst.parse_statement, code), _Printer(code)
    body = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    if not isinstance(body, cst.ImportFrom) or isinstance(body.names, cst.ImportStar):
        raise ValueError(code)
    names = [_name(each, show) for each in body.names]
    opening = f"({show(body.lpar.whitespace_after)}" if body.lpar else ""
    closing = show(body.rpar)
    head = show(body.with_changes(names=[cst.ImportAlias(cst.Name("x"))], lpar=None, rpar=None))[:-1]
    items = _with_end(names, closing.removesuffix(")"))
    return _checked(Listing(head + opening[:1], opening[1:], items, closing[-1:]), code)


def pieces(code: str) -> list[Piece]:
    """The parts of an expression made of literals and what is joined with them."""
    found = list(_pieces(_expression(code), _Printer(code)))
    if "".join(piece.code for piece in found) != code:
        raise ValueError(code)
    return found


def _expression(code: str) -> cst.BaseExpression:
    """The expression, which may go on over lines as it stands between brackets somewhere."""
    node = _parsed(cst.parse_expression, f"({code})")
    return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])


def _parsed(parse: Callable[[str], N], code: str) -> N:
    try:
        return parse(code)
    except (cst.ParserSyntaxError, cst.CSTValidationError) as error:
        raise ValueError(code) from error


def _checked(listing: Listing, code: str) -> Listing:
    if listing.text != code:
        raise ValueError(code)
    return listing


def _argument(argument: cst.Arg, show: _Printer) -> Item:
    value = show(argument.value)
    whole = show(argument.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=cst.SimpleWhitespace("")))
    comma, after = _comma(argument.comma, show)
    blanks = show(argument.whitespace_after_arg)
    name = argument.keyword.value if argument.keyword else ""
    lead = whole[: len(whole) - len(value)]
    return Item(value, lead, blanks + comma, after, name) if comma else Item(value, lead, "", blanks, name)


def _entry(element: cst.BaseDictElement, show: _Printer) -> Item:
    value = show(element.value)
    whole = show(element.with_changes(comma=cst.MaybeSentinel.DEFAULT))
    key = element.key if isinstance(element, cst.DictElement) else None
    name = key.evaluated_value if isinstance(key, cst.SimpleString) else ""
    comma, after = _comma(element.comma, show)
    return Item(value, whole[: len(whole) - len(value)], comma, after, name if isinstance(name, str) else "")


def _name(alias: cst.ImportAlias, show: _Printer) -> Item:
    comma, after = _comma(alias.comma, show)
    return Item(show(alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)), "", comma, after, alias.evaluated_name)


def _comma(comma: cst.Comma | cst.MaybeSentinel, show: _Printer) -> tuple[str, str]:
    if not isinstance(comma, cst.Comma):
        return "", ""
    return show(comma.whitespace_before) + ",", show(comma.whitespace_after)


def _with_end(items: Iterator[Item] | list[Item], end: str) -> tuple[Item, ...]:
    """The items with what stands before the closing bracket."""
    *others, last = items = [*items] or [Item("")]
    return (*others, replace(last, after=last.after + end)) if last.value else ()


def _pieces(node: cst.BaseExpression, show: _Printer) -> Iterator[Piece]:
    yield from (Piece("other", show(bracket)) for bracket in node.lpar)
    match node:
        case cst.ConcatenatedString():
            yield from _pieces(node.left, show)
            yield Piece("other", show(node.whitespace_between))
            yield from _pieces(node.right, show)
        case cst.BinaryOperation(operator=cst.Add()):
            yield from _pieces(node.left, show)
            yield Piece("other", show(node.operator))
            yield from _pieces(node.right, show)
        case cst.SimpleString():
            yield Piece("start", node.prefix + node.quote)
            yield Piece("text", node.raw_value)
            yield Piece("end", node.quote)
        case cst.FormattedString():
            yield Piece("start", node.start)
            kinds = {cst.FormattedStringText: "text"}
            yield from (Piece("text" if type(part) in kinds else "other", show(part)) for part in node.parts)
            yield Piece("end", node.end)
        case _:
            yield Piece("other", show(node.with_changes(lpar=(), rpar=())))
    yield from (Piece("other", show(bracket)) for bracket in node.rpar)
