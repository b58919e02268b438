"""CloudFormation and SAM templates, in YAML or JSON: sections of nodes, and intrinsic functions as one type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence
from mwaalint.records import entity, record
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping as Map

    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile


@entity
class Function:
    """An intrinsic function by its long name (``Ref``, ``Condition``, ``Fn::If``), however it is written."""

    name: str
    argument: Node

    @property
    def arguments(self) -> tuple[Node, ...]:
        """The items of the argument when it is a list, else the argument alone."""
        return self.argument.items if isinstance(self.argument, Sequence) else (self.argument,)


@entity
class Parameter:
    """A parameter of a template; ``type`` is ``String`` when it does not say."""

    name: str
    type: str
    default: Scalar | None
    allowed: tuple[Scalar, ...]


@entity
class Resource:
    """A resource by its logical id, the condition it depends on, and what it waits for. ``heading`` is the place of the
    id, with the type where that stands right below it.
    """

    logical_id: str
    heading: Span
    type: str
    condition: str | None
    properties: tuple[Entry, ...]
    depends_on: tuple[str, ...] = ()


@entity
class Template:
    """One template: a document with a ``Resources`` section."""

    file: SourceFile
    parameters: Map[str, Parameter]
    mappings: Map[str, Node]
    conditions: Map[str, Node]
    resources: tuple[Resource, ...]
    logical_ids: frozenset[str] = frozenset()


@record
class Parsed:
    """What a file holds: its templates, and the MW001 finding when it cannot be read."""

    templates: tuple[Template, ...] = ()
    problem: Finding | None = None


def parse(file: SourceFile) -> Parsed:
    """Reads a file. A document without resources is no template and is left out."""
    try:
        documents = yaml_nodes.read(file)
    except yaml_nodes.YamlError as error:
        return Parsed(problem=yaml_nodes.problem(file, error))
    return Parsed(tuple(template for root in documents if (template := _template(file, root))))


def function(node: Node) -> Function | None:
    """The intrinsic function a node is: ``!If [...]`` or a mapping with the one key ``Fn::If``; else None."""
    if node.tag.startswith("!"):
        name = node.tag[1:]
        return Function(name if name in ("Ref", "Condition") else f"Fn::{name}", replace(node, tag=""))
    if isinstance(node, Mapping) and len(node.entries) == 1:
        entry = node.entries[0]
        if entry.key in ("Ref", "Condition") or entry.key.startswith("Fn::"):
            return Function(entry.key, entry.value)
    return None


def _template(file: SourceFile, root: Node) -> Template | None:
    # The Serverless Framework keeps a template under "resources" of its own file.
    if isinstance(root, Mapping) and root.get("Resources") is None:
        root = root.get("resources") or root
    resources = _section(root, "Resources")
    if not resources:
        return None
    found = tuple(resource for entry in resources if (resource := _resource(entry)))
    return Template(
        file,
        {entry.key: _parameter(entry) for entry in _section(root, "Parameters")},
        {entry.key: entry.value for entry in _section(root, "Mappings")},
        {entry.key: entry.value for entry in _section(root, "Conditions")},
        found,
        frozenset(resource.logical_id for resource in found),
    )


def _section(node: Node, name: str) -> tuple[Entry, ...]:
    section = node.get(name) if isinstance(node, Mapping) else None
    return section.entries if isinstance(section, Mapping) else ()


def _parameter(entry: Entry) -> Parameter:
    body = entry.value if isinstance(entry.value, Mapping) else Mapping((), entry.key_span)
    default, allowed = body.get("Default"), body.get("AllowedValues")
    return Parameter(
        entry.key,
        _text(body.get("Type")) or "String",
        default if isinstance(default, Scalar) else None,
        tuple(item for item in allowed.items if isinstance(item, Scalar)) if isinstance(allowed, Sequence) else (),
    )


def _resource(entry: Entry) -> Resource | None:
    if not isinstance(entry.value, Mapping) or (type_ := _text(entry.value.get("Type"))) is None:
        return None
    condition = _text(entry.value.get("Condition"))
    return Resource(
        entry.key,
        _heading(entry, entry.value),
        type_,
        condition,
        _section(entry.value, "Properties"),
        _texts(entry.value.get("DependsOn")),
    )


def _heading(entry: Entry, body: Mapping) -> Span:
    """The logical id, up to the type where that comes first: what one reads to know what a resource is."""
    start, end = entry.key_span
    first = body.entries[0]
    # What an alias or a merge key brings stands elsewhere in the file.
    return Span(start, first.value.span.end if first.key == "Type" and first.key_span.start > end else end)


def _texts(node: Node | None) -> tuple[str, ...]:
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(text for item in items if (text := _text(item)) is not None)


def _text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.tag else None
