"""What the evaluator's parts share: results that Terraform would refuse, paths, and the plain data inside Values."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING

from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mwaalint.findings import Location

# Starts a string that path.module, path.root or path.cwd gave: a folder of the project, never to be read as text.
PATH_MARK = "\0project:"
# Stands for one file's name while the pattern of a fileset() is followed through key and source.
EACH_FILE = "\0file"

_NUMBER = regex(r"-?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_DEEPEST = 64
_MOST_OPTIONS = 16
_MOST_VALUES = 20_000
_LONGEST_TEXT = 1_000_000
_LONGEST_EXPRESSION = 2_000
_MOST_PARTS = 200


class Failure(Unresolved):
    """What Terraform itself would refuse (a key that a known map lacks): unresolved, except that ``try`` goes on."""


def project_path(text: str, folder: str) -> str | None:
    """A path as Terraform sees it from a folder as a path of the project; None outside of it."""
    if text.startswith(PATH_MARK):
        path = text.removeprefix(PATH_MARK).lstrip("/")
    elif not text or text.startswith(("/", "~")) or ":" in text:
        return None
    else:
        path = posixpath.join(folder, text)
    path = posixpath.normpath(path)
    if "\0" in path or path.startswith(".."):
        return None
    return "" if path == "." else path


@record
class Encoded(Known):
    """What ``jsonencode`` makes of a known value, with the value, whose parts know where they stand."""

    content: Value = ABSENT


@record
class Document(Unresolved):
    """JSON of which something is not known: ``content`` is the value that it is the JSON of."""

    content: Value = ABSENT


@record
class Pieces(Unresolved):
    """Text of which something is not known, with the parts that it is put together of."""


class NotPlainError(Exception):
    """A value that holds something not known; the text says what, in words."""


@record
class Site:
    """The expression being evaluated: where it stands and how it is written."""

    location: Location
    text: str

    def known(self, value: object) -> Value:
        """A value that is computed here."""
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            return self.unresolved("the text is too long")
        return ABSENT if value is None else Known(value, self.location)

    def unresolved(self, reason: str, resource: str = "") -> Unresolved:
        """A value that the project does not tell, and the resource it is taken from if there is one."""
        return Unresolved(self.text, reason, self.location, resource)

    def carried(self, value: Unresolved, resource: str | None = None) -> Unresolved:
        """A value that is not known because another one is not; it is taken from the same resource."""
        kind = Failure if isinstance(value, Failure) else Unresolved
        return kind(self.text, value.reason, value.origin, value.resource if resource is None else resource)

    def failure(self, reason: str) -> Unresolved:
        """A value that Terraform would refuse to compute."""
        return Failure(self.text, reason, self.location)

    def wrap(self, data: object, depth: int = 0) -> Value:
        """Plain data (str, number, bool, None, list, dict) as a Value computed here."""
        if depth > _DEEPEST:
            return self.unresolved("it is nested too deeply")
        if isinstance(data, list | tuple):
            return Known(tuple(self.wrap(item, depth + 1) for item in data), self.location)
        if isinstance(data, dict):
            return Known({str(key): self.wrap(item, depth + 1) for key, item in data.items()}, self.location)
        return self.known(data)


def one_of(options: Sequence[Value], site: Site) -> Value:
    """Known when all options are equal, else the set of them; unresolved when an option is not known."""
    flat: list[Known] = []
    for option in options:
        found = option.options if isinstance(option, OneOf) else (option,)
        for item in found:
            if not isinstance(item, Known):
                unknown = isinstance(item, Unresolved)
                return site.unresolved("one of its arms is not known" if unknown else "it may be null")
            if not any(_same(item, seen) for seen in flat):
                flat.append(item)
    if len(flat) > _MOST_OPTIONS:
        return site.unresolved("it has too many possible values")
    return flat[0] if len(flat) == 1 else OneOf(tuple(flat), site.location)


def _same(one: Known, other: Known) -> bool:
    if type(one.value) is not type(other.value):
        return False
    try:
        return plain(one) == plain(other)
    except NotPlainError:
        return False


def distinct(items: Sequence[Value], site: Site, ordered: bool) -> Value:
    """A list without what repeats, as a set sorted the way Terraform sorts sets of strings."""
    try:
        data = [plain(item) for item in items]
    except NotPlainError:
        return site.unresolved("an element of the set is not known")
    if ordered and not all(isinstance(item, str) for item in data) and len(data) > 1:
        return site.unresolved("only sets of strings are evaluated")
    found: dict[str, Value] = {}
    for key, item in zip(data, items, strict=True):
        found.setdefault(json.dumps(key, sort_keys=True), item)
    keys = sorted(found, key=json.loads) if ordered else list(found)
    return Known(tuple(found[key] for key in keys), site.location)


def spread(arguments: Sequence[Value], site: Site, compute: Callable[[list[Value]], Value]) -> Value:
    """Computes with each option of the one argument that has several; two of them may hang together, so no guess."""
    several = [index for index, argument in enumerate(arguments) if isinstance(argument, OneOf)]
    if not several:
        return compute(list(arguments))
    first = arguments[several[0]]
    if len(several) > 1 or not isinstance(first, OneOf):
        return site.unresolved("more than one of its parts has several possible values")
    return one_of(
        [compute([*arguments[: several[0]], option, *arguments[several[0] + 1 :]]) for option in first.options], site
    )


def plain(value: Value, marked: bool = False) -> object:
    """The data inside a value: str, number, bool, None, list or dict. Raises NotPlainError.

    Paths of the machine are text only where ``marked`` says that the result stays a path.
    """
    return _plain(value, [_MOST_VALUES], marked, 0)


def _plain(value: Value, budget: list[int], marked: bool, depth: int) -> object:
    budget[0] -= 1
    if budget[0] < 0 or depth > _DEEPEST:
        raise NotPlainError("it is too large")
    match value:
        case Absent():
            return None
        case Known(value=tuple() as items):
            return [_plain(item, budget, marked, depth + 1) for item in items]
        case Known(value=dict() as entries):
            return {key: _plain(item, budget, marked, depth + 1) for key, item in entries.items()}
        case Known(value=str() as text) if "\0" in text and not marked:
            raise NotPlainError("it is a path of the machine")
        case Known(value=data):
            return data
        case Unresolved(reason=reason):
            raise NotPlainError(reason)
        case _:
            raise NotPlainError("it has several possible values")


def settled(value: Value) -> Value:
    """A value fit to leave the evaluator: paths of the machine and what is too large are unresolved."""
    budget = [_MOST_VALUES]
    result = _settled(value, budget, 0)
    if budget[0] < 0 and isinstance(value, Known):
        return Unresolved("", "it is too large", value.origin)
    return result


def _settled(value: Value, budget: list[int], depth: int) -> Value:
    budget[0] -= 1
    if budget[0] < 0 or depth > _DEEPEST:
        budget[0] = -1
        return ABSENT
    match value:
        case Known(value=tuple() as items, origin=origin):
            return Known(tuple(_settled(item, budget, depth + 1) for item in items), origin)
        case Known(value=dict() as entries, origin=origin):
            return Known({key: _settled(item, budget, depth + 1) for key, item in entries.items()}, origin)
        case Known(value=str() as text, origin=origin) if "\0" in text:
            return Unresolved(text.replace(PATH_MARK, "").replace(EACH_FILE, ""), "it is a path of the machine", origin)
        case Pieces() | Unresolved(parts=(_, *_)):
            written = filled(value) if isinstance(value, Pieces) else value.expression
            parts = tuple(_settled(part, budget, depth + 1) for part in value.parts)
            return Unresolved(written, value.reason, value.origin, value.resource, parts)
        case Failure() | Document():
            return Unresolved(value.expression, value.reason, value.origin, value.resource)
        case OneOf(options=options, origin=origin):
            kept = tuple(_settled(option, budget, depth + 1) for option in options)
            known = tuple(option for option in kept if isinstance(option, Known))
            return (
                OneOf(known, origin) if len(known) == len(kept) else next(o for o in kept if not isinstance(o, Known))
            )
        case _:
            return value


def filled(text: Pieces) -> str:
    """A text with what is known of it, and the rest as it is written: ``airflow-etl-${var.log}``."""
    found, waiting = "", list(reversed(text.parts))
    for _ in range(_MOST_PARTS):
        if not waiting:
            return found.replace(PATH_MARK, "").replace(EACH_FILE, "")
        part = waiting.pop()
        if isinstance(part, Pieces):
            waiting += reversed(part.parts)
        elif isinstance(part, Known) and not isinstance(part.value, tuple | dict):
            found += text_of(part.value)
        else:
            found += f"${{{getattr(part, 'expression', '')}}}"
        if len(found) > _LONGEST_EXPRESSION:
            break
    return text.expression


def text_of(data: object) -> str:
    """A string, number or bool as Terraform writes it into text. Raises NotPlainError for anything else."""
    match data:
        case str():
            return data
        case bool():
            return "true" if data else "false"
        case int():
            return str(data)
        case float():
            return str(int(data)) if data.is_integer() else repr(data)
        case _:
            raise NotPlainError("it cannot be written as text")


def number_of(data: object) -> int | float | None:
    """A number, or the number that a string holds, else None."""
    if isinstance(data, bool) or not isinstance(data, str | int | float):
        return None
    if not isinstance(data, str):
        return data
    if not _NUMBER.fullmatch(data):
        return None
    return float(data) if "." in data else int(data)
