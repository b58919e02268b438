"""MWAA environments in Pulumi programs written in YAML, one for each stack."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mwaalint.documents import yaml_nodes
from mwaalint.documents.yaml_nodes import Entry, Mapping, Node, Scalar
from mwaalint.findings import Location
from mwaalint.model.adapters._given import ITSELF, TAKEN, Given
from mwaalint.model.adapters._node_values import NodeValues
from mwaalint.model.adapters._options import combined
from mwaalint.model.adapters._properties import snake_case
from mwaalint.model.adapters._pulumi_arguments import arguments, ignored
from mwaalint.model.adapters._pulumi_resources import NAMING, Made, pulumi_kind, waited_for
from mwaalint.model.adapters._pulumi_resources import resources as resources_of
from mwaalint.model.adapters._pulumi_stacks import Stack, stacks_of
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.values import ABSENT, Known, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mwaalint.discover import Project
    from mwaalint.findings import Finding
    from mwaalint.model.resources import Resources
    from mwaalint.source import SourceFile

_TYPE = regex(r"aws(-native)?:mwaa(/environment)?:Environment")
_EXPRESSION = regex(r"\$\{([^{}]*)\}")
_KINDS = {"integer": "int", "int": "int", "number": "float", "boolean": "bool", "bool": "bool", "object": "object"}
MAX_CHARACTERS = 10_000


def read(files: Iterable[SourceFile], project: Project) -> Declarations:
    """The environments of YAML programs. A file that cannot be read is a problem; the others are read all the same."""
    environments: list[Environment] = []
    problems: list[Finding] = []
    stacks: dict[str, Resources] = {}
    for file, roots in yaml_nodes.read_all(files, problems):
        for root in roots:
            resources = [entry for entry in _section(root, "resources") if _is_environment(entry)]
            for stack in stacks_of(file.path, project) if resources else ():
                values = _YamlValues(file, root=root, stack=stack)
                key = f"pulumi-yaml:{file.path}:{stack.variant}"
                stacks[key] = resources_of(
                    [_made(entry, values) for entry in _section(root, "resources") if _kind(entry)]
                )
                environments += [replace(_environment(entry, values), stack=key) for entry in resources]
    return Declarations(tuple(environments), problems=tuple(problems), resources=stacks)


@dataclass(slots=True)
class _YamlValues(NodeValues):
    """Evaluates the expressions of one program as one stack's run would."""

    root: Node = field(kw_only=True)
    stack: Stack = field(kw_only=True)

    def special(self, node: Node, symbol: str, /) -> Value | None:
        match node:
            case Mapping(entries=[Entry(key=function, value=inner)]) if function.lower() == "fn::tojson":
                return self.value(inner, symbol)
            case Mapping(entries=entries) if any(entry.key.lower().startswith("fn::") for entry in entries):
                return self.missing(node, symbol, "a function is only run with the program")
            case _:
                pass
        if not isinstance(node, Scalar) or "${" not in node.text or len(node.text) > MAX_CHARACTERS:
            return None
        if whole := _EXPRESSION.fullmatch(node.text):
            return self._named(whole[1], node, symbol)
        names = _EXPRESSION.findall(node.text)
        if "$${" in node.text or node.text.count("${") != len(names):
            return self.missing(node, symbol, "its text is not plain")
        parts = [self._named(name, node, symbol) for name in names]
        written = enumerate(_EXPRESSION.split(node.text))
        pieces = [
            parts[at // 2] if at % 2 else Known(text, self.at(node, symbol)) for at, text in written if at % 2 or text
        ]
        return combined(
            parts, lambda texts: _filled(node.text, texts), lambda reason: self.missing(node, symbol, reason), pieces
        )

    def _named(self, name: str, node: Node, symbol: str) -> Value:
        """What ``${name}`` is: a variable, a configured value, or something of Pulumi's own."""
        pulumi = {"pulumi.stack": self.stack.name, "pulumi.project": self.stack.project}
        if pulumi.get(name):
            return Known(pulumi[name], self.at(node, symbol))
        for entry in _section(self.root, "variables"):
            if entry.key == name:
                return self.value(entry.value, name)
        resource, _, attribute = name.partition(".")
        if any(entry.key == resource for entry in _section(self.root, "resources")):
            taken = self.missing(node, symbol, TAKEN if attribute else ITSELF)
            return replace(taken, resource=resource) if not attribute or attribute in NAMING else taken
        key = name if ":" in name else f"{self.stack.project}:{name}"
        found = self.stack.value(key, self._kind(name))
        return self.missing(node, symbol, "it is only known when the program runs") if found is None else found

    def _kind(self, name: str) -> str:
        for section in ("config", "configuration"):
            for entry in _section(self.root, section):
                type_ = entry.value.get("type") if isinstance(entry.value, Mapping) else None
                if entry.key == name and isinstance(type_, Scalar):
                    kind = type_.text.lower()
                    return "object" if kind.startswith(("list", "array")) else _KINDS.get(kind, "str")
        return "str"


def _section(root: Node, name: str) -> tuple[Entry, ...]:
    section = root.get(name) if isinstance(root, Mapping) else None
    return section.entries if isinstance(section, Mapping) else ()


def _type(entry: Entry) -> str:
    type_ = entry.value.get("type") if isinstance(entry.value, Mapping) else None
    return type_.text if isinstance(type_, Scalar) else ""


def _is_environment(entry: Entry) -> bool:
    return _TYPE.fullmatch(_type(entry)) is not None


def _kind(entry: Entry) -> str:
    return pulumi_kind(_type(entry))


def _made(resource: Entry, values: _YamlValues) -> Made:
    named = {
        entry.key: values.value(entry.value, f"{resource.key}.{entry.key}")
        for entry in _section(resource.value, "properties")
    }
    place = Location(values.file.path, resource.key_span, resource.key)
    return Made(_kind(resource), resource.key, place, Given((), named))


def _environment(resource: Entry, values: _YamlValues) -> Environment:
    path, symbol = values.file.path, resource.key
    declared: dict[str, Location] = {}
    found: dict[str, Value] = {}
    for entry in _section(resource.value, "properties"):
        argument = snake_case(entry.key)
        if argument in ARGUMENTS:
            declared[argument] = Location(path, entry.key_span, f"{symbol}.{entry.key}")
            found[argument] = values.value(entry.value, f"{symbol}.{entry.key}")
    options = {entry.key: values.value(entry.value, symbol) for entry in _section(resource.value, "options")}
    place = Location(path, resource.key_span, symbol)
    bare = Environment(
        symbol,
        "pulumi-yaml",
        place,
        values.stack.variant,
        declared,
        ignored(options.get("ignoreChanges", ABSENT)),
    )
    whole = replace(bare, **arguments(found, place))  # type: ignore[arg-type]
    return replace(whole, depends_on=waited_for(whole, options.get("dependsOn", ABSENT)))


def _filled(text: str, parts: Sequence[object]) -> str | None:
    """The text with its expressions replaced; None where one is a list or a map, or where it grows too long."""
    if not all(isinstance(part, str | int) for part in parts):
        return None
    texts = iter([str(part).lower() if isinstance(part, bool) else str(part) for part in parts])
    filled = _EXPRESSION.sub(lambda _: next(texts), text)
    return filled if len(filled) <= MAX_CHARACTERS else None
