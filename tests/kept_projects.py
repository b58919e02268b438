"""A small project with everything that a cache has to bring back, for the tests of what is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mwaalint import api
from mwaalint.config import Config
from mwaalint.engine import cache
from mwaalint.engine.cache import Cache
from tests.deployments import TODAY, write_all
from tests.reporting import rendered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.engine.result import RunResult

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "statistics")
FILES = {
    "main.tf": """
resource "aws_mwaa_environment" "etl" {
  name                 = "etl"
  airflow_version      = "2.10.3"
  dag_s3_path          = "dags"
  min_workers          = 5
  max_workers          = 9
  requirements_s3_path = aws_s3_object.requirements.key
}

resource "aws_s3_object" "requirements" {
  bucket = "bucket"
  key    = "requirements.txt"
  source = "${path.module}/requirements.txt"
}
""",
    "requirements.txt": "snowflake-connector-python==3.12.0\nboto3  # mwaalint: ignore[MW123] tested with it\n",
    "dags/etl.py": """
from datetime import datetime, timedelta

from airflow import DAG
from airflow.models import Variable
from airflow.operators.bash import BashOperator
from helpers import command

arguments = {"retries": 2, "retry_delay": timedelta(minutes=5)}
with DAG("etl", start_date=datetime(2024, 1, 1), schedule="@daily", default_args=arguments, catchup=False):
    BashOperator(task_id="a", bash_command=command(Variable.get("a")), queue="etl")
    BashOperator(task_id="b", bash_command=Variable.get("b"))  # mwaalint: ignore[MW403] it is one call a day
""",
    "dags/other.py": """
import pandas
from airflow import DAG

DAG("other", schedule="@daily")
""",
    "dags/helpers.py": "from airflow.models import Variable\ndef command(text):\n    return Variable.get('c') + text\n",
    "dags/broken.py": "from airflow import DAG\nDAG(\n",
    "notes.json": '{"nothing": "of MWAA"}\n',
    "README.md": "# ETL\n",
}


def write_project(root: Path) -> Path:
    return write_all(root, FILES)


def cache_in(folder: Path, world: str = "a world") -> Cache:
    return Cache(folder / "cache" / "project", world)


def entries(content: bytes) -> dict[str, bytes]:
    """What is in the file of a cache, by key."""
    _, index, *lines = content.removesuffix(b"\n").split(b"\n")
    return dict(zip((key for key, *_ in json.loads(index)), lines, strict=True))


def forged(texts: Mapping[str, bytes]) -> bytes:
    """A file of a cache with the right checksums."""
    return cache.written(
        "a world", [cache._Entry(key, 0, cache._checksum(key, text), text) for key, text in texts.items()]
    )


def check_kept(root: Path, kept: Cache, config: Config | None = None, **options: Any) -> RunResult:
    """A run with a cache, which comes from there as a whole when nothing has changed."""
    return api.check(root, config or Config(), cache=kept, **{"today": TODAY, "brief": True, **options})


def reports(result: RunResult) -> dict[str, str]:
    """The run in every format that a run from the cache can have."""
    return {name: rendered(name, result, show_suppressed=True) for name in FORMATS}
