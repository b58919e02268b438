"""Compose files: the services with what a rule asks of them, each text with its place.

Anchors and merge keys are resolved by the YAML reader; ``extends`` by ``services_of``, which is told how to find other
files.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Mapping, Scalar, Sequence
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Mapping as Variables

    from mwaalint.documents.yaml_nodes import Node
    from mwaalint.source import SourceFile, Span

# Aliases make a small file say much: so many services, entries of each of their lists, and services extended in a row.
MAX_SERVICES = 200
MAX_ITEMS = 1_000
MAX_EXTENDED = 5

_SHORT = regex(r"(?P<source>.+?):(?P<target>/[^:]*)(?::(?P<mode>[\w,]+))?")
_VARIABLE = regex(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?:(?P<operator>:?[-?+])(?P<word>[^{}$]*))?\})"
)


class Text(NamedTuple):
    """A text of a compose file, quotes removed, and where it is written."""

    value: str
    file: SourceFile
    span: Span


@record
class Variable:
    """An environment variable. ``text`` is None where the value comes from the shell that starts Compose."""

    name: str
    name_text: Text
    text: Text | None


@record
class Mount:
    """A volume of a service. ``node`` is the mapping of the long syntax, None for the short one. ``read_only`` is None
    where that cannot be told; ``stated`` says that the file says it, one way or the other.
    """

    source: str
    target: str
    text: Text
    read_only: bool | None
    stated: bool
    node: Mapping | None = None


@record
class Service:
    """A service as Compose would start it, with what it extends."""

    name: str
    text: Text
    image: Text | None = None
    user: Text | None = None
    command: tuple[str, ...] | None = None
    entrypoint: bool = False
    context: str | None = None
    dockerfile: str | None = None
    environment: tuple[Variable, ...] = ()
    mounts: tuple[Mount, ...] = ()
    env_files: tuple[Text, ...] = ()
    needs: tuple[str, ...] = ()

    def variable(self, name: str) -> Variable | None:
        """An environment variable of the service; the last one of a name counts."""
        return next((one for one in reversed(self.environment) if one.name == name), None)


def services_of(file: SourceFile, other: Callable[[SourceFile, str], SourceFile | None]) -> list[Service]:
    """The services of a file. ``other`` finds the file that ``extends`` names. Raises YamlError."""
    return [_service(file, entry, node, other, ()) for entry, node in _entries(file)]


def filled(text: str, variables: Variables[str, str]) -> str | None:
    """The text with its variables replaced, a default where it has one; None where one of them is not known."""
    pieces, position = [], 0
    for match in _VARIABLE.finditer(text):
        value = "$" if match["escaped"] else variables.get(match["plain"] or match["name"] or "")
        if not value and match["operator"] in (":-", "-"):
            value = match["word"]
        before = text[position : match.start()]
        if value is None or "$" in before:
            return None
        pieces += [before, value]
        position = match.end()
    rest = text[position:]
    return None if "$" in rest else "".join([*pieces, rest])


def _entries(file: SourceFile) -> Iterator[tuple[yaml_nodes.Entry, Mapping]]:
    for root in yaml_nodes.read(file):
        services = root.get("services") if isinstance(root, Mapping) else None
        if isinstance(services, Mapping):
            named = ((entry, entry.value) for entry in services.entries[:MAX_SERVICES])
            yield from ((entry, node) for entry, node in named if isinstance(node, Mapping))


def _service(
    file: SourceFile,
    entry: yaml_nodes.Entry,
    node: Mapping,
    other: Callable[[SourceFile, str], SourceFile | None],
    seen: tuple[tuple[str, str], ...],
) -> Service:
    own = _read(file, entry, node)
    base = _extended(file, node, other, (*seen, (file.path, entry.key)))
    return merged(base, own) if base else own


def _extended(
    file: SourceFile,
    node: Mapping,
    other: Callable[[SourceFile, str], SourceFile | None],
    seen: tuple[tuple[str, str], ...],
) -> Service | None:
    extends = node.get("extends")
    wanted = _scalar(extends.get("service")) if isinstance(extends, Mapping) else _scalar(extends)
    path = _scalar(extends.get("file")) if isinstance(extends, Mapping) else None
    holder = file if path is None else other(file, path)
    if wanted is None or holder is None or (holder.path, wanted) in seen or len(seen) > MAX_EXTENDED:
        return None
    found = next((pair for pair in _entries(holder) if pair[0].key == wanted), None)
    return _service(holder, found[0], found[1], other, seen) if found else None


def merged(base: Service, own: Service) -> Service:
    """A service over the one that it extends: single values replace, lists add up, by name and by place."""
    names = {one.name for one in own.environment}
    targets = {one.target for one in own.mounts}
    return replace(
        own,
        image=own.image or base.image,
        user=own.user or base.user,
        command=base.command if own.command is None else own.command,
        entrypoint=own.entrypoint or base.entrypoint,
        context=own.context or base.context,
        dockerfile=own.dockerfile or base.dockerfile,
        environment=(*(one for one in base.environment if one.name not in names), *own.environment),
        mounts=(*(one for one in base.mounts if one.target not in targets), *own.mounts),
        env_files=(*base.env_files, *own.env_files),
        needs=own.needs or base.needs,
    )


def _read(file: SourceFile, entry: yaml_nodes.Entry, node: Mapping) -> Service:
    build = node.get("build")
    context = _scalar(build.get("context")) if isinstance(build, Mapping) else _scalar(build)
    return Service(
        name=entry.key,
        text=Text(entry.key, file, entry.key_span),
        image=_text(file, node.get("image")),
        user=_text(file, node.get("user")),
        command=_words(node.get("command")),
        entrypoint=node.get("entrypoint") is not None,
        context="." if isinstance(build, Mapping) and context is None else context,
        dockerfile=_scalar(build.get("dockerfile")) if isinstance(build, Mapping) else None,
        environment=tuple(_variables(file, node.get("environment"))),
        mounts=tuple(_mounts(file, node.get("volumes"))),
        env_files=tuple(_paths(file, node.get("env_file"))),
        needs=tuple(_names(node.get("depends_on"))),
    )


def _scalar(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) and node.kind != "null" else None


def _text(file: SourceFile, node: Node | None) -> Text | None:
    return Text(node.text, file, node.span) if isinstance(node, Scalar) and node.kind != "null" else None


def _words(node: Node | None) -> tuple[str, ...] | None:
    if isinstance(node, Sequence):
        return tuple(item.text for item in node.items[:MAX_ITEMS] if isinstance(item, Scalar))
    text = _scalar(node)
    if text is None:
        return None
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())


def _names(node: Node | None) -> Iterator[str]:
    if isinstance(node, Mapping):
        yield from (entry.key for entry in node.entries[:MAX_ITEMS])
    elif isinstance(node, Sequence):
        yield from (item.text for item in node.items[:MAX_ITEMS] if isinstance(item, Scalar))


def _variables(file: SourceFile, node: Node | None) -> Iterator[Variable]:
    if isinstance(node, Mapping):
        for entry in node.entries[:MAX_ITEMS]:
            name = Text(entry.key, file, entry.key_span)
            yield Variable(entry.key, name, _text(file, entry.value))
    elif isinstance(node, Sequence):
        for item in node.items[:MAX_ITEMS]:
            if isinstance(item, Scalar):
                key, separator, value = item.text.partition("=")
                yield Variable(key, Text(key, file, item.span), Text(value, file, item.span) if separator else None)


def _paths(file: SourceFile, node: Node | None) -> Iterator[Text]:
    for item in node.items[:MAX_ITEMS] if isinstance(node, Sequence) else (node,):
        found = _text(file, item.get("path") if isinstance(item, Mapping) else item)
        if found:
            yield found


def _mounts(file: SourceFile, node: Node | None) -> Iterator[Mount]:
    for item in node.items[:MAX_ITEMS] if isinstance(node, Sequence) else ():
        if isinstance(item, Mapping):
            yield from _long(file, item)
        elif isinstance(item, Scalar) and (match := _SHORT.fullmatch(item.text)):
            modes = (match["mode"] or "").split(",")
            text = Text(item.text, file, item.span)
            yield Mount(match["source"], match["target"], text, "ro" in modes, not {"ro", "rw"}.isdisjoint(modes))


def _long(file: SourceFile, node: Mapping) -> Iterator[Mount]:
    target = _text(file, node.get("target"))
    if target is None:
        return
    stated = node.get("read_only")
    literal = stated.literal if isinstance(stated, Scalar) else None
    read_only = False if stated is None else literal if isinstance(literal, bool) else None
    yield Mount(_scalar(node.get("source")) or "", target.value, target, read_only, stated is not None, node)
