"""MWAA environments and uploads in CDK apps written in Python, read from the source without running it."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.model.adapters import _cdk_assets
from mwaalint.model.adapters._cdk_overrides import Override, merged, overrides
from mwaalint.model.adapters._cdk_settings import Settings
from mwaalint.model.adapters._properties import shaped
from mwaalint.model.adapters._python_modules import Module, Modules, holds, is_test
from mwaalint.model.adapters._python_values import PythonValues, Site
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment, Upload
from mwaalint.model.values import ABSENT, Known, Value
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

ENVIRONMENT = "aws_cdk.aws_mwaa.CfnEnvironment"

_STRUCTURE = re.compile(rf"{re.escape(ENVIRONMENT)}\.\w+Property")


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments and bucket deployments of Python files. One that does not parse is passed over here."""
    by_path = {file.path: file for file in files if not is_test(file.path)}
    values = PythonValues(Modules(by_path, project), Settings(project), _STRUCTURE)
    environments: list[Environment] = []
    uploads: list[Upload] = []
    for path, file in by_path.items():
        makes = holds(file, "CfnEnvironment", "aws_mwaa")
        copies = holds(file, "BucketDeployment", "aws_s3_deployment")
        module = values.modules.module(path) if makes or copies else None
        for call in _calls(module) if module else ():
            assert module is not None
            name = module.dotted(call.func)
            if name == ENVIRONMENT:
                environments.append(_environment(call, module, values))
            elif name == _cdk_assets.DEPLOYMENT:
                uploads += _cdk_assets.uploads(call, values, module, _symbol("BucketDeployment", call, module, values))
    return Declarations(tuple(environments), tuple(uploads))


def _calls(module: Module) -> list[ast.Call]:
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _symbol(kind: str, call: ast.Call, module: Module, values: PythonValues) -> str:
    """The type with the construct's id, as far as that is known."""
    written = [keyword.value for keyword in call.keywords if keyword.arg in ("id", "construct_id")] or call.args[1:2]
    found = values.value(Site(written[0], module, kind)) if written else ABSENT
    return f"{kind}.{found.value}" if isinstance(found, Known) else kind


def _environment(call: ast.Call, module: Module, values: PythonValues) -> Environment:
    symbol = _symbol("mwaa.CfnEnvironment", call, module, values)
    declared: dict[str, Location] = {}
    found: dict[str, Value] = {}
    for keyword in call.keywords:
        if keyword.arg in ARGUMENTS:
            place = module.span(keyword)
            span = Span(place.start, place.start + len(keyword.arg.encode(module.file.encoding)))
            declared[keyword.arg] = Location(module.file.path, span, f"{symbol}.{keyword.arg}")
            found[keyword.arg] = values.value(Site(keyword.value, module, f"{symbol}.{keyword.arg}"))
    for keyword in call.keywords:
        if keyword.arg is None:
            _spread(values, Site(keyword.value, module, symbol), found, declared)
    for override in overrides(call, values, module, symbol):
        _apply(override, found, declared)
    shapes = {argument: shaped(argument, value) for argument, value in found.items()}
    bare = Environment(symbol, "cdk-python", module.at(call.func, symbol), declared=declared)
    return replace(bare, **shapes)  # type: ignore[arg-type]


def _spread(values: PythonValues, site: Site, found: dict[str, Value], declared: dict[str, Location]) -> None:
    """Adds what ``**`` passes; where that is not known, any argument that is not written out may be set."""
    value = values.value(site)
    members: dict[str, Value] = dict.fromkeys(ARGUMENTS, site.missing("it may be among what is spread here"))
    if isinstance(value, Known) and isinstance(value.value, dict):
        members = value.value
    for argument, member in members.items():
        if argument in ARGUMENTS and argument not in found:
            declared[argument] = site.module.at(site.node, f"{site.symbol}.{argument}")
            found[argument] = member


def _apply(override: Override, found: dict[str, Value], declared: dict[str, Location]) -> None:
    place = override.site.module.at(override.site.node, override.site.symbol)
    for argument in ARGUMENTS if override.argument is None else (override.argument,):
        if argument in ARGUMENTS:
            declared.setdefault(argument, place)
            found[argument] = merged(found.get(argument, ABSENT), override)
