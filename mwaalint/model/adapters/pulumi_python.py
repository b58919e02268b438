"""MWAA environments in Pulumi programs written in Python, one for each stack, read without running them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.model.adapters._cdk_settings import Settings
from mwaalint.model.adapters._pulumi_arguments import arguments, ignored
from mwaalint.model.adapters._pulumi_stacks import Stack, stacks_of
from mwaalint.model.adapters._python_modules import Module, Modules, holds, is_test
from mwaalint.model.adapters._python_objects import maker
from mwaalint.model.adapters._python_values import PythonValues, Site
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.values import ABSENT, Known, Value
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

_ENVIRONMENT = re.compile(r"pulumi_aws(_native)?\.mwaa\.(environment\.)?Environment")
_STRUCTURE = re.compile(r"pulumi_aws(_native)?\.mwaa\.(\w+\.)?Environment\w*Args(Dict)?")
_GETTER = re.compile(r"(?P<verb>get|require)(?P<secret>_secret)?(_(?P<kind>int|bool|float|object))?")
_UNSET = "the repository does not configure it"


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments of Python files. One that does not parse is passed over here."""
    by_path = {file.path: file for file in files if not is_test(file.path)}
    modules, settings = Modules(by_path, project), Settings(project)
    environments: list[Environment] = []
    for path, file in by_path.items():
        module = modules.module(path) if holds(file, "pulumi_aws", "mwaa", "Environment") else None
        calls = _calls(module) if module else []
        for stack in stacks_of(path, project) if calls else ():
            assert module is not None
            values = _PulumiValues(modules, settings, _STRUCTURE, stack=stack)
            environments += [_environment(call, module, values) for call in calls]
    return Declarations(tuple(environments))


@dataclass(eq=False)
class _PulumiValues(PythonValues):
    """Evaluates expressions as one stack's run would."""

    stack: Stack = field(kw_only=True)

    def _call(self, call: ast.Call, site: Site) -> Value:
        found = self._of_pulumi(call, site)
        return super()._call(call, site) if found is None else found

    def _of_pulumi(self, call: ast.Call, site: Site) -> Value | None:
        match site.module.dotted(call.func):
            case "pulumi.get_stack":
                return site.known(self.stack.name) if self.stack.name else site.missing("the stack is not known")
            case "pulumi.get_project":
                return site.known(self.stack.project) if self.stack.project else site.missing("it is not known")
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


def _calls(module: Module) -> list[ast.Call]:
    calls = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _ENVIRONMENT.fullmatch(module.dotted(node.func))
    ]
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
    return replace(bare, **arguments(found, place))  # type: ignore[arg-type]


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
    given = [keyword.value for keyword in call.keywords if keyword.arg == "opts"]
    given += [node for node in call.args[1:] if _is_options(node, module)]
    found = maker(given[0], module, values.modules) if given else None
    for keyword in found[0].keywords if found else ():
        if found and keyword.arg == "ignore_changes":
            return ignored(values.value(Site(keyword.value, found[1], "ignore_changes")))
    return frozenset()
