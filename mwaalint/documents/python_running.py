"""Which functions of a file run when it is imported: those that module-level code calls, directly or not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_blocks import Block, FunctionNode, Owner
    from mwaalint.documents.python_document import PythonDocument

# Decorators after which a call still runs the body. What any other one does, nobody can tell here.
_TRANSPARENT = frozenset(
    {
        *("staticmethod", "classmethod", "property", "contextmanager", "asynccontextmanager", "cached_property"),
        *("cache", "lru_cache", "wraps", "dag", "task_group", "provide_session", "override", "retry"),
    }
)
_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")


def running_owners(document: PythonDocument) -> frozenset[Owner]:
    """The module, its classes, and the functions that are called from code that runs."""
    return frozenset(_Running(document).found)


class _Running:
    def __init__(self, document: PythonDocument) -> None:
        self.document = document
        self.found: dict[Owner, None] = {document.index.module: None}
        self._pending = [document.index.module]
        defining = (*document.functions, *document.unordered(ast.ClassDef))
        self._defined_names = frozenset(node.name for node in defining)
        self._classes: dict[Owner, list[tuple[Block, Owner]]] = {}
        for node in document.unordered(ast.ClassDef):
            owner = document.index.owners[node]
            if owner.outer is not None:
                self._classes.setdefault(owner.outer.owner, []).append((owner.outer, owner))
        for name in document.called_from_outside:
            self._start(self._named(name))
        while self._pending:
            self._follow(self._pending.pop())

    def _start(self, owner: Owner | None) -> None:
        if owner is not None and owner not in self.found:
            self.found[owner] = None
            self._pending.append(owner)

    def _follow(self, owner: Owner) -> None:
        for block in owner.blocks:
            if block.is_for_failures or any(each.never for each in block.inside_owner()):
                continue
            for call in block.calls:
                # Most calls are of what other files define.
                if getattr(call.func, "id", getattr(call.func, "attr", "")) in self._defined_names:
                    for called in self._called(call, block):
                        self._start(called)
        for block, inner in self._classes.get(owner, ()):
            if not any(each.never for each in block.inside_owner()):
                self._start(inner)

    def _called(self, call: ast.Call, block: Block) -> Iterator[Owner]:
        func = call.func
        if isinstance(func, ast.Name):
            binding = self.document.lookup(func, block)
            yield from self._defined(binding.node if binding else None)
        elif isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
            holder = self._class_of(func.value, block)
            yield from self._methods(holder, (func.attr,))
        elif isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call):
            inner = func.value.func
            binding = self.document.lookup(inner, block) if isinstance(inner, ast.Name) else None
            if binding and isinstance(binding.node, ast.ClassDef):
                yield from self._methods(binding.node, (func.attr,))

    def _defined(self, node: ast.AST | None) -> Iterator[Owner]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if self._is_transparent(node):
                yield self.document.index.owners[node]
        elif isinstance(node, ast.ClassDef):
            yield from self._methods(node, _CONSTRUCTORS)

    def _class_of(self, name: ast.Name, block: Block) -> ast.ClassDef | None:
        """The class that a name stands for, or of which it is an instance; for ``self`` the one around."""
        if name.id in ("self", "cls"):
            return next((b.owner.node for b in block.around() if isinstance(b.owner.node, ast.ClassDef)), None)
        binding = self.document.lookup(name, block)
        node = binding.node if binding else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and binding:
            made = self.document.lookup(node.func, binding.block)
            node = made.node if made else None
        return node if isinstance(node, ast.ClassDef) else None

    def _methods(self, holder: ast.ClassDef | None, names: tuple[str, ...]) -> Iterator[Owner]:
        if holder is None:
            return
        bindings = self.document.index.owners[holder].bindings
        for name in names:
            for binding in bindings.get(name, ()):
                yield from self._defined(binding.node)

    def _named(self, dotted: str) -> Owner | None:
        """A function or method by the name other files call it."""
        first, _, rest = dotted.partition(".")
        bound = self.document.index.module.bindings.get(first, [])
        node = bound[0].node if len(bound) == 1 else None
        if isinstance(node, ast.ClassDef):
            for owner in self._methods(node, (rest,) if rest else _CONSTRUCTORS):
                self._start(owner)
            return None
        return next(self._defined(node), None)

    def _is_transparent(self, function: FunctionNode) -> bool:
        names = (name for _, name in self.document.decorators.get(function, ()))
        return all(name.rpartition(".")[2] in _TRANSPARENT or name.endswith((".setter", ".getter")) for name in names)
