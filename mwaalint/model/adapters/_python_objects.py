"""Which call made the object behind a Python expression: a client, a configuration."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.model.adapters._python_modules import has_parameter

if TYPE_CHECKING:
    from mwaalint.model.adapters._python_modules import Module, Modules

MAX_STEPS = 20


def maker(node: ast.expr, module: Module, modules: Modules) -> tuple[ast.Call, Module] | None:
    """The call, with its module, whose result an expression names; None where that is not one certain call."""
    here: tuple[ast.expr, Module] | None = (node, module)
    for _ in range(MAX_STEPS):
        match here:
            case (ast.Call() as call, home):
                return call, home
            case (ast.Name() | ast.Attribute() as name, home):
                here = _bound(name, home, modules)
            case _:
                return None
    return None


def _bound(node: ast.Name | ast.Attribute, module: Module, modules: Modules) -> tuple[ast.expr, Module] | None:
    """The expression that a name, or an attribute of ``self`` or of another module, is bound to."""
    match node:
        case ast.Name(id=name):
            for scope in module.scopes(node):
                if has_parameter(scope, name):
                    return None
                if bound := module.bindings(scope).get(name):
                    return _with(module.the_one(bound), module)
        case ast.Attribute(value=ast.Name(id="self"), attr=attribute) if owner := module.enclosing_class(node):
            return _with(module.the_one(module.attribute_bindings(owner, attribute)), module)
        case _:
            pass
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if not (isinstance(root, ast.Name) and root.id in module.imports):
        return None
    match modules.imported(module.dotted(node), module):
        case (home, [name]):
            return _with(home.the_one(home.bindings(home.tree).get(name, [])), home)
        case _:
            return None


def _with(expression: ast.expr | None, module: Module) -> tuple[ast.expr, Module] | None:
    return (expression, module) if expression is not None else None
