"""MWAA environments and uploads in CDK and Pulumi programs written in TypeScript or JavaScript, read without running
them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import Call, Class, Literal, Name, ObjectOf, Property, Script
from mwaalint.model.adapters._cdk_constructs import ENVIRONMENT, App, resources, waited_for
from mwaalint.model.adapters._cdk_settings import Settings
from mwaalint.model.adapters._cdk_typescript_uses import Uses, construct, find_constructs
from mwaalint.model.adapters._cdk_typescript_values import CdkScriptValues
from mwaalint.model.adapters._properties import shaped
from mwaalint.model.adapters._pulumi_arguments import arguments, ignored
from mwaalint.model.adapters._pulumi_resources import resources as of_pulumi
from mwaalint.model.adapters._pulumi_resources import waited_for as pulumi_waits_for
from mwaalint.model.adapters._pulumi_stacks import stacks_of
from mwaalint.model.adapters._pulumi_typescript_values import PulumiScriptValues
from mwaalint.model.adapters._template_resources import resources_of
from mwaalint.model.adapters._typescript_modules import Scripts, holds, programs
from mwaalint.model.adapters._typescript_overrides import Override, merged, overrides
from mwaalint.model.adapters._typescript_sites import Site, Target
from mwaalint.model.adapters._typescript_uploads import uploads
from mwaalint.model.adapters._typescript_values import TypeScriptValues
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment, Upload
from mwaalint.model.values import ABSENT, Absent, Known, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mwaalint.discover import Project
    from mwaalint.findings import Location
    from mwaalint.model.resources import Resources
    from mwaalint.source import SourceFile

# Some import the CDK through a package of their own; there is no other mwaa.CfnEnvironment.
_CDK = regex(r"(.*[./])?(aws[-_])?mwaa\.CfnEnvironment")
_PULUMI = regex(r"@pulumi/(aws|aws-native)[./]mwaa[./](environment\.)?Environment")
# An app's folder may be "", but a stack has a name.
_STACK = "cdk-typescript:"
_COPIES = ("BucketDeployment", "BucketObject")


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments of the files, and the uploads of all programs of the project where there are any.

    A file that cannot be read is passed over here.
    """
    scripts, settings = Scripts(project, programs(project)), Settings(project)
    starts = [script for file in files if file.path in scripts.files and (script := scripts.script(file.path))]
    values = CdkScriptValues(scripts, settings)
    apps = _apps(starts, values)
    stacks = {_STACK + folder: resources_of(resources(app)) for folder, app in apps.items()}
    environments: list[Environment] = []
    for script in starts:
        environments += (_in_app(each, values, apps) for each in _environments(script, values, stacks))
    if not environments:
        return Declarations()
    return Declarations(tuple(environments), tuple(_uploads(scripts, settings)), resources=stacks)


def _apps(starts: Sequence[Script], values: CdkScriptValues) -> dict[str, App]:
    """The CDK apps that make environments, by their folders, with the constructs and all that is done with them."""
    found: dict[str, App] = {}
    starts = [script for script in starts if holds(script.file, "CfnEnvironment")]
    folders = {values.settings.app_folder(script.file.path) for script in starts}
    every = list(values.scripts.holding("aws")) if folders else []
    for folder in sorted(folders):
        among = [script for script in every if values.settings.app_folder(script.file.path) == folder]
        together = values.scripts.linked([script for script in starts if script in among], among)
        made = find_constructs(together, values)
        uses = Uses(values)
        for script in together:
            uses.read(script)
        constructs = {values.addresses[id(site.node)]: construct(site, values) for site in made}
        app = App(constructs, tuple(uses.found), frozenset(uses.escaped), tuple(uses.imported))
        if any(each.kind == ENVIRONMENT for each in constructs.values()):
            found[folder] = app
    return found


def _in_app(environment: Environment, values: CdkScriptValues, apps: Mapping[str, App]) -> Environment:
    folder = values.settings.app_folder(environment.location.path)
    app = apps.get(folder)
    for address, each in app.constructs.items() if app else ():
        if (each.location.path, each.location.span) == (environment.location.path, environment.location.span):
            assert app is not None
            waits = waited_for(address, environment, app)
            return replace(environment, stack=_STACK + folder, depends_on=waits)
    return environment


def _environments(script: Script, values: CdkScriptValues, stacks: dict[str, Resources]) -> Iterator[Environment]:
    """The environments of a script. What a Pulumi program declares beside them is added to ``stacks``."""
    for call, scope in script.calls:
        site = Site(call, scope, script, "")
        kind = _kind(call, site, values)
        if _CDK.fullmatch(kind):
            yield _of_cdk(call, site, values)
        elif _PULUMI.fullmatch(kind):
            for stack in stacks_of(script.file.path, values.scripts.project):
                program = PulumiScriptValues(values.scripts, values.settings, stack)
                made = program.resources(values.scripts.linked([script], list(values.scripts.holding("pulumi"))))
                key = f"pulumi-typescript:{script.file.path}:{stack.variant}"
                stacks[key] = of_pulumi(made)
                yield replace(_of_pulumi(call, site, program), stack=key)


def _kind(call: Call, site: Site, values: TypeScriptValues) -> str:
    """What a call makes an instance of, also as the ``super(...)`` of a class derived from that."""
    if call.new:
        return values.qualified(site.to(call.function))
    owner = site.scope.this()
    if call.function == Name("super", call.callee) and isinstance(owner, Class) and owner.base is not None:
        return values.qualified(Site(owner.base, owner.scope, site.script, ""))
    return ""


def _uploads(scripts: Scripts, settings: Settings) -> Iterator[Upload]:
    for word in _COPIES:
        for script in scripts.holding(word):
            stacks = stacks_of(script.file.path, scripts.project) if word == "BucketObject" else [None]
            for stack in stacks:
                values = TypeScriptValues(scripts, settings, stack)
                for call, scope in script.calls:
                    if call.new:
                        yield from uploads(Site(call, scope, script, word), values)


def _symbol(kind: str, name: Site | None, values: TypeScriptValues) -> str:
    found = values.value(name) if name is not None else ABSENT
    return f"{kind}.{found.value}" if isinstance(found, Known) else kind


def _of_cdk(call: Call, site: Site, values: TypeScriptValues) -> Environment:
    symbol = _symbol("mwaa.CfnEnvironment", site.to(call.arguments[1]) if len(call.arguments) > 1 else None, values)
    found, declared = _arguments(call, 2, replace(site, symbol=symbol), values)
    for override in overrides(replace(site, symbol=symbol), values):
        _apply(override, found, declared)
    shapes = {argument: shaped(argument, value) for argument, value in found.items()}
    bare = Environment(symbol, "cdk-typescript", replace(site, symbol=symbol).at(call.callee), declared=declared)
    return replace(bare, **shapes)  # type: ignore[arg-type]


def _of_pulumi(call: Call, site: Site, values: TypeScriptValues) -> Environment:
    symbol = _symbol("aws.mwaa.Environment", site.to(call.arguments[0]) if call.arguments else None, values)
    named = replace(site, symbol=symbol)
    found, declared = _arguments(call, 1, named, values)
    options = named.to(call.arguments[2]) if len(call.arguments) > 2 else None
    changes, waits = (_option(name, options, values) for name in ("ignoreChanges", "dependsOn"))
    place = named.at(call.callee)
    variant = values.stack.variant if values.stack else ""
    bare = Environment(symbol, "pulumi-typescript", place, variant, declared, ignored(changes))
    whole = replace(bare, **arguments(found, place))  # type: ignore[arg-type]
    return replace(whole, depends_on=pulumi_waits_for(whole, waits))


def _option(name: str, options: Site | None, values: TypeScriptValues) -> Value:
    """What the options of a Pulumi resource say."""
    if options is None:
        return ABSENT
    return values.either([each for t in values.targets(options) for each in values.member(t, name, options)], options)


def _arguments(
    call: Call, position: int, site: Site, values: TypeScriptValues
) -> tuple[dict[str, Value], dict[str, Location]]:
    """What the object of properties sets, and where; where that object is not known, any argument may be set."""
    found: dict[str, Value] = {}
    declared: dict[str, Location] = {}
    if position >= len(call.arguments):
        return found, declared
    properties = site.to(call.arguments[position])
    targets = values.targets(properties)
    for argument in ARGUMENTS:
        name = _camel_case(argument)
        members = [each for t in targets for each in values.member(t, name, properties)]
        value = values.either(members, properties)
        if not isinstance(value, Absent):
            found[argument] = value
            declared[argument] = _place(targets[0], name, properties, f"{site.symbol}.{name}")
    return found, declared


def _camel_case(argument: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), argument)


def _place(target: Target, name: str, properties: Site, symbol: str) -> Location:
    """Where a property's name is written, else where its object is named."""
    if isinstance(target, Site) and isinstance(target.node, ObjectOf):
        for member in reversed(target.node.members):
            if isinstance(member, Property) and isinstance(member.key, Literal) and member.key.value == name:
                return replace(target.at(member.place), symbol=symbol)
    return replace(properties.at(), symbol=symbol)


def _apply(override: Override, found: dict[str, Value], declared: dict[str, Location]) -> None:
    for argument in ARGUMENTS if override.argument is None else (override.argument,):
        if argument in ARGUMENTS:
            declared.setdefault(argument, override.site.at())
            found[argument] = merged(found.get(argument, ABSENT), override)
