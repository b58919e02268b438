"""``resource "aws_mwaa_environment"`` blocks as Environments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mwaalint.documents.terraform_syntax import ListOf, Literal, Reference
from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_eval import evaluate
from mwaalint.model.adapters.terraform_values import NotPlainError, Site, number_of, settled, text_of
from mwaalint.model.environment import ARGUMENTS, Environment
from mwaalint.model.values import ABSENT, Known, OneOf, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.documents.terraform_syntax import Block
    from mwaalint.model.adapters.terraform_instances import Instance
    from mwaalint.model.adapters.terraform_scope import Scope
    from mwaalint.source import SourceFile

COUNTS = frozenset({"min_workers", "max_workers", "schedulers", "min_webservers", "max_webservers"})
_REQUIRED = frozenset({"name", "dag_s3_path", "execution_role_arn", "source_bucket_arn"})
_BLOCKS = ("network_configuration", "logging_configuration")
_STRUCTURED = frozenset({*_BLOCKS, "airflow_configuration_options", "tags"})


def environments(instance: Instance, name: str, block: Block, variant: str) -> Iterator[Environment]:
    """One environment for each instance of the resource."""
    address = f"aws_mwaa_environment.{name}"
    location = Location(block.file.path, block.header, address)
    for suffix, bindings in instance.instances(block):
        scope = instance.scope(block, address, bindings)
        values = {argument: value for argument in ARGUMENTS if (value := _argument(block, argument, scope)) is not None}
        symbol = f"{instance.prefix}{address}{suffix}"
        yield environment(symbol, location, variant, _declared(block, address), _ignored(block), values)


def environment(
    symbol: str,
    location: Location,
    variant: str,
    declared: Mapping[str, Location],
    ignored: frozenset[str],
    values: Mapping[str, Any],
) -> Environment:
    """An Environment of this dialect; arguments that are not in ``values`` are absent."""
    dialect = "terraform-json" if location.path.endswith(".json") else "terraform"
    return Environment(symbol, dialect, location, variant, declared, ignored, **values)


def _argument(block: Block, argument: str, scope: Scope) -> Value | None:
    # In JSON a nested block is also read as an attribute.
    nested = _nested(block, argument) if argument in _BLOCKS else None
    if nested is not None:
        return settled(_body(nested, argument, scope))
    attribute = block.attributes.get(argument)
    if attribute is None:
        return None
    return adjusted(argument, settled(evaluate(attribute.expression, scope.of(attribute))), attribute.file)


def _nested(block: Block, name: str) -> Block | None:
    for inner in block.blocks:
        if inner.type == name or (inner.type == "dynamic" and inner.labels == (name,)):
            return inner
    return None


def _body(block: Block, name: str, outer: Scope) -> Value:
    """A nested block as a map of its attributes and blocks."""
    scope = replace(outer, file=block.file, symbol=f"{outer.symbol}.{name}")
    site = Site(Location(block.file.path, block.header, scope.symbol), block.file.slice(block.header))
    if block.type == "dynamic":
        return site.unresolved("a dynamic block is not analyzed")
    entries: dict[str, Value] = {}
    for inner in block.blocks:
        kind = inner.labels[0] if inner.type == "dynamic" and inner.labels else inner.type
        if kind not in entries:
            entries[kind] = _body(inner, kind, scope)
    for item in block.attributes.values():
        if item.name not in entries:
            entries[item.name] = evaluate(item.expression, scope.of(item))
    return Known(entries, site.location)


def _declared(block: Block, address: str) -> dict[str, Location]:
    found = {
        name: Location(item.file.path, item.span, f"{address}.{name}")
        for name, item in block.attributes.items()
        if name in ARGUMENTS
    }
    for name in _BLOCKS:
        nested = _nested(block, name)
        if nested is not None:
            found[name] = Location(nested.file.path, nested.header, f"{address}.{name}")
    return found


def _ignored(block: Block) -> frozenset[str]:
    """The arguments named by ``lifecycle { ignore_changes = [...] }``; ``all`` names every one."""
    found: set[str] = set()
    for lifecycle in block.blocks:
        changes = lifecycle.attributes.get("ignore_changes") if lifecycle.type == "lifecycle" else None
        match changes.expression if changes else None:
            case Reference(root="all"):
                return frozenset(ARGUMENTS)
            case ListOf(items=items):
                found |= {item.root for item in items if isinstance(item, Reference)}
                found |= {str(item.value) for item in items if isinstance(item, Literal)}
            case _:
                pass
    return frozenset(ARGUMENTS) if "all" in found else frozenset(found)


def adjusted(argument: str, value: Value, file: SourceFile) -> Value:
    """An argument in its own type: counts as int, all else as str; a number for a string stays as it is written.

    The provider sends an optional string only when it is not empty: ``GetOk`` in its
    internal/service/mwaa/environment.go.
    """
    if argument == "airflow_configuration_options":
        return options_as_text(value)
    if argument in _STRUCTURED:
        return value
    match value:
        case Known(value="") if argument not in _REQUIRED:
            return ABSENT
        case OneOf(options=options, origin=origin):
            kept = tuple(adjusted(argument, option, file) for option in options)
            known = tuple(option for option in kept if isinstance(option, Known))
            return OneOf(known, origin) if len(known) == len(options) else value
        case Known(value=data, origin=origin) if argument in COUNTS:
            number = number_of(data)
            return Known(int(number), origin) if number is not None and number == int(number) else value
        case Known(value=int() | float() as data, origin=origin) if not isinstance(data, bool):
            written = file.slice(origin.span) if origin.path == file.path else ""
            return Known(written if number_of(written) == data else text_of(data), origin)
        case _:
            return value


def options_as_text(value: Value) -> Value:
    """airflow_configuration_options with every value as the text that Terraform sends."""
    match value:
        case Known(value=dict() as entries, origin=origin):
            return Known({key: _text(entry) for key, entry in entries.items()}, origin)
        case OneOf(options=options, origin=origin):
            converted = tuple(option for o in options if isinstance(option := options_as_text(o), Known))
            return OneOf(converted, origin)
        case _:
            return value


def _text(value: Value) -> Value:
    if isinstance(value, OneOf):
        return OneOf(tuple(option for o in value.options if isinstance(option := _text(o), Known)), value.origin)
    if not isinstance(value, Known):
        return value
    try:
        return Known(text_of(value.value), value.origin)
    except NotPlainError as error:
        return Unresolved("", str(error), value.origin)
