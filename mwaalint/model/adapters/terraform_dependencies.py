"""What Terraform makes before a resource: all that it refers to, directly or through others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.documents.terraform_syntax import Attribute
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.terraform_syntax import Block
    from mwaalint.model.adapters.terraform_instances import Instance

_MOST_VISITS = 5_000
_COMMENT = regex(r"^\s*(?:#|//).*$", re.MULTILINE)
_MENTION = regex(
    r"\b(?:(?P<kind>(?:data\.)?[a-z][a-z0-9]*_\w+|var|local)\.(?P<name>[A-Za-z_][\w-]*)"
    r"|module\.(?P<call>[A-Za-z_][\w-]*)(?:\[[^\]\n]*\])?(?:\.(?P<output>\w+))?)"
)


def waits_for(instance: Instance, block: Block) -> frozenset[str] | None:
    """The addresses of the resources that exist before a block is made, without the keys of their instances.

    Names are read from the text, so what is only mentioned counts as well. None when there is too much to follow.
    """
    return _Walk().from_block(instance, block)


class _Walk:
    def __init__(self) -> None:
        self.found: set[str] = set()
        self._seen: set[tuple[int, str, int]] = set()
        self._whole: set[int] = set()
        self._pending: list[tuple[Instance, Block | Attribute]] = []

    def from_block(self, instance: Instance, block: Block) -> frozenset[str] | None:
        self._add(instance, block)
        while self._pending:
            if len(self._seen) > _MOST_VISITS:
                return None
            self._visit(*self._pending.pop())
        return frozenset(self.found)

    def _add(self, instance: Instance, item: Block | Attribute) -> None:
        key = (id(instance), item.file.path, item.span.start)
        if key not in self._seen:
            self._seen.add(key)
            self._pending.append((instance, item))

    def _visit(self, instance: Instance, item: Block | Attribute) -> None:
        waiting = instance.inputs.get("depends_on")
        if instance.parent is not None and isinstance(waiting, Attribute):
            self._add(instance.parent, waiting)
        for match in _MENTION.finditer(_COMMENT.sub("", item.file.slice(item.span))):
            if match["call"]:
                self._call(instance, match["call"], match["output"])
            else:
                for target in _named(instance, match["kind"], match["name"]):
                    self._add(*target)
                if (match["kind"], match["name"]) in instance.module.resources:
                    self.found.add(f"{instance.prefix}{match['kind']}.{match['name']}")

    def _call(self, instance: Instance, name: str, output: str | None) -> None:
        call = instance.module.calls.get(name)
        children = instance.children(name) if call else []
        if call is not None and not children:
            self.found.add(f"{instance.prefix}module.{name}")
            self._add(instance, call)
        for _, child in children:
            block = child.module.outputs.get(output) if output else None
            if block is not None:
                self._add(child, block)
            elif output is None and id(child) not in self._whole:
                self._whole.add(id(child))
                self._everything(child)

    def _everything(self, instance: Instance) -> None:
        """A module as a whole: each of its resources, and those of the modules that it calls."""
        for (kind, name), block in instance.module.resources.items():
            self.found.add(f"{instance.prefix}{kind}.{name}")
            self._add(instance, block)
        for name in instance.module.calls:
            self._call(instance, name, None)


def _named(instance: Instance, kind: str, name: str) -> Iterator[tuple[Instance, Block | Attribute]]:
    module = instance.module
    if kind == "var":
        given = instance.inputs.get(name)
        if instance.parent is not None and isinstance(given, Attribute):
            yield instance.parent, given
    elif kind == "local":
        if (local := module.locals.get(name)) is not None:
            yield instance, local
    elif kind.startswith("data."):
        if (data := module.data.get((kind.removeprefix("data."), name))) is not None:
            yield instance, data
    elif (block := module.resources.get((kind, name))) is not None:
        yield instance, block
