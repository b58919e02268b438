"""What rewrites of Python code change: edits, and what should become of the nodes of the syntax tree."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from mwaalint.cached import cached_property
from mwaalint.documents import python
from mwaalint.documents.python_document import PythonDocument
from mwaalint.findings import Edit
from mwaalint.fix._batches import Change
from mwaalint.fix._imports import Moved, bound_names, first_import, moved_import, origins, place_for
from mwaalint.fix._pieces import begun, path_pattern, with_expression, with_path, with_word, worded
from mwaalint.fix._same_tree import same, text_of
from mwaalint.patterns import regex
from mwaalint.rewrites import BeginText, ImportModule, MoveNames, RemoveArgument, ReplacePath, ReplaceWord, SetArgument
from mwaalint.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.fix._imports import ImportPlace
    from mwaalint.fix._same_tree import Expected
    from mwaalint.rewrites import Rewrite

N = TypeVar("N")
_TEXTS = (ast.JoinedStr, ast.BinOp, ast.Constant)
_REST_OF_LINE = regex(rb"[ \t]*(?:#[^\r\n]*)?(?=\r?\n|\Z)")
_COMMENT_LINES = regex(rb"(?P<blank>\n[ \t]*\r?\n)(?:#[^\n]*\n)+\Z")
_BLANK, _WORD = regex(r"\s"), regex(r"\w+")
# Where an addition needs no brackets.
_ROOMY = (ast.keyword, ast.Assign, ast.AnnAssign, ast.Return, ast.List, ast.Tuple, ast.Dict, ast.Call)


class Changes:
    """Makes changes of rewrites of one file."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self._imports: dict[str, float] = {}
        self._places: dict[str, ImportPlace] = {}

    def close(self) -> None:
        """Lets go of what refers to each other."""
        if "_document" in self.__dict__:
            self._document.close()

    @cached_property
    def tree(self) -> ast.Module:
        """The file's syntax tree. Raises ValueError when it has none."""
        tree = python.parse(self.file)
        if tree is None:
            raise ValueError(self.file.problem)
        return tree

    @cached_property
    def _document(self) -> PythonDocument:
        return PythonDocument(self.file, self.tree)

    @cached_property
    def _nodes(self) -> dict[Span, list[ast.AST]]:
        found: dict[Span, list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            if hasattr(node, "lineno"):
                found.setdefault(self._document.span(node), []).append(node)
        return found

    @cached_property
    def _names(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name):
                found.setdefault(node.id, []).append(node)
        return found

    @cached_property
    def _bound(self) -> Counter[str]:
        return Counter(name for name, _ in bound_names(self.tree))

    @cached_property
    def _words(self) -> frozenset[str]:
        """The words of texts without blanks: a name among them may be looked up by it, or stand in an annotation."""
        constants = (node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant))
        texts = (text for text in constants if isinstance(text, str) and not _BLANK.search(text))
        return frozenset(word for text in texts for word in _WORD.findall(text))

    def _first_import(self, module: str) -> float:
        """The line from which a module is there by its name. Raises ValueError where that means another thing."""
        if module not in self._imports:
            self._imports[module] = first_import(self.tree, module)
        return self._imports[module]

    def _place_for(self, module: str) -> ImportPlace:
        if module not in self._places:
            self._places[module] = place_for(self.tree, module)
        return self._places[module]

    def _node(self, span: Span, *kinds: type[ast.AST]) -> ast.AST:
        """The node of one of these kinds, the first kind first."""
        nodes = self._nodes.get(span, ())
        for kind in kinds:
            for node in nodes:
                if isinstance(node, kind):
                    return node
        raise ValueError("there is no such node")

    def of(self, rewrite: Rewrite) -> Iterator[Change]:
        """What a rewrite changes. Raises ValueError where that is not plain to do."""
        match rewrite:
            case SetArgument():
                yield self._set(rewrite)
            case RemoveArgument():
                yield self._removed(rewrite)
            case BeginText():
                yield self._begun(rewrite)
            case ReplacePath():
                yield self._replaced(rewrite)
            case ReplaceWord():
                yield self._worded(rewrite)
            case ImportModule():
                yield from self._imported(rewrite)
            case MoveNames():
                yield from self._moved(rewrite)

    def _edit(self, span: Span, new: str) -> Edit:
        """The smallest edit that puts ``new`` in the place of what is at ``span``."""
        old = self.file.slice(span)
        start = _common(old, new)
        most = min(len(old), len(new)) - start
        end = min(_common(old[::-1], new[::-1]), most)
        encoding = self.file.encoding
        first = span.start + len(old[:start].encode(encoding))
        last = span.end - len(old[len(old) - end :].encode(encoding))
        text = new[start : len(new) - end].encode(encoding)
        return Edit(self.file.path, Span(first, last), text, self.file.data[first:last])

    def _set(self, rewrite: SetArgument) -> Change:
        from mwaalint.fix.python_cst import arguments

        node, code = self._node(rewrite.span, ast.Call, ast.Name, ast.Attribute), self.file.slice(rewrite.span)
        value = rewrite.value.replace('"', "'") if "'" in code and '"' not in code else rewrite.value
        written = f"{rewrite.name}={value}"
        if not isinstance(node, ast.Call):
            return Change(self._edit(rewrite.span, f"{code}({written})"), node, rewrite.span, _calls(node, written))
        listing = arguments(code)
        at = listing.find(rewrite.name)
        listing = listing.appended(written) if at is None else listing.replaced(at, value)
        wanted = _keywords(written)
        kept = [wanted[0] if one.arg == rewrite.name else one for one in node.keywords]
        keywords = kept if at is not None else [*node.keywords, *wanted]
        return Change(
            self._edit(rewrite.span, listing.text), node, rewrite.span, _is(ast.Call(node.func, node.args, keywords))
        )

    def _removed(self, rewrite: RemoveArgument) -> Change:
        from mwaalint.fix.python_cst import arguments

        node = self._node(rewrite.span, ast.Call, ast.Dict)
        listing = arguments(self.file.slice(rewrite.span))
        at = listing.find(rewrite.name)
        if at is None:
            raise ValueError("there is no such argument")
        expected: ast.expr
        if isinstance(node, ast.Dict):
            expected = ast.Dict(_but(node.keys, at), _but(node.values, at))
        else:
            assert isinstance(node, ast.Call)
            expected = ast.Call(node.func, node.args, [one for one in node.keywords if one.arg != rewrite.name])
        return Change(self._edit(rewrite.span, listing.without(at).text), node, rewrite.span, _is(expected))

    def _begun(self, rewrite: BeginText) -> Change:
        from mwaalint.fix.python_cst import pieces

        node = self._node(rewrite.span, *_TEXTS)
        new = begun(pieces(self.file.slice(rewrite.span)), rewrite.command)
        assert isinstance(node, ast.expr)
        before, command = text_of(node), re.compile(rf"\s*(?:#!.*\n\s*)?{re.escape(rewrite.command)}(?:; |\n[ \t]*)")

        def expected(nodes: Sequence[ast.AST]) -> bool:
            text = text_of(nodes[0]) if isinstance(nodes[0], ast.expr) else ""
            found = command.match(text)
            start = text.find(rewrite.command)
            return found is not None and text[:start] + text[found.end() :] == before

        return Change(self._edit(rewrite.span, new), node, rewrite.span, expected)

    def _replaced(self, rewrite: ReplacePath) -> Change:
        from mwaalint.fix.python_cst import pieces

        node, code = self._node(rewrite.span, *_TEXTS), self.file.slice(rewrite.span)
        assert isinstance(node, ast.expr)
        if rewrite.expression:
            new = with_expression(pieces(code), rewrite.old, rewrite.new)
            added = isinstance(ast.parse(f"({new})", mode="eval").body, ast.BinOp) and not isinstance(node, ast.BinOp)
            if added and not isinstance(self._document.parent(node), _ROOMY):
                new = f"({new})"
            stands_for = f"\0{ast.dump(ast.parse(rewrite.new, mode='eval').body)}\0"
        else:
            new, stands_for = with_path(pieces(code), rewrite.old, rewrite.new), rewrite.new
        wanted = path_pattern(rewrite.old).sub(lambda _: stands_for, text_of(node))

        return Change(self._edit(rewrite.span, new), node, rewrite.span, lambda nodes: _gives(nodes[0], wanted))

    def _worded(self, rewrite: ReplaceWord) -> Change:
        from mwaalint.fix.python_cst import pieces

        node = self._node(rewrite.span, *_TEXTS)
        assert isinstance(node, ast.expr)
        new = with_word(pieces(self.file.slice(rewrite.span)), rewrite.old, rewrite.new)
        wanted = worded(text_of(node), rewrite.old, rewrite.new)
        return Change(self._edit(rewrite.span, new), node, rewrite.span, lambda nodes: _gives(nodes[0], wanted))

    def _imported(self, rewrite: ImportModule) -> Iterator[Change]:
        line = self.file.position(rewrite.span.start).line
        if self._first_import(rewrite.module) < line:
            return
        place = self._place_for(rewrite.module)
        statement, newline = place.statement, self.file.newline
        span = self._document.span(statement)
        start = self._above(self._line_start(span)) if place.apart else self._line_start(span)
        if statement.lineno >= line:
            raise ValueError("it would be imported too late")
        written = f"import {rewrite.module}"
        if place.after:
            at, text = self._line_end(span), f"{newline}{written}"
        else:
            at, text = start, f"{written}{newline}{newline * place.apart}"
        edit = Edit(self.file.path, Span(at, at), text.encode(self.file.encoding), b"")
        wanted = [ast.parse(written).body[0], statement]

        def expected(nodes: Sequence[ast.AST]) -> bool:
            found = list(reversed(nodes)) if place.after else list(nodes)
            return len(found) == 2 and all(map(same, wanted, found))

        yield Change(edit, statement, span, expected)

    def _moved(self, rewrite: MoveNames) -> Iterator[Change]:
        from mwaalint.fix.python_cst import imported_names

        node, listing = self._node(rewrite.span, ast.ImportFrom), imported_names(self.file.slice(rewrite.span))
        assert isinstance(node, ast.ImportFrom)
        named = {alias.name: alias.asname for alias in node.names}
        moves = {name: (module, new) for name, module, new in rewrite.moves if name in named}
        renamed = {
            name: new
            for name, (_, new) in moves.items()
            if new != name and named[name] is None and self._may_rename(name, new)
        }
        bound = {name: renamed.get(name, asname or name) for name, asname in named.items()}
        moved = {name: Moved(module, _written(bound[name], new)) for name, (module, new) in moves.items()}
        text, lines = moved_import(listing, node.module or "", moved)
        wanted = {bound[name]: moves.get(name, (node.module or "", name)) for name in named}
        edits = [self._edit(rewrite.span, text), *([self._lines_after(rewrite.span, lines)] if lines else ())]
        for edit in edits:
            yield Change(edit, node, rewrite.span, lambda nodes: origins(nodes) == wanted)
        for old, new in renamed.items():
            for use in self._names.get(old, ()):
                place = self._document.span(use)
                yield Change(self._edit(place, new), use, place, _is(ast.Name(new, use.ctx)))

    def _may_rename(self, old: str, new: str) -> bool:
        """Whether all uses of a name are plain ones of what is imported, and nobody has the other name yet."""
        once = self._bound[old] == 1 and not self._bound[new]
        return once and new not in self._names and old not in self._words

    def _lines_after(self, span: Span, lines: Sequence[str]) -> Edit:
        """Puts lines below the one that a statement has to itself."""
        start, at = self._line_start(span), self._line_end(span)
        indent, newline = self.file.data[start : span.start].decode(self.file.encoding), self.file.newline
        text = "".join(f"{newline}{indent}{line}" for line in lines)
        return Edit(self.file.path, Span(at, at), text.encode(self.file.encoding), b"")

    def _line_start(self, span: Span) -> int:
        """Where the line of a statement starts. Raises ValueError when something else stands before it."""
        data = self.file.data
        start = max(data.rfind(b"\n", 0, span.start) + 1, len(self.file.mark))
        if data[start : span.start].strip(b" \t"):
            raise ValueError("the statement has no line of its own")
        return start

    def _above(self, start: int) -> int:
        """Where the comment above a line starts; the line itself where that is the head of the file."""
        found = _COMMENT_LINES.search(self.file.data, 0, start)
        return found.end("blank") if found else start

    def _line_end(self, span: Span) -> int:
        found = _REST_OF_LINE.match(self.file.data, span.end)
        if found is None:
            raise ValueError("the statement has no line of its own")
        return found.end()


def _common(left: str, right: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(left), len(right)))


def _written(bound: str, new: str) -> str:
    return new if bound == new else f"{new} as {bound}"


def _but(items: list[N], at: int) -> list[N]:
    return [*items[:at], *items[at + 1 :]]


def _keywords(written: str) -> list[ast.keyword]:
    call = ast.parse(f"f({written})", mode="eval").body
    return call.keywords if isinstance(call, ast.Call) else []


def _gives(node: ast.AST, text: str) -> bool:
    return isinstance(node, ast.expr) and text_of(node) == text


def _is(wanted: ast.AST) -> Expected:
    return lambda nodes: len(nodes) == 1 and same(wanted, nodes[0])


def _calls(func: ast.AST, written: str) -> Expected:
    assert isinstance(func, ast.expr)
    return _is(ast.Call(func, [], _keywords(written)))
