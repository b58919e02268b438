"""What the callers in a project pass for the parameters of Python functions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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
