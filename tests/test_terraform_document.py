"""Terraform files as typed trees: what each construct becomes, where it stands, and what broken files still give."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.documents.terraform import parse
from mwaalint.documents.terraform_syntax import (
    Access,
    Attribute,
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    GetAttr,
    GetIndex,
    ListOf,
    Literal,
    ObjectOf,
    Opaque,
    Reference,
    Splat,
    Step,
    Template,
    TerraformFile,
    Unary,
)
from mwaalint.source import MAX_BYTES, SourceFile, UnreadableFileError


def tree(content: str | bytes) -> TerraformFile:
    data = content.encode() if isinstance(content, str) else content
    return parse(SourceFile("main.tf", Path("main.tf"), data))


def attribute(expression: str) -> Attribute:
    found = tree(f"x = {expression}\n")
    assert found.error is None
    return found.attributes["x"]


def shape(expression: Expression) -> str:
    """An expression as a formula with every parenthesis, so that a test shows how it is nested."""
    match expression:
        case Literal(value=value):
            return repr(value)
        case Template(parts=parts):
            return f"template({', '.join(shape(part) for part in parts)})"
        case Reference(root=root, steps=steps):
            return root + steps_of(steps)
        case Access(base=base, steps=steps):
            return f"({shape(base)}){steps_of(steps)}"
        case Unary(operator=operator, operand=operand):
            return f"({operator}{shape(operand)})"
        case Binary(operator=operator, left=left, right=right):
            return f"({shape(left)} {operator} {shape(right)})"
        case Conditional(condition=condition, yes=yes, no=no):
            return f"({shape(condition)} ? {shape(yes)} : {shape(no)})"
        case Call(name=name, arguments=arguments, expanded=expanded):
            return f"{name}({', '.join(map(shape, arguments))}{'...' if expanded else ''})"
        case ListOf(items=items):
            return f"[{', '.join(map(shape, items))}]"
        case ObjectOf(items=items):
            return "{" + ", ".join(f"{shape(key)}: {shape(value)}" for key, value in items) + "}"
        case For(names=names, collection=collection, key=key, value=value, condition=condition, grouped=grouped):
            pair = f"{shape(key)} => {shape(value)}{'...' if grouped else ''}" if key else shape(value)
            rest = f" if {shape(condition)}" if condition else ""
            return f"for({' '.join(names)} in {shape(collection)}: {pair}{rest})"
        case Opaque(reason=reason):
            return f"<{reason}>"


def steps_of(steps: tuple[Step, ...]) -> str:
    texts = []
    for step in steps:
        match step:
            case GetAttr(name=name):
                texts.append(f".{name}")
            case GetIndex(key=key):
                texts.append(f"[{shape(key)}]")
            case Splat(steps=inner):
                texts.append(f"[*<{steps_of(inner)}>]")
    return "".join(texts)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"mw1.small"', "'mw1.small'"),
        ('""', "''"),
        ("3", "3"),
        ("2.10", "2.1"),
        ("1.5e3", "1500.0"),
        ("-1", "(-1)"),
        ("true", "True"),
        ("false", "False"),
        ("null", "None"),
        ("[]", "[]"),
        ('[1, "2", true, null,]', "[1, '2', True, None]"),
        ("{}", "{}"),
        ('{ a = 1, "b.c" : 2 }', "{'a': 1, 'b.c': 2}"),
        ("{ (var.key) = 1, (a) = 2 }", "{var.key: 1, a: 2}"),
        ("var.x", "var.x"),
        ("local.a.b", "local.a.b"),
        ("module.mwaa.arn", "module.mwaa.arn"),
        ("aws_s3_object.req[0].version_id", "aws_s3_object.req[0].version_id"),
        ('local.sizes["prod"]', "local.sizes['prod']"),
        ("local.sizes[var.env].max", "local.sizes[var.env].max"),
        ("a.0.b", "a[0].b"),
        ("aws_subnet.private[*].id", "aws_subnet.private[*<.id>]"),
        ("aws_subnet.private.*.id", "aws_subnet.private[*<.id>]"),
        ("aws_subnet.private.*.id[0]", "aws_subnet.private[*<.id>][0]"),
        ("merge(local.a, {})", "merge(local.a, {})"),
        ("concat(local.lists...)", "concat(local.lists...)"),
        ("timestamp()", "timestamp()"),
        ("f(x).y[0]", "(f(x)).y[0]"),
        ('(a ? b : c)["k"]', "((a ? b : c))['k']"),
        ("(var.x)", "var.x"),
        ("!var.x", "(!var.x)"),
        ("!f(x) && y", "((!f(x)) && y)"),
        ("a || b && c == d", "(a || (b && (c == d)))"),
        ("a - b * c + d", "((a - (b * c)) + d)"),
        ("-a + b", "((-a) + b)"),
        ('a /* why */ == "b"', "(a == 'b')"),
        ('a == b ? "x" : "y"', "((a == b) ? 'x' : 'y')"),
        ("a ? b ? c : d : e", "(a ? (b ? c : d) : e)"),
        ("(a ? b : c) ? d : e", "((a ? b : c) ? d : e)"),
        ('"${a} ${b}  x"', "template(a, ' ', b, '  x')"),
        ('"${var.x}"', "template(var.x)"),
        ('"a-${lower("B")}-c"', "template('a-', lower('B'), '-c')"),
        ("[for s in var.list : s.id if s.on]", "for(s in var.list: s.id if s.on)"),
        ("{ for k, v in var.map : k => v... }", "for(k v in var.map: k => v...)"),
        ('"%{ if var.x }a%{ endif }"', "template(<a template directive is not analyzed>)"),
        ('"a ${~ var.x ~} b"', "template('a ', <a strip marker is not analyzed>, ' b')"),
    ],
)
def test_every_construct_has_its_own_shape(written: str, meant: str) -> None:
    assert shape(attribute(written).expression) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ? b : c ? d : e ? f : g", "(a ? b : (c ? d : (e ? f : g)))"),
        ("a ? b : c == d ? e : f", "(a ? b : ((c == d) ? e : f))"),
    ],
)
def test_chained_conditionals_bind_to_the_right_as_terraform_does(written: str, meant: str) -> None:
    assert shape(attribute(written).expression) == meant


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r'"a\"b\\c\n\t"', 'a"b\\c\n\t'),
        (r'"\u00e9\U0001F600"', "é😀"),
        (r'"$${not.a.reference} %%{if}"', "${not.a.reference} %{if}"),
        ('"costs $5 or 5%"', "costs $5 or 5%"),
        ('"$$"', "$$"),
    ],
)
def test_escapes_are_resolved(written: str, text: str) -> None:
    assert attribute(written).expression == Literal(text, attribute(written).expression.span)


def test_a_heredoc_keeps_its_lines_as_they_are() -> None:
    found = tree("x = <<EOT\n  first\n\ttab \\n $${x}\nEOT\n").attributes["x"].expression
    assert shape(found) == repr("  first\n\ttab \\n ${x}\n")


def test_an_indented_heredoc_loses_the_indentation_its_lines_share() -> None:
    found = tree("x = <<-EOT\n    first\n      second\n\n    third\n  EOT\n").attributes["x"].expression
    assert shape(found) == repr("first\n  second\n\nthird\n")


def test_an_interpolation_in_a_heredoc_does_not_lose_spaces_in_the_middle_of_a_line() -> None:
    found = tree("x = <<-EOT\n    a\n  ${x}   y\n  EOT\n").attributes["x"].expression
    assert shape(found) == "template('  a\\n', x, '   y\\n')"


def test_blocks_have_their_type_labels_attributes_and_inner_blocks() -> None:
    found = tree(
        'resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n  logging_configuration {\n    task_logs {\n'
        "      enabled = true\n    }\n  }\n}\nlocals {\n}\nresource aws_x bare {}\n"
    )
    environment, empty, bare = found.blocks
    assert (environment.type, environment.labels) == ("resource", ("aws_mwaa_environment", "etl"))
    assert list(environment.attributes) == ["name"]
    (logging,) = environment.blocks
    (task_logs,) = logging.blocks
    assert (logging.type, task_logs.type, list(task_logs.attributes)) == (
        "logging_configuration",
        "task_logs",
        ["enabled"],
    )
    assert (empty.type, empty.labels, empty.attributes, empty.blocks) == ("locals", (), {}, ())
    assert bare.labels == ("aws_x", "bare")


def test_spans_are_the_places_in_the_file() -> None:
    found = tree('# comment\nresource "a" "b" {\n  name = "é" // why\n}\n')
    (block,) = found.blocks
    name = block.attributes["name"]
    assert name.file.slice(name.span) == 'name = "é"'
    assert name.file.slice(name.expression.span) == '"é"'
    assert block.file.slice(block.header) == 'resource "a" "b"'
    assert block.file.slice(block.span) == 'resource "a" "b" {\n  name = "é" // why\n}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_spans_are_right_in_every_encoding_and_with_every_newline(encoding: str, newline: str) -> None:
    text = f'première = "é"{newline}x = var.é ? "ü${{local.y}}" : other{newline}'
    data = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding)
    found = parse(SourceFile("main.tf", Path("main.tf"), data))
    x = found.attributes["x"]
    assert isinstance(x.expression, Conditional)
    parts = (x.expression.condition, x.expression.yes, x.expression.no)
    assert [x.file.slice(part.span) for part in parts] == ["var.é", '"ü${local.y}"', "other"]
    assert x.file.slice(x.span) == 'x = var.é ? "ü${local.y}" : other'
    assert x.file.position(x.span.start) == (2, 1)


def test_the_first_of_two_attributes_of_one_name_counts() -> None:
    assert shape(tree("x = 1\nx = 2\n").attributes["x"].expression) == "1"


def test_a_missing_value_is_an_error_and_the_rest_is_still_read() -> None:
    found = tree('before = 1\nresource "a" "b" {\n  name =\n}\nafter = 2\n')
    assert found.error is not None
    assert {name: shape(item.expression) for name, item in found.attributes.items()} == {"before": "1", "after": "2"}


def test_a_value_of_which_the_grammar_understands_only_the_start_is_not_taken_for_the_whole() -> None:
    found = tree("y = 2 # fine\nz { w = 3 }\nx = 1e3\n")
    assert found.error is not None
    assert shape(found.attributes["x"].expression) == "<it is not valid HCL>"
    assert shape(found.attributes["y"].expression) == "2"
    assert shape(found.blocks[0].attributes["w"].expression) == "3"


def test_a_file_that_ends_in_the_middle_of_a_block_still_gives_what_is_written() -> None:
    found = tree('resource "aws_mwaa_environment" "etl" {\n  airflow_version = "2.10.3"\n  name = "e')
    assert found.error is not None
    versions = [block.attributes["airflow_version"] for block in found.blocks if "airflow_version" in block.attributes]
    assert [shape(version.expression) for version in versions] == ["'2.10.3'"]


def test_text_that_is_no_hcl_at_all_gives_nothing_but_the_error() -> None:
    found = tree("<html><body>404: Not Found</body></html>\n")
    assert (found.attributes, found.blocks) == ({}, ())
    assert found.error is not None


def test_an_empty_file_is_empty_and_no_error() -> None:
    found = tree(b"")
    assert (found.attributes, found.blocks, found.error) == ({}, (), None)


@pytest.mark.parametrize(
    "expression",
    [
        "[" * 10_000 + "]" * 10_000,
        "(" * 10_000 + "1" + ")" * 10_000,
        "f(" * 10_000 + ")" * 10_000,
        "{a=" * 10_000 + "1" + "}" * 10_000,
        "!" * 10_000 + "a",
        "a?b:" * 10_000 + "c",
        "1" + "+1" * 10_000,
        "a" + ".b" * 10_000,
        "a" + "[0]" * 10_000,
        '"${' * 10_000 + "a" + '}"' * 10_000,
    ],
    ids=[
        "lists",
        "parentheses",
        "calls",
        "objects",
        "negations",
        "conditionals",
        "sums",
        "attributes",
        "indexes",
        "templates",
    ],
)
def test_ten_thousand_levels_do_not_exhaust_the_stack(expression: str) -> None:
    found = tree(f"before = 1\nx = {expression}\n")
    read = "before" in found.attributes and shape(found.attributes["before"].expression) == "1"
    assert read or found.error is not None


def test_what_is_nested_too_deeply_says_so() -> None:
    assert shape(attribute("(" * 100 + "1" + ")" * 100).expression) == "<it is nested too deeply>"
    assert shape(attribute("a?b:" * 100 + "c").expression) == "<it is nested too deeply>"


def test_ten_thousand_nested_blocks_do_not_exhaust_the_stack() -> None:
    found = tree("a {\n" * 10_000 + "}\n" * 10_000)
    depth, blocks = 0, found.blocks
    while blocks:
        depth, blocks = depth + 1, blocks[0].blocks
    assert 10 <= depth < 100


@pytest.mark.parametrize("digits", ["9" * 31, "9" * 5_000, "1.0e999", "1" + "0" * 400 + ".5"])
def test_numbers_beyond_any_use_are_not_computed(digits: str) -> None:
    assert shape(attribute(digits).expression) == "<the number is too large>"


@pytest.mark.parametrize(
    "content", [b"\xff" * 100, bytes(range(1, 256)) * 20, b'x = "\xff\xfe"\n', b"x = <<EOT\nno end"]
)
def test_bytes_of_any_kind_give_a_tree(content: bytes) -> None:
    assert isinstance(tree(content), TerraformFile)


def test_a_binary_file_cannot_be_read() -> None:
    with pytest.raises(UnreadableFileError, match="binary"):
        tree(b'x = "\0"\n')


def test_a_file_over_the_limit_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(UnreadableFileError, match="are not analyzed"):
        parse(SourceFile("main.tf", path))
