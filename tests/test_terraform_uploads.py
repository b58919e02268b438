"""Files of the project that Terraform copies to a bucket: which file, to which key."""

from __future__ import annotations

import pytest

from mwaalint.model.environment import Upload
from tests.terraform_projects import read

ENVIRONMENT = 'resource "aws_mwaa_environment" "e" {}\n'


def uploads(files: dict[str, str | bytes]) -> list[tuple[str, str, str, bool]]:
    declared = read(files)
    assert declared.problems == ()
    return [(upload.source, upload.key, upload.address, upload.recursive) for upload in declared.uploads]


def uploaded(body: str, others: str = "", folder: str = "infra") -> list[tuple[str, str, bool]]:
    """Source, key and recursion of what a resource with this body in a root module uploads."""
    block = f'resource "aws_s3_object" "it" {{\n{body}\n}}\n'
    found = uploads({f"{folder}/main.tf".lstrip("/"): ENVIRONMENT + block + others, "dags/etl.py": ""})
    return [(source, key, recursive) for source, key, _, recursive in found]


def test_an_upload_has_its_file_key_address_and_place() -> None:
    block = 'resource "aws_s3_object" "requirements" {\n  key = "requirements.txt"\n  source = "requirements.txt"\n}\n'
    (found,) = read({"main.tf": ENVIRONMENT + block}).uploads
    assert isinstance(found, Upload)
    assert (found.source, found.key, found.recursive) == ("requirements.txt", "requirements.txt", False)
    assert found.address == "aws_s3_object.requirements"
    assert found.location.symbol == "aws_s3_object.requirements"
    text = ENVIRONMENT + block
    assert text[slice(*found.location.span)] == 'resource "aws_s3_object" "requirements"'


@pytest.mark.parametrize(
    ("body", "watched"),
    [
        ('source = "r.txt"', False),
        ('source = "r.txt"\n  etag = filemd5("r.txt")', True),
        ('source = "r.txt"\n  source_hash = filemd5("r.txt")', True),
        ('content = file("r.txt")', True),
    ],
)
def test_terraform_sees_a_new_file_by_its_hash_or_its_content(body: str, watched: bool) -> None:
    block = f'resource "aws_s3_object" "r" {{\n  key = "r.txt"\n  {body}\n}}\n'
    (found,) = read({"main.tf": ENVIRONMENT + block}).uploads
    assert found.watched is watched


def test_the_older_resource_uploads_too() -> None:
    block = 'resource "aws_s3_bucket_object" "r" {\n  key = "r.txt"\n  source = "r.txt"\n}\n'
    assert uploads({"main.tf": ENVIRONMENT + block}) == [("r.txt", "r.txt", "aws_s3_bucket_object.r", False)]


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('"requirements.txt"', "infra/requirements.txt"),
        ('"./files/requirements.txt"', "infra/files/requirements.txt"),
        ('"../requirements.txt"', "requirements.txt"),
        ('"${path.module}/../requirements.txt"', "requirements.txt"),
        ('"${path.root}/requirements.txt"', "infra/requirements.txt"),
        ('"${path.cwd}/requirements.txt"', "infra/requirements.txt"),
        ('"${abspath(path.module)}/requirements.txt"', "infra/requirements.txt"),
        ('format("%s/%s", path.module, "requirements.txt")', "infra/requirements.txt"),
        ('join("/", [path.module, "..", local.name])', "requirements.txt"),
        ("local.file", "airflow/requirements.txt"),
    ],
)
def test_the_source_is_a_path_of_the_project(source: str, path: str) -> None:
    others = 'locals {\n  name = "requirements.txt"\n  file = "${path.module}/../airflow/${local.name}"\n}\n'
    assert uploaded(f'key = "r.txt"\nsource = {source}', others) == [(path, "r.txt", False)]


def test_paths_in_a_module_start_at_the_module_or_at_the_root() -> None:
    files: dict[str, str | bytes] = {
        "infra/main.tf": 'module "a" {\n  source = "./modules/a"\n  file = "${path.module}/given.txt"\n}\n',
        "infra/modules/a/main.tf": ENVIRONMENT
        + """
        resource "aws_s3_object" "own" {
          key    = "own.txt"
          source = "${path.module}/own.txt"
        }
        resource "aws_s3_object" "bare" {
          key    = "bare.txt"
          source = "bare.txt"
        }
        resource "aws_s3_object" "given" {
          key    = "given.txt"
          source = var.file
        }
        variable "file" {}
        """,
    }
    assert uploads(files) == [
        ("infra/modules/a/own.txt", "own.txt", "module.a.aws_s3_object.own", False),
        ("infra/bare.txt", "bare.txt", "module.a.aws_s3_object.bare", False),
        ("infra/given.txt", "given.txt", "module.a.aws_s3_object.given", False),
    ]


@pytest.mark.parametrize(
    "source",
    [
        '"/etc/passwd"',
        '"~/requirements.txt"',
        '"../../outside.txt"',
        '"${path.module}/../../outside.txt"',
        '"C:/requirements.txt"',
        '""',
        "var.file",
        "data.archive_file.plugins.output_path",
        '"${path.module}/${var.file}"',
        '"${var.file}/${path.module}/x"',
    ],
)
def test_a_source_outside_the_project_or_unknown_is_no_upload(source: str) -> None:
    assert uploaded(f'key = "r.txt"\nsource = {source}', 'variable "file" {}\n') == []


ARCHIVE = """
variable "folder" {{ default = "plugins" }}
data "archive_file" "plugins" {{
  type        = "zip"
  {source}
  output_path = "${{path.module}}/build/plugins.zip"
}}
"""


class TestArchives:
    @pytest.mark.parametrize(
        "source",
        [
            "data.archive_file.plugins.output_path",
            "data.archive_file.plugins[0].output_path",
            '"${path.module}/build/plugins.zip"',
            '"build/../build/plugins.zip"',
        ],
    )
    @pytest.mark.parametrize("folder", ['"${path.module}/../plugins"', '"../${var.folder}"'])
    def test_the_folder_that_is_packed_is_what_is_uploaded(self, source: str, folder: str) -> None:
        body = f'key = "plugins.zip"\nsource = {source}'
        others = ARCHIVE.format(source=f"source_dir = {folder}")
        assert uploaded(body, others) == [("plugins", "plugins.zip", False)]

    @pytest.mark.parametrize(
        "source",
        ['source_file = "a.py"', "source_dir = var.unknown", 'source_dir = "/opt/plugins"', 'source_dir = "../../out"'],
    )
    def test_what_is_packed_is_not_a_folder_of_the_project(self, source: str) -> None:
        body = 'key = "plugins.zip"\nsource = data.archive_file.plugins.output_path'
        assert uploaded(body, ARCHIVE.format(source=source)) == []

    def test_another_archive_is_another_file(self) -> None:
        body = 'key = "a.zip"\nsource = data.archive_file.other.output_path'
        assert uploaded(body, ARCHIVE.format(source='source_dir = "../plugins"')) == []

    def test_it_is_marked(self) -> None:
        block = 'resource "aws_s3_object" "p" {\n  key = "p.zip"\n  source = data.archive_file.plugins.output_path\n}\n'
        (found,) = read({"main.tf": ENVIRONMENT + block + ARCHIVE.format(source='source_dir = "plugins"')}).uploads
        assert (found.archived, found.recursive, found.source) == (True, False, "plugins")


def test_an_object_without_a_file_is_no_upload() -> None:
    assert uploaded('key = "dags/"') == []
    assert uploaded('key = "a.txt"\ncontent = "text"') == []
    assert uploaded('key = "a.txt"\ncontent = templatefile("a.txt", {})') == []


def test_the_content_of_a_file_is_that_file() -> None:
    assert uploaded('key = "r.txt"\ncontent = file("${path.module}/requirements.txt")') == [
        ("infra/requirements.txt", "r.txt", False)
    ]


def test_a_key_that_is_not_known_is_empty() -> None:
    assert uploaded('key = "${var.p}/r.txt"\nsource = "r.txt"', 'variable "p" {}\n') == [("infra/r.txt", "", False)]
    assert uploaded('source = "r.txt"') == [("infra/r.txt", "", False)]


def test_both_arms_of_a_source_are_uploads() -> None:
    found = uploaded('key = "r.txt"\nsource = var.x ? "a.txt" : "b.txt"', 'variable "x" {}\n')
    assert found == [("infra/a.txt", "r.txt", False), ("infra/b.txt", "r.txt", False)]


def test_count_and_for_each_make_uploads() -> None:
    assert uploaded('count = 0\nkey = "r.txt"\nsource = "r.txt"') == []
    assert uploaded('count = var.x ? 1 : 0\nkey = "r.txt"\nsource = "r.txt"', 'variable "x" {}\n') == [
        ("infra/r.txt", "r.txt", False)
    ]
    assert uploaded('for_each = toset(["b.py", "a.py"])\nkey = "dags/${each.key}"\nsource = "${each.value}"') == [
        ("infra/a.py", "dags/a.py", False),
        ("infra/b.py", "dags/b.py", False),
    ]
    assert uploaded('for_each = { x = "a.py" }\nkey = "dags/${each.key}.py"\nsource = each.value') == [
        ("infra/a.py", "dags/x.py", False)
    ]


@pytest.mark.parametrize(
    ("each", "source", "key", "found"),
    [
        ('fileset("../dags", "**")', "../dags/${each.value}", "dags/${each.value}", ("dags", "dags", True)),
        ('fileset("../dags/", "**/*.py")', "../dags/${each.key}", "a/b/${each.key}", ("dags", "a/b", True)),
        ('toset(fileset("../dags", "*"))', "../dags/${each.value}", "/dags/${each.value}", ("dags", "dags", True)),
        ("local.files", "${local.folder}/${each.value}", "${each.value}", ("dags", "", True)),
        ('fileset("..", "dags/**")', "../${each.value}", "${each.value}", ("dags", "dags", True)),
        (
            'fileset("${path.module}/..", "dags/{a,b}/*.py")',
            "${path.module}/../${each.value}",
            "x/${each.value}",
            ("dags", "x/dags", True),
        ),
        (
            'fileset("../airflow", "requirements.txt")',
            "../airflow/${each.value}",
            "${each.value}",
            ("airflow/requirements.txt", "requirements.txt", False),
        ),
    ],
)
def test_a_fileset_is_the_upload_of_its_folder(each: str, source: str, key: str, found: tuple[str, str, bool]) -> None:
    others = 'locals {\n  folder = "${path.root}/../dags"\n  files = fileset(local.folder, "**")\n}\n'
    assert uploaded(f'for_each = {each}\nkey = "{key}"\nsource = "{source}"', others) == [found]


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("../dags/${each.value}", "${var.unknown}/${each.value}"),
        ("../dags/${each.value}", "fixed.txt"),
        ("../dags/fixed.py", "dags/${each.value}"),
        ("../dags/${upper(each.value)}", "dags/${each.value}"),
        ("../../outside/${each.value}", "dags/${each.value}"),
    ],
)
def test_a_fileset_whose_files_or_keys_are_not_known_is_no_upload(source: str, key: str) -> None:
    body = f'for_each = fileset("../dags", "**")\nkey = "{key}"\nsource = "{source}"'
    assert uploaded(body, 'variable "unknown" {}\n') == []


def test_variants_do_not_repeat_an_upload() -> None:
    block = 'resource "aws_s3_object" "r" {\n  key = "r.txt"\n  source = "r.txt"\n}\nvariable "x" {}\n'
    found = uploads({"main.tf": ENVIRONMENT + block, "a.tfvars": "x = 1\n", "b.tfvars": "x = 2\n"})
    assert found == [("r.txt", "r.txt", "aws_s3_object.r", False)]


def test_uploads_of_modules_beside_the_environment_count() -> None:
    files: dict[str, str | bytes] = {
        "main.tf": 'module "mwaa" {\n  source = "./mwaa"\n}\nmodule "files" {\n  source = "./files"\n}\n',
        "mwaa/main.tf": ENVIRONMENT,
        "files/main.tf": 'resource "aws_s3_object" "r" {\n  key = "r.txt"\n  source = "${path.module}/r.txt"\n}\n',
    }
    assert uploads(files) == [("files/r.txt", "r.txt", "module.files.aws_s3_object.r", False)]


def test_uploads_that_have_nothing_to_do_with_airflow_are_not_read() -> None:
    block = 'resource "aws_s3_object" "website" {\n  key = "index.html"\n  source = "index.html"\n}\n'
    assert uploads({"website/main.tf": block, "mwaa/main.tf": ENVIRONMENT}) == []


def test_a_root_that_only_uploads_for_airflow_is_read() -> None:
    block = 'resource "aws_s3_object" "mwaa_requirements" {\n  key = "r.txt"\n  source = "r.txt"\n}\n'
    assert uploads({"files/main.tf": block}) == [("files/r.txt", "r.txt", "aws_s3_object.mwaa_requirements", False)]
