"""Terraform's modules: the folders, and what each declares."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.cached import cached_property
from mwaalint.documents.terraform import parse
from mwaalint.documents.terraform_syntax import Literal
from mwaalint.findings import Finding, Location, Severity
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mwaalint.documents.terraform_syntax import Attribute, Block, TerraformFile
    from mwaalint.source import SourceFile

_OVERRIDE = regex(r"(^|[_/])override\.tf(\.json)?$")
_LOCAL_SOURCE = regex(
    rb'(?:^[ \t]*source[ \t]*=[ \t]*|"source"[ \t\r\n]*:[ \t\r\n]*)"(\.\.?(?:/[^"\n]*)?)"', re.MULTILINE
)


class Problems:
    """What could not be read, once a file."""

    def __init__(self) -> None:
        self._found: dict[str, Finding] = {}

    def add(self, location: Location, message: str) -> None:
        """Notes that a file (or a part of it) is not analyzed."""
        finding = Finding("MW001", "not-analyzed", message, location, Severity.WARNING)
        self._found.setdefault(location.path, finding)

    def take(self, others: Problems) -> None:
        """Notes what was noted elsewhere."""
        self._found = {**others._found, **self._found}

    def all(self) -> tuple[Finding, ...]:
        """The problems in the order of the paths."""
        return tuple(self._found[path] for path in sorted(self._found))


def parsed(file: SourceFile, problems: Problems) -> TerraformFile | None:
    """The tree of a file; None and a problem when it cannot be read, a problem when a part of it is not HCL."""
    try:
        tree = _reader_of(file)(file)
    except UnreadableFileError as error:
        problems.add(Location(file.path), str(error))
        return None
    if tree.error is not None:
        line = file.position(tree.error.start).line
        message = f"line {line} is not valid HCL; what it belongs to is not analyzed"
        problems.add(Location(file.path, tree.error), message)
    return tree


def _reader_of(file: SourceFile) -> Callable[[SourceFile], TerraformFile]:
    if not file.path.endswith(".json"):
        return parse
    from mwaalint.documents import terraform_json

    return terraform_json.parse


class Module:
    """A folder with .tf files. Its files are parsed when something in it is first asked for."""

    def __init__(
        self, folder: str, files: Sequence[SourceFile], problems: Problems, project: Mapping[str, SourceFile]
    ) -> None:
        self.folder = folder
        self.files = files
        self.problems = problems
        self.project = project

    @cached_property
    def content(self) -> bytes:
        """The bytes of all its files, for cheap tests."""
        return b"\n".join(_bytes(file, self.problems) for file in self.files)

    @cached_property
    def called_folders(self) -> frozenset[str]:
        """The folders that module sources with a relative path lead to."""
        sources = (match.decode("utf-8", "replace") for match in _LOCAL_SOURCE.findall(self.content))
        return frozenset(folder for source in sources if (folder := self.relative(source)) is not None)

    def relative(self, source: str) -> str | None:
        """The folder a relative source leads to, None outside the project."""
        folder = posixpath.normpath(posixpath.join(self.folder, source))
        return None if folder.startswith("..") else "" if folder == "." else folder

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The top-level blocks, with what override files change applied."""
        plain = [file for file in self.files if not _OVERRIDE.search(file.path)]
        overriding = [file for file in self.files if _OVERRIDE.search(file.path)]
        base = [block for file in plain if (tree := parsed(file, self.problems)) for block in tree.blocks]
        over = [block for file in overriding if (tree := parsed(file, self.problems)) for block in tree.blocks]
        return tuple(_overridden(base, over)) if over else tuple(base)

    def _labelled(self, kind: str, labels: int) -> Iterator[tuple[tuple[str, ...], Block]]:
        return ((block.labels, block) for block in self.blocks if block.type == kind and len(block.labels) == labels)

    @cached_property
    def variables(self) -> Mapping[str, Block]:
        """The variables by name."""
        return {name: block for (name,), block in self._labelled("variable", 1)}

    @cached_property
    def outputs(self) -> Mapping[str, Block]:
        """The outputs by name."""
        return {name: block for (name,), block in self._labelled("output", 1)}

    @cached_property
    def calls(self) -> Mapping[str, Block]:
        """The module calls by name."""
        return {name: block for (name,), block in self._labelled("module", 1)}

    @cached_property
    def resources(self) -> Mapping[tuple[str, str], Block]:
        """The resources by type and name."""
        return {(kind, name): block for (kind, name), block in self._labelled("resource", 2)}

    @cached_property
    def data(self) -> Mapping[tuple[str, str], Block]:
        """The data sources by type and name."""
        return {(kind, name): block for (kind, name), block in self._labelled("data", 2)}

    @cached_property
    def locals(self) -> Mapping[str, Attribute]:
        """The local values by name."""
        found: dict[str, Attribute] = {}
        for block in self.blocks:
            if block.type == "locals":
                for name, attribute in block.attributes.items():
                    found.setdefault(name, attribute)
        return found


def _bytes(file: SourceFile, problems: Problems) -> bytes:
    try:
        plain = file.encoding in ("utf-8", "latin-1")
        return file.data if plain else file.text.encode("utf-8", "replace")
    except UnreadableFileError as error:
        problems.add(Location(file.path), str(error))
        return b""


def _overridden(base: Iterable[Block], over: Sequence[Block]) -> Iterator[Block]:
    for block in base:
        for other in over:
            if (other.type, other.labels) == (block.type, block.labels) and block.type != "locals":
                kinds = {inner.type for inner in other.blocks}
                kept = tuple(inner for inner in block.blocks if inner.type not in kinds)
                merged = {**block.attributes, **other.attributes}
                block = replace(block, attributes=merged, blocks=kept + other.blocks)
            elif block.type == other.type == "locals":
                changed = {name: other.attributes.get(name, item) for name, item in block.attributes.items()}
                block = replace(block, attributes=changed)
        yield block


def source_of(call: Block) -> str:
    """The source of a module call, "" when it is no plain string."""
    attribute = call.attributes.get("source")
    value = attribute.expression.value if attribute and isinstance(attribute.expression, Literal) else None
    return value if isinstance(value, str) else ""
