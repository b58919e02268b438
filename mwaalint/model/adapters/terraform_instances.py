"""The instances that a root and calls with arguments make of Terraform's modules, and the values in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from mwaalint.documents.terraform_syntax import Attribute, Block, GetAttr, GetIndex, Splat
from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_blocks import Body
from mwaalint.model.adapters.terraform_documents import POLICY_DOCUMENT, policy_document
from mwaalint.model.adapters.terraform_eval import evaluate, follow
from mwaalint.model.adapters.terraform_modules import Module, source_of
from mwaalint.model.adapters.terraform_scope import Budget, Scope
from mwaalint.model.adapters.terraform_types import convert
from mwaalint.model.adapters.terraform_values import Site, number_of
from mwaalint.model.values import Absent, Known, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mwaalint.documents.terraform_syntax import Step

# More instances than this of one block, or calls inside calls, come from configurations nobody writes.
MAX_INSTANCES = 200
_DEEPEST_CALL = 12

_JSON = ("json", "minified_json")
# The attribute that names a resource; where it is not known, a reference to it still leads to the resource.
_NAME = {"aws_s3_bucket": "bucket"}

Input = Attribute | Value
Repetitions = list[tuple[str, Mapping[str, Value]]]
T = TypeVar("T")


class Instance:
    """A module with its arguments: the root with what .tfvars files set, or one call of it."""

    def __init__(
        self,
        module: Module,
        modules: Mapping[str, Module],
        inputs: Mapping[str, Input],
        scope: Scope | None = None,
        parent: Instance | None = None,
        prefix: str = "",
    ) -> None:
        self.module = module
        self.modules = modules
        self.inputs = inputs
        self.parent = parent
        self.prefix = prefix
        self.folder = module.folder
        self.root_folder: str = parent.root_folder if parent else module.folder
        self.depth: int = parent.depth + 1 if parent else 0
        self.budget = scope.budget if scope else Budget()
        self._scope = scope
        self._values: dict[tuple[str, str], tuple[object, frozenset[str]]] = {}
        self._busy: set[tuple[str, str]] = set()
        self._children: dict[str, list[tuple[str, Instance]]] = {}

    def scope(self, item: Block | Attribute, symbol: str, bindings: Mapping[str, Value] | None = None) -> Scope:
        """The scope of what stands in this instance's files."""
        return Scope(item.file, symbol, self.budget, self, bindings or {})

    def variable(self, name: str, site: Site) -> Value:
        """The value of ``var.name``."""
        block = self.module.variables.get(name)
        if block is None:
            return site.unresolved(f"the variable {name} is not declared")
        return self._once(("var", name), lambda: self._variable(name, block), _circular(site))

    def _variable(self, name: str, block: Block) -> Value:
        scope = self.scope(block, f"var.{name}")
        site = Site(Location(block.file.path, block.header, scope.symbol), scope.symbol)
        default = block.attributes.get("default")
        given = self._given(name)
        nullable = block.attributes.get("nullable")
        if isinstance(given, Absent) and nullable and getattr(nullable.expression, "value", None) is False:
            given = None
        if given is None:
            given = evaluate(default.expression, scope) if default else site.unresolved("the variable has no default")
            if default and self.parent is None:
                self.budget.defaults.add(name)
        kind = block.attributes.get("type")
        return convert(given, kind.expression if kind else None, lambda inner: evaluate(inner, scope), site)

    def _given(self, name: str) -> Value | None:
        given = self.inputs.get(name)
        if not isinstance(given, Attribute):
            return given
        if self._scope is None:
            return evaluate(given.expression, Scope(given.file, name, self.budget))
        return evaluate(given.expression, self._scope.of(given))

    def local(self, name: str, site: Site) -> Value:
        """The value of ``local.name``."""
        attribute = self.module.locals.get(name)
        if attribute is None:
            return site.unresolved(f"the local value {name} is not declared")
        scope = self.scope(attribute, f"local.{name}")
        return self._once(("local", name), lambda: evaluate(attribute.expression, scope), _circular(site))

    def output(self, name: str, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
        """The value of ``module.name.output`` or ``module.name[key].output``."""
        if name not in self.module.calls:
            return site.unresolved(f"the module {name} is not declared")
        children = self.children(name)
        if not children:
            return site.unresolved("the module is not in the project")
        suffix, rest = _address(steps, scope)
        child = next((child for key, child in children if key == suffix), None)
        if child is None or not rest or not isinstance(rest[0], GetAttr):
            return site.unresolved("the instance of the module is not known")
        block = child.module.outputs.get(rest[0].name)
        attribute = block.attributes.get("value") if block else None
        if attribute is None:
            return site.unresolved(f"the module has no output {rest[0].name}")
        inner = child.scope(attribute, f"output.{rest[0].name}")
        value = child._once(("output", rest[0].name), lambda: evaluate(attribute.expression, inner), _circular(site))
        return follow(value, rest[1:], scope, site)

    def resource(self, kind: str, name: str, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
        """The value of an attribute of a resource: what the configuration sets; the rest is known after apply."""
        block = self.module.resources.get((kind, name))
        if block is None:
            return site.unresolved("it is not declared in this module")
        return self._of_block(block, steps, scope, site)

    def data(self, kind: str, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
        """The value of an attribute of a data source: only of policy documents, which nothing outside decides."""
        name = steps[0].name if steps and isinstance(steps[0], GetAttr) else ""
        block = self.module.data.get((kind, name))
        if block is None or kind != POLICY_DOCUMENT:
            return site.unresolved("a data source is read only when Terraform runs")
        return self._of_block(block, steps[1:], scope, site)

    def _of_block(self, block: Block, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
        if steps and isinstance(steps[0], Splat):
            every = self.repetitions(block)
            if self.switches(block) or any(
                isinstance(value, Unresolved) for _, bindings in every for value in bindings.values()
            ):
                return site.unresolved("the instances of the resource are not known")
            inner = [self._attribute(block, suffix, bindings, steps[0].steps, site) for suffix, bindings in every]
            return follow(site.known(tuple(inner)), steps[1:], scope, site)
        suffix, rest = _address(steps, scope)
        found = next((bindings for key, bindings in self.repetitions(block) if key == suffix), None)
        if found is None and not steps and not {"count", "for_each"}.isdisjoint(block.attributes):
            return self._every(block, site)
        if suffix is None or found is None:
            return site.unresolved("the instance of the resource is not known")
        return self._attribute(block, suffix, found, rest, site)

    def function(self, name: str, arguments: Sequence[Value], site: Site) -> Value | None:
        """The result of a function that reads files; None for any other."""
        if name not in ("file", "jsondecode", "yamldecode"):
            return None
        from mwaalint.model.adapters.terraform_files import read_by

        return read_by(name, arguments, site, self.module.project, self.root_folder)

    def _every(self, block: Block, site: Site) -> Value:
        """All instances of a resource: a list of those that count makes, a map of those that for_each makes."""
        every = self.repetitions(block)
        if any(isinstance(key, Unresolved) for _, bindings in every for key in bindings.values()):
            return site.unresolved("the instances of the resource are not known")
        values = [self._attribute(block, suffix, bindings, (), site) for suffix, bindings in every]
        if "count" in block.attributes:
            return site.known(tuple(values))
        keys = [bindings["each.key"] for _, bindings in every]
        return site.known({str(key.value): it for key, it in zip(keys, values, strict=True) if isinstance(key, Known)})

    def _attribute(
        self, block: Block, suffix: str, bindings: Mapping[str, Value], steps: Sequence[Step], site: Site
    ) -> Value:
        """An attribute of one instance of a resource, by the steps after its address."""
        name = steps[0].name if steps and isinstance(steps[0], GetAttr) else ""
        address = self.address(block, suffix)
        if block.type == "data":
            return self._document(block, name, suffix, bindings, site)
        attribute = block.attributes.get(_as_written(block.labels[0], name))
        if attribute is None:
            return site.unresolved("it is known only after it is created", address)
        scope = self.scope(attribute, f"{'.'.join(block.labels)}.{name}", bindings)
        key = ("resource", f"{scope.symbol}{suffix}")
        value = self._once(key, lambda: evaluate(attribute.expression, scope), _circular(site))
        if isinstance(value, Absent):
            return site.unresolved("it is known only after it is created", address)
        if isinstance(value, Unresolved) and not value.resource and name == _NAME.get(block.labels[0], "name"):
            value = site.carried(value, address)
        return follow(value, steps[1:], scope, site)

    def _document(self, block: Block, name: str, suffix: str, bindings: Mapping[str, Value], site: Site) -> Value:
        """The JSON of a policy document that stands in the configuration."""
        if name not in _JSON:
            return site.unresolved("a data source is read only when Terraform runs")
        scope = self.scope(block, ".".join(("data", *block.labels)), bindings)
        key = ("data", f"{scope.symbol}{suffix}")
        return self._once(key, lambda: policy_document(Body(block, scope), site), _circular(site))

    def address(self, block: Block, suffix: str) -> str:
        """The address of one instance of a resource: ``module.mwaa.aws_s3_bucket.dags[0]``."""
        return f"{self.prefix}{'.'.join(block.labels)}{suffix}"

    def _once(self, key: tuple[str, str], compute: Callable[[], T], circular: T) -> T:
        """Computes something once, and notes which defaults it stands on; ``circular`` when it depends on itself."""
        if key in self._values:
            value, defaults = self._values[key]
            self.budget.defaults |= defaults
            return cast("T", value)
        if key in self._busy:
            return circular
        outer, self.budget.defaults = self.budget.defaults, set()
        self._busy.add(key)
        try:
            value = compute()
        finally:
            self._busy.discard(key)
            used, self.budget.defaults = frozenset(self.budget.defaults), outer | self.budget.defaults
        self._values[key] = value, used
        return value

    def switches(self, block: Block) -> frozenset[str]:
        """The root's variables by whose defaults count or for_each make no instance of a block."""
        outer, self.budget.defaults = self.budget.defaults, set()
        none = not self.repetitions(block)
        used, self.budget.defaults = frozenset(self.budget.defaults), outer
        return used if none else frozenset()

    def instances(self, block: Block) -> Repetitions:
        """The repetitions of a block with the suffix people use: none for the only one that count makes."""
        every = self.repetitions(block)
        return [("", every[0][1])] if len(every) == 1 and every[0][0] == "[0]" else every

    def repetitions(self, block: Block) -> Repetitions:
        """The instances that count and for_each make of a block: address suffix ("", "[0]", '["dev"]') and bindings."""
        address = ".".join(block.labels if block.type == "resource" else (block.type, *block.labels))
        scope = self.scope(block, address)
        circular = _unknown_instances(Site(Location(block.file.path, block.header, address), address))
        return self._once(("instances", address), lambda: self._repetitions(block, scope), circular)

    def _repetitions(self, block: Block, scope: Scope) -> Repetitions:
        if (count := block.attributes.get("count")) is not None:
            return _counted(evaluate(count.expression, scope), scope.site(count.expression))
        if (each := block.attributes.get("for_each")) is not None:
            return _each(evaluate(each.expression, scope), scope.site(each.expression))
        return [("", {})]

    def children(self, name: str) -> list[tuple[str, Instance]]:
        """The instances a call of a local module makes, by address suffix; none when its source is elsewhere."""
        if name not in self._children:
            self._children[name] = []
            self._children[name] = list(self._called(name, self.module.calls[name]))
        return self._children[name]

    def _called(self, name: str, block: Block) -> Iterator[tuple[str, Instance]]:
        source = source_of(block)
        folder = self.module.relative(source) if source.startswith(("./", "../")) or source in (".", "..") else None
        module = self.modules.get(folder) if folder is not None else None
        if module is None or module.folder in self._folders():
            return
        if self.depth >= _DEEPEST_CALL:
            place = Location(block.file.path, block.header, f"module.{name}")
            self.module.problems.add(place, "modules are nested too deeply here; what this one calls is not analyzed")
            return
        shown = self.instances(block)
        for (suffix, bindings), (short, _) in zip(self.repetitions(block), shown, strict=True):
            scope = self.scope(block, f"module.{name}", bindings)
            prefix = f"{self.prefix}module.{name}{short}."
            yield suffix, Instance(module, self.modules, block.attributes, scope, self, prefix)

    def _folders(self) -> Iterator[str]:
        instance: Instance | None = self
        while instance is not None:
            yield instance.folder
            instance = instance.parent


def _as_written(kind: str, attribute: str) -> str:
    """The argument that says what a computed attribute refers to, else the attribute itself."""
    if attribute == "id" and kind.startswith("aws_s3_bucket_"):
        return "bucket"
    return "target_key_id" if (kind, attribute) == ("aws_kms_alias", "target_key_arn") else attribute


def _address(steps: Sequence[Step], scope: Scope) -> tuple[str | None, Sequence[Step]]:
    """The address suffix that a leading index asks for (None when not known) and the steps after it."""
    if not steps or not isinstance(steps[0], GetIndex):
        return "", steps
    key = evaluate(steps[0].key, scope)
    return (_suffix(key.value) if isinstance(key, Known) else None), steps[1:]


def _suffix(key: object) -> str:
    return f'["{key}"]' if isinstance(key, str) else f"[{key}]"


def _counted(count: Value, site: Site) -> Repetitions:
    number = number_of(count.value) if isinstance(count, Known) else None
    if not isinstance(number, int) or not 0 <= number <= MAX_INSTANCES:
        return [("[0]", _unknown_instances(site)[0][1])]
    return [(_suffix(index), {"count.index": site.known(index)}) for index in range(number)]


def _each(collection: Value, site: Site) -> Repetitions:
    match collection:
        case Known(value=dict() as entries) if len(entries) <= MAX_INSTANCES:
            return [(_suffix(key), {"each.key": site.known(key), "each.value": item}) for key, item in entries.items()]
        case Known(value=tuple() as items) if len(items) <= MAX_INSTANCES and all(_is_text(item) for item in items):
            return [(_suffix(item.value), {"each.key": item, "each.value": item}) for item in items]
        case Absent():
            return []
        case _:
            pass
    return _unknown_instances(site)


def _unknown_instances(site: Site) -> Repetitions:
    unknown = site.unresolved("the instances are not known")
    return [("", {"each.key": unknown, "each.value": unknown, "count.index": unknown})]


def _circular(site: Site) -> Value:
    return site.unresolved("it refers to itself")


def _is_text(item: object) -> bool:
    return isinstance(item, Known) and isinstance(item.value, str)
