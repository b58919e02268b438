"""A Python file that a rule looks at: parsed once, indexed in one pass, never run."""

from __future__ import annotations

import ast
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from mwaalint.cached import cached_property
from mwaalint.documents import python
from mwaalint.documents.python_imports import ImportedName, imported_names
from mwaalint.documents.python_index import Index
from mwaalint.documents.python_lines import Lines
from mwaalint.documents.python_running import running_owners
from mwaalint.findings import WHOLE_FILE, Location

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mwaalint.documents.python_blocks import Binding, Block, FunctionNode, Owner
    from mwaalint.source import SourceFile, Span

__all__ = ["ImportedName", "PythonDocument", "read_python"]

N = TypeVar("N", bound=ast.AST)
_DEEPEST = 20
_LONGEST_NAME = 100
_PLACE = attrgetter("lineno", "col_offset")


class PythonDocument:
    """The index of one file.

    ``called_from_outside`` names what other files call when they are imported: "load", "Maker", "Maker.build". A file
    that is not ``imported`` when DAGs are read runs nothing then.
    """

    def __init__(
        self, file: SourceFile, tree: ast.Module, called_from_outside: Collection[str] = (), *, imported: bool = True
    ) -> None:
        self.file = file
        self.tree = tree
        self.index = Index(tree)
        self.called_from_outside = frozenset(called_from_outside)
        self.is_imported = imported
        self._others: dict[str, list[str]] = {}
        self._sorted: dict[type, list[Any]] = {}
        self.imports = self._imports()
        self.imported: Mapping[str, str] = self._imported()

    def nodes(self, kind: type[N]) -> list[N]:
        """The nodes of exactly this type, in the order of the file."""
        if kind not in self._sorted:
            self._sorted[kind] = sorted(self.index.nodes.get(kind, ()), key=_place)
        found: list[N] = self._sorted[kind]
        return found

    def unordered(self, kind: type[N]) -> list[N]:
        """The nodes of exactly this type, in no order that means something."""
        found: list[N] = self.index.nodes.get(kind, [])
        return found

    @cached_property
    def functions(self) -> list[FunctionNode]:
        """Every function and method, in the order of the file."""
        nodes = self.index.nodes
        return sorted((*nodes.get(ast.FunctionDef, ()), *nodes.get(ast.AsyncFunctionDef, ())), key=_PLACE)

    @cached_property
    def decorators(self) -> dict[FunctionNode, list[tuple[ast.expr, str]]]:
        """The functions that something decorates, in the order of the file, with each decorator and its dotted name."""
        return {
            function: [(each, self.dotted(each.func if type(each) is ast.Call else each)) for each in found]
            for function in self.functions
            if (found := function.decorator_list)
        }

    @property
    def calls(self) -> list[ast.Call]:
        """Every call, in no order that means something."""
        return self.index.nodes.get(ast.Call, [])

    @cached_property
    def calls_by_dotted(self) -> dict[str, list[ast.Call]]:
        """The calls of each dotted name."""
        found: dict[str, list[ast.Call]] = {}
        dotted = self.dotted
        for call in self.calls:
            name = dotted(call.func)
            if name in found:
                found[name].append(call)
            elif name:
                found[name] = [call]
        return found

    @cached_property
    def called_by_last(self) -> dict[str, list[str]]:
        """The dotted names of what is called, by their last part."""
        found: dict[str, list[str]] = {}
        for dotted in self.calls_by_dotted:
            found.setdefault(dotted[dotted.rfind(".") + 1 :], []).append(dotted)
        return found

    @cached_property
    def calls_by_name(self) -> dict[str, list[ast.Call]]:
        """The calls of each name, by all of their ``origins``."""
        found = self.calls_by_dotted.copy()
        others: dict[str, list[ast.Call]] = {}
        for dotted, calls in self.calls_by_dotted.items():
            if self._has_others(dotted, calls[0]):
                del found[dotted]
                for call in calls:
                    for name in self._origins(call.func, dotted, self.index.block_of[call]):
                        others.setdefault(name, []).append(call)
        for name, calls in others.items():
            found[name] = found[name] + calls if name in found else calls
        return found

    def _has_others(self, dotted: str, call: ast.Call) -> bool:
        """Whether what is called may have another name than the dotted one."""
        first, dot, _ = dotted.partition(".")
        if dot and first.removesuffix("()") in self.index.made and first not in self.imported:
            return True
        name = _first_name(call.func) if self._others else None
        return name is not None and name.id in self._others

    @property
    def named_calls(self) -> Iterator[tuple[ast.Call, tuple[str, ...]]]:
        """The calls of what has a dotted name, each with its ``origins``."""
        for dotted, calls in self.calls_by_dotted.items():
            for call in calls:
                yield call, self._origins(call.func, dotted, self.index.block_of[call])

    def _imports(self) -> list[ImportedName]:
        """What the file imports, wherever it does, in its order."""
        nodes = self.index.nodes
        statements = [*nodes.get(ast.Import, ()), *nodes.get(ast.ImportFrom, ())]
        return list(imported_names(sorted(statements, key=_PLACE), self.index.block_of))

    def _imported(self) -> dict[str, str]:
        """Each imported name with its origin. Where imports in branches or functions bind it otherwise, these are kept
        aside.
        """
        found: dict[str, str] = {}
        for one in self.imports:
            name, dotted = one.name, one.dotted
            if "." in name:  # "import a.b" binds "a"
                name = dotted = name.partition(".")[0]
            if one.block.outer is None:
                found[name] = dotted
                self._others.pop(name, None)
            elif found.setdefault(name, dotted) != dotted:
                self._others.setdefault(name, []).append(dotted)
        return found

    def dotted(self, node: ast.AST) -> str:
        """The dotted origin of a name or attribute chain: ``V.get`` is "airflow.models.Variable.get" after ``from
        airflow.models import Variable as V``. A call on the way is "()": "boto3.client().get_object". "" for all else.
        """
        rest, room = "", _LONGEST_NAME
        while type(node) is not ast.Name:
            if type(node) is ast.Attribute and room:
                rest, node, room = f".{node.attr}{rest}", node.value, room - 1
            elif type(node) is ast.Call and rest:
                rest, node = f"(){rest}" if rest[0] == "." else f"().{rest}", node.func
            else:
                return ""
        return self.imported.get(node.id, node.id) + rest

    def origins(self, node: ast.AST, block: Block | None = None) -> tuple[str, ...]:
        """``dotted`` of a node; several where imports in branches bind the name differently, and followed through a
        name that is bound once: ``client.get_object`` is "boto3.client().get_object".
        """
        return self._origins(node, self.dotted(node), block)

    def _origins(self, node: ast.AST, dotted: str, block: Block | None, depth: int = 0) -> tuple[str, ...]:
        if not dotted:
            return ()
        first = _first_name(node)
        if first is not None and first.id in self._others:
            rest = dotted[len(self.imported[first.id]) :]
            return (dotted, *(f"{origin}{rest}" for origin in self._others[first.id]))
        if first is not None and first is not node and first.id not in self.imported:
            maker = self._maker(first, block, depth)
            if maker:
                return (f"{maker}{dotted[len(first.id) :]}",)
        return (dotted,)

    def _maker(self, name: ast.Name, block: Block | None, depth: int) -> str:
        """What makes the object behind a name that is bound once, as "boto3.client()"; "" when that cannot be told."""
        for _ in range(_DEEPEST):
            binding = self.lookup(name, block)
            value = binding.node if binding and not binding.each else None
            block = binding.block if binding else None
            if isinstance(value, ast.Call):
                made = self.dotted(value.func)
                if made and depth < _DEEPEST and not made.startswith(f"{name.id}."):
                    made = self._origins(value.func, made, block, depth + 1)[0]
                return f"{made}()" if made else ""
            if not isinstance(value, ast.Name):
                return ""
            if value.id in self.imported:
                return self.imported[value.id]
            name = value
        return ""

    def lookup(self, name: ast.Name, block: Block | None = None) -> Binding | None:
        """What a name stands for where it is read: its only binding, or the last one before that surely ran.

        None for a parameter, an imported name, and where different bindings may hold.
        """
        block = block or self.block(name)
        outer: Block | None = block
        while outer is not None:
            owner = outer.owner
            if outer is block or type(owner.node) is not ast.ClassDef:
                if name.id in owner.parameters:
                    return None
                if name.id in owner.bindings:
                    return owner.binding(name.id, name.lineno, block)
            outer = owner.outer
        return None

    def followed(self, node: ast.expr, block: Block | None = None) -> tuple[ast.expr, Block | None]:
        """The expression behind a name, however many names lead to it, and the block that reads it; else the node."""
        for _ in range(_DEEPEST):
            binding = self.lookup(node, block) if isinstance(node, ast.Name) and node.id not in self.imported else None
            if binding is None or not isinstance(binding.node, ast.expr) or binding.each or binding.entered:
                break
            node, block = binding.node, binding.block
        return node, block

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node around a node; None for the file itself, and for what only annotates."""
        return self.index.parents.get(node)

    def block(self, node: ast.AST) -> Block:
        """The block that runs a node. What decorates or is a default of a function belongs outside of it."""
        known = self.index.block_of.get(node)
        if known is None and type(node) is ast.Name:
            known = self.index.block_of_name.get(node, self.index.module.blocks[0])
        if known is not None:
            return known
        while (inner := self._block_of_statement.get(node)) is None:
            parent = self.index.parents.get(node)
            if parent is None:
                return self.index.module.blocks[0]
            node = parent
        return inner

    @cached_property
    def _block_of_statement(self) -> dict[ast.AST, Block]:
        found: dict[ast.AST, Block] = {}
        for owner in self.index.owners.values():
            for block in owner.blocks:
                body = getattr(block.node, block.part)
                found.update(dict.fromkeys(body if isinstance(body, list) else [body], block))
        return found

    @cached_property
    def changed(self) -> frozenset[str]:
        """The names of lists and dictionaries that the file changes after they are made."""
        stored = {
            node.value.id
            for node in self.index.nodes.get(ast.Subscript, ())
            if isinstance(node.value, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        return frozenset(
            stored
            | {
                node.value.id
                for node in self.index.nodes.get(ast.Attribute, ())
                if node.attr in python.CHANGING and isinstance(node.value, ast.Name)
            }
        )

    def function_around(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function whose body holds a node."""
        for block in self.block(node).around():
            if isinstance(block.owner.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return block.owner.node
        return None

    def function(self, name: ast.Name, block: Block | None = None) -> FunctionNode | None:
        """The function of this file that a name surely stands for, where a block reads it."""
        binding = self.lookup(name, block)
        node = binding.node if binding else None
        return node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None

    def calls_at_import(self, function: FunctionNode) -> list[ast.Call]:
        """Where importing the file calls one of its functions by its name, from the top."""
        found = [
            call
            for call in self.calls
            if isinstance(call.func, ast.Name)
            and call.func.id == function.name
            and self.function(call.func) is function
            and self.runs_at_import(call)
        ]
        return sorted(found, key=_place)

    def runs_at_import(self, node: ast.AST) -> bool:
        """Whether importing the file runs a node: at module level, in class bodies, decorators and default arguments,
        and in functions that are called from there. Bodies of tasks and ``if __name__ == "__main__"`` are not run.
        """
        return self.block_runs(self.block(node))

    def block_runs(self, block: Block) -> bool:
        """Whether importing the file may run a block."""
        if not self.is_imported or block.is_skipped or block.is_for_failures:
            return False
        return block.owner is self.index.module or block.owner in self._running

    @cached_property
    def _running(self) -> frozenset[Owner]:
        return running_owners(self)

    @cached_property
    def modules(self) -> frozenset[str]:
        """The modules that may be imported: those that are named, and what is taken from them, which may be some."""
        return frozenset({one.module for one in self.imports} | {one.dotted for one in self.imports})

    @cached_property
    def packages(self) -> frozenset[str]:
        """The packages that these are, or are of."""
        return frozenset([one.module.partition(".")[0] for one in self.imports])

    @cached_property
    def names(self) -> python.Names:
        """The imports and unchanging literals, to tell how long something is."""
        return python.Names(self.imported, self.modules, self._literals())

    def _literals(self) -> dict[str, ast.expr]:
        """The values of names that are bound once in the whole file, at module level, and not changed."""
        bound = Counter(name for owner in self.index.owners.values() for name in owner.bindings)
        chained = {
            target.id
            for statement in self.index.nodes.get(ast.Assign, ())
            if len(statement.targets) > 1
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        top, unsure = self.index.module.blocks[0], self.changed | chained
        return {
            name: only.node
            for name, (only, *more) in self.index.module.bindings.items()
            if not more and bound[name] == 1 and only.block is top and name not in unsure
            if isinstance(only.node, ast.expr) and not only.each and not only.entered
        }

    def close(self) -> None:
        """Lets go of what refers to each other, so that memory is free at once and not when the collector comes by."""
        for owner in self.index.owners.values():
            owner.close()
        self.index.block_of.clear()

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.file)

    def span(self, node: ast.AST) -> Span:
        """The byte span of a node; the whole file for one that is nowhere."""
        return self._lines.span(node) or WHOLE_FILE

    def line(self, node: ast.stmt | ast.excepthandler) -> Span:
        """The line on which a statement begins: of a decorated function the one with its name."""
        return self._lines.line(node.lineno) or WHOLE_FILE

    def location(self, node: ast.AST, symbol: str = "") -> Location:
        """The place of a node; of a function or class the line with its name. ``symbol`` names it without lines."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return Location(self.file.path, self.line(node), symbol or node.name)
        return Location(self.file.path, self.span(node), symbol)


def read_python(
    file: SourceFile, called_from_outside: Collection[str] = (), *, imported: bool = True
) -> PythonDocument | None:
    """The index of a file; None when it cannot be parsed, which the file's ``problem`` then explains."""
    tree = python.parse(file)
    return PythonDocument(file, tree, called_from_outside, imported=imported) if tree else None


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _first_name(node: ast.AST) -> ast.Name | None:
    while type(node) is not ast.Name:
        if type(node) is ast.Attribute:
            node = node.value
        elif type(node) is ast.Call:
            node = node.func
        else:
            return None
    return node
