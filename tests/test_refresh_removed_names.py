"""The generator of the table of what Airflow 3 removed, on wheels of a very small Airflow."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tools.airflow_surface import Surface, read_module, read_surface
from tools.refresh_catalog import render
from tools.refresh_removed_names import OUT, main, removed, shortened, table

if TYPE_CHECKING:
    from pathlib import Path

PARTS = frozenset({"models", "operators", "utils", "hooks", "decorators"})
PLAN: dict[str, Any] = {
    "parts": ["models operators utils hooks", "decorators"],
    "instead": {"airflow.utils.helpers.chain": "airflow.sdk.chain"},
    "advice": {"airflow.utils.dates.days_ago": "write a date"},
    "arguments": {"DAG": {"schedule_interval": "schedule"}},
    "context": {"execution_date": "logical_date"},
}
OLD = {
    "airflow/models/dag.py": "class DAG:\n    def __init__(self, dag_id, schedule_interval=None, *, view=''): ...\n",
    "airflow/models/baseoperator.py": "class BaseOperator:\n    def __init__(self, task_id, **kwargs): ...\n",
    "airflow/operators/__init__.py": "__deprecated = {'bash_operator': {'Bash': 'airflow.operators.bash.Bash'}}\n",
    "airflow/operators/bash.py": "class Bash: ...\n",
    "airflow/hooks/__init__.py": "",
    "airflow/hooks/old/__init__.py": "",
    "airflow/hooks/old/a.py": "class A: ...\n",
    "airflow/hooks/old/b.py": "class B: ...\nclass _Private: ...\n",
    "airflow/utils/dates.py": "def days_ago(n): ...\ndef later(n): ...\n",
    "airflow/utils/helpers.py": "def chain(*tasks): ...\n",
    "airflow/utils/context.py": "KNOWN_CONTEXT_KEYS: set[str] = {'ds', 'execution_date'}\n",
    "airflow/decorators/__init__.py": "from airflow.decorators.group import group\n",
    "airflow/decorators/group.py": "def group(): ...\n",
    "airflow/jobs/job.py": "class Job: ...\n",
}
NEW = {
    "airflow/models/dag.py": "from airflow.sdk.definitions.dag import DAG\n",
    "airflow/sdk/__init__.py": "__lazy_imports = {'chain': '.bases.operator'}\ndef __getattr__(name): ...\n",
    "airflow/sdk/definitions/dag.py": (
        "class DAG:\n    dag_id: str\n    schedule: str = field(default=None)\n    timetable: str = field(init=False)\n"
    ),
    "airflow/sdk/bases/operator.py": "class BaseOperator:\n    def __init__(self, task_id, **kwargs): ...\n",
    "airflow/sdk/definitions/context.py": "class Context(TypedDict):\n    ds: str\n    logical_date: str\n",
    "airflow/operators/__init__.py": (
        "add_deprecated_classes({'bash': {'Bash': 'airflow.providers.standard.operators.bash.Bash'}}, __name__)\n"
    ),
    "airflow/hooks/__init__.py": "",
    "airflow/utils/dates.py": "def later(n): ...\n",
    "airflow/utils/helpers.py": "",
    "airflow/utils/context.py": "",
    "airflow/decorators/__init__.py": "from airflow.sdk.definitions import group\n",
}


def surface(files: dict[str, str]) -> Surface:
    found = Surface()
    for name, text in files.items():
        read_module(found, name.removesuffix(".py").removesuffix("/__init__").replace("/", "."), text)
    return found


def wheel(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr("airflow/migrations/versions/0001_first.py", "this is not read")
        archive.writestr("other/module.py", "nor is this")
    return path


def test_names_that_are_gone_and_public() -> None:
    assert removed(surface(OLD), surface(NEW), PARTS) == {
        "airflow.operators.bash_operator.Bash",
        "airflow.hooks.old.a.A",
        "airflow.hooks.old.b.B",
        "airflow.utils.dates.days_ago",
        "airflow.utils.helpers.chain",
        "airflow.utils.context.KNOWN_CONTEXT_KEYS",
        "airflow.models.baseoperator.BaseOperator",
        "airflow.decorators.group.group",
    }


def test_modules_that_are_gone_with_all_below_them_stand_for_it() -> None:
    old, new = surface(OLD), surface(NEW)
    modules, names = shortened(removed(old, new, PARTS), old, new)
    assert modules == {"airflow.operators.bash_operator", "airflow.hooks.old", "airflow.models.baseoperator"}
    # "airflow.decorators.group" is a name now, and one that exists.
    assert "airflow.decorators.group.group" in names


def test_the_table_tells_what_to_write_instead() -> None:
    rows = table(surface(OLD), {"3.0.6": surface(NEW), "3.1.0": surface({**NEW, "airflow/utils/dates.py": ""})}, PLAN)
    assert rows["names"]["3.1.0"] == ["airflow.utils.dates.later"]
    assert rows["modules"]["3.1.0"] == []
    assert rows["arguments"] == {"DAG": {"schedule_interval": "schedule", "view": ""}}
    assert rows["context"] == {"execution_date": "logical_date"}
    assert rows["instead"] == {
        "airflow.operators.bash_operator.Bash": "airflow.providers.standard.operators.bash.Bash",
        "airflow.utils.helpers.chain": "airflow.sdk.chain",
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(): ...\nclass C: ...\nX = 1\nY: int = 2\n", ["f", "C", "X", "Y"]),
        ("if a:\n    def f(): ...\nelse:\n    g = 1\n", ["f", "g"]),
        ("try:\n    f = 1\nexcept ImportError:\n    g = 2\n", ["f", "g"]),
        ("if TYPE_CHECKING:\n    hidden = 1\nelse:\n    f = 1\n", ["f"]),
        ("from airflow.other import thing as f\n", ["f"]),
        ("__lazy_imports = {'f': 'airflow.other'}\n", ["f"]),
        ("def __getattr__(name):\n    if name == 'f': return 1\n", ["f"]),
        ("add_deprecated_classes({__name__: {'f': 'airflow.other.f'}}, __name__)\n", ["f"]),
        ("add_deprecated_classes({'f': {'*': 'airflow.other'}}, __name__)\n", ["f", "f.anything"]),
    ],
)
def test_what_a_module_offers(text: str, names: list[str]) -> None:
    found = surface({"airflow/utils/x.py": text})
    assert [found.has(f"airflow.utils.x.{name}") for name in names] == [True] * len(names)
    assert not found.has("airflow.utils.x.hidden")
    assert not found.has("airflow.utils.x.missing")


def test_wheels_that_are_installed_together_are_one_surface(tmp_path: Path) -> None:
    core = wheel(tmp_path / "core.whl", {"airflow/a.py": "x = 1\n"})
    sdk = wheel(tmp_path / "sdk.whl", {"airflow/sdk/b.py": "y = 1\n"})
    found = read_surface([core, sdk])
    assert found.has("airflow.a.x")
    assert found.has("airflow.sdk.b.y")
    assert set(found.modules) == {"airflow.a", "airflow.sdk.b"}


def test_the_table_is_written_with_source_and_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = wheel(tmp_path / "apache_airflow-2.11.2-py3-none-any.whl", OLD)
    new = wheel(tmp_path / "core.whl", NEW)
    out = tmp_path / "out.json"
    assert main(["--old", str(old), "--new", f"3.0.6={new}", "--date", "2026-11-25", "--out", str(out)]) == 0
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["date"] == "2026-11-25"
    assert "apache-airflow 2.11.2, and of apache-airflow-core 3.0.6 with its Task SDK" in written["source"][0]
    assert "airflow.operators.bash_operator" in written["rows"]["modules"]["3.0.6"]
    assert "names" in capsys.readouterr().out


def test_wheels_that_are_not_airflow_are_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = wheel(tmp_path / "apache_airflow-2.11.2-py3-none-any.whl", {})
    out = tmp_path / "out.json"
    assert main(["--old", str(old), "--new", f"3.0.6={old}", "--date", "2026-11-25", "--out", str(out)]) == 2
    assert not out.exists()
    assert "are they Airflow 2 and 3?" in capsys.readouterr().err


def test_the_shipped_table_is_in_the_generators_own_form_and_consistent() -> None:
    text = OUT.read_text(encoding="utf-8")
    assert text == render(json.loads(text))
    rows = json.loads(text)["rows"]
    gone = {name for names in (*rows["names"].values(), *rows["modules"].values()) for name in names}
    assert {"airflow.contrib", "airflow.utils.dates.days_ago", "airflow.operators.python_operator"} <= gone
    for present in ("airflow.operators.bash", "airflow.decorators.task_group", "airflow.models", "airflow.utils.dates"):
        assert present not in gone
    assert not set(rows["instead"].values()) & gone
    assert "sla" not in rows["arguments"]["BaseOperator"]
