"""dbt_project.yml: what is read of it, where new settings go, and what stays untouched."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint import catalog
from mwaalint.checks.dbt._project_fix import send_writes, writable_folders
from mwaalint.documents.dbt import DbtProjectFile, read_dbt_project
from mwaalint.documents.yaml_nodes import YamlError
from mwaalint.findings import Safety
from mwaalint.source import SourceFile

BOTH = {"target-path": "/tmp/dbt/target", "log-path": "/tmp/dbt/logs"}


def read(content: str | bytes) -> DbtProjectFile:
    data = content.encode() if isinstance(content, str) else content
    return read_dbt_project(SourceFile("dbt_project.yml", Path("dbt_project.yml"), data))


def fixed(content: str | bytes, folders: dict[str, str] | None = None) -> bytes | None:
    """The bytes after the fix; None where there is none."""
    document = read(content)
    fix = send_writes(document, folders or BOTH, Safety.SAFE)
    if fix is None:
        return None
    data = document.file.data
    for edit in sorted(fix.edits, key=lambda edit: edit.span, reverse=True):
        assert data[edit.span.start : edit.span.end] == edit.expected
        data = data[: edit.span.start] + edit.text + data[edit.span.end :]
    return data


def test_settings_are_read_with_their_places() -> None:
    document = read("name: shop\ntarget-path: 'build'\nlog-path:\nclean-targets: [target]\n")
    assert [document.text(key) for key in ("name", "target-path", "log-path")] == ["shop", "build", ""]
    assert [document.text(key) for key in ("packages-install-path", "clean-targets")] == [None, None]
    entry = document.entry("target-path")
    assert entry
    assert document.file.slice(entry.value.span) == "'build'"
    assert document.file.position(entry.key_span.start) == (2, 1)


@pytest.mark.parametrize("content", ["", "\n", "# nothing\n", "- a\n- b\n", "just text\n", "---\n---\n"])
def test_a_file_without_settings_has_none(content: str) -> None:
    document = read(content)
    assert (document.root, document.entry("name"), document.text("name")) == (None, None, None)
    assert (document.newest_major, document.insertion()) == (None, None)


@pytest.mark.parametrize(
    "content", ["name: [", "a: {{ env_var('X') }}\n b: 1", "\t- x", "a: *nowhere\n", b"\0", "[" * 500, b"\xff\xfe\x00"]
)
def test_what_is_no_yaml_is_said_to_be_none(content: str | bytes) -> None:
    with pytest.raises(YamlError):
        read(content)


@pytest.mark.parametrize(
    ("required", "newest"),
    [
        ('">=1.7.0"', None),
        ('[">=1.7.0", "<2.0.0"]', 1),
        ('[">=1.7.0", "<=1.99.99"]', 1),
        ('">=1.7.0,<2"', 1),
        ('"<2.0.1"', 2),
        ('"<3.0.0"', 2),
        ('"<=2.0.0"', 2),
        ('"=1.9.4"', 1),
        ('"==1.9.4"', 1),
        ("1.9.4", 1),
        ('"1.9.4"', 1),
        ("v2.0.0", 2),
        ('[">=1.0.0", "<2.0.0", "!=1.5.1"]', 1),
        ('">1.0"', None),
        ('"!=2.0.0"', None),
        ("any", None),
        ("", None),
        ("{a: b}", None),
        ("[[1.0]]", None),
        ('"<99999999999999999999999"', 999998),
    ],
)
def test_the_newest_dbt_is_read_from_the_version_it_requires(required: str, newest: int | None) -> None:
    assert read(f"name: shop\nrequire-dbt-version: {required}\n").newest_major == newest


def test_a_project_that_says_no_version_allows_all() -> None:
    assert read("name: shop\n").newest_major is None


def test_settings_are_added_after_the_other_paths() -> None:
    content = "name: shop\nprofile: shop # ours\n\nmodels:\n  shop:\n    +materialized: view\n"
    assert fixed(content) == (
        b"name: shop\nprofile: shop # ours\ntarget-path: /tmp/dbt/target\nlog-path: /tmp/dbt/logs\n\n"
        b"models:\n  shop:\n    +materialized: view\n"
    )


def test_values_are_replaced_where_they_stand() -> None:
    content = "target-path: target  # compiled\nname: shop\nlog-path: \"logs\"\nclean-targets: ['target']\n"
    assert fixed(content) == (
        b"target-path: /tmp/dbt/target  # compiled\nname: shop\nlog-path: /tmp/dbt/logs\nclean-targets: ['target']\n"
    )


def test_one_value_is_replaced_and_the_other_setting_added() -> None:
    assert fixed("name: shop\ntarget-path: target") == (
        b"name: shop\ntarget-path: /tmp/dbt/target\nlog-path: /tmp/dbt/logs"
    )


@pytest.mark.parametrize(
    ("empty", "filled"),
    [
        ("target-path:\nname: shop\n", "target-path: /tmp/t\nname: shop\n"),
        ("target-path: \nname: shop\n", "target-path: /tmp/t \nname: shop\n"),
        ("target-path: # later\nname: shop\n", "target-path: /tmp/t # later\nname: shop\n"),
        ("target-path: ~\nname: shop\n", "target-path: /tmp/t\nname: shop\n"),
        ("target-path: null", "target-path: /tmp/t"),
        ('"target-path" :\nname: shop\n', '"target-path" : /tmp/t\nname: shop\n'),
        ("target-path: ''\n", "target-path: /tmp/t\n"),
    ],
)
def test_a_setting_without_a_value_gets_one(empty: str, filled: str) -> None:
    assert fixed(empty, {"target-path": "/tmp/t"}) == filled.encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"name: shop\r\nmodels: {}\r\n", b"name: shop\r\nlog-path: /tmp/l\r\nmodels: {}\r\n"),
        (b"\xef\xbb\xbfname: sh\xc3\xb6p\n", b"\xef\xbb\xbfname: sh\xc3\xb6p\nlog-path: /tmp/l\n"),
        (b"# sh\xf6p\nname: shop\n", b"# sh\xf6p\nname: shop\nlog-path: /tmp/l\n"),
        (b"name: shop", b"name: shop\nlog-path: /tmp/l"),
        (b"---\n  name: shop\n  models: {}\n", b"---\n  name: shop\n  log-path: /tmp/l\n  models: {}\n"),
        (
            b"name: shop\nmodel-paths:\n  - a # one\n  - b # two\n\nvars: {}\n",
            b"name: shop\nmodel-paths:\n  - a # one\n  - b # two\nlog-path: /tmp/l\n\nvars: {}\n",
        ),
        (b"name: shop\nseed-paths: [\n  a,\n  b\n]\n", b"name: shop\nseed-paths: [\n  a,\n  b\n]\nlog-path: /tmp/l\n"),
        (
            b"profile: |\n  shop\nname: shop\n",
            b"profile: |\n  shop\nname: shop\nlog-path: /tmp/l\n",
        ),
        (
            "name: shop\n".encode("utf-16"),
            "name: shop\nlog-path: /tmp/l\n".encode("utf-16"),
        ),
    ],
)
def test_newlines_encodings_and_everything_else_stay(content: bytes, expected: bytes) -> None:
    assert fixed(content, {"log-path": "/tmp/l"}) == expected


@pytest.mark.parametrize(
    "content",
    [
        "{name: shop}\n",
        "models: {}\n",
        "target-path: [a]\nname: shop\n",
        "target-path: |\n  target\nname: shop\n",
        "target-path: !secret target\nname: shop\n",
        "target-path: &t target\nname: shop\n",
        "name: &t target\ntarget-path: *t\n",
        "name: |\n  shop\n",
        "",
    ],
)
def test_a_file_laid_out_in_another_way_is_left_alone(content: str) -> None:
    before = content.encode()
    after = fixed(content)
    assert after is None or after == before


def test_a_second_fix_has_nothing_left_to_change() -> None:
    once = fixed("name: shop\ntarget-path: target\n")
    assert once is not None
    assert fixed(once) == once


def test_each_project_has_its_own_folder_when_there_are_several() -> None:
    assert writable_folders(BOTH, "/usr/local/airflow/dags/dbt/shop", shared=False) == BOTH
    assert writable_folders(BOTH, "/usr/local/airflow/dags/dbt/shop", shared=True) == {
        "target-path": "/tmp/dbt/shop/target",
        "log-path": "/tmp/dbt/shop/logs",
    }
    assert writable_folders(BOTH, "/usr/local/airflow/dags/my: shop", shared=True) == BOTH


def test_the_table_of_what_dbt_writes_is_whole() -> None:
    facts = catalog.load()
    table = facts.table("dbt")
    settings, commands = table["rows"]["settings"], table["rows"]["commands"]
    assert list(settings) == ["target-path", "log-path", "packages-install-path"]
    assert {name for written in commands.values() for name in written} == set(settings)
    assert [command for command, written in commands.items() if "log-path" not in written] == []
    assert [command for command, written in commands.items() if "packages-install-path" in written] == ["deps"]
    for name, setting in settings.items():
        assert facts.fact(f"dbt.writable_settings.dbt_project_yml.{name}") == f"/tmp/dbt/{setting['default']}"
        assert setting["option"] == f"--{name}"
        assert setting["variables"] == [
            f"{prefix}{name.upper().replace('-', '_')}" for prefix in ("DBT_", "DBT_ENGINE_")
        ]
    assert [name for name, setting in settings.items() if setting["refused_from"] == 2] == ["target-path", "log-path"]
    assert all(source.startswith("https://") for source in table["source"])
