"""What a version of Airflow lets DAG code import, read from the Python files of its wheels, none of which is run."""

from __future__ import annotations

import ast
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# How Airflow names the tables from which its packages serve names that have moved.
_TABLE = re.compile(r"^_*(deprecated|lazy|moved|redirect)", re.I)


class _Field(NamedTuple):
    target: ast.Name
    value: ast.expr | None


@dataclass(slots=True)
class Module:
    """One module: what it defines, what it has from elsewhere in Airflow, and what its ``__getattr__`` may know."""

    defined: set[str] = field(default_factory=set)
    imported: dict[str, str] = field(default_factory=dict)
    served: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Surface:
    """All modules of one version, and where its own tables say that names have moved.

    ``parameters`` are those of the constructors of its classes, ``words`` the words in its sets of texts and the fields
    of its typed dictionaries.
    """

    modules: dict[str, Module] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, frozenset[str]] = field(default_factory=dict)
    words: dict[str, frozenset[str]] = field(default_factory=dict)

    def has(self, dotted: str) -> bool:
        """Whether a dotted name can be imported: a module, or a name in one."""
        module, _, name = dotted.rpartition(".")
        if self.has_module(dotted) or dotted in self.moved or f"{module}.*" in self.moved:
            return True
        found = self.modules.get(module)
        return found is not None and (name in found.defined or name in found.imported or name in found.served)

    def has_module(self, dotted: str) -> bool:
        """Whether a module can be imported, be it one that exists only in a table."""
        return dotted in self.modules or any(name.startswith(f"{dotted}.") for name in self.moved)


def read_surface(wheels: Iterable[Path]) -> Surface:
    """The surface of wheels that are installed together."""
    surface = Surface()
    for path in wheels:
        with zipfile.ZipFile(path) as wheel:
            for name in wheel.namelist():
                if name.startswith("airflow/") and name.endswith(".py") and "/versions/" not in name:
                    dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                    read_module(surface, dotted, wheel.read(name).decode("utf-8", "replace"))
    return surface


def read_module(surface: Surface, dotted: str, text: str) -> None:
    """Adds one module's source."""
    tree = ast.parse(text)
    module = surface.modules.setdefault(dotted, Module())
    for statement in _statements(tree.body):
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                module.defined.add(name)
            case ast.ClassDef(name=name):
                module.defined.add(name)
                surface.parameters[f"{dotted}.{name}"] = _parameters(statement)
                surface.words[f"{dotted}.{name}"] = frozenset(field.target.id for field in _fields(statement))
            case ast.ImportFrom(module=source, names=names, level=level):
                if level or (source or "").startswith("airflow"):
                    module.imported |= {alias.asname or alias.name: f"{source}.{alias.name}" for alias in names}
            case ast.Assign(targets=targets, value=value):
                module.defined |= {target.id for target in targets if isinstance(target, ast.Name)}
                if any(isinstance(target, ast.Name) and _TABLE.match(target.id) for target in targets):
                    surface.moved |= dict(_moves(value, dotted))
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                module.defined.add(name)
                if isinstance(value, ast.Set):
                    words = (node.value for node in value.elts if isinstance(node, ast.Constant))
                    surface.words[f"{dotted}.{name}"] = frozenset(word for word in words if isinstance(word, str))
            case ast.Expr(value=ast.Call(args=[ast.Dict() as table, *_])):
                surface.moved |= dict(_moves(table, dotted))
            case _:
                pass
    if "__getattr__" in module.defined:
        texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        module.served = {text for text in texts if isinstance(text, str) and text.isidentifier()}


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run on import; of an ``if`` or ``try`` every branch, that for type checkers aside."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If):
            checking = "TYPE_CHECKING" in ast.dump(statement.test)
            yield from _statements([*([] if checking else statement.body), *statement.orelse])
        elif isinstance(statement, ast.Try):
            handlers = [each for handler in statement.handlers for each in handler.body]
            yield from _statements([*statement.body, *handlers, *statement.orelse])


def _moves(table: ast.expr, package: str) -> Iterator[tuple[str, str]]:
    """ "package.module.Name": new place, from {"module": {"Name": "new.place"}}; ``__name__`` is the package itself."""
    if not isinstance(table, ast.Dict):
        return
    for key, value in zip(table.keys, table.values, strict=True):
        name = key.value if isinstance(key, ast.Constant) else None
        if isinstance(value, ast.Dict):
            yield from _moves(value, f"{package}.{name}" if isinstance(name, str) else package)
        elif isinstance(name, str) and isinstance(value, ast.Constant) and str(value.value).startswith("airflow."):
            yield f"{package}.{name}", str(value.value)


def _parameters(node: ast.ClassDef) -> frozenset[str]:
    """What the constructor takes: the arguments of ``__init__``, else the fields that attrs makes arguments of."""
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
            own = inner.args
            return frozenset(argument.arg for argument in (*own.posonlyargs, *own.args, *own.kwonlyargs)) - {"self"}
    return frozenset(field.target.id for field in _fields(node) if not _is_set_later(field.value))


def _fields(node: ast.ClassDef) -> Iterator[_Field]:
    for inner in node.body:
        if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
            yield _Field(inner.target, inner.value)


def _is_set_later(value: ast.expr | None) -> bool:
    """Whether it is ``attrs.field(init=False)``."""
    keywords = value.keywords if isinstance(value, ast.Call) else []
    return any(
        word.arg == "init" and isinstance(word.value, ast.Constant) and not word.value.value for word in keywords
    )
