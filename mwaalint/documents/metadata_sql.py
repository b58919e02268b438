"""SELECT and COPY as scripts write them that carry Airflow's metadata over: columns, tables and conditions.

No reader of SQL: expressions are kept as text, and what has another shape is not read at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = regex(r"'(?:[^']|'')*'|\"[^\"]*\"|[()]|[,;]|[^\s'\"(),;]+")
_COPY = regex(r"\s*copy\s+(?P<table>[^\s()]+)(?:\s*\((?P<columns>[^()]*)\))?\s*(?P<way>from|to)\b", re.I)
_NAME = regex(r"(?:(?P<of>\w+)\.)?(?P<name>[a-z_]\w*)$", re.I)
_CONSTANT = regex(r"(?:null|-?\d+)$", re.I)
_EXCLUDED = regex(r"\bdag_id\s*(?:(?:!=|<>)\s*'(?P<one>[^']*)'|not\s+in\s*\((?P<many>[^()]*)\))", re.I)
_REFERENCE = regex(r"(?<![\w.])(?P<of>[a-z_]\w*)\.(?P<name>[a-z_]\w*)(?![\w.]|\s*\()", re.I)
_JOINED = regex(r"\bjoin\s+(?P<table>[\w.]+)(?:\s+as)?(?:\s+(?!on\b|using\b)(?P<alias>\w+))?", re.I)
_TEXTS = regex(r"'[^']*'")
_LONGEST = 50_000


class Column(NamedTuple):
    """One column of a list: the name it goes by, "" when it has none; its expression; whether it is a fixed value.

    ``adjacent`` tells that two names stand side by side, which SQL takes for a name and its alias.
    """

    name: str
    expression: str
    constant: bool = False
    adjacent: bool = False


class Select(NamedTuple):
    """A SELECT: its first list of columns, the tables of its first FROM, all after these as text, and by which names
    the tables go.
    """

    columns: tuple[Column, ...]
    tables: tuple[str, ...]
    rest: str
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(column.name for column in self.columns)

    @property
    def references(self) -> tuple[tuple[str, str], ...]:
        """The columns that are named with their table, wherever they stand, as table and column."""
        tables = dict(self.aliases)
        # Names within another SELECT may be that one's own.
        rest = "" if "select" in self.rest.lower() else self.rest
        places = (*(column.expression for column in self.columns), rest)
        found = (match for place in places for match in _REFERENCE.finditer(_TEXTS.sub("", place)))
        pairs = ((tables.get(match["of"].lower()), match["name"].lower()) for match in found)
        return tuple(dict.fromkeys((table, name) for table, name in pairs if table is not None))

    @property
    def excluded(self) -> frozenset[str]:
        """The ids of DAGs whose rows it leaves out."""
        found: set[str] = set()
        for match in _EXCLUDED.finditer(self.rest):
            found.update([match["one"]] if match["one"] is not None else re.findall(r"'([^']*)'", match["many"]))
        return frozenset(found)


class Copy(NamedTuple):
    """A COPY into a table or out of it; ``names`` are empty where it lists no columns."""

    table: str
    names: tuple[str, ...]
    into: bool


def read_statement(text: str) -> Select | Copy | None:
    """What a text says, None for what is neither SELECT nor COPY or has no plain list of columns."""
    if len(text) > _LONGEST:
        return None
    copied = _COPY.match(text)
    if copied is not None:
        names = [name.strip().strip('"').lower() for name in (copied["columns"] or "").split(",")]
        return Copy(_table(copied["table"]), tuple(name for name in names if name), copied["way"].lower() == "from")
    return _select(_TOKEN.findall(text))


def _select(tokens: list[str]) -> Select | None:
    if not tokens or tokens[0].lower() != "select":
        return None
    end = next((at for at, token in _outside(tokens) if token.lower() == "from"), None)
    if end is None:
        return None
    after = tokens[end + 1 :]
    stop = next((at for at, token in _outside(after) if token.lower() in _CLAUSES), len(after))
    sources = [part for part in _parts(after[:stop]) if part and part[0] != "("]
    rest = " ".join(after[stop:])
    tables = tuple(_table(part[0]) for part in sources)
    return Select(tuple(map(_column, _parts(tokens[1:end]))), tables, rest, tuple(_aliases(sources, rest)))


def _aliases(sources: list[list[str]], rest: str) -> Iterator[tuple[str, str]]:
    """By which name each table goes, with the table."""
    for part in sources:
        yield (part[-1] if len(part) > 1 else _table(part[0])).lower(), _table(part[0])
    for joined in _JOINED.finditer(rest):
        table = _table(joined["table"])
        yield (joined["alias"] or table).lower(), table


_CLAUSES = frozenset({"where", "group", "order", "limit", "union", "join", "left", "inner", "right", "full", ";"})


def _outside(tokens: list[str]) -> Iterator[tuple[int, str]]:
    """The tokens that stand in no parentheses, with their places."""
    depth = 0
    for at, token in enumerate(tokens):
        if depth == 0 and token not in "()":
            yield at, token
        depth += (token == "(") - (token == ")")


def _parts(tokens: list[str]) -> Iterator[list[str]]:
    """The tokens between commas that stand in no parentheses."""
    start = 0
    for at, token in _outside(tokens):
        if token == ",":
            yield tokens[start:at]
            start = at + 1
    yield tokens[start:]


def _column(tokens: list[str]) -> Column:
    named = len(tokens) > 2 and tokens[-2].lower() == "as"
    expression = " ".join(tokens[:-2] if named else tokens)
    if named:
        return Column(tokens[-1].strip('"').lower(), expression, bool(_CONSTANT.match(expression)))
    plain = [_NAME.match(token) for token in tokens]
    if len(tokens) == 1 and plain[0] is not None:
        return Column(plain[0]["name"].lower(), expression)
    side_by_side = len(tokens) == 2 and all(plain)
    return Column(tokens[-1].lower() if side_by_side else "", expression, adjacent=side_by_side)


def _table(name: str) -> str:
    return name.rpartition(".")[2].strip('"').lower()
