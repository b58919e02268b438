"""Python expressions of any make: what the evaluator knows is what Python itself computes, and no text breaks it."""

from __future__ import annotations

import time
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.model.adapters import boto3_calls, pulumi_python
from mwaalint.model.values import Absent, Known, OneOf, Unresolved
from tests.terraform_projects import project
from tests.test_cdk_python import declarations, environment, the_class
from tests.test_cloudformation import plain

BRIEF = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Term(NamedTuple):
    """An expression and the value that Python computes for it."""

    code: str
    value: object


def computed(code: str) -> Term:
    """The expressions are made below, of literals and operators only."""
    return Term(code, eval(code, {"__builtins__": {"str": str, "int": int}}, {}))


TEXTS = st.text("abcXYZ 019.-_é", max_size=6).map(lambda text: computed(repr(text)))
NUMBERS = st.integers(-99, 99).map(lambda number: computed(repr(number)))
BOOLEANS = st.booleans().map(lambda flag: computed(repr(flag)))


def around(texts: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def chosen(yes: Term, left: Term, right: Term, no: Term, sign: str) -> Term:
        return computed(f"({yes.code} if {left.code} {sign} {right.code} else {no.code})")

    def formatted(before: str, one: Term, two: Term) -> Term:
        return computed('f"' + before + "{" + one.code + "}-{" + two.code + '}"')

    return (
        st.builds(chosen, texts, TEXTS | NUMBERS, TEXTS | NUMBERS, texts, st.sampled_from(["==", "!="]))
        # An f-string inside of an f-string of the same quotes is one only since Python 3.12.
        | st.builds(formatted, st.text("abc ", max_size=3), TEXTS, TEXTS | NUMBERS)
        | st.builds(lambda one, two: computed(f"({one.code} + {two.code})"), texts, texts)
        | st.builds(lambda one, two: computed(f"({one.code} or {two.code})"), texts, texts)
        | st.builds(lambda one, two: computed(f"[{one.code}, {two.code}][1]"), texts, texts)
        | st.builds(lambda one, two: computed(f"{{'a': {one.code}, 'b': {two.code}}}['b']"), texts, texts)
        | st.builds(lambda one, two: computed(f"{{'a': {one.code}}}.get('a', {two.code})"), texts, texts)
        | st.builds(lambda one, two: computed(f"{{'a': {one.code}}}.get('b', {two.code})"), texts, texts)
        | NUMBERS.map(lambda number: computed(f"str({number.code})"))
    )


TERMS = st.recursive(TEXTS, around, max_leaves=6)
SUMS = st.recursive(NUMBERS, lambda inner: st.builds(lambda a, b: computed(f"({a.code} + {b.code})"), inner, inner))


@BRIEF
@given(TERMS)
def test_a_closed_expression_is_known_and_has_the_value_python_computes(term: Term) -> None:
    assert the_class(term.code) == term.value


@BRIEF
@given(SUMS | NUMBERS | NUMBERS.map(lambda number: computed(f"int('{number.value}')")))
def test_numbers_are_added_as_python_adds_them(term: Term) -> None:
    found = plain(environment(f"mwaa.CfnEnvironment(app, 'e', max_workers={term.code})").max_workers)
    assert (type(found), found) == (int, term.value)


@BRIEF
@given(TERMS, st.sampled_from(["constant", "attribute", "argument", "default", "imported", "dictionary"]))
def test_the_value_is_the_same_behind_a_name(term: Term, way: str) -> None:
    make = "mwaa.CfnEnvironment(app, 'e', environment_class={})\n".format
    code = {
        "constant": f"IT = {term.code}\n{make('IT')}",
        "attribute": f"class Settings:\n    it = {term.code}\n{make('Settings.it')}",
        "argument": f"def stack(it):\n    {make('it')}\nstack({term.code})\n",
        "default": f"def stack(it={term.code}):\n    {make('it')}\nstack()\n",
        "imported": f"from sizes import IT\n{make('IT')}",
        "dictionary": f"SIZES = {{'prod': {{'class': {term.code}}}}}\n" + make("SIZES['prod']['class']"),
    }[way]
    assert plain(environment(code, sizes_dot_py=f"IT = {term.code}\n").environment_class) == term.value


@BRIEF
@given(TERMS, TERMS)
def test_a_condition_that_is_not_known_leaves_both_arms(yes: Term, no: Term) -> None:
    expected = {yes.value, no.value}
    found = the_class(f"{yes.code} if input() else {no.code}")
    assert found == (expected if len(expected) == 2 else yes.value)


@BRIEF
@given(TERMS, st.sampled_from(["f'{%s}x'", "%s + 'x'", "'x' + %s", "[%s][0]", "{'a': %s}['a']", "str(%s)", "%s + 1"]))
def test_what_is_not_known_stays_unknown_through_anything_around_it(term: Term, shape: str) -> None:
    assert str(the_class(shape % "input()")).startswith("? ")
    assert the_class(f"[{term.code}, input()][0]") == term.value


TOKENS = st.sampled_from(
    [
        *("A", "B", "self", "self.x", "cls", "it", "None", "True", "1", "-1", "1e999", "'x'", "b'x'", "f'{A}'", "..."),
        *("(", ")", "[", "]", "{", "}", ",", ":", "=", ":=", ".get(", ".update(", ".x", "*", "**", "+", "-", "==", "<"),
        *(
            "if",
            "else",
            "or",
            "and",
            "not",
            "in",
            "lambda it:",
            "for it in A",
            "await",
            "yield",
            "str(",
            "int(",
            "dict(",
        ),
        *(
            "os.getenv(",
            "os.environ['X']",
            "app.node.try_get_context('x')",
            "mwaa.CfnEnvironment(",
            "\n",
            "\n    ",
            "#",
        ),
        *("def f(it=A):", "class A:", "import A", "from . import A", "global A", "A = B", "B = A", "del A", "@A"),
    ]
)


@BRIEF
@given(st.lists(TOKENS, max_size=20), st.lists(TOKENS, max_size=20))
def test_any_text_is_evaluated_without_error_and_soon(expression: list[str], before: list[str]) -> None:
    code = (
        f"A = B\nB = A\n{' '.join(before)}\nmwaa.CfnEnvironment(app, 'e', environment_class={' '.join(expression)})\n"
    )
    started = time.process_time()
    read = declarations({"stack.py": "from aws_cdk import aws_mwaa as mwaa\n" + code, "A.py": "from stack import A\n"})
    for found in read.environments:
        assert isinstance(found.environment_class, Known | OneOf | Unresolved | Absent)
    assert time.process_time() - started < 5


@BRIEF
@given(st.lists(TOKENS, max_size=20))
def test_the_other_readers_of_python_take_any_text_as_well(tokens: list[str]) -> None:
    text = " ".join(tokens)
    calls = f"client.create_environment(Name={text})\naws.mwaa.Environment('e', name={text})\n"
    code = f"import boto3\nimport pulumi_aws as aws\nclient = boto3.client('mwaa')\n{calls}"
    files = project({"app.py": code})
    for adapter in (boto3_calls, pulumi_python):
        adapter.read(list(files.files.values()), files)
