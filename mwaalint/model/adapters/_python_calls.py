"""What the callers in a project pass for the parameters of Python functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.documents.python_walk import children

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.model.adapters._python_modules import FunctionNode, Module, Modules


def only_argument(
    name: str, function: FunctionNode, module: Module, modules: Modules
) -> tuple[ast.expr, Module] | None:
    """The expression that the only caller of a function passes for a parameter; None where there are others."""
    owner = module.parents[function]
    calls: Sequence[tuple[Module, ast.Call]] | None
    if function.decorator_list:
        return None
    if isinstance(owner, ast.ClassDef) and function.name == "__init__":
        calls, skipped = modules.calls(owner, module), 1
    elif isinstance(owner, ast.ClassDef):
        calls, skipped = [(module, call) for call in module.own_calls(owner, function.name)], 1
    else:
        calls, skipped = modules.calls(function, module), 0
    if not calls or len(calls) > 1:
        return None
    position = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)][skipped:]
    caller, call = calls[0]
    passed = passed_by(call, name, position)
    return None if passed is None or isinstance(passed, ast.Starred) else (passed, caller)


def default_of(function: FunctionNode, name: str) -> ast.expr | None:
    """The default of a parameter, None where it has none."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip([each.arg for each in reversed(positional)], reversed(arguments.defaults), strict=False))
    named = {each.arg: default for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)}
    return defaults.get(name) or named.get(name)


def passed_by(call: ast.Call, name: str, position: Sequence[str]) -> ast.expr | None:
    """What a call passes for a parameter, a Starred where that hides behind ``*`` or ``**``, None where nothing."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    hidden = [each for each in call.args if isinstance(each, ast.Starred)]
    if any(keyword.arg is None for keyword in call.keywords) or hidden:
        return ast.Starred(value=call.func)
    index = position.index(name) if name in position else len(call.args)
    return call.args[index] if index < len(call.args) else None


def called_function(call: ast.Call, module: Module, modules: Modules) -> tuple[FunctionNode, Module] | None:
    """The function of the project that a call runs: one of a module, or a method of the same class."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            owner = module.enclosing_class(call)
            # A subclass may have a method of its own.
            alone = owner is not None and modules.calls(owner, module) is not None
            return _function(owner.body, name, module) if owner and alone else None
        case ast.Name(id=name) if name not in module.imports:
            once = len(module.bindings(module.tree).get(name, ())) == 1
            return _function(module.tree.body, name, module) if once else None
        case _:
            found = modules.imported(module.dotted(call.func), module) if module.dotted(call.func) else None
            return _function(found[0].tree.body, found[1][0], found[0]) if found and len(found[1]) == 1 else None


def _function(body: Sequence[ast.stmt], name: str, home: Module) -> tuple[FunctionNode, Module] | None:
    found = [each for each in body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == name]
    return (found[0], home) if len(found) == 1 else None


def returned_by(function: FunctionNode) -> ast.expr | None:
    """The one expression that a function returns whenever it returns at all; None where there is none."""
    if function.decorator_list or isinstance(function, ast.AsyncFunctionDef):
        return None
    inside = list(_own_nodes(function))
    returns = [node for node in inside if isinstance(node, ast.Return)]
    if len(returns) != 1 or any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inside):
        return None
    return returns[0].value if _always_reached(function.body, returns[0]) else None


def _own_nodes(function: FunctionNode) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(children(node))


def _always_reached(body: Sequence[ast.stmt], statement: ast.stmt) -> bool:
    """Whether a block runs to a statement of it, or of a ``with`` or ``try`` in it, unless something is raised."""
    for each in body:
        if each is statement:
            return True
        if isinstance(each, ast.With) and _always_reached(each.body, statement):
            return True
        if isinstance(each, ast.Try) and _always_reached([*each.body, *each.orelse], statement):
            return all(isinstance(handler.body[-1], ast.Raise) for handler in each.handlers)
    return False
