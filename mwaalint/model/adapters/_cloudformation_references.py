"""Which resources of a template another one waits for: by DependsOn, and by what its properties refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.documents.cloudformation import function
from mwaalint.documents.yaml_nodes import Mapping, Node, Scalar, Sequence
from mwaalint.model.adapters._graphs import reached
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.documents.cloudformation import Resource, Template

_SUB_VARIABLE = regex(r"\$\{([^}!]+)\}")


class References:
    """The order that CloudFormation makes the resources of a template in."""

    def __init__(self, template: Template) -> None:
        self._resources = {resource.logical_id: resource for resource in template.resources}
        self._direct: dict[str, frozenset[str]] = {}

    def waited_for(self, logical_id: str) -> frozenset[str]:
        """The logical ids that are made before a resource, directly or through others."""
        return reached(self._named_by(logical_id), self._named_by)

    def _named_by(self, logical_id: str) -> frozenset[str]:
        if logical_id not in self._direct:
            names = _direct(self._resources[logical_id])
            self._direct[logical_id] = frozenset(name for name in names if name in self._resources)
        return self._direct[logical_id]


def _direct(resource: Resource) -> Iterator[str]:
    yield from resource.depends_on
    for node in _nodes(entry.value for entry in resource.properties):
        if call := function(node):
            yield from _named(call.name, call.arguments)


def _named(name: str, arguments: tuple[Node, ...]) -> Iterator[str]:
    match name, arguments:
        case (("Ref" | "Fn::GetAtt"), (Scalar(text=text), *_)):
            yield text.partition(".")[0]
        case "Fn::Sub", (Scalar(text=text), *_):
            yield from (variable.partition(".")[0] for variable in _SUB_VARIABLE.findall(text))
        case _:
            pass


def _nodes(roots: Iterable[Node]) -> Iterator[Node]:
    """Every node below the roots, each once however often an alias names it."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Mapping):
            waiting.extend(entry.value for entry in node.entries)
        elif isinstance(node, Sequence):
            waiting.extend(node.items)
