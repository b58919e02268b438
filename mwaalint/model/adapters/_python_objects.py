"""Which call made the object behind a Python expression: a client, a configuration, a construct."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mwaalint.documents.python_walk import walk
from mwaalint.model.adapters._python_calls import only_argument
from mwaalint.model.adapters._python_modules import FunctionNode, has_parameter

if TYPE_CHECKING:
    from mwaalint.model.adapters._python_modules import Module, Modules, ScopeNode

MAX_STEPS = 20

Place = tuple[ast.expr, "Module"]


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


@dataclass(eq=False)
class Origins:
    """Where the objects of a program come from, followed through names, parameters, attributes and results.

    Only what leads to one certain expression is followed: a parameter of a function that is called once, an attribute
    that is bound once, the result of a function with one return.
    """

    modules: Modules
    _found: dict[tuple[str, ast.expr], Place] = field(default_factory=dict)
    _depth: int = 0

    def of(self, node: ast.expr, module: Module) -> Place:
        """The expression that made what another one stands for, with its module; the expression itself at the least."""
        key = (module.file.path, node)
        if key not in self._found:
            self._found[key] = (node, module)  # what goes round in a circle comes from itself
            self._found[key] = self._follow(node, module)
        return self._found[key]

    def _follow(self, node: ast.expr, module: Module) -> Place:
        if self._depth > MAX_STEPS:
            return node, module
        self._depth += 1
        try:
            step = self._step(node, module)
            return self.of(*step) if step is not None else (node, module)
        finally:
            self._depth -= 1

    def _step(self, node: ast.expr, module: Module) -> Place | None:
        match node:
            case ast.Name(id=name):
                scopes = (each for each in module.scopes(node) if _binds(each, name, module))
                scope = next(scopes, None)
                if isinstance(scope, FunctionNode) and has_parameter(scope, name):
                    again = name in module.bindings(scope)
                    return None if again else only_argument(name, scope, module, self.modules)
                return _bound(node, module, self.modules)
            case ast.Attribute():
                return _bound(node, module, self.modules) or self._of_instance(node, module)
            case ast.Call():
                return self._result(node, module)
            case _:
                return None

    def _of_instance(self, node: ast.Attribute, module: Module) -> Place | None:
        owner = self.instance(node.value, module)
        return _with(owner[1].the_one(owner[1].attribute_bindings(owner[0], node.attr)), owner[1]) if owner else None

    def instance(self, node: ast.expr, module: Module) -> tuple[ast.ClassDef, Module] | None:
        """The class of the repository that an expression is an instance of."""
        if isinstance(node, ast.Name) and node.id == "self":
            return None
        made, home = self.of(node, module)
        target = self.defined(made.func, home) if isinstance(made, ast.Call) else None
        return (target[0], target[1]) if target and isinstance(target[0], ast.ClassDef) else None

    def defined(self, node: ast.expr, module: Module) -> tuple[ast.ClassDef | FunctionNode, Module] | None:
        """The class or function of the repository that an expression names."""
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                owner = module.enclosing_class(node)
                return _named(owner, name, module) if owner else None
            case ast.Name(id=name) if name not in module.imports:
                return _named(module.tree, name, module)
            case _:
                found = self.modules.imported(module.dotted(node), module) if module.dotted(node) else None
                return _named(found[0].tree, found[1][0], found[0]) if found and len(found[1]) == 1 else None

    def _result(self, call: ast.Call, module: Module) -> Place | None:
        """What the only return of a function gives."""
        target = self.defined(call.func, module)
        if target is None or isinstance(target[0], ast.ClassDef) or target[0].decorator_list:
            return None
        function, home = target
        returns = [node for node in walk(function) if isinstance(node, ast.Return)]
        if len(returns) != 1 or returns[0] not in function.body or returns[0].value is None:
            return None
        return returns[0].value, home


def _binds(scope: ScopeNode, name: str, module: Module) -> bool:
    return has_parameter(scope, name) or name in module.bindings(scope)


def _named(
    owner: ast.Module | ast.ClassDef, name: str, module: Module
) -> tuple[ast.ClassDef | FunctionNode, Module] | None:
    found = [each for each in owner.body if isinstance(each, ast.ClassDef | FunctionNode) and each.name == name]
    return (found[0], module) if len(found) == 1 else None
