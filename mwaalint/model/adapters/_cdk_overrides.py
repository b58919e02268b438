"""What a CDK app changes on an environment after it made it: escape hatches and assignments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.documents.python_walk import walk
from mwaalint.model.adapters._properties import merge, snake_case
from mwaalint.model.adapters._python_modules import is_self_attribute
from mwaalint.model.adapters._python_values import Site
from mwaalint.model.values import ABSENT, Known, Value
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mwaalint.model.adapters._python_modules import Module
    from mwaalint.model.adapters._python_values import PythonValues

_PATH_DOT = regex(r"(?<!\\)\.")
_BLOCKS = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SETTERS = frozenset({"add_override", "add_property_override"})
_DELETERS = frozenset({"add_deletion_override", "add_property_deletion_override"})


@record
class Override:
    """A change: the argument (None: any), the members on the way (``("TaskLogs", "LogLevel")``), the new value."""

    argument: str | None
    members: tuple[str, ...]
    value: Value
    site: Site


def overrides(creation: ast.Call, values: PythonValues, module: Module, symbol: str) -> Iterator[Override]:
    """The changes to what a call makes, in the order they are written."""
    is_it = _reference(creation, module)
    if is_it is None:
        return
    home = module.enclosing_class(creation) or module.tree
    block = _block(creation, module)
    changes = [change for node in walk(home) if (change := _change(node, is_it, values, module, symbol))]
    for change in sorted(changes, key=lambda each: (each.site.node.lineno, each.site.node.col_offset)):
        certain = _block(change.site.node, module) is block
        value = change.value if certain else change.site.missing("it is changed under a condition or elsewhere")
        yield Override(change.argument, change.members, value, change.site)


def merged(old: Value, override: Override) -> Value:
    """A property's value after a change. Maps are merged, as the CDK does, and anything else is replaced."""
    value = override.value
    for member in reversed(override.members):
        value = Known({member: value}, override.site.module.at(override.site.node, override.site.symbol))
    return merge(old, value, override.site.missing)


def _reference(creation: ast.Call, module: Module) -> Callable[[ast.AST], bool] | None:
    """How the code names what a call makes, as a test of nodes; None when it gives it no name."""
    match module.parents.get(creation):
        case ast.Assign(targets=targets):
            pass
        case ast.AnnAssign(target=target):
            targets = [target]
        case _:
            return None
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    attributes = {target.attr for target in targets if isinstance(target, ast.Attribute)}
    scope = next(module.scopes(creation))

    def is_it(node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in names and next(module.scopes(node)) is scope
        return any(is_self_attribute(node, attribute) for attribute in attributes)

    return is_it


def _change(
    node: ast.AST, is_it: Callable[[ast.AST], bool], values: PythonValues, module: Module, symbol: str
) -> Override | None:
    match node:
        case ast.Call(func=ast.Attribute(value=target, attr=method), args=[path, *rest]) if is_it(target):
            if method in _SETTERS and len(rest) == 1:
                return _escape(path, rest[0], method == "add_override", values, Site(node, module, symbol))
            if method in _DELETERS and not rest:
                return _escape(path, None, method == "add_deletion_override", values, Site(node, module, symbol))
        case ast.Call(func=ast.Attribute(value=target, attr=method)) if (
            is_it(target) and method in _SETTERS | _DELETERS
        ):
            site = Site(node, module, symbol)
            return Override(None, (), site.missing("what is overridden is not known"), site)
        case ast.Assign(targets=[ast.Attribute(value=target, attr=argument) as place], value=value) if is_it(target):
            site = Site(place, module, f"{symbol}.{argument}")
            return Override(argument, (), values.value(Site(value, module, site.symbol)), site)
        case _:
            pass
    return None


def _escape(path: ast.expr, content: ast.expr | None, raw: bool, values: PythonValues, site: Site) -> Override | None:
    found = values.value(site.to(path))
    if not (isinstance(found, Known) and isinstance(found.value, str)):
        return Override(None, (), site.missing("what is overridden is not known"), site)
    parts = [part.replace("\\.", ".") for part in _PATH_DOT.split(found.value)]
    if raw and parts[0] != "Properties":
        return None
    name, *members = parts[1:] if raw else parts
    place = Site(site.node, site.module, f"{site.symbol}.{snake_case(name)}")
    value = values.value(Site(content, site.module, place.symbol)) if content else ABSENT
    return Override(snake_case(name), tuple(members), value, place)


def _block(node: ast.AST, module: Module) -> ast.AST | None:
    """What decides whether a node runs: the innermost block around it."""
    while (parent := module.parents.get(node)) is not None:
        if isinstance(parent, _BLOCKS):
            return parent
        node = parent
    return None
