"""MWAA environments and uploads in CDK apps written in Python, read from the source without running it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.model.adapters import _cdk_assets
from mwaalint.model.adapters._cdk_constructs import ENVIRONMENT, App, resources, waited_for
from mwaalint.model.adapters._cdk_overrides import Override, merged, overrides
from mwaalint.model.adapters._cdk_python_uses import Uses, calls_of, construct, find_constructs
from mwaalint.model.adapters._cdk_python_uses import symbol as symbol_of
from mwaalint.model.adapters._cdk_python_values import CdkValues
from mwaalint.model.adapters._cdk_settings import Settings
from mwaalint.model.adapters._cdk_vocabulary import cdk_name
from mwaalint.model.adapters._properties import shaped
from mwaalint.model.adapters._python_modules import Module, Modules, holds
from mwaalint.model.adapters._python_values import PythonValues, Site
from mwaalint.model.adapters._template_resources import resources_of
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment, Upload
from mwaalint.model.layout import is_test
from mwaalint.model.values import ABSENT, Known, Value
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping, Sequence

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

# An app's folder may be "", but a stack has a name.
_STACK = "cdk-python:"
_STRUCTURE = regex(r"aws_cdk\.aws_\w+\.Cfn\w+\.\w+Property")


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments and bucket deployments of Python files. One that does not parse is passed over here."""
    by_path = {file.path: file for file in files if not is_test(file.path)}
    values = CdkValues(Modules(by_path, project), Settings(project), _STRUCTURE)
    apps = _apps(by_path, values)
    environments: list[Environment] = []
    uploads: list[Upload] = []
    for path, file in by_path.items():
        makes = holds(file, "CfnEnvironment", "aws_mwaa")
        copies = holds(file, "BucketDeployment", "aws_s3_deployment")
        module = values.modules.module(path) if makes or copies else None
        for call in calls_of(module) if module else ():
            assert module is not None
            name = module.dotted(call.func)
            if cdk_name(name) == ENVIRONMENT:
                environments.append(_in_app(_environment(call, module, values), call, values, apps))
            elif name == _cdk_assets.DEPLOYMENT:
                uploads += _cdk_assets.uploads(
                    call, values, module, symbol_of("BucketDeployment", call, module, values)
                )
    stacks = {_STACK + folder: resources_of(resources(app)) for folder, app in apps.items()}
    return Declarations(tuple(environments), tuple(uploads), resources=stacks)


def _apps(by_path: Mapping[str, SourceFile], values: CdkValues) -> dict[str, App]:
    """The apps that make environments, by their folders, with the constructs and all that is done with them."""
    folder_of = {path: values.settings.app_folder(path) for path, file in by_path.items() if holds(file, "aws_cdk")}
    starts: dict[str, list[Module]] = {}
    for path, folder in folder_of.items():
        if holds(by_path[path], "CfnEnvironment", "aws_mwaa") and (module := values.modules.module(path)):
            starts.setdefault(folder, []).append(module)
    apps: dict[str, App] = {}
    for folder, modules in starts.items():
        every = (values.modules.module(path) for path, itself in folder_of.items() if itself == folder)
        together = values.modules.linked(modules, [module for module in every if module])
        apps[folder] = _app(together, values)
    return {
        folder: app for folder, app in apps.items() if any(each.kind == ENVIRONMENT for each in app.constructs.values())
    }


def _app(modules: Sequence[Module], values: CdkValues) -> App:
    made = find_constructs(modules, values)
    uses = Uses(values)
    for module in modules:
        uses.read(module)
    constructs = {values.addresses[call]: construct(call, module, values) for module, call in made}
    return App(constructs, tuple(uses.found), frozenset(uses.escaped), tuple(uses.imported))


def _in_app(environment: Environment, call: ast.Call, values: CdkValues, apps: Mapping[str, App]) -> Environment:
    folder = values.settings.app_folder(environment.location.path)
    app, address = apps.get(folder), values.addresses.get(call)
    if app is None or address is None:
        return environment
    return replace(environment, stack=_STACK + folder, depends_on=waited_for(address, environment, app))


def _environment(call: ast.Call, module: Module, values: CdkValues) -> Environment:
    symbol = symbol_of("mwaa.CfnEnvironment", call, module, values)
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
