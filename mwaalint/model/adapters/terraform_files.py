"""Functions of Terraform that read files of the project, and what files of JSON and YAML hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Scalar
from mwaalint.findings import Location
from mwaalint.model.adapters._node_values import NodeValues
from mwaalint.model.adapters.terraform_values import NotPlainError, Site, plain, project_path
from mwaalint.model.values import ABSENT, Known, Unresolved, Value
from mwaalint.source import SourceFile, Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mwaalint.documents.yaml_nodes import Node


def read_by(
    name: str, arguments: Sequence[Value], site: Site, files: Mapping[str, SourceFile], folder: str
) -> Value | None:
    """The result of ``file``, ``jsondecode`` or ``yamldecode``; None for any other function.

    ``files`` are those of the project by path; a relative path starts at ``folder``.
    """
    match name, arguments:
        case "file", [Known(value=str() as path)]:
            return _text(path, site, files, folder)
        case "jsondecode" | "yamldecode", [Known(value=str() as text, origin=origin)]:
            return _decoded(text, files.get(origin.path), site)
        case "file" | "jsondecode" | "yamldecode", [Unresolved() as value]:
            return site.unresolved(value.reason)
        case _:
            return None


def _text(path: str, site: Site, files: Mapping[str, SourceFile], folder: str) -> Value:
    found = project_path(path, folder)
    file = files.get(found) if found is not None else None
    if file is None:
        return site.unresolved("the file is not in the project")
    try:
        value = site.known(file.text)
    except UnreadableFileError as error:
        return site.unresolved(str(error))
    if not isinstance(value, Known):
        return value
    # Who decodes it finds the file again by this place.
    return Known(value.value, Location(file.path, Span(0, len(file.data)), site.location.symbol))


def _decoded(text: str, file: SourceFile | None, site: Site) -> Value:
    """What a text holds, each part at its place where the text is that of a file of the project."""
    if file is None or file.text != text:
        file = SourceFile(site.location.path, Path(site.location.path), text.encode("utf-8", "replace"))
        return _elsewhere(_decoded(text, file, site), site)
    try:
        roots = yaml_nodes.read(file)
    except yaml_nodes.YamlError as error:
        return site.unresolved(str(error))
    if len(roots) > 1:
        return site.unresolved("it holds more than one document")
    return _Decoded(file).value(roots[0], site.location.symbol) if roots else ABSENT


def _elsewhere(value: Value, site: Site) -> Value:
    """A value that was computed and stands in no file."""
    if isinstance(value, Unresolved):
        return value
    try:
        return site.wrap(plain(value))
    except NotPlainError as error:
        return site.unresolved(str(error))


class _Decoded(NodeValues):
    """Values of YAML as Terraform reads it, by YAML 1.2: yes and on are text."""

    def special(self, node: Node, symbol: str, /) -> Value | None:
        if isinstance(node, Scalar) and node.kind == "bool" and node.text.lower() not in ("true", "false"):
            return Known(node.text, self.at(node, symbol))
        return None
