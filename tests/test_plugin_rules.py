"""Rules on the plugins folder, where a page's examples would be many and alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deployments import check, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

DAG = "from airflow import DAG\nDAG('x', schedule=None)\n"


def found(root: Path, files: dict[str, str], code: str) -> list[str]:
    """The messages of a rule in a project with one environment and one DAG."""
    result = check(write_all(root, {"main.tf": ENVIRONMENT, "dags/x.py": DAG, **files}))
    return [finding.message for finding in result.findings if finding.code == code]


def tree(folder: str, count: int) -> dict[str, str]:
    return {f"{folder}/m{number}.py": "X = 1\n" for number in range(count)}


class TestVendoredTrees:
    @pytest.mark.parametrize(
        ("folder", "count", "told"),
        [
            ("plugins/hive/apache-hive-3.1.2-bin/lib/py", 5, 1),
            ("plugins/vendor/site-packages/requests", 9, 1),
            ("plugins/hive/apache-hive-3.1.2-bin/lib/py", 4, 0),
            ("plugins/operators", 9, 0),
            ("plugins/bin", 9, 0),
            ("scripts/apache-hive-3.1.2-bin", 9, 0),
        ],
    )
    def test_which_folders_are_somebody_elses(self, tmp_path: Path, folder: str, count: int, told: int) -> None:
        assert len(found(tmp_path, tree(folder, count), "MW657")) == told

    def test_the_message_counts_the_files(self, tmp_path: Path) -> None:
        (message,) = found(tmp_path, tree("plugins/a/hive-bin", 7), "MW657")
        assert "plugins/a/hive-bin has 7 Python files" in message

    def test_an_ignore_file_ends_it(self, tmp_path: Path) -> None:
        files = {**tree("plugins/hive-bin", 7), "plugins/.airflowignore": "hive-bin\n"}
        assert found(tmp_path, files, "MW657") == []


class TestFoldersOfAnotherPython:
    @pytest.mark.parametrize(
        ("line", "count"),
        [
            ("P = '/usr/local/airflow/.local/lib/python3.7/site-packages'", 1),
            ("P = '/usr/local/lib/python3.10:/usr/local/lib/python3.9'", 2),
            ("P = '/usr/local/lib/python3.7'", 1),
            ("P = '/usr/local/lib/python3.11/site-packages'", 0),
            ("P = '/usr/local/lib/python3.10:/usr/local/lib/python3.11'", 0),
            ("P = '/opt/venv/usr/local/lib/python3.7'", 0),
            ("P = '/usr/local/lib/python3.7x'", 0),
            ("P = path.exists('/usr/local/lib/python3.7')", 0),
            ("P = '/usr/local/lib/python3.7' if old else ''", 0),
            ("'/usr/local/lib/python3.7'", 0),
        ],
    )
    def test_texts(self, tmp_path: Path, line: str, count: int) -> None:
        assert len(found(tmp_path, {"plugins/p.py": line}, "MW656")) == count


class TestImportsAsInAirflow1:
    @pytest.mark.parametrize(
        ("line", "count"),
        [
            ("from airflow.operators.hello import Hello", 1),
            ("from airflow.operators.hello import Hello, Other", 1),
            ("import airflow.operators.hello", 1),
            ("from airflow.hooks.hello import Hello", 1),
            ("from airflow.utils.hello import Hello", 0),
            ("from airflow.operators.other import Hello", 0),
            ("from airflow.sensors.base import Base", 0),
            ("from hello import Hello", 0),
        ],
    )
    def test_which_imports_are_meant(self, tmp_path: Path, line: str, count: int) -> None:
        files = {"plugins/hello.py": "class Hello: pass\n", "plugins/base.py": "", "dags/y.py": f"{DAG}{line}\n"}
        assert len(found(tmp_path, files, "MW655")) == count
