"""Texts of policies with their wildcards, and with gaps for what the repository does not tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.model.values import Known, OneOf, Unresolved
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.model.values import Value

# No policy has these characters. Any text may stand in a gap; an account is one that is known to be some account.
GAP = "\0"
ACCOUNT = "\1"
_LONGEST = 2_000
# Services whose ARNs end with a name and say no type before it.
_NO_TYPE = frozenset({"s3", "sqs", "sns"})
_ALL = regex(r"\*+(?:/\*+)?")
_ALL_OF_A_TYPE = regex(r"(?:[a-z-]+[/:])?[*/:]*\*")


def texts(value: Value) -> tuple[str, ...]:
    """What a value may be: its text, or that of each of its arms, with gaps."""
    match value:
        case Known(value=str() as text):
            return (text,)
        case OneOf(options=options):
            return tuple(text for option in options for text in texts(option))
        case Unresolved(parts=(_, *_) as parts):
            return ("".join(_part(part) for part in parts)[:_LONGEST],)
        case Unresolved(expression=expression):
            return (ACCOUNT if _is_account(expression) else GAP,)
        case _:
            return (GAP,)


def _part(part: Value) -> str:
    found = texts(part)
    if isinstance(part, Known) and not isinstance(part.value, bool | str):
        return str(part.value) if isinstance(part.value, int) else GAP
    return found[0] if len(found) == 1 else GAP


def _is_account(expression: str) -> bool:
    """Whether the written name says that it is an account's id, as in all dialects: ``AWS::AccountId``,
    ``self.account``, ``data.aws_caller_identity.current.account_id``.
    """
    name = re.split(r"[.:]", expression.lower())[-1].strip("\"'}) ")
    return name in ("account", "account_id", "accountid") or name.endswith(("_account_id", "_account"))


def shown(value: Value) -> str:
    """A value for a message, as it is known or written."""
    match value:
        case Known(value=content):
            return str(content)
        case Unresolved(parts=(_, *_) as parts):
            return "".join(shown(part) for part in parts)
        case Unresolved(expression=expression) if expression:
            return f"${{{expression}}}"
        case _:
            return "${...}"


def meets(left: str, right: str) -> bool:
    """Whether one text may match both: ``*`` stands for any text, ``?`` for a character, a gap for any text."""
    left, right = _plain(left), _plain(right)
    # Row by row over the right text: which ends of the left one are reached.
    reached = _skip([True] + [False] * len(left), left)
    for other in right:
        following = [other == "*" and reached[0]] + [False] * len(left)
        for index, own in enumerate(left):
            if other == "*":
                following[index + 1] = reached[index + 1] or following[index]
            elif own == "*":
                following[index + 1] = reached[index] or reached[index + 1] or following[index]
            else:
                following[index + 1] = reached[index] and ("?" in (own, other) or own == other)
        reached = _skip(following, left)
    return reached[-1]


def _plain(text: str) -> str:
    return re.sub(r"\*+", "*", text.replace(GAP, "*").replace(ACCOUNT, "*")[:_LONGEST])


def _skip(reached: list[bool], text: str) -> list[bool]:
    """With the ends behind stars that stand for nothing."""
    for index, letter in enumerate(text):
        if letter == "*" and reached[index]:
            reached[index + 1] = True
    return reached


def fields(arn: str) -> Sequence[str]:
    """``arn``, partition, service, region, account and the rest; the last that is there has what follows."""
    return arn.split(":", 5)


def reaches(resource: str, wanted: str) -> bool:
    """Whether a resource of a policy may be one of a pattern. Of two whole ARNs the fields are compared, for a star at
    the end of one is not meant to hold the account of the other.
    """
    own, others = fields(resource), fields(wanted)
    if own[0] == others[0] == "arn" and len(own) == len(others) == 6:
        return all(meets(left, right) for left, right in zip(own, others, strict=True))
    return meets(resource, wanted)


def is_every(resource: str) -> bool:
    """Whether it is no named resource but all of a service or of a type: ``*``, ``arn:aws:logs:*``, ``…:task/*``."""
    if not resource.strip("*"):
        return bool(resource)
    parts = fields(resource)
    if parts[0] != "arn":
        return False
    if len(parts) < 6:
        return len(parts) > 2 and parts[-1] == "*"
    rest = parts[5]
    return bool((_ALL if parts[2] in _NO_TYPE else _ALL_OF_A_TYPE).fullmatch(rest))
