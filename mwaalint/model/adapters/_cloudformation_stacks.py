"""Nested stacks: which templates of the repository deploy another one, and with what parameters."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents.cloudformation import Resource, Template, parse
from mwaalint.documents.yaml_nodes import Mapping, Scalar
from mwaalint.model.adapters._cloudformation_values import Evaluator
from mwaalint.model.values import Absent, Unresolved, Value
from mwaalint.records import record
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Map

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

_SUFFIXES = (".yaml", ".yml", ".json", ".template")
# The resources that deploy a template, each with the property that names it.
_PATH_PROPERTY = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


@record
class Stack:
    """A nested stack: its logical id and the parameters it passes."""

    logical_id: str
    given: Map[str, Value]


def stacks_of(template: Template, project: Project) -> list[Stack]:
    """The stacks that deploy a template from its place in the repository; one named by an address is not followed."""
    path = template.file.path
    name = posixpath.basename(path).encode()
    callers = (file for file in project.files.values() if file.path.endswith(_SUFFIXES) and _mentions(file, name))
    return [stack for file in callers for caller in parse(file).templates for stack in _stacks(caller, path)]


def _mentions(file: SourceFile, name: bytes) -> bool:
    try:
        return name in file.data and any(type_.encode() in file.data for type_ in _PATH_PROPERTY)
    except UnreadableFileError:
        return False


def _stacks(caller: Template, path: str) -> Iterator[Stack]:
    evaluator = Evaluator(caller)
    folder = posixpath.dirname(caller.file.path)
    for resource in caller.resources:
        target = _target(resource)
        if target is None or posixpath.normpath(posixpath.join(folder, target)) != path:
            continue
        if not (resource.condition and evaluator.condition(resource.condition) is False):
            yield Stack(resource.logical_id, _given(resource, evaluator))


def _target(resource: Resource) -> str | None:
    property_ = _PATH_PROPERTY.get(resource.type)
    value = next((entry.value for entry in resource.properties if entry.key == property_), None)
    return value.text if isinstance(value, Scalar) and not value.tag and "://" not in value.text else None


def _given(resource: Resource, evaluator: Evaluator) -> dict[str, Value]:
    passed = next((entry.value for entry in resource.properties if entry.key == "Parameters"), None)
    if not isinstance(passed, Mapping):
        return {}
    values = {
        entry.key: evaluator.value(entry.value, f"{resource.logical_id}.Parameters.{entry.key}")
        for entry in passed.entries
    }
    return {name: _abroad(value) for name, value in values.items() if not isinstance(value, Absent)}


def _abroad(value: Value) -> Value:
    """A value as the other template has it, where the logical ids of this one mean something else."""
    return replace(value, resource="") if isinstance(value, Unresolved) else value
