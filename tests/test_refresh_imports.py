"""The generator of the tables of imports and dependencies, on wheels that hold nothing but names."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.refresh_catalog import render
from tools.refresh_imports import OUT, PLAN, Plan, dependencies, import_names, main, read_plan
from tools.wheel_metadata import WheelFacts, imports_of, read_wheel

ROOT = Path(__file__).parent.parent
NAMESPACES = frozenset({"airflow", "airflow.providers", "google", "google.cloud", "dbt", "dbt.adapters"})


def wheel(folder: Path, name: str, files: list[str], *requires: str) -> Path:
    """A wheel that is only its list of files and its metadata."""
    path = folder / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {one}" for one in requires)]
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            archive.writestr(file, "")
        archive.writestr(f"{name.replace('-', '_')}-1.0.dist-info/METADATA", "\n".join(lines) + "\n\nAbout it.\n")
        archive.writestr(f"{name.replace('-', '_')}-1.0.dist-info/RECORD", "")
    return path


def plan(**changes: object) -> Plan:
    empty = Plan(
        sources=["https://example.com/mapping"],
        namespaces=NAMESPACES,
        not_told_apart=frozenset({"tests", "config"}),
        plain=frozenset(),
        with_extras=frozenset(),
        imports={},
        needs={},
    )
    return empty._replace(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("files", "imports"),
    [
        (["yaml/__init__.py", "yaml/loader.py", "_yaml/__init__.py"], ["yaml"]),
        (["six.py"], ["six"]),
        (["fast.cpython-311-x86_64-linux-gnu.so"], ["fast"]),
        (["google/cloud/storage/__init__.py", "google/cloud/storage/blob.py"], ["google.cloud.storage"]),
        (["google/__init__.py", "google/cloud/__init__.py", "google/cloud/x/__init__.py"], ["google.cloud.x"]),
        (["acme/deep/module.py"], ["acme.deep.module"]),
        (["acme-1.0.data/purelib/acme/__init__.py"], ["acme"]),
        (["acme-1.0.data/scripts/acme.py", "acme-1.0.dist-info/thing.py"], []),
        (["boto3-stubs/__init__.pyi", "data/table.json", "1st.py"], []),
    ],
)
def test_what_a_wheel_makes_importable(files: list[str], imports: list[str]) -> None:
    assert imports_of(files, NAMESPACES) == imports


def test_a_wheel_tells_its_normalised_name_what_it_needs_and_what_its_extras_add(tmp_path: Path) -> None:
    requires = (
        'Requests[socks]>=2; python_version >= "3.9"',
        "pandas ; (extra == 'data_frames')",
        "pyarrow ; extra == 'data_frames' and sys_platform == 'linux'",
        "not a requirement",
    )
    path = wheel(tmp_path, "Acme.Tools", ["acme/__init__.py"], *requires)
    assert read_wheel(path, NAMESPACES) == WheelFacts(
        "acme-tools", ("acme",), ("requests", "requests[socks]"), {"data-frames": ("pandas", "pyarrow")}
    )


def test_names_that_follow_from_the_package_need_no_row() -> None:
    wheels = [
        WheelFacts("flask-login", ("flask_login", "tests"), (), {}),
        WheelFacts("faker", ("Faker",), (), {}),
        WheelFacts("pyyaml", ("yaml",), (), {}),
        WheelFacts("psycopg2-binary", ("psycopg2",), (), {}),
    ]
    names = import_names(wheels, ["apache.spark", "http"], plan(plain=frozenset({"psycopg2"})))
    assert names == {
        "plain": "faker flask-login",
        "rows": {
            "yaml": "pyyaml",
            "psycopg2": "psycopg2 psycopg2-binary",
            "airflow.providers.apache": "apache-airflow-providers-apache-spark",
            "airflow.providers.http": "apache-airflow-providers-http",
        },
    }


def test_imports_below_a_shared_folder_are_as_short_as_they_can_be() -> None:
    wheels = [
        WheelFacts("dbt-core", ("dbt.cli", "dbt.task"), (), {}),
        WheelFacts("dbt-acme", ("dbt.adapters.acme.a", "dbt.adapters.acme.b"), (), {}),
        WheelFacts("acme-storage", ("google.acme.one", "google.acme.two", "google.acme._private"), (), {}),
        WheelFacts("other", ("google.other",), (), {}),
    ]
    assert import_names(wheels, [], plan(imports={"dbt-core": ["dbt"]}))["rows"] == {
        "dbt": "dbt-core",
        "dbt.adapters.acme": "dbt-acme",
        "google.acme": "acme-storage",
        "google.other": "other",
    }


def test_what_a_package_brings_along_adds_up_over_versions_providers_and_the_plan() -> None:
    wheels = [
        WheelFacts("acme", (), ("requests",), {"s3": ("boto3",), "dev": ("pytest",), "all": ("boto3",)}),
        WheelFacts("acme", (), ("httpx",), {"s3": ("s3fs",)}),
        WheelFacts("other", (), (), {"x": ("numpy",)}),
    ]
    providers = {"apache.spark": {"deps": ["pyspark[sql]>=3", "apache-airflow>=2.8.0", "???"]}}
    found = dependencies(wheels, providers, plan(with_extras=frozenset({"acme"}), needs={"handmade": ["six"]}))
    assert found == {
        "rows": {
            "acme": "httpx requests",
            "other": "",
            "handmade": "six",
            "apache-airflow-providers-apache-spark": "apache-airflow pyspark pyspark[sql]",
        },
        "extras": {"acme[s3]": "boto3 s3fs"},
    }


def test_both_tables_are_written_with_sources_and_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel(tmp_path, "pyyaml", ["yaml/__init__.py"])
    providers = tmp_path / "provider_dependencies.json"
    providers.write_text('{"http": {"deps": ["requests>=2"]}}')
    out = tmp_path / "out"
    out.mkdir()
    arguments = [str(tmp_path), "--providers", str(providers), "--date", "2026-11-25", "--out", str(out)]
    assert main(arguments) == 0
    names = json.loads((out / "import-names.json").read_text(encoding="utf-8"))
    needs = json.loads((out / "import-dependencies.json").read_text(encoding="utf-8"))
    assert names["rows"]["yaml"] == "pyyaml"
    assert names["rows"]["airflow.providers.http"] == "apache-airflow-providers-http"
    assert needs["rows"]["apache-airflow-providers-http"] == "requests"
    assert {table["date"] for table in (names, needs)} == {"2026-11-25"}
    assert names["source"] == needs["source"] == ["metadata of the wheels on PyPI", *read_plan(PLAN).sources]
    assert "import-names: " in capsys.readouterr().out


def test_a_folder_without_wheels_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(tmp_path), "--providers", "x.json", "--date", "2026-11-25", "--out", str(tmp_path)]
    assert main(arguments) == 2
    assert not list(tmp_path.iterdir())
    assert "no wheels" in capsys.readouterr().err


def test_the_tool_runs_from_anywhere_and_wants_a_date(tmp_path: Path) -> None:
    script = ROOT / "tools" / "refresh_imports.py"
    result = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "--date" in result.stderr


@pytest.mark.parametrize("name", ["import-names", "import-dependencies"])
def test_the_shipped_tables_are_in_the_generators_own_form(name: str) -> None:
    text = (OUT / f"{name}.json").read_text(encoding="utf-8")
    assert text == render(json.loads(text))


def test_the_shipped_names_know_what_data_engineers_import() -> None:
    table = json.loads((OUT / "import-names.json").read_text(encoding="utf-8"))
    rows, plain = table["rows"], set(table["plain"].split())
    assert rows["airflow.providers.cncf.kubernetes"] == "apache-airflow-providers-cncf-kubernetes"
    assert rows["google.cloud.bigquery"] == "google-cloud-bigquery"
    assert rows["snowflake.connector"] == "snowflake-connector-python"
    assert (rows["sklearn"], rows["yaml"], rows["bs4"]) == ("scikit-learn", "pyyaml", "beautifulsoup4")
    assert (rows["cosmos"], rows["dagfactory"]) == ("astronomer-cosmos", "dag-factory")
    assert {"boto3", "pandas", "faker", "smart-open", "pyspark"} <= plain
    assert not {"utils", "common", "tests", "config"} & (plain | rows.keys())
