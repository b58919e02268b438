"""Conditions of a startup script, asked for one component of MWAA at a time."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from mwaalint.documents.shell_syntax import (
    Ask,
    Both,
    Chain,
    Command,
    Compare,
    Expansion,
    Group,
    Negated,
    Not,
    Test,
    Text,
)
from mwaalint.model.startup import COMPONENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mwaalint.documents.shell_syntax import Condition, Statement, Word

# With a default, too: MWAA always sets the variable.
_DEFAULTS = frozenset({"", ":-", "-", ":=", "=", ":?", "?"})


def value(word: Word, component: str, variables: Mapping[str, Word]) -> str | None:
    """What a word is in a component's container; None when the text does not tell."""
    return _value(word, component, variables, 0)


def _value(word: Word, component: str, variables: Mapping[str, Word], depth: int) -> str | None:
    texts: list[str] = []
    for part in word.parts:
        if isinstance(part, Text):
            texts.append(part.value)
            continue
        if not isinstance(part, Expansion):
            return None
        if part.name == COMPONENT:
            known: str | None = component
        elif part.name in variables and depth < 4:
            known = _value(variables[part.name], component, variables, depth + 1)
        else:
            known = None
        if known is None or not (part.operator in _DEFAULTS or part.operator in (",,", ",")):
            return None
        texts.append(known)
    return "".join(texts)


def outcome(statement: Statement, ask: Callable[[Word], str | None]) -> bool | None:
    """Whether a statement succeeds; None when that is seen at run time only."""
    match statement:
        case Test(condition=condition):
            return holds(condition, ask)
        case Command(words=words):
            return _of_command([word.literal for word in words], words, ask)
        case Negated(statement=inner):
            return _not(outcome(inner, ask))
        case Group(body=(*_, last)):
            return outcome(last, ask)
        case Chain(first=first, rest=rest):
            result = outcome(first, ask)
            for operator, each in rest:
                result = _joined(result, operator, outcome(each, ask))
            return result
        case _:
            return None


def holds(condition: Condition, ask: Callable[[Word], str | None]) -> bool | None:
    """Whether a test holds."""
    match condition:
        case Not(operand=operand):
            return _not(holds(operand, ask))
        case Both(left=left, operator=operator, right=right):
            return _joined(holds(left, ask), operator, holds(right, ask))
        case Compare(left=left, operator=operator, right=right):
            return _compared(ask(left), operator, ask(right), right)
        case Ask(operator="-n" | "", word=word):
            return None if ask(word) is None else bool(ask(word))
        case Ask(operator="-z", word=word):
            return None if ask(word) is None else not ask(word)
        case _:
            return None


def matches(text: str | None, pattern: Word, ask: Callable[[Word], str | None]) -> bool | None:
    """Whether a text fits a pattern of ``case`` or ``[[ == ]]``."""
    wanted = ask(pattern)
    if wanted == "*":
        return True
    if text is None or wanted is None:
        return None
    extended = re.fullmatch(r"@\(([\w|*-]+)\)", wanted)
    choices = extended[1].split("|") if extended else [wanted]
    if any("(" in choice for choice in choices):
        return None
    return any(fnmatchcase(text, choice) for choice in choices)


def _compared(left: str | None, operator: str, right: str | None, pattern: Word) -> bool | None:
    if left is None or right is None:
        return None
    if operator in ("==", "=", "!="):
        equal = matches(left, pattern, lambda _: right)
        return _not(equal) if operator == "!=" else equal
    if operator == "=~" and re.fullmatch(r"[\^$\w|()-]*", right):
        try:
            return re.search(right, left) is not None
        except re.error:
            return None
    return None


def _of_command(names: list[str | None], words: tuple[Word, ...], ask: Callable[[Word], str | None]) -> bool | None:
    match names:
        case ["true" | ":", *_]:
            return True
        case ["false", *_]:
            return False
        case ["test", _, "=" | "==" | "!=" as operator, _]:
            return _compared(ask(words[1]), operator, ask(words[3]), words[3])
        case ["test", "-n" | "-z" as operator, _]:
            known = ask(words[2])
            return None if known is None else bool(known) is (operator == "-n")
        case _:
            return None


def _not(known: bool | None) -> bool | None:
    return None if known is None else not known


def _joined(left: bool | None, operator: str, right: bool | None) -> bool | None:
    deciding = operator == "||"
    if deciding in (left, right):
        return deciding
    return None if left is None or right is None else not deciding
