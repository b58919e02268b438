"""Which commands pack the plugins one folder too deep."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import Role, discover
from mwaalint.findings import Location
from mwaalint.model.deploy_steps import read_steps
from mwaalint.model.environment import Upload
from mwaalint.model.plugin_archives import nested_archives
from tests.deployments import write_all

if TYPE_CHECKING:
    from pathlib import Path

CODE = {"plugins/hello.py": "X = 1\n", "etl/plugins/hello.py": "X = 1\n", "assets/plugins/logo.svg": "<svg/>"}


def packed(root: Path, files: dict[str, str]) -> list[str]:
    project = discover(write_all(root, CODE | files))
    return [archive.folder for archive in nested_archives(read_steps(project.with_role(Role.DEPLOY)), project)]


@pytest.mark.parametrize(
    ("script", "folders"),
    [
        ("zip -r plugins.zip plugins", ["plugins"]),
        ("zip -r plugins.zip ./plugins/", ["plugins"]),
        ("zip -r9 build/mwaa-plugins.zip plugins/*", ["plugins"]),
        ("zip plugins/plugins.zip plugins/** -r", ["plugins"]),
        ("cd etl && zip -r plugins.zip plugins -x '*.pyc'", ["etl/plugins"]),
        ("zip -r plugins.zip etl/plugins", ["etl/plugins"]),
        ("zip -r plugins.zip $ROOT/plugins", []),
        ('cd "$ROOT"\nzip -r plugins.zip plugins', ["plugins"]),
        ("zip -rj plugins.zip plugins", []),
        ("zip plugins.zip plugins", []),
        ("zip -r all.zip plugins", []),
        ("zip -r noplugins.zip plugins", []),
        ("zip -r plugins.zip . -x plugins", []),
        ("zip -r plugins.zip -i plugins", []),
        ("zip -r plugins.zip assets/plugins", []),
        ("cd plugins && zip -r ../plugins.zip .", []),
        ("cd plugins && zip -r ../plugins.zip ../plugins", []),
        ("zip", []),
    ],
)
def test_a_zip_command(tmp_path: Path, script: str, folders: list[str]) -> None:
    assert packed(tmp_path, {"a.sh": script}) == folders


@pytest.mark.parametrize(
    ("call", "folders"),
    [
        ('make_archive("plugins", "zip", ".", "plugins")', ["plugins"]),
        ('make_archive("plugins", "zip", base_dir="plugins")', ["plugins"]),
        ('make_archive("plugins", "zip", root_dir="etl", base_dir="plugins")', ["etl/plugins"]),
        ('make_archive("plugins", "zip", root_dir="plugins", base_dir=".")', []),
        ('make_archive("plugins", "tar", ".", "plugins")', []),
        ('make_archive("plugins", "zip", root, "plugins")', []),
        ('make_archive("plugins/plugins", "zip", "plugins/")', []),
        ("make_archive(*arguments, base_dir=plugins)", []),
    ],
)
def test_a_call_of_python(tmp_path: Path, call: str, folders: list[str]) -> None:
    assert packed(tmp_path, {"pack.py": f"from shutil import make_archive\n\n{call}\n", "a.sh": "aws"}) == folders


@pytest.mark.parametrize(
    ("source", "key", "folders"),
    [
        ("etl", "plugins.zip", ["etl/plugins"]),
        ("", "plugins.zip", ["plugins"]),
        ("etl", "config/my-plugins.zip", ["etl/plugins"]),
        ("plugins", "plugins.zip", []),
        ("etl/plugins", "plugins.zip", []),
        ("assets", "plugins.zip", []),
        ("etl", "code.zip", []),
        ("nowhere", "plugins.zip", []),
    ],
)
def test_a_folder_that_terraform_packs(tmp_path: Path, source: str, key: str, folders: list[str]) -> None:
    project = discover(write_all(tmp_path, CODE))
    upload = Upload(source, key, Location("main.tf"), "aws_s3_object.plugins", archived=True)
    assert [archive.folder for archive in nested_archives(None, project, [upload])] == folders
    assert list(nested_archives(None, project, [replace(upload, archived=False)])) == []


def test_code_at_the_top_is_what_is_meant(tmp_path: Path) -> None:
    project = discover(write_all(tmp_path, {**CODE, "etl/operators.py": "X = 1\n"}))
    upload = Upload("etl", "plugins.zip", Location("main.tf"), archived=True)
    assert list(nested_archives(None, project, [upload])) == []
