"""What Terraform expressions come to: every value the project decides, and no value that it does not."""

from __future__ import annotations

import pytest

from mwaalint.model.values import Unresolved, Value
from tests.terraform_projects import environment, plain, value_of, written

DECLARED = """
variable "default" { default = "mw1.small" }
variable "required" {}
variable "nothing" { default = null }
variable "flag" { default = true }
variable "count" { default = 3 }
variable "sizes" {
  default = { prod = "mw1.large", dev = "mw1.small" }
}
variable "environments" { default = ["dev", "prod"] }
variable "nested" {
  default = { mwaa = { workers = { min = 1, max = 5 }, class = null } }
}
locals {
  name    = "etl-${var.default}"
  partial = { known = "a", unknown = var.required }
  either  = var.required ? "a" : "b"
  other   = var.required ? "x" : "y"
}
"""


def result(expression: str) -> object:
    return plain(value_of(expression, DECLARED))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"text"', "text"),
        ("7", 7),
        ("2.5", 2.5),
        ("true", True),
        ("null", None),
        ("var.default", "mw1.small"),
        ("var.nothing", None),
        ("(var.default)", "mw1.small"),
        ("local.name", "etl-mw1.small"),
        ("var.sizes.prod", "mw1.large"),
        ('var.sizes["dev"]', "mw1.small"),
        ("var.environments[1]", "prod"),
        ("var.environments.0", "dev"),
        ("var.nested.mwaa.workers.max", 5),
        ("var.nested.mwaa.class", None),
        ('{ a = 1, "b.c" = [true] }', {"a": 1, "b.c": [True]}),
        ("{ (var.default) = 1 }", {"mw1.small": 1}),
        ('"${var.default}"', "mw1.small"),
        ('"${var.count}"', 3),
        ('"a ${var.count} ${var.flag} ${1.0} ${2.50}"', "a 3 true 1 2.5"),
        ("-var.count", -3),
        ("!var.flag", False),
        ("var.count + 1", 4),
        ("var.count * 2 - 1", 5),
        ("var.count / 2", 1.5),
        ("4 / 2", 2),
        ("-7 % 3", -1),
        ("var.environments[*]", ["dev", "prod"]),
        ("[{ id = 1 }, { id = 2 }][*].id", [1, 2]),
        ("[{ id = 1 }, { id = 2 }].*.id[1]", 2),
        ("var.default[*]", ["mw1.small"]),
        ("var.nothing[*]", []),
    ],
)
def test_what_is_stated_is_known(expression: str, value: object) -> None:
    assert result(expression) == value
    assert type(result(expression)) is type(value)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("var.required", "the variable has no default"),
        ("var.undeclared", "the variable undeclared is not declared"),
        ("local.undeclared", "the local value undeclared is not declared"),
        ("data.aws_ssm_parameter.version.value", "a data source is read only when Terraform runs"),
        ("terraform.workspace", "it is known only when Terraform runs"),
        ("aws_s3_bucket.undeclared.arn", "it is not declared in this module"),
        ("module.undeclared.arn", "the module undeclared is not declared"),
        ("each.value", "the instances are not known"),
        ('"a-${var.required}"', "the variable has no default"),
        ('"a-${null}"', "null cannot be written as text"),
        ('"a-${var.sizes}"', "it cannot be written as text"),
        ('"%{ if var.flag }a%{ endif }"', "a template directive is not analyzed"),
        ("var.sizes.staging", "the map has no key staging"),
        ("var.environments[2]", "there is no such element"),
        ("var.environments[-1]", "there is no such element"),
        ("var.default.name", "there is no such element"),
        ("var.nothing.name", "null has no attributes"),
        ("-var.default", "it is no number"),
        ("!var.default", "it is no bool"),
        ("1 / 0", "it cannot be computed"),
        ("var.default + 1", "it is no number"),
        ("var.required + 1", "the variable has no default"),
        ("{ (var.required) = 1 }", "a key of the map is not known"),
        ("path.module", "it is a path of the machine"),
        ('"${path.root}/dags"', "it is a path of the machine"),
        ("path.elsewhere", "there is no such path"),
        ("timestamp()", "the function timestamp is not evaluated"),
        ('file("version.txt")', "the file is not in the project"),
        ("99999999999999999999 * 99999999999999999999", "the number is too large"),
    ],
)
def test_what_is_not_stated_is_unresolved_and_says_why(expression: str, reason: str) -> None:
    assert result(expression) == f"? {reason}"


def test_an_unresolved_value_carries_its_expression_and_its_place() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": 'resource "aws_mwaa_environment" "etl" {\n'
        "  requirements_s3_object_version = aws_s3_object.r.version_id\n}\n"
        'resource "aws_s3_object" "r" {}\n'
    }
    version = environment(files).requirements_s3_object_version
    assert isinstance(version, Unresolved)
    assert version.expression == "aws_s3_object.r.version_id"
    symbol = "aws_mwaa_environment.etl.requirements_s3_object_version"
    assert written(files, version) == ("main.tf", "aws_s3_object.r.version_id", symbol)


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("true", "yes"),
        ("false", "no"),
        ('"true"', "yes"),
        ("var.flag", "yes"),
        ("!var.flag", "no"),
        ('var.default == "mw1.small"', "yes"),
        ('var.default != "mw1.small"', "no"),
        ("var.count == 3", "yes"),
        ("var.count == 3.0", "yes"),
        ("var.count > 3", "no"),
        ("var.count >= 3", "yes"),
        ("var.count < 4 && var.flag", "yes"),
        ("var.required && false", "no"),
        ("var.required || true", "yes"),
        ("var.nothing == null", "yes"),
        ("var.default == null", "no"),
        ("var.default != null", "yes"),
        ("null == null", "yes"),
        ('var.environments == ["dev", "prod"]', "yes"),
        ('contains(var.environments, "prod")', "yes"),
        ('contains(["staging"], "prod")', "no"),
        ("contains([var.required, 1], 1)", "yes"),
        ("can(var.sizes.prod)", "yes"),
        ("can(var.sizes.staging)", "no"),
        ('startswith(var.default, "mw1")', "yes"),
        ('endswith(var.default, "large")', "no"),
        ("length(var.environments) > 1", "yes"),
    ],
)
def test_a_condition_that_the_project_decides_leaves_one_arm(condition: str, value: str) -> None:
    assert result(f'{condition} ? "yes" : "no"') == value


@pytest.mark.parametrize(
    "condition",
    [
        "var.required",
        'var.required == "prod"',
        'terraform.workspace == "prod"',
        "var.required == null",
        "var.required && var.flag",
        "var.required || false",
        "!var.required",
        "contains([var.required], 1)",
        "can(var.required.a)",
        # Values of different types: Terraform's answer depends on conversions that are not followed.
        'var.count == "3"',
        'var.flag == "true"',
        "[var.required] == [1]",
        "path.module == path.root",
    ],
)
def test_a_condition_that_the_project_does_not_decide_leaves_both_arms(condition: str) -> None:
    assert result(f'{condition} ? "yes" : "no"') == ("one of", "yes", "no")


def test_the_arms_of_nested_conditionals_are_flattened() -> None:
    found = result('var.required == "prod" ? "large" : var.required == "test" ? "medium" : "small"')
    assert found == ("one of", "large", "medium", "small")


def test_equal_arms_are_one_value() -> None:
    assert result('var.required ? "mw1.small" : var.default') == "mw1.small"
    assert result("var.required ? [1, { a = 2 }] : [1, { a = 2 }]") == [1, {"a": 2}]
    assert result("var.required ? 1 : true") == ("one of", 1, True)


def test_an_arm_that_is_not_known_leaves_the_whole_unresolved() -> None:
    assert result('var.required ? "a" : var.required') == "? one of its arms is not known"
    assert result('var.required ? "a" : null') == "? it may be null"


def test_several_possible_values_go_through_text_indexes_and_functions() -> None:
    assert result('"${local.either}-1"') == ("one of", "a-1", "b-1")
    assert result("upper(local.either)") == ("one of", "A", "B")
    assert result("{ a = 1, b = 2 }[local.either]") == ("one of", 1, 2)
    assert result('local.either == "a" ? "yes" : "no"') == ("one of", "yes", "no")
    assert result('local.either == "c" ? "yes" : "no"') == "no"
    assert result("(var.required ? { a = 1 } : { a = 2 }).a + 1") == ("one of", 2, 3)
    assert result("merge({ a = 1 }, var.required ? { b = 2 } : {})") == ("one of", {"a": 1, "b": 2}, {"a": 1})


def test_two_parts_that_may_hang_together_are_not_combined() -> None:
    # Both follow var.required: "a-y" never happens, so it must not be named as possible.
    assert result('"${local.either}-${local.other}"') == "? more than one of its parts has several possible values"


def test_a_map_indexed_by_something_unknown_is_one_of_its_values() -> None:
    assert result("var.sizes[terraform.workspace]") == ("one of", "mw1.large", "mw1.small")
    assert result("var.sizes[var.required]") == ("one of", "mw1.large", "mw1.small")
    assert result('lookup(var.sizes, var.required, "mw1.micro")') == ("one of", "mw1.large", "mw1.small", "mw1.micro")
    assert result("local.partial[var.required]") == "? one of its arms is not known"
    assert result("{}[var.required]") == "? the variable has no default"


def test_too_many_possible_values_are_none() -> None:
    many = ", ".join(f"k{number} = {number}" for number in range(17))
    assert result(f"{{ {many} }}[var.required]") == "? it has too many possible values"


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ('lookup(var.sizes, "prod")', "mw1.large"),
        ('lookup(var.sizes, "staging", "mw1.micro")', "mw1.micro"),
        ('lookup(local.partial, "known", "z")', "a"),
        ('coalesce(null, "", "a", "b")', "a"),
        ("coalesce(var.nothing, var.default)", "mw1.small"),
        ("try(var.sizes.staging, var.nested.mwaa.none, 4)", 4),
        ("try(var.nothing.a.b, 4)", 4),
        ("try(var.sizes.prod, 4)", "mw1.large"),
        ("try(var.nested.mwaa.class, 4)", None),
        ("try(tonumber(var.default), 4)", 4),
        ("merge({ a = 1, b = 1 }, { b = 2 })", {"a": 1, "b": 2}),
        ("merge({ a = 1 }, null)", {"a": 1}),
        ("merge({ a = var.required }, { a = 2 })", {"a": 2}),
        ("merge([{ a = 1 }, { b = 2 }]...)", {"a": 1, "b": 2}),
        ("tostring(3)", "3"),
        ("tostring(true)", "true"),
        ('tonumber("3")', 3),
        ('tonumber("2.50")', 2.5),
        ('tobool("false")', False),
        ("tostring(null)", None),
        ('format("%s-%03d-%v%%", "a", 7, true)', "a-007-true%"),
        ('join("-", ["a", 1], ["b"])', "a-1-b"),
        ('join(",", toset(["b", "a", "b"]))', "a,b"),
        ('split(",", "a,b")', ["a", "b"]),
        ("concat([1], [], [2, 3])", [1, 2, 3]),
        ('lower("AbC")', "abc"),
        ('upper("AbC")', "ABC"),
        ('trimsuffix("dags/", "/")', "dags"),
        ('trimprefix("/dags", "/")', "dags"),
        ('trimspace("  a ")', "a"),
        ('trim("--a-b-", "-")', "a-b"),
        ('chomp("a\\n\\n")', "a"),
        ("abs(-3)", 3),
        ("ceil(1.2)", 2),
        ("floor(1.8)", 1),
        ('sum([1, "2", 3.5])', 6.5),
        ('sort(["b", "a"])', ["a", "b"]),
        ("alltrue([true, false])", False),
        ("alltrue([])", True),
        ("anytrue([true, false])", True),
        ('zipmap(["a", "b"], [1, var.count])', {"a": 1, "b": 3}),
        ("coalescelist([], null, [1])", [1]),
        ('replace("a_b_c", "_", "-")', "a-b-c"),
        ('substr("airflow", 0, 3)', "air"),
        ('substr("airflow", -4, -1)', "flow"),
        ('strcontains("mw1.small", "small")', True),
        ('jsonencode({ b = [1, 2.0, true, null], a = "é<b>" })', '{"a":"é\\u003cb\\u003e","b":[1,2,true,null]}'),
        ('toset(["b", "a", "b"])', ["a", "b"]),
        ("tolist([1, 2])", [1, 2]),
        ("tomap({ a = 1 })", {"a": 1}),
        ("distinct([2, 1, 2])", [2, 1]),
        ("element([1, 2, 3], 4)", 2),
        ("slice([1, 2, 3], 0, 2)", [1, 2]),
        ("one([7])", 7),
        ("one([])", None),
        ("length([1, 2])", 2),
        ('length("abc")', 3),
        ("keys({ b = 1, a = 2 })", ["a", "b"]),
        ("values({ b = 1, a = 2 })", [2, 1]),
        ('compact(["a", "", null, "b"])', ["a", "b"]),
        ("flatten([[1], [2, [3]]])", [1, 2, 3]),
        ("reverse([1, 2])", [2, 1]),
        ("max(1, 10, 9)", 10),
        ('min("3", 12)', 3),
        ("sensitive(var.default)", "mw1.small"),
        ('basename("a/b.txt")', "b.txt"),
        ('dirname("a/b.txt")', "a"),
    ],
)
def test_functions_of_known_values(call: str, value: object) -> None:
    assert result(call) == value


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("merge({ a = 1 }, var.required)", "the variable has no default"),
        ('lookup(var.sizes, "staging")', "the map has no key staging"),
        ('lookup(var.required, "a", "b")', "the variable has no default"),
        ("coalesce(var.required, 1)", "the variable has no default"),
        ('coalesce(null, "")', "all its arguments are null or empty"),
        ("try(var.required.a, 4)", "the variable has no default"),
        ("try(var.sizes.a, var.sizes.b)", "all its arguments fail"),
        ("concat([1], var.required)", "the variable has no default"),
        ('join("-", [var.required])', "the variable has no default"),
        ("jsonencode({ a = var.required })", "the variable has no default"),
        ('tonumber("three")', "it is no number"),
        ('tonumber("1_000")', "it is no number"),
        ('tonumber("nan")', "it is no number"),
        ("tostring([])", "it is no string"),
        ('format("%s")', "format is not evaluated with these arguments"),
        ('format("%s", 1, 2)', "format is not evaluated with these arguments"),
        ('format("%q", "a")', "the format is not evaluated"),
        ('format("%d", 1.5)', "format is not evaluated with these arguments"),
        ('replace("a", "/[a-z]/", "b")', "a regular expression is not evaluated"),
        ("lower(5)", "lower is not evaluated with these arguments"),
        ("lower()", "lower is not evaluated with these arguments"),
        ("sort([1, 2])", "sort is not evaluated with these arguments"),
        ("alltrue([1])", "alltrue is not evaluated with these arguments"),
        ('zipmap(["a"], [])', "the function is not evaluated with these arguments"),
        ("coalescelist([], [])", "all its arguments are empty"),
        ("coalescelist(var.required, [1])", "the variable has no default"),
        ('max("a")', "max is not evaluated with these arguments"),
        ("element([1], -1)", "the function is not evaluated with these arguments"),
        ("slice([1], 0, 2)", "no such slice"),
        ("one([1, 2])", "the function is not evaluated with these arguments"),
        ("toset([var.required])", "an element of the set is not known"),
        ("toset([1, 2])", "only sets of strings are evaluated"),
        ("concat(var.required...)", "the list of arguments is not known"),
        ('lower("${path.module}/A")', "it is a path of the machine"),
        ("length(path.module)", "the function is not evaluated with these arguments"),
    ],
)
def test_functions_of_what_is_not_known_or_not_understood(call: str, reason: str) -> None:
    assert result(call) == f"? {reason}"


def test_a_map_that_is_known_in_part_keeps_what_is_known() -> None:
    merged = result("merge(local.partial, { more = 1 })")
    assert merged == {"known": "a", "unknown": "? the variable has no default", "more": 1}


@pytest.mark.parametrize(
    ("constraint", "default", "value"),
    [
        ("string", "3", "3"),
        ("string", "2.10", "2.1"),
        ("string", "true", "true"),
        ('"string"', "3", "3"),
        ("number", '"3"', 3),
        ("bool", '"true"', True),
        ("any", "3", 3),
        ("list(string)", "[1, 2]", ["1", "2"]),
        ("set(string)", '["b", "a", "a"]', ["a", "b"]),
        ("map(number)", '{ a = "1" }', {"a": 1}),
        ("object({ a = number })", '{ a = "1", b = 2 }', {"a": 1}),
        ("object({ a = optional(number) })", "{}", {"a": None}),
        ("object({ a = optional(number, 7) })", "{}", {"a": 7}),
        ("object({ a = optional(number, 7) })", "{ a = null }", {"a": 7}),
        ("object({ a = optional(object({ b = optional(bool, true) }), {}) })", "{}", {"a": {"b": True}}),
        ('map(object({ a = optional(string, "z") }))', "{ k = {} }", {"k": {"a": "z"}}),
        ("tuple([string])", '["a"]', ["a"]),
        ("string", "null", None),
    ],
)
def test_a_variable_takes_the_type_it_declares(constraint: str, default: str, value: object) -> None:
    block = f'variable "x" {{\n  type    = {constraint}\n  default = {default}\n}}\n'
    assert plain(value_of("var.x", block)) == value


@pytest.mark.parametrize(
    ("constraint", "default", "reason"),
    [
        ("number", '"three"', "it is no number"),
        ("bool", '"yes"', "it is no bool"),
        ("string", "[]", "it is no string"),
        ("list(string)", "{}", "it is no list"),
        ("map(string)", "[]", "it is no map"),
        ("object({ a = string })", "{}", "the attribute a is missing"),
        ("object({ a = string })", "[]", "it is no object"),
    ],
)
def test_a_value_that_terraform_would_refuse_is_not_known(constraint: str, default: str, reason: str) -> None:
    block = f'variable "x" {{\n  type    = {constraint}\n  default = {default}\n}}\n'
    assert plain(value_of("var.x", block)) == f"? {reason}"


def test_null_for_a_variable_that_refuses_it_means_its_default() -> None:
    block = 'variable "x" {\n  default  = 1\n  nullable = %s\n}\n'
    assert plain(value_of("var.x", block % "false", terraform_tfvars="x = null\n")) == 1
    assert plain(value_of("var.x", block % "true", terraform_tfvars="x = null\n")) is None


def test_what_another_resource_states_is_known_and_what_it_becomes_is_not() -> None:
    resources = """
    resource "aws_s3_object" "one" {
      key = "requirements.txt"
      tags = { a = { b = 1 } }
      acl = null
    }
    resource "aws_s3_object" "counted" {
      count = 2
      key   = "file-${count.index}"
    }
    resource "aws_s3_object" "each" {
      for_each = { a = "x", b = "y" }
      key      = "${each.key}/${each.value}"
    }
    resource "aws_s3_object" "unknown" {
      count = var.how_many
      key   = "file"
    }
    variable "how_many" {}
    """

    def found(expression: str) -> object:
        return plain(value_of(expression, resources))

    assert found("aws_s3_object.one.key") == "requirements.txt"
    assert found("aws_s3_object.one.tags.a.b") == 1
    assert found("aws_s3_object.one.version_id") == "? it is known only after it is created"
    assert found("aws_s3_object.one.acl") == "? it is known only after it is created"
    assert found("aws_s3_object.counted[1].key") == "file-1"
    assert found("aws_s3_object.counted[2].key") == "? the instance of the resource is not known"
    assert found("aws_s3_object.counted[*].key") == ["file-0", "file-1"]
    assert found("one(slice(aws_s3_object.counted[*].key, 0, 1))") == "file-0"
    assert found('aws_s3_object.each["b"].key') == "b/y"
    assert found("aws_s3_object.each[var.how_many].key") == "? the instance of the resource is not known"
    assert found("aws_s3_object.unknown[0].key") == "file"
    assert found("aws_s3_object.unknown[*].key") == "? the instances of the resource are not known"


FILES: dict[str, str | bytes] = {
    "main.tf": 'resource "aws_mwaa_environment" "etl" {\n  name = local.name\n  airflow_version = var.version\n'
    '  environment_class = var.env == "prod" ? "mw1.large" : "mw1.small"\n  kms_key = "arn:${var.version}"\n'
    '  dag_s3_path = lower("DAGS")\n}\n',
    "variables.tf": 'variable "version" {\n  default = "2.9.2"\n}\nvariable "env" {}\nlocals {\n  name = "etl"\n}\n',
    "terraform.tfvars": 'version = "2.10.3"\n',
}


@pytest.mark.parametrize(
    ("argument", "origin"),
    [
        ("name", ("variables.tf", '"etl"', "local.name")),
        ("airflow_version", ("terraform.tfvars", '"2.10.3"', "version")),
        ("kms_key", ("main.tf", '"arn:${var.version}"', "aws_mwaa_environment.etl.kms_key")),
        ("dag_s3_path", ("main.tf", 'lower("DAGS")', "aws_mwaa_environment.etl.dag_s3_path")),
    ],
)
def test_the_origin_of_a_value_is_where_it_is_written(argument: str, origin: tuple[str, str, str]) -> None:
    value: Value = environment(FILES).get(argument)
    assert written(FILES, value) == origin


def test_the_options_of_a_conditional_have_their_own_places() -> None:
    found = environment(FILES).environment_class
    options = getattr(found, "options", ())
    symbol = "aws_mwaa_environment.etl.environment_class"
    assert [written(FILES, option) for option in options] == [
        ("main.tf", '"mw1.large"', symbol),
        ("main.tf", '"mw1.small"', symbol),
    ]


def test_an_argument_is_declared_where_it_stands_in_the_resource() -> None:
    declared = environment(FILES).declared
    place = declared["airflow_version"]
    assert place.symbol == "aws_mwaa_environment.etl.airflow_version"
    text = FILES["main.tf"]
    assert isinstance(text, str)
    assert text[place.span.start : place.span.end] == "airflow_version = var.version"
    assert sorted(declared) == ["airflow_version", "dag_s3_path", "environment_class", "kms_key", "name"]
