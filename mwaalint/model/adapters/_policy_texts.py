"""Where the statements stand in policies that are text of JSON: what is parsed has no places of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.model.resources import Policy, Role
    from mwaalint.source import SourceFile

_LONGEST = 200_000
_STATEMENTS = regex(rb'"Statement"\s*:\s*')
# An interpolation may hold quotes of its own. One with braces in it is not understood, and the places stay as they are.
# A text that does not end is taken as far as it goes: it is not to be searched again from each quote in it.
_TOKEN = regex(rb'"(?:[^"\\$]|\\.|\$(?!\{)|\$\{[^{}]*\})*+"?|\$\{[^{}]*\}|[\[\]{}]', re.S)


def placed(role: Role, files: Mapping[str, SourceFile]) -> Role:
    """The role with the statements of its policies where they stand in a text of JSON."""
    trust = _placed(role.trust, files) if role.trust else None
    return role._replace(trust=trust, policies=tuple(_placed(each, files) for each in role.policies))


def _placed(policy: Policy, files: Mapping[str, SourceFile]) -> Policy:
    path, span = policy.location.path, policy.location.span
    file = files.get(path)
    if file is None or any((each.location.path, each.location.span) != (path, span) for each in policy.statements):
        return policy
    spans = list(_objects(file.data[span.start : min(span.end, span.start + _LONGEST)], span.start))
    if len(spans) != len(policy.statements):
        return policy
    pairs = zip(policy.statements, spans, strict=True)
    return policy._replace(
        statements=tuple(each._replace(location=replace(each.location, span=own)) for each, own in pairs)
    )


def _objects(text: bytes, offset: int) -> Iterator[Span]:
    """The objects of the first ``Statement``, a list of them or only one."""
    member = _STATEMENTS.search(text)
    if member is None:
        return
    depth, first, start = 0, text[member.end() : member.end() + 1] == b"[", 0
    for token in _TOKEN.finditer(text, member.end()):
        if token[0] in b"[{":
            start = token.start() if depth == first else start
            depth += 1
        elif token[0] in b"]}":
            depth -= 1
            if depth == first:
                yield Span(offset + start, offset + token.end())
            if depth <= 0:
                return
