"""MWAA environments in Pulumi programs written in Python, one for each stack, read without running them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mwaalint.cached import cached_property
from mwaalint.documents.python_walk import walk
from mwaalint.findings import Location
from mwaalint.model.adapters._cdk_settings import Settings
from mwaalint.model.adapters._given import ITSELF, TAKEN, Given
from mwaalint.model.adapters._options import combined
from mwaalint.model.adapters._pulumi_arguments import arguments, ignored
from mwaalint.model.adapters._pulumi_resources import NAMING, Made, document_of, pulumi_kind, waited_for
from mwaalint.model.adapters._pulumi_resources import resources as resources_of
from mwaalint.model.adapters._pulumi_stacks import Stack, stacks_of
from mwaalint.model.adapters._python_modules import Module, Modules, block_of, holds
from mwaalint.model.adapters._python_objects import Origins, maker
from mwaalint.model.adapters._python_values import PythonValues, Site
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.layout import is_test
from mwaalint.model.values import ABSENT, Known, Value
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mwaalint.discover import Project
    from mwaalint.model.resources import Resources
    from mwaalint.source import SourceFile

_ENVIRONMENT = regex(r"pulumi_aws(_native)?\.mwaa\.(environment\.)?Environment")
_STRUCTURE = regex(r"pulumi_aws(_native)?\.\w+\.(\w+\.)?\w+Args(Dict)?")
_GETTER = regex(r"(?P<verb>get|require)(?P<secret>_secret)?(_(?P<kind>int|bool|float|object))?")
_UNSET = "the repository does not configure it"


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments of Python files. One that does not parse is passed over here."""
    by_path = {file.path: file for file in files if not is_test(file.path)}
    modules, settings = Modules(by_path, project), Settings(project)
    environments: list[Environment] = []
    resources: dict[str, Resources] = {}
    for path, file in by_path.items():
        module = modules.module(path) if holds(file, "pulumi_aws", "mwaa", "Environment") else None
        calls = _calls(module, _is_environment) if module else []
        for stack in stacks_of(path, project) if calls else ():
            assert module is not None
            values = _PulumiValues(modules, settings, _STRUCTURE, stack=stack)
            key = f"pulumi-python:{path}:{stack.variant}"
            resources[key] = resources_of(_made(module, by_path, values))
            environments += [replace(_environment(call, module, values), stack=key) for call in calls]
    return Declarations(tuple(environments), resources=resources)


def _made(start: Module, by_path: Mapping[str, SourceFile], values: _PulumiValues) -> list[Made]:
    """The resources of a program: of the files that import the one with the environment, and of all they import."""
    among = [values.modules.module(path) for path, file in by_path.items() if holds(file, "pulumi_aws")]
    found: list[tuple[Module, ast.Call]] = []
    for module in values.modules.linked([start], [each for each in among if each]):
        found += [(module, call) for call in _calls(module, lambda name: bool(pulumi_kind(name)))]
    for module, call in found:
        kind = pulumi_kind(module.dotted(call.func))
        name = values.value(Site(call.args[0], module, "")) if call.args else ABSENT
        address = f"aws.{kind}.{name.value}" if isinstance(name, Known) else f"aws.{kind}"
        taken = address in values.addresses.values()
        values.addresses[call] = f"{address} ({module.file.path}, {call.lineno})" if taken else address
    return [_one(module, call, values) for module, call in found]


def _one(module: Module, call: ast.Call, values: _PulumiValues) -> Made:
    address = values.addresses[call]
    given = values.given(call, Site(call, module, address))
    place = module.at(call.func, address)
    return Made(pulumi_kind(module.dotted(call.func)), address, place, given, block_of(call, module))


@dataclass(eq=False)
class _PulumiValues(PythonValues):
    """Evaluates expressions as one stack's run would."""

    stack: Stack = field(kw_only=True)
    addresses: dict[ast.Call, str] = field(default_factory=dict)

    @cached_property
    def origins(self) -> Origins:
        """Where the objects of the program come from."""
        return Origins(self.modules)

    def given(self, call: ast.Call, site: Site) -> Given:
        """The arguments of a resource, also those in an object of arguments in the place of its own."""
        named = {each.arg: self.value(site.to(each.value, f".{each.arg}")) for each in call.keywords if each.arg}
        rest: Value = ABSENT
        for spread in _spreads(call, site.module):
            value = self.value(site.to(spread))
            if isinstance(value, Known) and isinstance(value.value, dict):
                named = {**value.value, **named}
            else:
                rest = site.missing("it may be among what is passed here")
        return Given((), named, rest)

    def _call(self, call: ast.Call, site: Site) -> Value:
        if call in self.addresses:
            return replace(site.missing(ITSELF), resource=self.addresses[call])
        found = self._of_pulumi(call, site)
        return super()._call(call, site) if found is None else found

    def _attribute(self, node: ast.Attribute, site: Site) -> Value:
        made, _ = self.origins.of(node, site.module)
        if isinstance(made, ast.Call) and made in self.addresses:
            return replace(site.missing(ITSELF), resource=self.addresses[made])
        if node.attr in NAMING:
            made, _ = self.origins.of(node.value, site.module)
            if isinstance(made, ast.Call) and made in self.addresses:
                return replace(site.missing(TAKEN), resource=self.addresses[made])
        if node.attr == "json":
            document = self.value(site.to(node.value))
            return document if isinstance(document, Known) else site.missing(TAKEN)
        return super()._attribute(node, site)

    def _of_pulumi(self, call: ast.Call, site: Site) -> Value | None:
        match site.module.dotted(call.func):
            case "pulumi.get_stack":
                return site.known(self.stack.name) if self.stack.name else site.missing("the stack is not known")
            case "pulumi.get_project":
                return site.known(self.stack.project) if self.stack.project else site.missing("it is not known")
            case "json.dumps" | "pulumi.Output.json_dumps" if call.args:
                return self.value(site.to(call.args[0]))
            case "pulumi.Output.concat":
                return combined([self.value(site.to(each)) for each in call.args], _text, site.missing)
            case "pulumi_aws.iam.get_policy_document" | "pulumi_aws.iam.get_policy_document_output":
                return document_of(self.given(call, site), site.known({}).origin)
            case _:
                pass
        match call:
            case ast.Call(func=ast.Attribute(value=holder, attr=method), args=[key, *defaults]):
                getter = _GETTER.fullmatch(method)
                named = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
                namespace = self._namespace(holder, site) if getter else None
                if getter and namespace is not None:
                    return self._configured(getter, namespace, key, [*defaults, *named], site)
            case _:
                pass
        return None

    def _namespace(self, holder: ast.expr, site: Site) -> str | None:
        """The namespace of the ``pulumi.Config`` that an expression is; None when it is something else."""
        found = maker(holder, site.module, self.modules)
        if found is None or found[1].dotted(found[0].func) not in ("pulumi.Config", "pulumi.config.Config"):
            return None
        call, home = found
        named = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not named:
            return self.stack.project
        name = self.value(Site(named[0], home, "Config"))
        return name.value if isinstance(name, Known) and isinstance(name.value, str) else ""

    def _configured(
        self, getter: re.Match[str], namespace: str, key: ast.expr, defaults: list[ast.expr], site: Site
    ) -> Value:
        name = self.value(site.to(key))
        if getter["secret"] or not namespace or not isinstance(name, Known):
            return site.missing("it is a secret" if getter["secret"] else _UNSET)
        found = self.stack.value(f"{namespace}:{name.value}", getter["kind"] or "str")
        if found is not None:
            return found
        if getter["verb"] == "get" and defaults:
            return self.value(site.to(defaults[0]))
        return ABSENT if getter["verb"] == "get" and self.stack.name else site.missing(_UNSET)


def _is_environment(name: str) -> bool:
    return _ENVIRONMENT.fullmatch(name) is not None


def _calls(module: Module, wanted: Callable[[str], bool]) -> list[ast.Call]:
    calls = [node for node in walk(module.tree) if isinstance(node, ast.Call) and wanted(module.dotted(node.func))]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _environment(call: ast.Call, module: Module, values: _PulumiValues) -> Environment:
    written = [keyword.value for keyword in call.keywords if keyword.arg == "resource_name"] or call.args[:1]
    name = values.value(Site(written[0], module, "")) if written else ABSENT
    symbol = f"aws.mwaa.Environment.{name.value}" if isinstance(name, Known) else "aws.mwaa.Environment"
    found: dict[str, Value] = {}
    declared: dict[str, Location] = {}
    for keyword in call.keywords:
        if keyword.arg in ARGUMENTS:
            start = module.span(keyword).start
            span = Span(start, start + len(keyword.arg.encode(module.file.encoding)))
            declared[keyword.arg] = Location(module.file.path, span, f"{symbol}.{keyword.arg}")
            found[keyword.arg] = values.value(Site(keyword.value, module, f"{symbol}.{keyword.arg}"))
    for spread in _spreads(call, module):
        site = Site(spread, module, symbol)
        for argument, value in _members(site, values).items():
            declared.setdefault(argument, module.at(spread, f"{symbol}.{argument}"))
            found.setdefault(argument, value)
    place = module.at(call.func, symbol)
    bare = Environment(symbol, "pulumi-python", place, values.stack.variant, declared, _ignored(call, module, values))
    whole = replace(bare, **arguments(found, place))  # type: ignore[arg-type]
    return replace(whole, depends_on=waited_for(whole, _option(call, module, values, "depends_on")))


def _spreads(call: ast.Call, module: Module) -> Iterator[ast.expr]:
    """What passes several arguments at once: ``**``, and ``EnvironmentArgs`` in the place of its own."""
    yield from (keyword.value for keyword in call.keywords if keyword.arg in (None, "args"))
    yield from (node for node in call.args[1:] if not _is_options(node, module))


def _is_options(node: ast.expr, module: Module) -> bool:
    is_call = isinstance(node, ast.Call) and module.dotted(node.func).endswith("ResourceOptions")
    return is_call or (isinstance(node, ast.Constant) and node.value is None)


def _members(site: Site, values: _PulumiValues) -> dict[str, Value]:
    value = values.value(site)
    if isinstance(value, Known) and isinstance(value.value, dict):
        return {name: member for name, member in value.value.items() if name in ARGUMENTS}
    return dict.fromkeys(ARGUMENTS, site.missing("it may be among what is passed here"))


def _ignored(call: ast.Call, module: Module, values: _PulumiValues) -> frozenset[str]:
    return ignored(_option(call, module, values, "ignore_changes"))


def _option(call: ast.Call, module: Module, values: _PulumiValues, name: str) -> Value:
    """What the options of a resource say."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "opts"]
    given += [node for node in call.args[1:] if _is_options(node, module)]
    if not given:
        return ABSENT
    found = maker(given[0], module, values.modules)
    if found is None:
        return Site(given[0], module, name).missing("the options are not known")
    written = [keyword.value for keyword in found[0].keywords if keyword.arg == name]
    return values.value(Site(written[0], found[1], name)) if written else ABSENT


def _text(parts: Sequence[object]) -> str | None:
    return "".join(map(str, parts)) if all(isinstance(part, str | int) for part in parts) else None
