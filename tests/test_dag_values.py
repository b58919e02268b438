"""What expressions of DAG code come to: as much as the file tells, and never a guess."""

from __future__ import annotations

import ast
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.model.dag_values import DagValues
from mwaalint.model.values import Known, Unresolved
from tests.python_code import document, plain


def value(expression: str, before: str = "") -> object:
    """What the last line of a file, ``here(expression)``, is given."""
    found = document(f"{before}\nhere({expression})\n")
    (call,) = [call for call in found.calls if found.dotted(call.func) == "here"]
    return plain(DagValues(found).value(call.args[0]))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a'", "a"),
        ("1", 1),
        ("-1.5", -1.5),
        ("True", True),
        ("not True", False),
        ("None", None),
        ("b'a'", "?"),
        ("...", "?"),
        ("'a' 'b'", "ab"),
        ("'a' + 'b'", "ab"),
        ("'a' + 1", "?"),
        ("1 + 2 * 3 - 4", 3),
        ("60 * 60", 3600),
        ("7 / 2", 3.5),
        ("1 / 0", "?"),
        ("2 ** 8", "?"),
        ("f'a{1}b{\"c\"}'", "a1bc"),
        ("f'{1!r}'", "?"),
        ("f'{1:03}'", "?"),
        ("f'{unknown()}'", "?"),
        ("'a%s' % 1", "a1"),
        ("'%s-%s' % (1, 2)", "?"),
        ("'%9999999999d' % 1", "?"),
        ("'{}-{}'.format(1, 'x')", "1-x"),
        ("'{0}{0}'.format('x')", "xx"),
        ("'{a}'.format(a=1)", "1"),
        ("'{:>9999999999}'.format(1)", "?"),
        ("'{0.__class__}'.format(1)", "?"),
        ("'{}'.format()", "?"),
        ("'{'.format()", "?"),
        ("' A '.strip().lower()", "a"),
        ("'a-b'.replace('-', '_')", "a_b"),
        ("['a', 1]", ("a", 1)),
        ("('a', unknown)", ("a", "?")),
        ("[*x]", "?"),
        ("['a'] + ['b']", ("a", "b")),
        ("{'a': 1, 'b': unknown}", {"a": 1, "b": "?"}),
        ("{1: 2}", {"1": 2}),
        ("{unknown: 1}", "?"),
        ("{**{'a': 1}, 'a': 2}", {"a": 2}),
        ("dict(a=1)", {"a": 1}),
        ("dict(**{'a': 1}, b=2)", {"a": 1, "b": 2}),
        ("dict(unknown)", "?"),
        ("{'a': 1} | {'b': 2}", {"a": 1, "b": 2}),
        ("{'a': 'x'}['a']", "x"),
        ("{'a': 'x'}['b']", "?"),
        ("['x', 'y'][1]", "y"),
        ("['x'][5]", "?"),
        ("['x'][-1]", "x"),
        ("['x'][-5]", "?"),
        ("'a' if unknown else 'b'", ["a", "b"]),
        ("'a' if unknown else unknown", "?"),
        ("str(1)", "1"),
        ("list(('a',))", ("a",)),
        ("range(3)", (0, 1, 2)),
        ("range(10**9)", "?"),
        ("range(1000000)", "?"),
        ("range()", "?"),
        ("unknown", "?"),
        ("unknown()", "?"),
        ("unknown.attribute", "?"),
        ("print(*x)", "?"),
        ("x[1:2]", "?"),
        ("lambda: 1", "?"),
    ],
)
def test_an_expression(expression: str, expected: object) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("before", "expression", "expected"),
    [
        ("x = 'a'", "x", "a"),
        ("x = 'a'\ny = x + 'b'", "y", "ab"),
        ("x = y\ny = x", "x", "?"),
        ("x = [x]", "x", ("?",)),
        ("x = unknown()", "x", "?"),
        ("from settings import x", "x", "?"),
        ("x = {}\nx['a'] = 1", "x", "?"),
        ("x = []\nx.append(1)", "x", "?"),
        ("with open('f') as x: pass", "x", "?"),
        ("def x(): pass", "x", "?"),
        ("x = 'a'\nx = 'b'", "x", "b"),
        ("import os", "os.path.join('/a', 'b')", "/a/b"),
        ("from os import path", "path.join('/a', 'b')", "/a/b"),
        ("from pathlib import Path", "Path('/a') / 'b'", "/a/b"),
        ("from pathlib import Path", "Path('/a', unknown)", "?"),
        ("from datetime import timedelta", "timedelta(1, hours=2)", timedelta(days=1, hours=2)),
        ("import datetime as dt", "dt.timedelta(minutes=5) * 2", timedelta(minutes=10)),
        ("from datetime import timedelta", "-timedelta(days=1)", timedelta(days=-1)),
        ("from datetime import timedelta", "timedelta(days=10**12)", "?"),
        ("from datetime import timedelta", "timedelta(years=1)", "?"),
        ("from datetime import timedelta", "timedelta(days='a')", "?"),
        ("import pendulum", "pendulum.duration(hours=1)", timedelta(hours=1)),
        ("import pendulum", "pendulum.datetime(2024, 1, 2, tz='UTC')", datetime(2024, 1, 2)),
        ("from datetime import datetime", "datetime(2024, 1, 2, 3, tzinfo=unknown)", datetime(2024, 1, 2, 3)),
        ("from datetime import datetime", "datetime(year=2024, month=1, day=2)", datetime(2024, 1, 2)),
        ("from datetime import datetime", "datetime(2024, 13, 1)", "?"),
        ("from datetime import datetime", "datetime.now()", "?"),
        ("from datetime import datetime, timedelta", "datetime(2024, 1, 2) - timedelta(days=1)", datetime(2024, 1, 1)),
        ("from airflow.utils import timezone", "timezone.datetime(2024, 1, 2)", datetime(2024, 1, 2)),
        ("import os", "os.environ.get('A', 'b')", "?"),
    ],
)
def test_a_name_or_a_library(before: str, expression: str, expected: object) -> None:
    assert value(expression, before) == expected


@pytest.mark.parametrize(
    ("loop", "expression", "expected"),
    [
        ("for x in ['a', 'b']:", "x", ["a", "b"]),
        ("for x in ['a']:", "f'load_{x}'", "load_a"),
        ("for x in ('a', 'b'):", "f'load_{x}'", ["load_a", "load_b"]),
        ("for x in {'a': 1}:", "x", "a"),
        ("for x in {'a': 1}.keys():", "x", "a"),
        ("for x in range(2):", "x + 1", [1, 2]),
        ("for x in ['a', 'b']:", "x + x", "?"),
        ("for x in ['a', unknown]:", "x", "?"),
        ("for x in unknown:", "x", "?"),
        ("for x in []:", "x", "?"),
        ("for x, y in [('a', 'b')]:", "x", "?"),
        ("for x in enumerate(['a']):", "x", "?"),
    ],
)
def test_a_loop_gives_each_of_its_values(loop: str, expression: str, expected: object) -> None:
    found = document(f"{loop}\n    here({expression})\n")
    (call,) = [call for call in found.calls if found.dotted(call.func) == "here"]
    assert plain(DagValues(found).value(call.args[0])) == expected


def test_what_is_not_known_says_what_is_written_and_why() -> None:
    found = document("x = os.environ['A']\n")
    (name,) = found.nodes(ast.Subscript)
    unknown = DagValues(found).value(name)
    assert isinstance(unknown, Unresolved)
    assert (unknown.expression, unknown.reason) == ("os.environ['A']", "only a run can tell")
    assert found.file.slice(unknown.origin.span) == "os.environ['A']"


def test_a_value_tells_where_it_is_written() -> None:
    found = document("import x\nA = 'a' + 'b'\nB = [A, 1]\nhere(B)\n")
    (call,) = found.calls
    value = DagValues(found).value(call.args[0])
    assert isinstance(value, Known)
    assert isinstance(value.value, tuple)
    places = [found.file.slice(each.origin.span) for each in (value, *value.value)]
    assert places == ["[A, 1]", "'a' + 'b'", "1"]


@pytest.mark.parametrize("text", ["here(a)", "a = a\nhere(a)", "a = [b]\nb = a\nhere(b)", "a = f'{a}'\nhere(a)"])
def test_a_name_that_leads_back_to_itself_is_not_known(text: str) -> None:
    found = document(f"{text}\n")
    (call,) = found.calls
    assert plain(DagValues(found).value(call.args[0])) in ("?", ("?",))


def test_texts_that_double_again_and_again_stay_small() -> None:
    lines = ["x0 = 'ab' * 1", *(f"x{n} = f'{{x{n - 1}}}{{x{n - 1}}}'" for n in range(1, 60))]
    lines[0] = "x0 = 'ab'"
    assert value("x59", "\n".join(lines)) == "?"
    assert value("x5", "\n".join(lines)) == "ab" * 32


def test_collections_that_double_stay_small() -> None:
    lines = ["x0 = ['a']", *(f"x{n} = x{n - 1} + x{n - 1}" for n in range(1, 40))]
    assert value("x39", "\n".join(lines)) == "?"
    nested = ["y0 = ['a']", *(f"y{n} = [y{n - 1}, y{n - 1}]" for n in range(1, 30))]
    found = document("\n".join([*nested, "here(y29)"]))
    (call,) = [call for call in found.calls if found.dotted(call.func) == "here"]
    assert isinstance(DagValues(found).value(call.args[0]), Known)


def test_a_deep_expression_ends() -> None:
    assert value(" + ".join(["'a'"] * 30)) == "a" * 30
    assert value(" + ".join(["'a'"] * 90)) == "?"


EXPRESSIONS = st.recursive(
    st.sampled_from(["1", "'a'", "x", "None", "True", "unknown()", "1.5", "{}", "[]", "'{}'"]),
    lambda inner: st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("({} - {})".format, inner, inner),
        st.builds("({} * {})".format, inner, inner),
        st.builds("({} / {})".format, inner, inner),
        st.builds("({} % {})".format, inner, inner),
        st.builds("({} | {})".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("{{{}: {}}}".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("({}).format({})".format, inner, inner),
        st.builds("({}).replace({}, {})".format, inner, inner, inner),
        st.builds("timedelta({})".format, inner),
        st.builds("datetime({}, {})".format, inner, inner),
        st.builds("range({})".format, inner),
        st.builds("-{}".format, inner),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_any_expression_has_a_value_or_a_reason(expression: str) -> None:
    found = value(expression, "from datetime import datetime, timedelta\nx = 'a'")
    assert (
        found == "?"
        or found is None
        or isinstance(found, str | int | float | tuple | dict | list | datetime | timedelta)
    )


@settings(max_examples=200, deadline=None)
@given(st.integers(-50, 50), st.integers(-50, 50), st.text(max_size=5))
def test_what_is_computed_is_what_python_computes(left: int, right: int, text: str) -> None:
    assert value(f"{left} + {right} * {left} - {right}") == left + right * left - right
    assert value(f"{text!r} + {text!r}") == text + text
    assert value(f"[{left}, {right}]") == (left, right)
    assert value(f"'{{}}-{{}}'.format({left}, {text!r})") == f"{left}-{text}"
