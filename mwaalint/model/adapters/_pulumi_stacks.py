"""The stacks of a Pulumi project and their configuration: ``Pulumi.yaml`` and the ``Pulumi.<stack>.yaml`` beside it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Mapping, Node, Scalar
from mwaalint.model.adapters._node_values import NodeValues
from mwaalint.model.values import Known, Value
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Map

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

_WHOLE_NUMBER = regex(r"-?[0-9]{1,18}")


@record
class Stack:
    """What one stack is configured with, by full key (``project:key``).

    ``name`` and ``variant`` (the stack's file) are "" where the repository has no file of any stack.
    """

    project: str = ""
    name: str = ""
    variant: str = ""
    config: Map[str, tuple[Node, SourceFile]] = field(default_factory=dict)

    def value(self, key: str, kind: str) -> Value | None:
        """The value of a full key as a ``str``, ``int``, ``bool``, ``float`` or ``object``; None when it has none."""
        if key not in self.config:
            return None
        node, file = self.config[key]
        values = _ConfigValues(file)
        if isinstance(node, Scalar) and node.kind == "null":
            return None
        if not isinstance(node, Scalar):
            structured = kind == "object" or _is_secret(node)
            return values.value(node, key) if structured else values.missing(node, key, "it is no single value")
        content = _converted(node, kind)
        known = Known(content, values.at(node, key))
        return values.missing(node, key, f"it is no {kind}") if content is None else known


@dataclass(slots=True)
class _ConfigValues(NodeValues):
    def special(self, node: Node, symbol: str, /) -> Value | None:
        return self.missing(node, symbol, "it is encrypted") if _is_secret(node) else None


def stacks_of(path: str, project: Project) -> list[Stack]:
    """The stacks of the Pulumi project that a file belongs to; one without a name where none is described."""
    folder = posixpath.dirname(path)
    while folder and _project_file(folder, project) is None:
        folder = posixpath.dirname(folder)
    main = _project_file(folder, project)
    root = _root(main)
    name = _text(root.get("name")) if root else ""
    defaults = dict(_defaults(root, name, main)) if root and main else {}
    place = posixpath.normpath(posixpath.join(folder, _text(root.get("stackConfigDir")) if root else ""))
    found: list[Stack] = []
    for file in project.files.values():
        stack = re.fullmatch(r"Pulumi\.(.+)\.ya?ml", posixpath.basename(file.path))
        if stack and posixpath.normpath(posixpath.dirname(file.path)) == place:
            settings = _root(file)
            config = settings.get("config") if settings else None
            own = {entry.key: (entry.value, file) for entry in config.entries} if isinstance(config, Mapping) else {}
            found.append(Stack(name, stack[1], posixpath.basename(file.path), {**defaults, **own}))
    return found or [Stack(name, config=defaults)]


def _project_file(folder: str, project: Project) -> SourceFile | None:
    return project.get(posixpath.join(folder, "Pulumi.yaml")) or project.get(posixpath.join(folder, "Pulumi.yml"))


def _root(file: SourceFile | None) -> Mapping | None:
    try:
        roots = yaml_nodes.read(file) if file else []
    except yaml_nodes.YamlError:
        return None
    return roots[0] if roots and isinstance(roots[0], Mapping) else None


def _defaults(root: Mapping, name: str, file: SourceFile) -> Iterator[tuple[str, tuple[Node, SourceFile]]]:
    """What Pulumi.yaml gives all stacks: ``key: value``, or a mapping with a ``value`` or a ``default``."""
    for section in ("configuration", "config"):
        entries = root.get(section)
        for entry in entries.entries if isinstance(entries, Mapping) else ():
            key = entry.key if ":" in entry.key else f"{name}:{entry.key}"
            given: Node | None = entry.value
            if isinstance(entry.value, Mapping):
                given = entry.value.get("value") or entry.value.get("default")
            if given is not None:
                yield key, (given, file)


def _is_secret(node: Node) -> bool:
    return isinstance(node, Mapping) and [entry.key for entry in node.entries] == ["secure"]


def _converted(node: Scalar, kind: str) -> object:
    """A scalar as a getter of this kind returns it; None where it would refuse. An object's text would be JSON."""
    match kind:
        case "str":
            return node.text
        case "bool":
            return {"true": True, "false": False}.get(node.text.lower())
        case "int":
            return int(node.text) if _WHOLE_NUMBER.fullmatch(node.text) else None
        case _:
            return None if isinstance(node.literal, str) else node.literal


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""
