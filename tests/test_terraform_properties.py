"""Terraform expressions of any make: the evaluator ends, raises nothing, and knows what a reader computes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.model.values import Absent, Known, OneOf, Unresolved, Value
from tests.terraform_projects import plain, read, value_of

if TYPE_CHECKING:
    from mwaalint.model.environment import Environment

BRIEF = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SAFE_TEXTS = st.text("abcXYZ 09.-_/é", max_size=6)


class Term(NamedTuple):
    """An expression as HCL and as the value that Terraform computes for it."""

    hcl: str
    value: object


def text_in_template(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def literal(value: object) -> Term:
    return Term(json.dumps(value, ensure_ascii=False), value)


INTEGERS = st.integers(-50, 50).map(literal)
BOOLEANS = st.booleans().map(literal)
TEXTS = SAFE_TEXTS.map(literal)


def sums(numbers: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def made(operator: str, left: Term, right: Term) -> Term:
        assert isinstance(left.value, int)
        assert isinstance(right.value, int)
        value = {"+": left.value + right.value, "-": left.value - right.value, "*": left.value * right.value}
        return Term(f"({left.hcl} {operator} {right.hcl})", value[operator])

    return st.builds(made, st.sampled_from("+-*"), numbers, numbers)


def comparisons(numbers: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def made(operator: str, left: Term, right: Term) -> Term:
        assert isinstance(left.value, int)
        assert isinstance(right.value, int)
        value = {
            "<": left.value < right.value,
            "<=": left.value <= right.value,
            ">": left.value > right.value,
            "==": left.value == right.value,
            "!=": left.value != right.value,
        }
        return Term(f"({left.hcl} {operator} {right.hcl})", value[operator])

    return st.builds(made, st.sampled_from(["<", "<=", ">", "==", "!="]), numbers, numbers)


def logic(booleans: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def made(operator: str, left: Term, right: Term) -> Term:
        both = bool(left.value) and bool(right.value)
        either = bool(left.value) or bool(right.value)
        return Term(f"({left.hcl} {operator} {right.hcl})", both if operator == "&&" else either)

    negations = booleans.map(lambda term: Term(f"!{term.hcl}", not term.value))
    return st.builds(made, st.sampled_from(["&&", "||"]), booleans, booleans) | negations


def conditionals(booleans: st.SearchStrategy[Term], arms: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def made(condition: Term, yes: Term, no: Term) -> Term:
        return Term(f"({condition.hcl} ? {yes.hcl} : {no.hcl})", yes.value if condition.value else no.value)

    return st.builds(made, booleans, arms, arms)


def templates(parts: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def made(before: str, part: Term, after: str) -> Term:
        # A template that is nothing but one interpolation keeps the type of its value.
        text = f"x{before}{text_in_template(part.value)}{after}"
        return Term(f'"x{before}${{{part.hcl}}}{after}"', text)

    return st.builds(made, SAFE_TEXTS, parts, SAFE_TEXTS)


def functions(texts: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def joined(glue: str, items: list[Term]) -> Term:
        hcl = f"join({json.dumps(glue)}, [{', '.join(item.hcl for item in items)}])"
        return Term(hcl, glue.join(str(item.value) for item in items))

    def chosen(items: list[Term], index: int) -> Term:
        index %= len(items)
        return Term(f"[{', '.join(item.hcl for item in items)}][{index}]", items[index].value)

    def looked_up(item: Term, other: Term) -> Term:
        return Term(f'lookup({{ a = {item.hcl} }}, "a", {other.hcl})', item.value)

    return (
        texts.map(lambda term: Term(f"upper({term.hcl})", str(term.value).upper()))
        | texts.map(lambda term: Term(f"trimspace({term.hcl})", str(term.value).strip()))
        | st.builds(joined, st.sampled_from(["", ", ", "-"]), st.lists(texts, max_size=3))
        | st.builds(chosen, st.lists(texts, min_size=1, max_size=3), st.integers(0, 9))
        | st.builds(looked_up, texts, texts)
        | st.builds(
            lambda one, two: Term(f"merge({{ k = {one.hcl} }}, {{ k = {two.hcl} }}).k", two.value), texts, texts
        )
    )


NUMBERS = st.recursive(INTEGERS, lambda inner: sums(inner) | conditionals(BOOLEANS, inner), max_leaves=6)
CONDITIONS = st.recursive(BOOLEANS | comparisons(NUMBERS), lambda inner: logic(inner), max_leaves=6)
STRINGS = st.recursive(
    TEXTS | templates(NUMBERS | CONDITIONS),
    lambda inner: templates(inner) | functions(inner) | conditionals(CONDITIONS, inner),
    max_leaves=6,
)


@BRIEF
@given(NUMBERS | CONDITIONS | STRINGS)
def test_a_closed_expression_is_known_and_has_the_value_a_reader_computes(term: Term) -> None:
    found = plain(value_of(term.hcl))
    assert (type(found), found) == (type(term.value), term.value)


@BRIEF
@given(NUMBERS | CONDITIONS | STRINGS, st.sampled_from(["var", "local", "tfvars", "output"]))
def test_the_value_is_the_same_behind_a_name(term: Term, kind: str) -> None:
    files: dict[str, str] = {
        "var": {"v.tf": f'variable "it" {{\n  default = {term.hcl}\n}}\n'},
        "tfvars": {"v.tf": 'variable "it" {}\n', "terraform.tfvars": f"it = {term.hcl}\n"},
        "local": {"v.tf": f"locals {{\n  it = {term.hcl}\n}}\n"},
        "output": {
            "v.tf": 'module "m" {\n  source = "./m"\n}\n',
            "m/o.tf": f'output "it" {{\n  value = {term.hcl}\n}}\n',
        },
    }[kind]
    name = {"var": "var.it", "tfvars": "var.it", "local": "local.it", "output": "module.m.it"}[kind]
    block = f'resource "aws_mwaa_environment" "e" {{\n  tags = {{ it = {name} }}\n}}\n'
    (found,) = read({"main.tf": block, **files}).environments
    assert plain(found.tags) == {"it": term.value}


@BRIEF
@given(STRINGS, STRINGS)
def test_a_condition_that_is_not_known_leaves_both_arms(yes: Term, no: Term) -> None:
    found = value_of(f"var.unknown ? {yes.hcl} : {no.hcl}", 'variable "unknown" {}\n')
    expected = {str(yes.value), str(no.value)}
    if isinstance(found, OneOf):
        assert {str(option.value) for option in found.options} == expected
    else:
        assert {str(plain(found))} == expected


@BRIEF
@given(STRINGS, st.sampled_from(["upper({})", '"x{}y"', "[{}][0]", "{{ a = {} }}.a", "true ? {} : 1", "lower({})"]))
def test_what_is_not_known_stays_unknown_through_anything_around_it(term: Term, around: str) -> None:
    unknown = "${var.unknown}" if around == '"x{}y"' else "var.unknown"
    found = value_of(around.format(unknown), 'variable "unknown" {}\n')
    assert isinstance(found, Unresolved)
    assert plain(value_of(f"[{term.hcl}, var.unknown][0]", 'variable "unknown" {}\n')) == term.value


TOKENS = st.sampled_from(
    [
        *("var.a", "var.b", "local.a", "local.b", "each.key", "count.index", "path.module", "module.m.o", "null", "1"),
        *("true", '"x"', '"${var.a}"', "aws_x.y.z", "data.x.y.z", "[", "]", "{", "}", "(", ")", "=", "?", ":", ","),
        *(
            "+",
            "-",
            "*",
            "/",
            "%",
            "!",
            "&&",
            "||",
            "==",
            "<",
            ".",
            "[0]",
            "[*]",
            ".*",
            "...",
            "\n",
            "<<E\nx\nE\n",
            "#",
        ),
        *("merge(", "concat(", "try(", "can(", "lookup(", "jsonencode(", "flatten(", "toset(", "element(", "slice("),
        *("format(", "substr(", "max(", "for x in var.a : x", "%{ if true }", "resource", '"', "\\", "0x", "1e9", "é"),
    ]
)


def every_value(environments: tuple[Environment, ...]) -> list[Value]:
    return [found.get("tags") for found in environments]


@BRIEF
@given(st.lists(TOKENS, max_size=25), st.lists(TOKENS, max_size=8), st.lists(TOKENS, max_size=8))
def test_any_text_is_evaluated_without_error_and_soon(one: list[str], two: list[str], three: list[str]) -> None:
    declarations = (
        f'variable "a" {{\n  default = {" ".join(two)}\n}}\nlocals {{\n  a = {" ".join(three)}\n  b = local.a\n}}\n'
        'module "m" {\n  source = "./m"\n  i = local.b\n}\n'
    )
    block = f'resource "aws_mwaa_environment" "e" {{\n  for_each = local.b\n  tags = {" ".join(one)}\n}}\n'
    files: dict[str, str | bytes] = {"main.tf": block, "a.tf": declarations, "m/m.tf": 'output "o" {\n  value = 1\n}\n'}
    started = time.process_time()
    found = read(files)
    for value in every_value(found.environments):
        assert isinstance(value, Known | OneOf | Unresolved | Absent)
    assert time.process_time() - started < 5


@BRIEF
@given(st.binary(max_size=80))
def test_any_bytes_are_read_without_error(content: bytes) -> None:
    head = b'resource "aws_mwaa_environment" "e" {\n  name = "etl"\n}\n'
    declared = read(
        {"main.tf": head + content, "x.tfvars": content, "a.tf.json": b'{"aws_mwaa_environment":' + content}
    )
    assert all(problem.code == "MW001" for problem in declared.problems)
