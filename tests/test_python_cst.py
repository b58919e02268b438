"""Changes of Python code as edits: nothing but what was asked for changes, not a blank and not a comment."""

from __future__ import annotations

import ast
import codecs
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.fix._changes import Changes
from mwaalint.fix.rewriting import Rewriter
from mwaalint.rewrites import RemoveArgument, SetArgument
from mwaalint.source import Span
from tests.python_fixes import PATH, applied, rewritten, source

if TYPE_CHECKING:
    from mwaalint.rewrites import Rewrite


def set_mode(path: str, span: Span) -> SetArgument:
    return SetArgument(path, span, "mode", '"reschedule"')


def without_queue(path: str, span: Span) -> RemoveArgument:
    return RemoveArgument(path, span, "queue")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Wait()", 'Wait(mode="reschedule")'),
        ("Wait( )", 'Wait(mode="reschedule" )'),
        ("Wait(1)", 'Wait(1, mode="reschedule")'),
        ("Wait(a=1,)", 'Wait(a=1, mode="reschedule",)'),
        ("Wait(**known)", 'Wait(**known, mode="reschedule")'),
        ("Wait(\n    a=1,\n    b=2,\n)", 'Wait(\n    a=1,\n    b=2,\n    mode="reschedule",\n)'),
        ("Wait(\n    a=1,\n    b=2  # two\n)", 'Wait(\n    a=1,\n    b=2,  # two\n    mode="reschedule"\n)'),
        ("Wait(\n    a=1,  # one\n)", 'Wait(\n    a=1,  # one\n    mode="reschedule",\n)'),
        ("Wait(\n    a=1,\n    # b=2,\n)", 'Wait(\n    a=1,\n    mode="reschedule",\n    # b=2,\n)'),
        ("Wait(a=1,\n     b=2)", 'Wait(a=1,\n     b=2,\n     mode="reschedule")'),
        ("Wait(\n    a=1, b=2\n)", 'Wait(\n    a=1, b=2, mode="reschedule"\n)'),
        ("Wait(\n\ta=1,\n\tb=[\n\t\t2,\n\t],\n)", 'Wait(\n\ta=1,\n\tb=[\n\t\t2,\n\t],\n\tmode="reschedule",\n)'),
        ("Wait(  # soon\n)", 'Wait(mode="reschedule"  # soon\n)'),
        ('Wait(a=1, mode="poke", b=2)', 'Wait(a=1, mode="reschedule", b=2)'),
        ('Wait(mode = "poke")', 'Wait(mode = "reschedule")'),
        ("Wait(mode=MODE,  # why\n)", 'Wait(mode="reschedule",  # why\n)'),
        ("Wait(a='x')", "Wait(a='x', mode='reschedule')"),
        ("Wait(a={'b': \"c\"})", 'Wait(a={\'b\': "c"}, mode="reschedule")'),
        ("sensors.Wait", 'sensors.Wait(mode="reschedule")'),
    ],
)
def test_an_argument_is_added_as_the_last_one_is_laid_out(before: str, after: str) -> None:
    assert rewritten(f"x = {before}\n", before, set_mode) == f"x = {after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('Run(queue="x")', "Run()"),
        ('Run(\n    queue="x",\n)', "Run()"),
        ('Run(  # fast\n    queue="x",\n)', "Run(  # fast\n)"),
        ('Run(a=1, queue="x")', "Run(a=1)"),
        ('Run(a=1, queue="x",)', "Run(a=1,)"),
        ('Run(a=1, queue="x", b=2)', "Run(a=1, b=2)"),
        ('Run(queue="x", b=2)', "Run(b=2)"),
        ('Run(*args, queue="x", **more)', "Run(*args, **more)"),
        ('Run(\n    a=1,\n    queue="x",  # fast\n    b=2,\n)', "Run(\n    a=1,\n    b=2,\n)"),
        ('Run(\n    a=1,  # one\n    queue="x"\n)', "Run(\n    a=1,  # one\n)"),
        ('Run(\n    a=1,  # one\n    queue="x")', "Run(\n    a=1  # one\n    )"),
        ('Run(\n    queue="x",\n    b=2,\n)', "Run(\n    b=2,\n)"),
        ('Run(a=1,\n    # on its own\n    queue="x",\n    b=2)', "Run(a=1,\n    # on its own\n    b=2)"),
        ('Run(a=1, queue="x",\n    b=2)', "Run(a=1,\n    b=2)"),
        ('Run(a=1,\n    queue="x", b=2)', "Run(a=1,\n    b=2)"),
        ('{"a": 1, "queue": "x"}', '{"a": 1}'),
        ('{"queue": "x", **more}', "{**more}"),
        ("{\n    'a': 1,\n    'queue': 'x',  # fast\n}", "{\n    'a': 1,\n}"),
        ("{\n    'a': 1,\n    'queue': 'x'\n}", "{\n    'a': 1,\n}"),
        ("{'queue' : QUEUE}", "{}"),
        ('dict(a=1, queue="x")', "dict(a=1)"),
    ],
)
def test_an_argument_goes_with_its_comma_and_its_comment(before: str, after: str) -> None:
    assert rewritten(f"x = {before}\n", before, without_queue) == f"x = {after}\n"


@pytest.mark.parametrize("part", ["(yield)", "lambda: 1", "Run(a for a in b)", "[1]", '"text"'])
def test_what_takes_no_argument_is_left_alone(part: str) -> None:
    assert rewritten(f"def f(b):\n    x = {part}\n", part, set_mode) is None


def test_what_is_not_there_is_not_taken_out() -> None:
    assert rewritten("Run(a=1)\n", "Run(a=1)", without_queue) is None
    assert rewritten('{b"queue": 1}\n', '{b"queue": 1}', without_queue) is None


def test_a_place_that_is_no_expression_is_left_alone() -> None:
    assert rewritten("Run(a=1)\n", "un(a=", set_mode) is None


def test_a_file_that_does_not_parse_is_left_alone() -> None:
    assert rewritten("Run(a=1)\nif\n", "Run(a=1)", set_mode) is None


@pytest.mark.parametrize(
    ("before", "call", "after"),
    [
        (
            b"x = 1\r\nRun(\r\n    a=1,\r\n)\r\n",
            b"Run(\r\n    a=1,\r\n)",
            b'Run(\r\n    a=1,\r\n    mode="reschedule",\r\n)',
        ),
        (
            b"Run(a=1,\n  b=2,\r\n  c=3)",
            b"Run(a=1,\n  b=2,\r\n  c=3)",
            b'Run(a=1,\n  b=2,\r\n  c=3,\r\n  mode="reschedule")',
        ),
        (codecs.BOM_UTF8 + b"Run()\n", b"Run()", b'Run(mode="reschedule")'),
        (
            b"# -*- coding: latin-1 -*-\nn\xe4chster = Run('\xfc', a=1)  # \xdf\n",
            b"Run('\xfc', a=1)",
            b"Run('\xfc', a=1, mode='reschedule')",
        ),
        ("größe = 'é', Run('ü')  # ß\n".encode(), "Run('ü')".encode(), "Run('ü', mode='reschedule')".encode()),
    ],
)
def test_newlines_marks_and_encodings_stay(before: bytes, call: bytes, after: bytes) -> None:
    changed = rewritten(before, call, set_mode)
    assert changed is not None
    assert changed.encode("utf-8", "surrogateescape") == before.replace(call, after)


def test_code_that_another_finding_wants_changed_stays_as_it_is() -> None:
    """Edits of one file do not see each other, so each is no larger than it has to be."""
    text = 'a = Run(\n    queue="x",\n    b="poke",\n)\n'
    call = text.strip().removeprefix("a = ")
    span = Span(text.index(call), text.index(call) + len(call))
    (removal,) = Rewriter(source(text.encode())).edits((without_queue(PATH, span),)) or ()
    (addition,) = Rewriter(source(text.encode())).edits((set_mode(PATH, span),)) or ()
    assert removal.span.end <= addition.span.start
    assert applied(text.encode(), [removal, addition]) == b'a = Run(\n    b="poke",\n    mode="reschedule",\n)\n'


def test_nothing_imports_libcst_before_there_is_something_to_rewrite() -> None:
    code = "import sys, mwaalint.api, mwaalint.fix.rewriting, mwaalint.fix.apply; print('libcst' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# Code around and inside of calls, as people lay it out and as nobody would.
BLANK = st.sampled_from(["", "", " ", "\n", "\n    ", "  # ein Wörtchen\n  ", "\n# queue=1, )\n\t", "\\\n "])
VALUES = ["1", "'x'", '"é, ("', "f'{a!r:>{b}}'", "[1,\n 2,  # drei\n]", "lambda q, *r: (q, r)", "g(queue=1)"]
VALUES += ["{'queue': 1}", "a if b else c", "(w := 2)", "not a", '"a" "b"', "x[1:2, ::3]", "b'\\x00'", "'''a\n)'''"]
VALUE = st.sampled_from(VALUES)
SPREAD: st.SearchStrategy[list[str]] = st.sampled_from([[], ["*more"], ["**most"]])
NAMES = ("a", "b", "task_id", "queue", "mode", "größe")


@dataclass(frozen=True)
class Written:
    """A call as it is written, and the arguments by name."""

    code: str
    names: tuple[str, ...]


@st.composite
def calls(draw: st.DrawFn) -> Written:
    names = draw(st.lists(st.sampled_from(NAMES), max_size=5, unique=True))
    positional = draw(st.lists(VALUE, max_size=1))
    given_ = [*positional, *(f"{name}{draw(BLANK)}={draw(BLANK)}{draw(VALUE)}" for name in names)]
    given_ += draw(SPREAD)
    parts = [f"{draw(BLANK)}{part}{draw(BLANK)}" for part in given_]
    ends = draw(st.booleans())
    comma = f",{draw(BLANK)}" if parts and ends else ""
    func = draw(st.sampled_from(["Run", "operators.Run", "make()", "Run.partial"]))
    return Written(f"{func}({','.join(parts)}{comma if parts else draw(BLANK)})", tuple(names))


SETTINGS = ["{}", "x = {}", "x = 1; {}; y = 'é'", "@{}\ndef f(): pass", "with DAG('ü') as d: {}", "if a:\n\tä = [{}]"]
SETTINGS += ["f = lambda: {}  # é", "class A:\n    '''é'''\n    b = c({}, 1).d", "async def f():\n  return {} or 1"]


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, Span, Written]:
    """A file that parses, with the span of a call in it."""
    call = draw(calls())
    before, after = draw(st.sampled_from(SETTINGS)).split("{}")
    start = draw(st.sampled_from(["", "# é\n", "from a import (b,  # ü\n  c)\n", "\ufeff", "x = '''é\n\n'''\n\n"]))
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    head, code, tail = (part.replace("\n", newline) for part in (start + before, call.code, f"{after}\n"))
    return (head + code + tail).encode(), Span(len(head.encode()), len((head + code).encode())), call


def parsed(data: bytes) -> ast.Module | None:
    try:
        return ast.parse(data)
    except SyntaxError:
        return None


def reasonable(data: bytes, span: Span) -> bool:
    """Whether the call is where it should be: a comment may have eaten what follows it."""
    tree = parsed(data)
    return tree is not None and Changes(source(data))._nodes.get(span) is not None


def one_change(data: bytes, rewrite: Rewrite) -> bytes | None:
    edits = Rewriter(source(data)).edits((rewrite,))
    if edits is None:
        return None
    (edit,) = edits
    changed = applied(data, edits)
    assert changed.startswith(data[: edit.span.start])
    assert changed.endswith(data[edit.span.end :])
    return changed


def keywords(data: bytes, start: int) -> dict[str | None, str]:
    """The arguments of the call that starts there."""
    changes = Changes(source(data))
    nodes = [node for span, found in changes._nodes.items() for node in found if span.start == start]
    # The call whose function the name at its start is, and not one that is made on it.
    call = max((node for node in nodes if isinstance(node, ast.Call)), key=lambda call: len(call.keywords))
    return {each.arg: ast.dump(each.value) for each in call.keywords}


@settings(max_examples=150, deadline=None)
@given(files())
def test_any_call_takes_the_argument_and_keeps_all_else(made: tuple[bytes, Span, Written]) -> None:
    data, span, call = made
    if not reasonable(data, span):
        return
    changed = one_change(data, set_mode(PATH, span))
    assert changed is not None
    assert parsed(changed) is not None
    end = span.end + len(changed) - len(data)
    # Said once, it is said: the same wish again changes nothing.
    assert Rewriter(source(changed)).edits((set_mode(PATH, Span(span.start, end)),)) is None
    comments = [line.partition(b"#")[2] for line in data.splitlines() if b"#" in line]
    assert "mode" in call.names or all(comment in changed for comment in comments)
    assert ("mode" in call.names) == (changed.count(b"mode") == data.count(b"mode"))


@settings(max_examples=150, deadline=None)
@given(files())
def test_any_call_loses_the_argument_and_keeps_all_else(made: tuple[bytes, Span, Written]) -> None:
    data, span, call = made
    if not reasonable(data, span):
        return
    changed = one_change(data, without_queue(PATH, span)) if "queue" in call.names else None
    if "queue" not in call.names:
        assert Rewriter(source(data)).edits((without_queue(PATH, span),)) is None
        return
    assert changed is not None
    before, after = keywords(data, span.start), keywords(changed, span.start)
    assert after == {name: value for name, value in before.items() if name != "queue"}
    end = span.end + len(changed) - len(data)
    assert Rewriter(source(changed)).edits((without_queue(PATH, Span(span.start, end)),)) is None


@settings(max_examples=150, deadline=None)
@given(files())
def test_what_was_added_can_be_taken_out_again(made: tuple[bytes, Span, Written]) -> None:
    data, span, call = made
    if not reasonable(data, span) or "mode" in call.names:
        return
    changed = one_change(data, set_mode(PATH, span))
    assert changed is not None
    again = one_change(changed, RemoveArgument(PATH, Span(span.start, span.end + len(changed) - len(data)), "mode"))
    assert again is not None
    assert ast.dump(ast.parse(again)) == ast.dump(ast.parse(data))
