"""The instances of a stack's resources by type, and which of them belong to which."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents.terraform_syntax import GetAttr, Reference
from mwaalint.model.adapters.terraform_blocks import Body
from mwaalint.model.values import Absent, Known, OneOf, Unresolved, Value, possible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mwaalint.documents.terraform_syntax import Block
    from mwaalint.findings import Location
    from mwaalint.model.adapters.terraform_instances import Instance


class Item(NamedTuple):
    """One instance of a resource. ``certain`` is False where it stands for an unknown number of them."""

    address: str
    body: Body
    certain: bool

    @property
    def location(self) -> Location:
        """Where the resource starts."""
        return self.body.place

    def value(self, name: str) -> Value:
        """An argument."""
        return self.body.value(name)


class Owners:
    """Resources that others are attached to: these name their address, or the name that both write out."""

    def __init__(self, owners: Iterable[tuple[str, Value]]) -> None:
        self._addresses: set[str] = set()
        self._by_name: dict[frozenset[object], list[str]] = {}
        for address, name in owners:
            self._addresses.add(address)
            if possible(name):
                self._by_name.setdefault(_texts(name), []).append(address)

    def may_be_named_by(self, block: Block, attribute: str, prefix: str) -> bool:
        """Whether a block of which there is no instance would be attached to one of them."""
        written = block.attributes.get(attribute)
        match written.expression if written else None:
            case Reference(root=kind, steps=[GetAttr(name=name), *_]) if "_" in kind:
                own = f"{prefix}{kind}.{name}"
                return any(address == own or address.startswith(f"{own}[") for address in self._addresses)
            case _:
                return True

    def named_by(self, value: Value) -> list[str] | None:
        """The addresses that a reference leads to, none when it leads out of the stack; None when it may be any."""
        match value:
            case Unresolved(resource=resource) if resource:
                return [resource] if resource in self._addresses else None
            case Unresolved(expression=expression) if expression.startswith("data."):
                return []
            case Known(value=str()) | OneOf():
                found = self._by_name.get(_texts(value), [])
                return found if found or isinstance(value, Known) else None
            case Absent():
                return []
            case _:
                return None


class Grouped(NamedTuple):
    """The resources that are attached to each address; ``doubt`` where one may be attached to any."""

    by_address: Mapping[str, Sequence[Item]]
    doubt: bool

    def of(self, address: str) -> Sequence[Item]:
        """The resources attached to one."""
        return self.by_address.get(address, ())


class Items:
    """All resources of some types that the instances of a stack's modules declare."""

    def __init__(self, instances: Iterable[Instance], kinds: frozenset[str]) -> None:
        self._items: dict[str, list[Item]] = {}
        self._switched: dict[str, list[tuple[Instance, Block]]] = {}
        for instance in instances:
            for (kind, name), block in instance.module.resources.items():
                if kind not in kinds:
                    continue
                if instance.switches(block):
                    self._switched.setdefault(kind, []).append((instance, block))
                for suffix, bindings in instance.repetitions(block):
                    body = Body(block, instance.scope(block, f"{kind}.{name}", bindings))
                    keys = (bindings.get("each.key"), bindings.get("count.index"))
                    certain = not any(isinstance(key, Unresolved) for key in keys)
                    found = self._items.setdefault(kind, [])
                    found.append(Item(instance.address(block, suffix), body, certain))

    def of(self, *kinds: str) -> list[Item]:
        """The resources of some types."""
        return [item for kind in kinds for item in self._items.get(kind, ())]

    def grouped(self, owners: Owners, attribute: str, *kinds: str) -> Grouped:
        """The resources of some types by what an argument of theirs names, which may be a list.

        Those that only the default of a variable of the root leaves out may be there, too, and belong to any they name.
        """
        found: dict[str, list[Item]] = {}
        switched = [each for kind in kinds for each in self._switched.get(kind, ())]
        doubt = any(owners.may_be_named_by(block, attribute, instance.prefix) for instance, block in switched)
        for item in self.of(*kinds):
            for value in item.body.items(attribute):
                named = owners.named_by(value)
                doubt = doubt or named is None
                for address in named or ():
                    found.setdefault(address, []).append(item)
        return Grouped(found, doubt)


def _texts(value: Value) -> frozenset[object]:
    """What it may be; an ARN is the name at its end."""
    return frozenset(_last(option.value) for option in possible(value) if isinstance(option.value, str))


def _last(name: object) -> object:
    if isinstance(name, str) and name.startswith("arn:"):
        return name.rpartition(":")[2].rpartition("/")[2]
    return name
