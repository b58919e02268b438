"""MWAA environments declared in CloudFormation and SAM templates."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents.cloudformation import Resource, Template, parse
from mwaalint.findings import Location
from mwaalint.model.adapters._cloudformation_stacks import stacks_of
from mwaalint.model.adapters._cloudformation_values import Evaluator
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.values import Known, OneOf, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mwaalint.discover import Project
    from mwaalint.documents.yaml_nodes import Entry
    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

TYPE = "AWS::MWAA::Environment"

_COUNTS = frozenset({"min_workers", "max_workers", "schedulers", "min_webservers", "max_webservers"})
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WHOLE_NUMBER = re.compile(r"[-+]?[0-9]{1,18}")


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments of templates. A file that cannot be read is a problem, and the others are read all the same."""
    environments: list[Environment] = []
    problems: list[Finding] = []
    for file in files:
        parsed = parse(file)
        if parsed.problem:
            problems.append(parsed.problem)
        for template in parsed.templates:
            environments += _environments(template, project)
    return Declarations(tuple(environments), problems=tuple(problems))


def snake_case(name: str) -> str:
    """The name of a property as the API's member in snake_case: ``DagS3Path`` is ``dag_s3_path``."""
    return _WORD_START.sub("_", name).lower()


def _environments(template: Template, project: Project) -> Iterator[Environment]:
    if not any(resource.type == TYPE for resource in template.resources):
        return
    stacks = stacks_of(template, project)
    if not stacks:
        yield from _declared(Evaluator(template))
    for stack in stacks:
        yield from _declared(Evaluator(template, stack.given), f"{stack.logical_id}.")


def _declared(evaluator: Evaluator, prefix: str = "") -> Iterator[Environment]:
    for resource in evaluator.template.resources:
        if resource.type == TYPE and not (resource.condition and evaluator.condition(resource.condition) is False):
            yield _environment(resource, evaluator, prefix)


def _environment(resource: Resource, evaluator: Evaluator, prefix: str) -> Environment:
    path, logical_id = evaluator.template.file.path, resource.logical_id
    declared: dict[str, Location] = {}
    values: dict[str, Value] = {}
    for entry in resource.properties:
        argument = snake_case(entry.key)
        if argument in ARGUMENTS:
            declared[argument] = Location(path, entry.key_span, f"{logical_id}.{entry.key}")
            values[argument] = _argument(argument, entry, f"{logical_id}.{entry.key}", evaluator)
    location = Location(path, resource.key_span, logical_id)
    bare = Environment(prefix + logical_id, "cloudformation", location, declared=declared)
    return replace(bare, **values)  # type: ignore[arg-type]


def _argument(argument: str, entry: Entry, symbol: str, evaluator: Evaluator) -> Value:
    match argument:
        case "airflow_configuration_options" | "tags":
            return evaluator.value(entry.value, symbol, natural=True)
        case "logging_configuration":
            return _members(evaluator.value(entry.value, symbol), _log_module)
        case "network_configuration":
            return _members(evaluator.value(entry.value, symbol), lambda _, value: value)
        case _:
            value = evaluator.value(entry.value, symbol)
            return _each(value, _count) if argument in _COUNTS else value


def _members(value: Value, convert: Callable[[str, Value], Value]) -> Value:
    """A structure with its members' names in snake_case and their values converted."""

    def members(content: object) -> object:
        if not isinstance(content, dict):
            return content
        named = {snake_case(name): member for name, member in content.items()}
        return {name: convert(name, member) for name, member in named.items()}

    return _each(value, members)


def _log_module(_: str, value: Value) -> Value:
    return _members(value, lambda name, member: _each(member, _flag) if name == "enabled" else member)


def _each(value: Value, convert: Callable[[object], object]) -> Value:
    """The value with what it may be converted."""
    match value:
        case Known():
            return Known(convert(value.value), value.origin)
        case OneOf():
            return OneOf(tuple(Known(convert(option.value), option.origin) for option in value.options), value.origin)
        case _:
            return value


def _count(content: object) -> object:
    return int(content) if isinstance(content, str) and _WHOLE_NUMBER.fullmatch(content) else content


def _flag(content: object) -> object:
    return {"true": True, "false": False}.get(content.lower(), content) if isinstance(content, str) else content
