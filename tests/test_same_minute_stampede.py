"""DAGs that start at once (MW420), and the times that cron expressions mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mwaalint.checks.dags._cron import times
from mwaalint.config import Config
from tests.deployments import check, write_all

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from airflow import DAG\nfrom airflow.operators.empty import EmptyOperator\n"


def found(root: Path, dags: str, settings: str = 'environment_class = "mw1.small"', **options: object) -> list[str]:
    main = f'resource "aws_mwaa_environment" "e" {{\nairflow_version = "2.10.3"\ndag_s3_path = "dags"\n{settings}\n}}\n'
    config = Config(rule_options={"MW420": options}) if options else None
    result = check(write_all(root, {"main.tf": main, "dags/etl.py": HEAD + dags}), config)
    assert not result.crashed
    return [finding.message for finding in result.findings if finding.code == "MW420"]


def dags(count: int, schedule: str = "'@daily'", more: str = "", task: str = "EmptyOperator(task_id='t')") -> str:
    head = "with DAG('d{}', schedule={}{}):\n    {}\n"
    return "".join(head.format(number, schedule, more and f", {more}", task) for number in range(count))


class TestHowMany:
    @pytest.mark.parametrize(
        ("count", "settings", "hits"),
        [
            (9, 'environment_class = "mw1.small"', 0),
            (10, 'environment_class = "mw1.small"', 1),
            (19, 'environment_class = "mw1.medium"', 0),
            (20, 'environment_class = "mw1.medium"', 1),
            (10, "", 1),
            (10, 'environment_class = "mw1.small"\nmin_workers = 2', 0),
            (20, 'environment_class = "mw1.small"\nmin_workers = 2', 1),
            (10, "environment_class = var.size", 0),
        ],
    )
    def test_against_the_slots(self, tmp_path: Path, count: int, settings: str, hits: int) -> None:
        assert len(found(tmp_path, dags(count), settings)) == hits

    @pytest.mark.parametrize(("autoscale", "hits"), [('"4,1"', 1), ('"5,5"', 0), ("var.it", 0), ('"x"', 0)])
    def test_slots_that_an_option_sets(self, tmp_path: Path, autoscale: str, hits: int) -> None:
        settings = f'airflow_configuration_options = {{\n"celery.worker_autoscale" = {autoscale}\n}}'
        assert len(found(tmp_path, dags(8), f'environment_class = "mw1.small"\n{settings}')) == hits

    def test_the_option_of_the_rule(self, tmp_path: Path) -> None:
        assert found(tmp_path, dags(11), from_dags=12) == []
        assert len(found(tmp_path, dags(12), from_dags=12)) == 1

    def test_different_spellings_of_one_minute(self, tmp_path: Path) -> None:
        mixed = [dags(3), dags(3, "'0 0 * * *'"), dags(2, "'0 * * * *'"), dags(2, "'*/15 */6 * * *'")]
        (message,) = found(tmp_path, "".join(mixed))
        assert message.startswith("10 DAGs start at 00:00, but one worker has 5 slots")

    def test_a_loop_counts_each_name(self, tmp_path: Path) -> None:
        loop = "for n in range(10):\n    with DAG(f'd{n}', schedule='5 3 * * *'):\n        EmptyOperator(task_id='t')\n"
        (message,) = found(tmp_path, loop)
        assert message.startswith("10 DAGs start at 03:05")


class TestWhatDoesNotCount:
    @pytest.mark.parametrize(
        "text",
        [
            dags(12, "None"),
            dags(12, "'@weekly'"),
            dags(12, "'0 0 * * 1-5'"),
            dags(12, "schedule()"),
            dags(12, "[dataset]"),
            dags(12, more="is_paused_upon_creation=True"),
            dags(12, task="pass"),
            dags(6, "'0 1 * * *'") + dags(6, "'0 2 * * *'"),
        ],
    )
    def test_dags(self, tmp_path: Path, text: str) -> None:
        assert found(tmp_path, text) == []

    def test_dags_of_a_condition(self, tmp_path: Path) -> None:
        indented = "".join(f"    {line}\n" for line in dags(12).splitlines())
        assert found(tmp_path, f"if PROD:\n{indented}") == []

    def test_no_environment(self, tmp_path: Path) -> None:
        assert not [f for f in check(write_all(tmp_path, {"dags/x.py": HEAD + dags(20)})).findings if f.code == "MW420"]


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("@daily", {(0, 0)}),
            ("5 1 * * *", {(1, 5)}),
            ("0,30 1,2 * * *", {(1, 0), (1, 30), (2, 0), (2, 30)}),
            ("10-12 3 * * *", {(3, 10), (3, 11), (3, 12)}),
            ("0-30/15 3 * * ?", {(3, 0), (3, 15), (3, 30)}),
            ("40/10 3 * * *", {(3, 40), (3, 50)}),
            ("0 */12 * * *", {(0, 0), (12, 0)}),
            ("@hourly", {(hour, 0) for hour in range(24)}),
        ],
    )
    def test_of_every_day(self, text: str, expected: set[tuple[int, int]]) -> None:
        assert times(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            *("", "@once", "@weekly", "0 0 * * 1", "0 0 1 * *", "0 0 * 2 *", "60 0 * * *", "0 24 * * *", "5-1 0 * * *"),
            *("a 0 * * *", "0 0 * *", "0 0 * * * *", "*/0 0 * * *", "H H * * *", "-1 0 * * *", "1,, 0 * * *"),
        ],
    )
    def test_none_for_all_else(self, text: str) -> None:
        assert times(text) == frozenset()

    @given(st.text(alphabet="0123456789*/,-? @", max_size=40))
    def test_anything_gives_times_of_a_day(self, text: str) -> None:
        assert all(0 <= hour < 24 and 0 <= minute < 60 for hour, minute in times(text))

    @given(st.integers(0, 59), st.integers(0, 23))
    def test_plain_numbers(self, minute: int, hour: int) -> None:
        assert times(f"{minute} {hour} * * *") == {(hour, minute)}
