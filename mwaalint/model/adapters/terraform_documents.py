"""Policy documents in Terraform: the data source ``aws_iam_policy_document``, ``jsonencode`` and JSON as text, in the
members that AWS gives them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mwaalint.model.adapters._options import taken_from
from mwaalint.model.adapters.terraform_values import Document, Encoded, Pieces, Site, settled, text_of
from mwaalint.model.values import ABSENT, Absent, Known, Unresolved, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.model.adapters.terraform_blocks import Body

POLICY_DOCUMENT = "aws_iam_policy_document"
_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_SOURCES = ("source_policy_documents", "source_json")
_OVERRIDES = ("override_policy_documents", "override_json")
_LONGEST_TEXT = 200_000
_MOST_STATEMENTS = 1_000
# Stands in a text of JSON for a part that is not known, by its number.
_GAP = regex("\0([0-9]+)\0")
# What would look like a gap; no document has it.
_ZERO = regex(r"\x00|\\u0000")
_QUOTE = regex(r'(?<!\\)(?:\\\\)*"')


def policy_document(body: Body, site: Site) -> Value:
    """The JSON that the data source makes. It never is a known text: who reads policies reads its content."""
    statements = [*_included(body, _SOURCES), *map(_statement, body.nested("statement"))]
    if body.unknown("statement"):
        statements.append(body.site.unresolved("the statements are not known"))
    for overriding in _included(body, _OVERRIDES):
        sid = _sid(overriding)
        statements = [each for each in statements if not sid or _sid(each) != sid] + [overriding]
    content = Known({"Statement": Known(tuple(statements[:_MOST_STATEMENTS]), body.place)}, body.whole)
    return Document(site.text, "a policy document is put together when Terraform runs", site.location, content=content)


def content_of(value: Value) -> Value:
    """What a text of JSON says, as far as it is known: a map of Values; any other value as it is."""
    match value:
        case Encoded(content=content) | Document(content=content):
            return settled(content)
        case Pieces(parts=parts):
            return _parsed(parts, value)
        case Known(value=str()):
            return _parsed((value,), value)
        case _:
            return settled(value)


def _included(body: Body, names: Sequence[str]) -> Iterator[Value]:
    """The statements of the documents that others are made of; one not resolved for each that is not known."""
    for name in names:
        value = body.raw(name)
        documents = value.value if isinstance(value, Known) and isinstance(value.value, tuple) else (value,)
        for document in documents:
            if isinstance(document, Absent) or (isinstance(document, Known) and document.value == ""):
                continue
            content = content_of(document)
            members = content.value if isinstance(content, Known) and isinstance(content.value, dict) else {}
            match members.get("Statement"):
                case Known(value=tuple() as statements):
                    yield from statements
                case Known(value=dict()) as statement:
                    yield statement
                case _:
                    yield body.site.unresolved("the document is not known")


def _statement(body: Body) -> Value:
    members: dict[str, Value] = {"Effect": body.value("effect"), "Sid": body.text("sid")}
    members |= {member: value for name, member in _LISTS.items() if not isinstance(value := body.value(name), Absent)}
    for name, member in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if body.unknown(name):
            members[member] = body.site.unresolved("the principals are not known")
        elif principals := list(body.nested(name)):
            members[member] = _principals(principals, body.site)
    if body.unknown("condition"):
        members["Condition"] = body.site.unresolved("the conditions are not known")
    elif conditions := list(body.nested("condition")):
        members["Condition"] = _conditions(conditions, body.site)
    # The whole block, as in JSON: what is wrong with a statement is rarely in its first line.
    return Known({name: value for name, value in members.items() if not isinstance(value, Absent)}, body.whole)


def _principals(blocks: Sequence[Body], site: Site) -> Value:
    found: dict[str, list[Value]] = {}
    for block in blocks:
        kind = block.value("type")
        if not (isinstance(kind, Known) and isinstance(kind.value, str)):
            return site.unresolved("a type of principal is not known")
        found.setdefault(kind.value, []).extend(block.items("identifiers"))
    return Known({kind: Known(tuple(identifiers), site.location) for kind, identifiers in found.items()}, site.location)


def _conditions(blocks: Sequence[Body], site: Site) -> Value:
    found: dict[str, dict[str, list[Value]]] = {}
    for block in blocks:
        kind, variable = block.value("test"), block.value("variable")
        if not (isinstance(kind, Known) and isinstance(variable, Known)):
            return site.unresolved("a condition is not known")
        variables = found.setdefault(str(kind.value), {})
        variables.setdefault(str(variable.value), []).extend(block.items("values"))
    tests: dict[str, Value] = {}
    for test, variables in found.items():
        keys: dict[str, Value] = {key: Known(tuple(values), site.location) for key, values in variables.items()}
        tests[test] = Known(keys, site.location)
    return Known(tests, site.location)


def _sid(statement: Value) -> str:
    members = statement.value if isinstance(statement, Known) and isinstance(statement.value, dict) else {}
    sid = members.get("Sid")
    return sid.value if isinstance(sid, Known) and isinstance(sid.value, str) else ""


def _parsed(parts: Sequence[Value], whole: Known | Unresolved) -> Value:
    """JSON with gaps: one inside of a string leaves the string not resolved, one in place of a value is the value."""
    pieces, inside = [], False
    for index, part in enumerate(parts):
        if isinstance(part, Known) and not isinstance(part, Encoded):
            piece = _ZERO.sub("", text_of(part.value))
            inside ^= len(_QUOTE.findall(piece)) % 2 == 1
        else:
            piece = f"\0{index}\0" if inside else f'"\0{index}\0"'
        pieces.append(piece)
    text = "".join(pieces)
    try:
        data = json.loads(text, strict=False) if len(text) <= _LONGEST_TEXT else None
    except (ValueError, RecursionError):
        return settled(whole)
    return settled(_filled(data, parts, whole)) if isinstance(data, dict) else settled(whole)


def _filled(data: object, parts: Sequence[Value], whole: Known | Unresolved) -> Value:
    match data:
        case dict():
            return Known({_named(key, parts): _filled(it, parts, whole) for key, it in data.items()}, whole.origin)
        case list():
            return Known(tuple(_filled(item, parts, whole) for item in data), whole.origin)
        case str() if "\0" in data:
            return _with_gaps(data, parts, whole)
        case None:
            return ABSENT
        case _:
            return Known(data, whole.origin)


def _with_gaps(text: str, parts: Sequence[Value], whole: Known | Unresolved) -> Value:
    pieces = _GAP.split(text)
    values: list[Value] = []
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            values += [Known(piece, whole.origin)] if piece else []
        else:
            values.append(parts[int(piece)])
    if len(values) == 1:
        return content_of(values[0])
    why = "a part of it is not known"
    return settled(Pieces(_named(text, parts), why, whole.origin, taken_from(values), tuple(values)))


def _named(text: str, parts: Sequence[Value]) -> str:
    """The text with its gaps as they are written."""
    return _GAP.sub(lambda match: f"${{{getattr(parts[int(match[1])], 'expression', '')}}}", text)
