"""MWAA environments declared in CloudFormation and SAM templates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents.cloudformation import Resource, Template, parse
from mwaalint.findings import Location
from mwaalint.model.adapters._cloudformation_references import References
from mwaalint.model.adapters._cloudformation_stacks import stacks_of
from mwaalint.model.adapters._cloudformation_values import Evaluator
from mwaalint.model.adapters._properties import shaped, snake_case
from mwaalint.model.adapters._template_properties import Declared
from mwaalint.model.adapters._template_resources import TYPES, resources_of
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.values import ABSENT, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.discover import Project
    from mwaalint.documents.yaml_nodes import Entry
    from mwaalint.findings import Finding
    from mwaalint.model.resources import Resources
    from mwaalint.model.values import Value
    from mwaalint.source import SourceFile

TYPE = "AWS::MWAA::Environment"

# Maps whose values have no type of their own keep the one they are written with.
_FREE = frozenset({"airflow_configuration_options", "tags"})


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments of templates. A file that cannot be read is a problem, and the others are read all the same."""
    environments: list[Environment] = []
    problems: list[Finding] = []
    resources: dict[str, Resources] = {}
    for file in files:
        parsed = parse(file)
        if parsed.problem:
            problems.append(parsed.problem)
        for number, template in enumerate(parsed.templates):
            for evaluator, prefix in _deployed(template, project):
                stack = f"{file.path}#{number}/{prefix}"
                environments += _environments(evaluator, prefix, stack)
                resources[stack] = resources_of(_others(evaluator))
    return Declarations(tuple(environments), problems=tuple(problems), resources=resources)


def _deployed(template: Template, project: Project) -> Iterator[tuple[Evaluator, str]]:
    """A template with environments as each stack of the repository deploys it, and what that puts before names."""
    if not any(resource.type == TYPE for resource in template.resources):
        return
    stacks = stacks_of(template, project)
    if not stacks:
        yield Evaluator(template), ""
    for stack in stacks:
        yield Evaluator(template, stack.given), f"{stack.logical_id}."


def _made(evaluator: Evaluator) -> Iterator[Resource]:
    for resource in evaluator.template.resources:
        if not (resource.condition and evaluator.condition(resource.condition) is False):
            yield resource


def _environments(evaluator: Evaluator, prefix: str, stack: str) -> Iterator[Environment]:
    references = References(evaluator.template)
    for resource in _made(evaluator):
        if resource.type == TYPE:
            waits = references.waited_for(resource.logical_id)
            yield replace(_environment(resource, evaluator, prefix), stack=stack, depends_on=waits)


def _others(evaluator: Evaluator) -> Iterator[Declared]:
    path = evaluator.template.file.path
    for resource in _made(evaluator):
        if resource.type in TYPES:
            properties = {
                entry.key: evaluator.value(entry.value, f"{resource.logical_id}.{entry.key}")
                for entry in resource.properties
            }
            open_ = resource.condition if resource.condition and not evaluator.condition(resource.condition) else ""
            place = Location(path, resource.heading, resource.logical_id)
            # A function in the place of properties, such as a macro, may give any of them.
            macros = any(key.startswith("Fn::") for key in properties)
            rest = Unresolved("Fn::Transform", "a macro may set it", place) if macros else ABSENT
            yield Declared(resource.type, resource.logical_id, place, properties, open_, not macros, rest)


def _environment(resource: Resource, evaluator: Evaluator, prefix: str) -> Environment:
    path, logical_id = evaluator.template.file.path, resource.logical_id
    declared: dict[str, Location] = {}
    values: dict[str, Value] = {}
    for entry in resource.properties:
        argument = snake_case(entry.key)
        if argument in ARGUMENTS:
            declared[argument] = Location(path, entry.key_span, f"{logical_id}.{entry.key}")
            values[argument] = _argument(argument, entry, f"{logical_id}.{entry.key}", evaluator)
    location = Location(path, resource.heading, logical_id)
    bare = Environment(prefix + logical_id, "cloudformation", location, declared=declared)
    return replace(bare, **values)  # type: ignore[arg-type]


def _argument(argument: str, entry: Entry, symbol: str, evaluator: Evaluator) -> Value:
    return shaped(argument, evaluator.value(entry.value, symbol, natural=argument in _FREE))
