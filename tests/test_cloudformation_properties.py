"""Templates of any make: nothing raises, everything ends, and what is known is what a reader computes."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.model.values import Absent, Known, OneOf, Unresolved
from tests.test_cloudformation import declarations, plain

BRIEF = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PARAMETERS = {"Stage": "prod", "Size": "mw1.large", "Count": "7"}
CONDITIONS: dict[str, tuple[Any, bool]] = {
    "IsProd": ({"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, True),
    "IsDev": ({"Fn::Equals": [{"Ref": "Stage"}, "dev"]}, False),
    "NotDev": ({"Fn::Not": [{"Condition": "IsDev"}]}, True),
    "Both": ({"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]}, False),
    "Either": ({"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]}, True),
}
MAPPING = {"a": {"x": "one", "y": "two"}, "b": {"x": "three", "y": "four"}}
TEXTS = st.text("abc XYZ019.-_/", max_size=6)


class Term(NamedTuple):
    """An expression as JSON and the text that CloudFormation makes of it."""

    node: Any
    text: str


LITERALS = TEXTS.map(lambda text: Term(text, text))
REFERENCES = st.sampled_from(sorted(PARAMETERS.items())).map(lambda item: Term({"Ref": item[0]}, item[1]))
FOUND = st.tuples(st.sampled_from("ab"), st.sampled_from("xy")).map(
    lambda keys: Term({"Fn::FindInMap": ["Table", *keys]}, MAPPING[keys[0]][keys[1]])
)


def around(terms: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def chosen(condition: str, yes: Term, no: Term) -> Term:
        return Term({"Fn::If": [condition, yes.node, no.node]}, (yes if CONDITIONS[condition][1] else no).text)

    def joined(glue: str, items: list[Term]) -> Term:
        return Term({"Fn::Join": [glue, [item.node for item in items]]}, glue.join(item.text for item in items))

    def substituted(before: str, one: Term, two: Term) -> Term:
        node = {"Fn::Sub": [f"{before}${{One}}-${{Stage}}-${{Two}}${{!One}}", {"One": one.node, "Two": two.node}]}
        return Term(node, f"{before}{one.text}-prod-{two.text}${{One}}")

    def selected(items: list[Term], index: int) -> Term:
        index %= len(items)
        return Term({"Fn::Select": [index, [item.node for item in items]]}, items[index].text)

    def split(one: Term, two: Term) -> Term:
        list_ = {"Fn::Split": ["|", {"Fn::Join": ["|", [one.node, two.node]]}]}
        return Term({"Fn::Select": ["1", list_]}, two.text)

    return (
        st.builds(chosen, st.sampled_from(sorted(CONDITIONS)), terms, terms)
        | st.builds(joined, st.sampled_from(["", "-", ", "]), st.lists(terms, min_size=1, max_size=3))
        | st.builds(substituted, TEXTS, terms, terms)
        | st.builds(selected, st.lists(terms, min_size=1, max_size=3), st.integers(0, 9))
        | st.builds(split, terms, terms)
    )


TERMS = st.recursive(LITERALS | REFERENCES | FOUND, around, max_leaves=8)


def template(name: object, **others: object) -> dict[str, Any]:
    properties = {"Name": name, "MaxWorkers": 5, **others}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {key: {"Type": "String", "Default": value} for key, value in PARAMETERS.items()},
        "Conditions": {key: node for key, (node, _) in CONDITIONS.items()},
        "Mappings": {"Table": MAPPING},
        "Resources": {"Mwaa": {"Type": "AWS::MWAA::Environment", "Properties": properties}},
    }


def name_of(data: object) -> object:
    read = declarations(template=json.dumps(data))
    assert read.problems == ()
    (only,) = read.environments
    assert plain(only.max_workers) == 5
    return plain(only.name)


@BRIEF
@given(TERMS)
def test_a_closed_expression_is_the_text_that_a_reader_computes(term: Term) -> None:
    assert name_of(template(term.node)) == term.text


@BRIEF
@given(TERMS, TERMS)
def test_a_condition_on_the_region_leaves_both_arms(yes: Term, no: Term) -> None:
    data = template({"Fn::If": ["Open", yes.node, no.node]})
    data["Conditions"]["Open"] = {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}
    expected = {yes.text, no.text}
    assert name_of(data) == (expected if len(expected) == 2 else yes.text)


@BRIEF
@given(TERMS, st.sampled_from(["Fn::Join", "Fn::Sub", "Fn::Select", "Fn::If"]))
def test_what_is_not_known_stays_unknown_through_anything_around_it(term: Term, kind: str) -> None:
    unknown = {"Fn::ImportValue": "x"}
    node: dict[str, object] = {
        "Fn::Join": ["-", [term.node, unknown]],
        "Fn::Sub": ["${One}${Two}", {"One": term.node, "Two": unknown}],
        "Fn::Select": [0, [unknown, term.node]],
        "Fn::If": ["IsProd", unknown, term.node],
    }
    assert str(name_of(template({kind: node[kind]}))).startswith("? ")


KEYS = st.sampled_from(
    [
        *("Ref", "Condition", "Fn::If", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap"),
        *("Fn::Equals", "Fn::Not", "Fn::And", "Fn::Or", "Fn::GetAtt", "Fn::Base64", "Fn::Transform", "Fn::Nothing"),
        *("Type", "Default", "Properties", "Name", "Resources", "Table", "a", "", "<<"),
    ]
)
SCALARS = (
    st.sampled_from(
        ["IsProd", "Stage", "Table", "a", "x", "${Stage}", "${!x}", "{{resolve:ssm:x}}", "AWS::NoValue", "", ","]
    )
    | st.none()
    | st.booleans()
    | st.integers(-3, 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=2), max_leaves=12
)


@BRIEF
@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_expressions_of_any_shape_raise_nothing(one: object, two: object, three: object, four: object) -> None:
    data = template(one, LoggingConfiguration=two, AirflowConfigurationOptions=three, NetworkConfiguration=four)
    data["Conditions"] = {"IsProd": two, "IsDev": three}
    data["Parameters"]["Stage"] = four
    data["Mappings"] = {"Table": one}
    (found,) = declarations(template=json.dumps(data)).environments
    for argument in ("name", "logging_configuration", "airflow_configuration_options", "network_configuration"):
        assert isinstance(found.get(argument), Known | OneOf | Unresolved | Absent)


@BRIEF
@given(ANYTHING)
def test_sections_of_any_shape_raise_nothing(section: object) -> None:
    for name in ("Resources", "Parameters", "Conditions", "Mappings", "Transform"):
        data = {**template("etl"), name: section, "about": "AWS::MWAA::Environment"}
        assert declarations(template=json.dumps(data)).problems == ()


@pytest.mark.parametrize(
    "tag", ["!Unknown", "!!python/object:os.system", "!<tag:x,2020:y>", "!Fn::If", "!Condition", "!"]
)
@pytest.mark.parametrize("value", ["x", "[a, b]", "{a: b}"])
def test_unknown_tags_are_not_resolved_and_nothing_of_them_is_run(tag: str, value: str) -> None:
    properties = f"      Name: etl\n      KmsKey: {tag} {value}\n"
    text = f"Resources:\n  M:\n    Type: AWS::MWAA::Environment\n    Properties:\n{properties}"
    read = declarations(template=text)
    assert read.problems == ()
    (found,) = read.environments
    assert plain(found.name) == "etl"
    assert isinstance(found.kms_key, Known | Unresolved)


def test_a_template_of_ten_thousand_resources_is_soon_read() -> None:
    data = template({"Fn::Sub": "etl-${Stage}"})
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "b-${Stage}"}}}
    data["Resources"] |= {f"Bucket{number}": bucket for number in range(10_000)}
    started = time.process_time()
    assert name_of(data) == "etl-prod"
    assert time.process_time() - started < 5


def test_a_thousand_environments_are_soon_read() -> None:
    data = template("etl")
    mwaa = data["Resources"]["Mwaa"]
    data["Resources"] = {f"Mwaa{number}": mwaa for number in range(1_000)}
    started = time.process_time()
    assert len(declarations(template=json.dumps(data)).environments) == 1_000
    assert time.process_time() - started < 5


def test_stacks_that_nest_each_other_end() -> None:
    stack = "Resources:\n  {}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {}.yaml\n"
    mwaa = "  Mwaa:\n    Type: AWS::MWAA::Environment\n    Properties:\n      Name: etl\n"
    read = declarations(a=stack.format("B", "b") + mwaa, b=stack.format("A", "a") + mwaa)
    assert {plain(found.name) for found in read.environments} == {"etl"}
