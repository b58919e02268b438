"""What an expression of DAG code comes to, as far as its own file tells, without running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mwaalint.findings import Location
from mwaalint.model import _dag_arithmetic as arithmetic
from mwaalint.model.values import Absent, Known, OneOf, Unresolved, Value
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mwaalint.documents.python_blocks import Block
    from mwaalint.documents.python_document import PythonDocument

_DEEPEST = 40
_MOST_VISITS = 2_000
_LONGEST = 10_000
_MOST_OPTIONS = 200
_SHOWN = 400
_JOINS = frozenset({"os.path.join", "posixpath.join", "pathlib.Path", "pathlib.PurePosixPath"})
_DURATIONS = frozenset({"datetime.timedelta", "pendulum.duration"})
_MOMENTS = frozenset({"datetime.datetime", "pendulum.datetime", "airflow.utils.timezone.datetime", "pendulum.DateTime"})


class _Written(Known):
    """A value that the code writes. Where, is looked up when somebody asks, which few do."""

    __slots__ = ("_document", "_node")

    _document: PythonDocument
    _node: ast.AST

    def __init__(self, value: object, document: PythonDocument, node: ast.AST) -> None:
        self.value = value  # type: ignore[misc]  # of a record mypy lets only the generated one set fields
        self._document = document
        self._node = node

    @property
    def origin(self) -> Location:
        """The place of the expression."""
        return self._document.location(self._node)


class _Untold(Unresolved):
    """A value that the code does not tell. What it writes instead, and where, is looked up when somebody asks."""

    __slots__ = ("_document", "_node")

    _document: PythonDocument
    _node: ast.AST

    def __init__(self, document: PythonDocument, node: ast.AST, reason: str) -> None:
        self.reason = reason  # type: ignore[misc]  # as above
        self.resource = ""  # type: ignore[misc]
        self.parts = ()  # type: ignore[misc]
        self._document = document
        self._node = node

    @property
    def origin(self) -> Location:
        """The place of the expression."""
        return self._document.location(self._node)

    @property
    def expression(self) -> str:
        """The beginning of the expression as it is written."""
        start, end = self.origin.span
        return " ".join(self._document.file.slice(Span(start, min(end, start + _SHOWN))).split())


@dataclass(slots=True)
class DagValues:
    """Evaluates expressions of one file.

    A ``Known`` holds a str, int, float, bool, None, timedelta or datetime (its time zone dropped), a tuple of Values or
    a dict of str to Value. What a loop over literals goes through is ``OneOf``.
    """

    document: PythonDocument
    _values: dict[tuple[ast.expr, Block | None], Value | None] = field(default_factory=dict)
    _depth: int = 0
    _visits: int = 0

    def value(self, node: ast.expr, block: Block | None = None) -> Value:
        """What an expression comes to; ``block`` is where it is read, when the caller knows."""
        if type(node) is ast.Constant:
            return self._constant(node)
        key = (node, block)
        if key not in self._values:
            self._visits = self._visits + 1 if self._depth else 0
            if self._depth > _DEEPEST or self._visits > _MOST_VISITS:
                return self.missing(node, "it is too large to follow")
            self._values[key] = None
            self._depth += 1
            try:
                self._values[key] = self._value(node, block)
            finally:
                self._depth -= 1
        return self._values[key] or self.missing(node, "it leads back to itself")

    def prefixed(self, prefix: Value, name: Value) -> Value:
        """The id of a task in a group; "" puts nothing before it."""
        match prefix, name:
            case Known(value=""), _:
                return name
            case Known(value=str() as before), Known(value=str() as own):
                return Known(f"{before}.{own}", name.origin)
            case (Known(value=str() as before), OneOf(options=options)):
                return OneOf(tuple(Known(f"{before}.{one.value}", one.origin) for one in options), name.origin)
            case Unresolved(), _:
                return prefix
            case _, Unresolved():
                return name
            case _:
                origin = name.origin if not isinstance(name, Absent) else Location(self.document.file.path)
                return Unresolved("", "the id is not known", origin)

    def known(self, node: ast.AST, content: object) -> Known:
        """A value that is written here."""
        return _Written(content, self.document, node)

    def missing(self, node: ast.expr, reason: str) -> Unresolved:
        """A value that the file does not tell."""
        return _Untold(self.document, node, reason)

    def _constant(self, node: ast.Constant) -> Value:
        if node.value is None or isinstance(node.value, (str, int, float)):
            return _Written(node.value, self.document, node)
        return self.missing(node, "it is no text, number or truth value")

    def _value(self, node: ast.expr, block: Block | None) -> Value:
        match node:
            case ast.JoinedStr(values=parts):
                return self._combined(node, [self._part(part, block) for part in parts], arithmetic.concatenated)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return self._items(node, items, block)
            case ast.Dict(keys=keys, values=values):
                return self._dict(node, keys, values, block)
            case ast.Name(id=name):
                return self._name(node, name, block)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(node, self.value(left, block), op, self.value(right, block))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._combined(node, [self.value(operand, block)], arithmetic.negative)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._combined(node, [self.value(operand, block)], lambda parts: not parts[0])
            case ast.IfExp(body=yes, orelse=no):
                return self._either(node, [self.value(yes, block), self.value(no, block)])
            case ast.Subscript(value=holder, slice=key):
                return self._item(node, self.value(holder, block), self.value(key, block))
            case ast.Call():
                return self._call(node, block)
            case _:
                return self.missing(node, "only a run can tell")

    def _part(self, node: ast.expr, block: Block | None) -> Value:
        match node:
            case ast.FormattedValue(value=inner, conversion=-1 | 115, format_spec=None):
                return self.value(inner, block)
            case ast.FormattedValue():
                return self.missing(node, "it is formatted")
            case _:
                return self.value(node, block)

    def _items(self, node: ast.expr, items: Sequence[ast.expr], block: Block | None) -> Value:
        if any(isinstance(item, ast.Starred) for item in items):
            return self.missing(node, "what is spread into it is not followed")
        return self.known(node, tuple(self.value(item, block) for item in items))

    def _dict(
        self, node: ast.expr, keys: Sequence[ast.expr | None], values: Sequence[ast.expr], block: Block | None
    ) -> Value:
        members: dict[str, Value] = {}
        for key, content in zip(keys, values, strict=True):
            if key is None:
                spread = self.value(content, block)
                if not (isinstance(spread, Known) and isinstance(spread.value, dict)):
                    return self.missing(node, "what is spread into it is not known")
                members |= spread.value
                continue
            name = self.value(key, block)
            if not (isinstance(name, Known) and isinstance(name.value, str | int)):
                return self.missing(node, "one of its keys is not known")
            members[str(name.value)] = self.value(content, block)
        return self.known(node, members)

    def _name(self, node: ast.Name, name: str, block: Block | None) -> Value:
        if name in self.document.imported:
            return self.missing(node, "it comes from another file")
        binding = self.document.lookup(node, block)
        if binding is None or not isinstance(binding.node, ast.expr) or binding.entered:
            return self.missing(node, "it is not bound to one value in this file")
        if name in self.document.changed and not isinstance(binding.node, ast.Constant):
            return self.missing(node, "it is changed after it is made")
        value = self.value(binding.node, binding.block)
        return self._each(node, value) if binding.each else value

    def _each(self, node: ast.expr, iterable: Value) -> Value:
        if not isinstance(iterable, Known) or not isinstance(iterable.value, tuple | dict):
            return self.missing(node, "what the loop goes through is not known")
        if isinstance(iterable.value, dict):
            return self._either(node, [Known(key, iterable.origin) for key in iterable.value])
        return self._either(node, list(iterable.value))

    def _either(self, node: ast.expr, arms: Sequence[Value]) -> Value:
        options: list[Known] = []
        for arm in arms:
            if isinstance(arm, Known):
                options.append(arm)
            elif isinstance(arm, OneOf):
                options += arm.options
            else:
                return self.missing(node, "one of its alternatives is not known")
        if not options or len(options) > _MOST_OPTIONS:
            return self.missing(node, "it has no or too many alternatives")
        return options[0] if len(options) == 1 else OneOf(tuple(options), self.document.location(node))

    def _combined(self, node: ast.expr, parts: Sequence[Value], make: Callable[[Sequence[object]], object]) -> Value:
        """One value of several; with one part that has alternatives, the alternatives of the whole."""
        varying = [index for index, part in enumerate(parts) if isinstance(part, OneOf)]
        if len(varying) > 1 or any(not isinstance(part, (Known, OneOf)) for part in parts):
            return self.missing(node, "a part of it is not known")
        contents: list[Any] = [part.value if isinstance(part, Known) else None for part in parts]
        whole = parts[varying[0]] if varying else None
        made: list[Known] = []
        for option in whole.options if isinstance(whole, OneOf) else (None,):
            if option is not None:
                contents[varying[0]] = option.value
            try:
                content = make(contents)
            except (TypeError, ValueError, OverflowError, ArithmeticError, KeyError, IndexError):
                return self.missing(node, "it cannot be computed here")
            if isinstance(content, str | tuple) and len(content) > _LONGEST:
                return self.missing(node, "it is too large to follow")
            made.append(self.known(node, content))
        return made[0] if len(made) == 1 else OneOf(tuple(made), self.document.location(node))

    def _operation(self, node: ast.expr, left: Value, op: ast.operator, right: Value) -> Value:
        match op:
            case ast.Add():
                return self._combined(node, [left, right], arithmetic.total)
            case ast.Mult():
                return self._combined(node, [left, right], arithmetic.product)
            case ast.Sub():
                return self._combined(node, [left, right], arithmetic.difference)
            case ast.Div():
                return self._combined(node, [left, right], arithmetic.joined)
            case ast.Mod():
                return self._combined(node, [left, right], arithmetic.percent)
            case ast.BitOr():
                return self._combined(node, [left, right], arithmetic.merged)
            case _:
                return self.missing(node, "only a run can tell")

    def _item(self, node: ast.expr, holder: Value, key: Value) -> Value:
        if isinstance(holder, Known) and isinstance(key, Known):
            if isinstance(holder.value, dict) and str(key.value) in holder.value:
                return _as_value(holder.value[str(key.value)])
            if (
                isinstance(holder.value, tuple)
                and isinstance(key.value, int)
                and -len(holder.value) <= key.value < len(holder.value)
            ):
                return _as_value(holder.value[key.value])
        return self.missing(node, "only a run can tell")

    def _call(self, node: ast.Call, block: Block | None) -> Value:
        name = self.document.dotted(node.func)
        if any(isinstance(each, ast.Starred) for each in node.args):
            return self.missing(node, "what is spread into it is not followed")
        positional = [self.value(each, block) for each in node.args[:20]]
        named = [(each.arg, each.value) for each in node.keywords]
        if name == "dict" and not positional:
            return self._dict(
                node, [ast.Constant(arg) if arg else None for arg, _ in named], [one for _, one in named], block
            )
        if any(arg is None for arg, _ in named):
            return self.missing(node, "what is spread into it is not followed")
        words = [arg for arg, _ in named if arg]
        values = [*positional, *(self.value(one, block) for _, one in named)]
        if name in _JOINS and not words:
            return self._combined(node, values, arithmetic.joined)
        if name in _DURATIONS:
            return self._combined(node, values, lambda parts: arithmetic.duration(parts, words))
        if name in _MOMENTS or (name.startswith("airflow.") and name.endswith("timezone.datetime")):
            zone = [word in ("tz", "tzinfo") for word in words]
            kept = values[: len(positional)] + [
                v for v, skip in zip(values[len(positional) :], zone, strict=True) if not skip
            ]
            own = [word for word, skip in zip(words, zone, strict=True) if not skip]
            return self._combined(node, kept, lambda parts: arithmetic.moment(parts, own))
        if name in ("str", "list", "tuple", "sorted", "set") and len(values) == 1 and not words:
            return values[0] if name != "str" else self._combined(node, values, arithmetic.concatenated)
        if name == "range" and not words:
            return self._combined(node, values, lambda parts: _range(parts, node, self))
        return self._method(node, values, words, block)

    def _method(self, node: ast.Call, values: Sequence[Value], words: Sequence[str], block: Block | None) -> Value:
        if not isinstance(node.func, ast.Attribute):
            return self.missing(node, "what the call returns only a run can tell")
        holder = node.func.value
        match node.func.attr:
            case "format":
                count = len(values) - len(words)
                return self._combined(
                    node, [self.value(holder, block), *values], lambda parts: arithmetic.formatted(parts, count, words)
                )
            case "lower" | "upper" | "strip" as method if not values:
                return self._combined(
                    node, [self.value(holder, block)], lambda parts: getattr(arithmetic.text(parts[0]), method)()
                )
            case "replace" if len(values) == 2:
                return self._combined(node, [self.value(holder, block), *values], arithmetic.replaced)
            case "keys" | "copy" if not values:
                return self.value(holder, block)
            case "as_posix" | "resolve" if not values:
                return self.value(holder, block)
            case _:
                return self.missing(node, "what the call returns only a run can tell")


def _as_value(value: object) -> Value:
    assert isinstance(value, Value)
    return value


def _range(parts: Sequence[object], node: ast.expr, values: DagValues) -> tuple[Value, ...]:
    numbers = [part for part in parts if isinstance(part, int)]
    if len(numbers) != len(parts) or len(range(*numbers)) > _MOST_OPTIONS:
        raise TypeError
    return tuple(values.known(node, number) for number in range(*numbers))
