"""MWAA environments in what ``terraform show -json`` prints of a plan or a state.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Mapping, Scalar, Sequence
from mwaalint.findings import Location
from mwaalint.model.adapters._node_values import NodeValues
from mwaalint.model.adapters.terraform_resources import COUNTS, adjusted
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.layout import is_test
from mwaalint.model.values import ABSENT, Absent, Known, Unresolved, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.discover import Project
    from mwaalint.documents.yaml_nodes import Node
    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

_TYPE = "aws_mwaa_environment"
_INSTANCE_KEY = regex(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
_LOG_MEMBERS = frozenset({"enabled", "log_level"})
_AFTER_APPLY = "it is known only after apply"


class _Planned(NamedTuple):
    """An environment of a file: its values, which of them are known only after apply, which arguments are configured.

    ``configured`` is None where the file does not tell, as in a state.
    """

    address: Scalar
    values: Mapping
    unknown: Node | None
    configured: frozenset[str] | None


def read(files: Iterable[SourceFile], _project: Project) -> Declarations:
    """The environments of plans and states. JSON that holds something else is passed over, and so is a test's."""
    environments: list[Environment] = []
    problems: list[Finding] = []
    wanted = (file for file in files if not is_test(file.path))
    for file, roots in yaml_nodes.read_all(wanted, problems):
        environments += [_environment(planned, file) for root in roots for planned in _planned(root)]
    return Declarations(tuple(environments), problems=tuple(problems))


def _planned(root: Node) -> Iterator[_Planned]:
    changes = {_text(change, "address"): change for change in _items(root, "resource_changes")}
    configuration = _configuration(_at(root, "configuration", "root_module"))
    told = isinstance(_at(root, "configuration"), Mapping)
    module = _at(root, "planned_values", "root_module") or _at(root, "values", "root_module")
    for resource in _resources(module):
        address, values = resource.get("address"), resource.get("values")
        if isinstance(address, Scalar) and isinstance(values, Mapping):
            unknown = _at(changes.get(address.text), "change", "after_unknown")
            plain = _INSTANCE_KEY.sub("", address.text)
            yield _Planned(address, values, unknown, configuration.get(plain, frozenset()) if told else None)


def _resources(module: Node | None) -> Iterator[Mapping]:
    """The environments of a module and of those it calls, in the order of the file."""
    pending = [module]
    while pending:
        current = pending.pop()
        for resource in _items(current, "resources"):
            if _text(resource, "type") == _TYPE and _text(resource, "mode") != "data":
                yield resource
        pending += reversed(list(_items(current, "child_modules")))


def _configuration(module: Node | None) -> dict[str, frozenset[str]]:
    """The arguments that the configuration gives each environment, by its address without instance keys."""
    found: dict[str, frozenset[str]] = {}
    pending = [(module, "")]
    while pending:
        current, prefix = pending.pop()
        for resource in _items(current, "resources"):
            expressions = resource.get("expressions")
            if _text(resource, "type") == _TYPE and isinstance(expressions, Mapping):
                names = frozenset(entry.key for entry in expressions.entries)
                found[f"{prefix}{_TYPE}.{_text(resource, 'name')}"] = names
        calls = _at(current, "module_calls")
        entries = calls.entries if isinstance(calls, Mapping) else ()
        pending += [(_at(entry.value, "module"), f"{prefix}module.{entry.key}.") for entry in entries]
    return found


def _environment(planned: _Planned, file: SourceFile) -> Environment:
    evaluator, address = NodeValues(file), planned.address.text
    place = Location(file.path, planned.address.span, address)
    declared: dict[str, Location] = {}
    values: dict[str, Value] = {}
    for argument in ARGUMENTS:
        symbol = f"{address}.{argument}"
        entry = planned.values.entry(argument)
        value = _value(entry.value, symbol, evaluator) if entry else ABSENT
        unknown = _at(planned.unknown, argument)
        if unknown is not None and (planned.configured is None or argument in planned.configured):
            value = _known_later(value, unknown, evaluator.at(entry.value, symbol) if entry else place, symbol)
        value = adjusted(argument, _members(argument, value), file)
        if not (isinstance(value, Absent) or (argument in COUNTS and _is_zero(value))):
            values[argument] = value
            declared[argument] = Location(file.path, entry.key_span, symbol) if entry else place
    return replace(Environment(address, "terraform-plan", place, declared=declared), **values)  # type: ignore[arg-type]


def _value(node: Node, symbol: str, evaluator: NodeValues) -> Value:
    """A value in which a block, which is a list of objects, is the object it holds."""
    match node:
        case Sequence(items=()):
            return ABSENT
        case Sequence(items=(Mapping() as block,)):
            return _value(block, symbol, evaluator)
        case Mapping(entries=entries):
            members = {entry.key: _value(entry.value, f"{symbol}.{entry.key}", evaluator) for entry in entries}
            present = {name: member for name, member in members.items() if not isinstance(member, Absent)}
            return Known(present, evaluator.at(node, symbol))
        case _:
            return evaluator.value(node, symbol)


def _known_later(value: Value, unknown: Node, place: Location, symbol: str) -> Value:
    """A value without what ``after_unknown`` says is not known yet."""
    match unknown:
        case Sequence(items=(Mapping() as block,)):
            return _known_later(value, block, place, symbol)
        case Mapping(entries=entries):
            members = dict(value.value) if isinstance(value, Known) and isinstance(value.value, dict) else {}
            for entry in entries:
                name = f"{symbol}.{entry.key}"
                members[entry.key] = _known_later(members.get(entry.key, ABSENT), entry.value, place, name)
            present = {name: member for name, member in members.items() if not isinstance(member, Absent)}
            return Known(present, place) if present else value
        case Sequence(items=items):
            later = any(isinstance(item, Scalar) and item.literal is True for item in items)
            return Unresolved(symbol, _AFTER_APPLY, place) if later else value
        case _:
            return Unresolved(symbol, _AFTER_APPLY, place) if unknown.literal is True else value


def _members(argument: str, value: Value) -> Value:
    """A value without what only AWS itself writes into it."""
    if argument != "logging_configuration" or not (isinstance(value, Known) and isinstance(value.value, dict)):
        return value
    modules = {
        name: Known({key: member for key, member in module.value.items() if key in _LOG_MEMBERS}, module.origin)
        if isinstance(module, Known) and isinstance(module.value, dict)
        else module
        for name, module in value.value.items()
    }
    return Known(modules, value.origin)


def _is_zero(value: Value) -> bool:
    """What Terraform keeps of a count that was never set."""
    return isinstance(value, Known) and value.value == 0


def _at(node: Node | None, *names: str) -> Node | None:
    for name in names:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _items(node: Node | None, name: str) -> Iterator[Mapping]:
    items = _at(node, name)
    return (item for item in (items.items if isinstance(items, Sequence) else ()) if isinstance(item, Mapping))


def _text(node: Node | None, name: str) -> str:
    value = _at(node, name)
    return value.text if isinstance(value, Scalar) else ""
