"""MWAA environments declared in CloudFormation and SAM templates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents.cloudformation import Resource, Template, parse
from mwaalint.findings import Location
from mwaalint.model.adapters._cloudformation_stacks import stacks_of
from mwaalint.model.adapters._cloudformation_values import Evaluator
from mwaalint.model.adapters._properties import shaped, snake_case
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.discover import Project
    from mwaalint.documents.yaml_nodes import Entry
    from mwaalint.findings import Finding
    from mwaalint.model.values import Value
    from mwaalint.source import SourceFile

TYPE = "AWS::MWAA::Environment"

# Maps whose values have no type of their own keep the one they are written with.
_FREE = frozenset({"airflow_configuration_options", "tags"})


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
    return shaped(argument, evaluator.value(entry.value, symbol, natural=argument in _FREE))
