"""Evaluates Terraform expressions: what the project decides becomes Known, everything else Unresolved with a reason."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from mwaalint.documents.terraform_syntax import (
    Access,
    Binary,
    Call,
    Conditional,
    For,
    GetAttr,
    GetIndex,
    ListOf,
    Literal,
    ObjectOf,
    Opaque,
    Reference,
    Splat,
    Template,
    Unary,
)
from mwaalint.model.adapters import terraform_functions as functions
from mwaalint.model.adapters._options import taken_from
from mwaalint.model.adapters.terraform_values import (
    PATH_MARK,
    Failure,
    NotPlainError,
    Pieces,
    Site,
    number_of,
    one_of,
    spread,
    text_of,
)
from mwaalint.model.values import Absent, Known, OneOf, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mwaalint.documents.terraform_syntax import Expression, Step
    from mwaalint.model.adapters.terraform_scope import Names, Scope

_DEEPEST = 60
_LARGEST_NUMBER = 10**30
_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": math.fmod,
}


def evaluate(expression: Expression, scope: Scope) -> Value:
    """The value of an expression. Never raises; what takes too long or goes too deep is unresolved."""
    budget = scope.budget
    budget.steps -= 1
    if budget.steps < 0 or budget.depth >= _DEEPEST:
        return scope.site(expression).unresolved("it is too complex to evaluate")
    budget.depth += 1
    try:
        return _evaluate(expression, scope)
    finally:
        budget.depth -= 1


def _evaluate(expression: Expression, scope: Scope) -> Value:
    match expression:
        case Literal(value=value):
            return scope.site(expression).known(value)
        case Reference():
            return _reference(expression, scope)
        case Template(parts=parts):
            return _template(parts, scope, scope.site(expression))
        case Access(base=base, steps=steps):
            return follow(evaluate(base, scope), steps, scope, scope.site(expression))
        case Conditional():
            return _conditional(expression, scope)
        case Call():
            return _call(expression, scope)
        case ListOf(items=items):
            return scope.site(expression).known(tuple(evaluate(item, scope) for item in items))
        case ObjectOf():
            return _object(expression, scope)
        case For():
            return _for(expression, scope)
        case Unary(operator=operator, operand=operand):
            return _unary(operator, evaluate(operand, scope), scope.site(expression))
        case Binary():
            return _binary(expression, scope)
        case Opaque(reason=reason):
            return scope.site(expression).unresolved(reason)


def _reference(expression: Reference, scope: Scope) -> Value:
    site, module = scope.site(expression), scope.module
    if expression.root in scope.bindings:
        return follow(scope.bindings[expression.root], expression.steps, scope, site)
    if module is None:
        return site.unresolved("a .tfvars file holds only literal values")
    name = expression.steps[0].name if expression.steps and isinstance(expression.steps[0], GetAttr) else ""
    rest = expression.steps[1:]
    bound = scope.bindings.get(f"{expression.root}.{name}")
    if bound is not None:
        return follow(bound, rest, scope, site)
    match expression.root:
        case "var":
            return follow(module.variable(name, site), rest, scope, site)
        case "local":
            return follow(module.local(name, site), rest, scope, site)
        case "each" | "count":
            return site.unresolved("the instances are not known")
        case "path":
            return _path(name, module, site)
        case "module":
            return module.output(name, rest, scope, site)
        case "data":
            return module.data(name, rest, scope, site)
        case "terraform" | "self":
            return site.unresolved("it is known only when Terraform runs")
        case _:
            return module.resource(expression.root, name, rest, scope, site)


def _path(name: str, module: Names, site: Site) -> Value:
    folder = module.folder if name == "module" else module.root_folder
    if name not in ("module", "root", "cwd"):
        return site.failure("there is no such path")
    return site.known(PATH_MARK + folder)


def follow(value: Value, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
    """The part of a value that attribute and index steps lead to."""
    for step in steps:
        if isinstance(step, Splat):
            value = _each(value, step, scope, site)
        elif isinstance(step, GetIndex):
            value = spread([value, evaluate(step.key, scope)], site, lambda pair: _part(pair[0], pair[1], site))
        else:
            key = Known(step.name, site.location)
            value = spread([value], site, lambda single, key=key: _part(single[0], key, site))  # type: ignore[misc]
    return value


def _each(value: Value, splat: Splat, scope: Scope, site: Site) -> Value:
    match value:
        case Absent():
            return site.known(())
        case Known(value=tuple() as items):
            return site.known(tuple(follow(item, splat.steps, scope, site) for item in items))
        case Known():
            return site.known((follow(value, splat.steps, scope, site),))
        case Unresolved():
            return site.carried(value)
        case OneOf():
            return site.unresolved("it has several possible values")


def _part(value: Value, key: Value, site: Site) -> Value:
    if isinstance(value, Unresolved):
        return site.carried(value)
    if isinstance(value, Absent):
        return site.failure("null has no attributes")
    match value, key:
        case Known(value=dict() as entries), Unresolved() if entries:
            return one_of(list(entries.values()), site)
        case _, Unresolved(reason=reason):
            return site.unresolved(reason)
        case Known(value=dict() as entries), Known(value=str() | int() as name) if not isinstance(name, bool):
            missing = site.failure(f"the map has no key {name}")
            return cast("Value", entries.get(str(name), missing))
        case Known(value=tuple() as items), Known(value=index):
            number = number_of(index)
            if isinstance(number, int) and 0 <= number < len(items):
                return cast("Value", items[number])
        case _:
            pass
    return site.failure("there is no such element")


def _template(parts: Sequence[Expression], scope: Scope, site: Site) -> Value:
    values = [evaluate(part, scope) for part in parts]
    if len(values) == 1:
        return values[0]

    def join(texts: list[Value]) -> Value:
        result = []
        for text in texts:
            if isinstance(text, Failure):
                return site.failure(text.reason)
            if isinstance(text, Unresolved):
                return Pieces(site.text, text.reason, site.location, taken_from(texts), tuple(texts))
            if not isinstance(text, Known):
                return site.failure("null cannot be written as text")
            try:
                result.append(text_of(text.value))
            except NotPlainError as error:
                return site.failure(str(error))
        return site.known("".join(result))

    return spread(values, site, join)


def _conditional(expression: Conditional, scope: Scope) -> Value:
    condition = evaluate(expression.condition, scope)
    decided = truth(condition)
    if decided is not None:
        return evaluate(expression.yes if decided else expression.no, scope)
    site = scope.site(expression)
    if isinstance(condition, Failure | Absent):
        return site.failure("its condition cannot be evaluated")
    return one_of([evaluate(expression.yes, scope), evaluate(expression.no, scope)], site)


def truth(value: Value) -> bool | None:
    """A known bool (or the string of one), else None."""
    data = value.value if isinstance(value, Known) else None
    if isinstance(data, bool):
        return data
    return {"true": True, "false": False}.get(data) if isinstance(data, str) else None


def _call(expression: Call, scope: Scope) -> Value:
    site = scope.site(expression)
    if expression.name in ("try", "can"):
        return _attempt(expression, scope, site)
    arguments = [evaluate(argument, scope) for argument in expression.arguments]
    if expression.expanded and arguments:
        match arguments.pop():
            case Known(value=tuple() as items):
                arguments += items
            case _:
                return site.unresolved("the list of arguments is not known")
    if expression.name == "templatefile" and scope.module:
        # Imported here, for a template is evaluated as any other expression.
        from mwaalint.model.adapters.terraform_templates import rendered

        return rendered(arguments, scope, scope.module, site)
    special = scope.module.function(expression.name, arguments, site) if scope.module else None
    return special or functions.call(expression.name, arguments, site)


def _attempt(expression: Call, scope: Scope, site: Site) -> Value:
    for argument in expression.arguments:
        value = evaluate(argument, scope)
        failed = isinstance(value, Failure)
        if expression.name == "can":
            return value if isinstance(value, Unresolved) and not failed else site.known(not failed)
        if not failed:
            return value
    return site.failure("all its arguments fail")


def _object(expression: ObjectOf, scope: Scope) -> Value:
    entries: dict[str, Value] = {}
    for key, item in expression.items:
        text = _key(evaluate(key, scope))
        if text is None:
            return scope.site(expression).unresolved("a key of the map is not known")
        entries[text] = evaluate(item, scope)
    return scope.site(expression).known(entries)


def _for(expression: For, scope: Scope) -> Value:
    site = scope.site(expression)
    entries = _entries(evaluate(expression.collection, scope), expression, site)
    if isinstance(entries, Unresolved):
        return entries
    found: list[tuple[str, Value]] = []
    for pair in entries:
        bound = dict(zip(expression.names, pair[-len(expression.names) :], strict=False))
        inner = replace(scope, bindings={**scope.bindings, **bound})
        kept = truth(evaluate(expression.condition, inner)) if expression.condition else True
        if kept is None:
            return site.unresolved("which elements it keeps is not known")
        key = _key(evaluate(expression.key, inner)) if expression.key and kept else ""
        if key is None:
            return site.unresolved("a key of the map is not known")
        if kept:
            found.append((key, evaluate(expression.value, inner)))
    if expression.key is None:
        return site.known(tuple(value for _, value in found))
    if expression.grouped:
        return site.known({key: site.known(tuple(v for k, v in found if k == key)) for key, _ in found})
    return site.known(dict(found)) if len(dict(found)) == len(found) else site.failure("two elements have one key")


def _entries(collection: Value, expression: For, site: Site) -> list[tuple[Value, Value]] | Unresolved:
    """What a ``for`` goes through, in Terraform's order: key and value."""
    match collection:
        case Known(value=dict() as entries):
            return [(site.known(key), entries[key]) for key in sorted(entries)]
        case Known(value=tuple() as items):
            # In a set the key is the value, and whether it is one is not always to be seen.
            is_list = isinstance(expression.collection, ListOf)
            unknown = site.unresolved("the index is not known")
            return [(site.known(index) if is_list else unknown, item) for index, item in enumerate(items)]
        case Unresolved(reason=reason):
            return site.unresolved(reason)
        case OneOf():
            return site.unresolved("it has several possible values")
        case _:
            return site.failure("it is no collection")


def _key(value: Value) -> str | None:
    try:
        return text_of(value.value) if isinstance(value, Known) else None
    except NotPlainError:
        return None


def _unary(operator: str, operand: Value, site: Site) -> Value:
    def compute(values: list[Value]) -> Value:
        value = values[0]
        if isinstance(value, Unresolved):
            return site.unresolved(value.reason)
        if operator == "!":
            decided = truth(value)
            return site.failure("it is no bool") if decided is None else site.known(not decided)
        number = number_of(value.value) if isinstance(value, Known) else None
        return site.failure("it is no number") if number is None else site.known(-number)

    return spread([operand], site, compute)


def _binary(expression: Binary, scope: Scope) -> Value:
    site, operator = scope.site(expression), expression.operator
    left = evaluate(expression.left, scope)
    right = evaluate(expression.right, scope)
    if operator in ("&&", "||"):
        return _logic(operator, left, right, site)

    def compute(pair: list[Value]) -> Value:
        if operator in ("==", "!="):
            same = functions.equal(pair[0], pair[1])
            if same is None:
                return site.unresolved("the comparison is not decided")
            return site.known(same is (operator == "=="))
        return _arithmetic(operator, pair[0], pair[1], site)

    return spread([left, right], site, compute)


def _logic(operator: str, left: Value, right: Value, site: Site) -> Value:
    """One side that decides is enough, as it is for a reader."""
    sides = (truth(left), truth(right))
    deciding = operator == "||"
    if deciding in sides:
        return site.known(deciding)
    return site.unresolved("the condition is not decided") if None in sides else site.known(not deciding)


def _arithmetic(operator: str, left: Value, right: Value, site: Site) -> Value:
    refused = next((side for side in (left, right) if isinstance(side, Unresolved)), None)
    if refused:
        return site.unresolved(refused.reason)
    numbers = [number_of(side.value) if isinstance(side, Known) else None for side in (left, right)]
    if numbers[0] is None or numbers[1] is None:
        return site.failure("it is no number")
    try:
        result = _OPERATIONS[operator](numbers[0], numbers[1])
    except (ArithmeticError, ValueError):
        return site.unresolved("it cannot be computed")
    if isinstance(result, bool):
        return site.known(result)
    if not -_LARGEST_NUMBER < result < _LARGEST_NUMBER:
        return site.unresolved("the number is too large")
    return site.known(int(result) if result == int(result) else result)
