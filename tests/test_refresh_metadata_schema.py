"""The generator of the table of metadata schemas, on wheels with a few models."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from tools.refresh_metadata_schema import main, rows, tables

if TYPE_CHECKING:
    from pathlib import Path

MODELS = """
class DagRun(Base, LoggingMixin):
    __tablename__ = "dag_run"

    id = Column(Integer, primary_key=True)
    _state = sa.Column("state", String(50))
    {}: Mapped[str] = mapped_column(String)
    task_instances = relationship("TaskInstance")
    name = "plain"


class TaskInstance(Base):
    __tablename__ = "task_instance"
    task_id = Column(StringID())


class DagModel(Base):
    __tablename__ = "dag"
    dag_id = Column(StringID())


class Mixin:
    other = Column(Integer)
"""


def wheel(folder: Path, name: str, text: str) -> str:
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("airflow/models/dagrun.py", text)
        archive.writestr("airflow/www/models.py", "class User(Base):\n    __tablename__ = 'user'\n    id = Column()\n")
    return str(path)


def test_columns_under_the_name_that_the_database_has() -> None:
    assert tables({"a.py": MODELS.format("queued_at")}) == {
        "dag_run": {"id", "state", "queued_at"},
        "task_instance": {"task_id"},
        "dag": {"dag_id"},
    }


def test_stretches_of_versions() -> None:
    schemas = {
        "2.10.1": {"log": {"id", "back"}},
        "2.9.2": {"log": {"id", "gone"}},
        "2.2.2": {"log": {"gone", "back"}},
    }
    assert rows(schemas) == {
        "log": {
            "back": [["2.2.2", "2.9.2"], ["2.10.1", ""]],
            "gone": [["2.2.2", "2.10.1"]],
            "id": [["2.9.2", ""]],
        }
    }


def test_the_table_is_written(tmp_path: Path) -> None:
    old = wheel(tmp_path, "old.whl", MODELS.format("execution_date"))
    new = wheel(tmp_path, "new.whl", MODELS.format("logical_date"))
    out = tmp_path / "out.json"
    assert main([f"2.9.2={old}", f"3.0.6={new}", "--date", "2026-11-25", "--out", str(out)]) == 0
    table = json.loads(out.read_text())
    assert table["versions"] == ["2.9.2", "3.0.6"]
    assert table["rows"]["dag_run"]["execution_date"] == [["2.9.2", "3.0.6"]]
    assert "user" not in table["rows"]


def test_what_is_no_wheel_of_airflow(tmp_path: Path) -> None:
    other = wheel(tmp_path, "other.whl", "x = 1\n")
    out = tmp_path / "out.json"
    for given in (f"1={other}", f"1={tmp_path}/absent.whl", f"1={__file__}"):
        assert main([given, "--date", "2026-11-25", "--out", str(out)]) == 2
    assert not out.exists()
