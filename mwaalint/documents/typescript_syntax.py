"""The typed tree of a TypeScript or JavaScript file: expressions with their places, and the scopes that name them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mwaalint.records import entity, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.source import SourceFile, Span


AT_RUN_TIME = "it is only known when the app runs"
ONE_OF_SEVERAL = "it is one of several that the app goes through"


@record
class Literal:
    """A string, number or boolean as written; None for null and undefined."""

    value: str | int | float | bool | None
    span: Span


@record
class Template:
    """A template string: literal strings and expressions in order."""

    parts: tuple[Expression, ...]
    span: Span


@record
class Name:
    """An identifier."""

    name: str
    span: Span


@record
class This:
    """``this``."""

    span: Span


@record
class Member:
    """``base.name``, or ``base?.name`` when optional."""

    base: Expression
    name: str
    optional: bool
    span: Span


@record
class Index:
    """``base[key]``."""

    base: Expression
    key: Expression
    span: Span


@record
class Unary:
    """``!x``, ``-x``, ``typeof x``."""

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
class Spread:
    """``...value`` in an object, a list or a call."""

    value: Expression
    span: Span


@record
class ListOf:
    """``[a, ...b]``."""

    items: tuple[Expression, ...]
    span: Span


@record
class Property:
    """``key: value``; a key that is written out is a Literal. ``place`` is where the key stands."""

    key: Expression
    value: Expression
    place: Span


@record
class ObjectOf:
    """``{ key: value, ...rest }``, and the members of an ``enum``."""

    members: tuple[Property | Spread, ...]
    span: Span


@record
class Call:
    """``function(a, b)``, a tagged template (its text is the only argument), or ``new function(a, b)`` when ``new``.

    ``callee`` is where the function is named.
    """

    function: Expression
    arguments: tuple[Expression, ...]
    new: bool
    span: Span

    @property
    def callee(self) -> Span:
        """Where the function or class is named."""
        return self.function.span


@record
class Import:
    """What a name of another module is: ``name`` is "*" for the module itself. ``module`` is "" for a global name."""

    module: str
    name: str
    span: Span


@record
class Parameter:
    """What is passed for a function's parameter."""

    index: int
    name: str
    default: Expression | None
    function: Function = field(repr=False)
    span: Span


@record
class Opaque:
    """An expression that is not analyzed; ``reason`` says why in words."""

    reason: str
    span: Span


@record
class Bound:
    """What a name is bound to, and the scope that expression stands in. None where it is not simply an expression."""

    value: Expression | None
    scope: Scope = field(repr=False)


@dataclass(slots=True, eq=False)
class Function:
    """A function or method: what it returns, the class whose member it is, and the fields its parameters make."""

    name: str
    scope: Scope = field(repr=False)
    span: Span
    owner: Class | None = field(default=None, repr=False)
    getter: bool = False
    parameters: int = 0
    fields: dict[str, Bound] = field(default_factory=dict)
    returns: list[Bound] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Class:
    """A class: its fields and methods by name, ``this.x = ...`` of its methods not among them."""

    name: str
    scope: Scope = field(repr=False)
    span: Span
    base: Expression | None = None
    constructor: Function | None = None
    members: dict[str, list[Bound]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Scope:
    """A module, function, class or block. ``function`` and ``owner`` are set where the scope is that of one of them.

    ``kind`` names the statement, in the grammar's word, that decides whether what stands in it is run.
    """

    parent: Scope | None = field(repr=False)
    kind: str = ""
    function: Function | None = None
    owner: Class | None = None
    names: dict[str, list[Bound]] = field(default_factory=dict)

    def chain(self) -> Iterator[Scope]:
        """This scope and those around it, from the inside."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def declaring(self, name: str) -> Scope | None:
        """The scope that a name used here belongs to; None for a global."""
        return next((scope for scope in self.chain() if name in scope.names), None)

    def this(self) -> Class | None:
        """The class that ``this`` is an instance of here; None outside of one."""
        return next((scope.owner for scope in self.chain() if scope.owner), None)

    def body(self) -> Scope:
        """The scope of the function, or of the module, that this one is a part of."""
        return next(scope for scope in self.chain() if scope.function or scope.owner or scope.parent is None)


Expression = (
    Literal
    | Template
    | Name
    | This
    | Member
    | Index
    | Unary
    | Binary
    | Conditional
    | Spread
    | ListOf
    | ObjectOf
    | Call
    | Import
    | Parameter
    | Function
    | Class
    | Opaque
)


@record
class Assignment:
    """``target operator value``; also ``delete target`` and ``target++``, without a value."""

    target: Expression
    operator: str
    value: Expression | None
    scope: Scope
    span: Span


@entity
class Script:
    """One file: what it exports, and every call, assignment and class in it with its scope, in order."""

    file: SourceFile
    scope: Scope
    exports: dict[str, Expression] = field(default_factory=dict)
    exported_modules: list[str] = field(default_factory=list)
    calls: list[tuple[Call, Scope]] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
