"""MWAA environments that Python code creates or updates through boto3, read from the calls without making them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.documents.python_walk import walk
from mwaalint.findings import Location
from mwaalint.model.adapters._api_members import (
    OBJECT_VERSIONS,
    argument_of,
    as_argument,
    created,
    tells_nothing,
    updated,
)
from mwaalint.model.adapters._cdk_settings import Settings
from mwaalint.model.adapters._python_modules import Module, Modules, holds
from mwaalint.model.adapters._python_objects import maker
from mwaalint.model.adapters._python_values import PythonValues, Site
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.layout import is_test
from mwaalint.model.values import Known, Value, is_set
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

_NO_STRUCTURE = regex(r"(?!)")
_METHODS = ("create_environment", "update_environment")
Arguments = dict[str, Value]


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments of Python files, and the object versions they pass to UpdateEnvironment.

    A call that tells nothing of an environment declares none.
    """
    by_path = {file.path: file for file in files if not is_test(file.path)}
    values = PythonValues(Modules(by_path, project), Settings(project), _NO_STRUCTURE)
    environments: list[Environment] = []
    versions: set[str] = set()
    for path, file in by_path.items():
        if not any(holds(file, "boto3", "mwaa", method) for method in _METHODS):
            continue
        module = values.modules.module(path)
        for call in _calls(module, values) if module else ():
            assert module is not None
            found, declared = _arguments(call, module, values)
            if _method(call) == "update_environment":
                versions |= {name for name in OBJECT_VERSIONS if name in found and is_set(found[name])}
            if environment := _environment(call, found, declared, module):
                environments.append(environment)
    return Declarations(tuple(environments), updated_versions=frozenset(versions))


def _calls(module: Module, values: PythonValues) -> list[ast.Call]:
    calls = [
        node
        for node in walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _METHODS
        and _is_client(node.func.value, module, values)
    ]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _is_client(node: ast.expr, module: Module, values: PythonValues) -> bool:
    """Whether an expression is ``boto3.client("mwaa")``, of any session, or a name for it."""
    found = maker(node, module, values.modules)
    if found is None:
        return False
    call, home = found
    makes = call.func.attr if isinstance(call.func, ast.Attribute) else home.dotted(call.func)
    named = [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "service_name")]
    if makes not in ("client", "boto3.client") or not named:
        return False
    service = values.value(Site(named[0], home, "client"))
    return isinstance(service, Known) and service.value == "mwaa"


def _arguments(call: ast.Call, module: Module, values: PythonValues) -> tuple[Arguments, dict[str, Location]]:
    symbol = f"mwaa.{_method(call)}"
    found: Arguments = {}
    declared: dict[str, Location] = {}
    for keyword in call.keywords:
        argument = argument_of(keyword.arg) if keyword.arg else None
        if argument and keyword.arg:
            start = module.span(keyword).start
            span = Span(start, start + len(keyword.arg.encode(module.file.encoding)))
            declared[argument] = Location(module.file.path, span, f"{symbol}.{keyword.arg}")
            found[argument] = values.value(Site(keyword.value, module, f"{symbol}.{keyword.arg}"))
    for keyword in call.keywords:
        if keyword.arg is None:
            site = Site(keyword.value, module, symbol)
            for argument, value in _spread(site, values).items():
                declared.setdefault(argument, module.at(site.node, f"{symbol}.{argument}"))
                found.setdefault(argument, value)
    return {argument: as_argument(argument, value) for argument, value in found.items()}, declared


def _spread(site: Site, values: PythonValues) -> Arguments:
    """What ``**`` passes; where that is not known, any argument may be among it."""
    value = values.value(site)
    if not (isinstance(value, Known) and isinstance(value.value, dict)):
        return dict.fromkeys(ARGUMENTS, site.missing("it may be among what is spread here"))
    return {argument: member for name, member in value.value.items() if (argument := argument_of(name))}


def _environment(call: ast.Call, found: Arguments, declared: dict[str, Location], module: Module) -> Environment | None:
    symbol = f"mwaa.{_method(call)}"
    place = module.at(call.func, symbol)
    bare = Environment(symbol, "boto3", place, declared=declared)
    if _method(call) == "create_environment":
        return None if tells_nothing(found) else created(bare, found)
    return None if tells_nothing(found, "name", *OBJECT_VERSIONS) else updated(bare, found, place)


def _method(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr
