"""Rules on the local runner, where a page's examples would be many and alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.findings import Safety
from tests.local_runners import COMPOSE, fixed, found, runner

if TYPE_CHECKING:
    from pathlib import Path

DAGS = "/usr/local/airflow/dags"


def mounting(*volumes: str, body: str = "command: local-runner") -> dict[str, str]:
    lines = "\n".join(f"  - {volume}" for volume in volumes)
    return {COMPOSE: runner(f"{body}\nvolumes:\n{lines}")}


class TestDagsMountedForWriting:
    @pytest.mark.parametrize(
        ("volume", "after"),
        [
            (f"./dags:{DAGS}", f"./dags:{DAGS}:ro"),
            (f'"./dags:{DAGS}"  # dags', f'"./dags:{DAGS}:ro"  # dags'),
            (f"'$PWD/dags:{DAGS}/'", f"'$PWD/dags:{DAGS}/:ro'"),
            (f"../dags:{DAGS}:z", f"../dags:{DAGS}:z,ro"),
            (f"~/dags:{DAGS}:cached,z", f"~/dags:{DAGS}:cached,z,ro"),
            (f"{{source: ./dags, target: {DAGS}}}", f"{{source: ./dags, read_only: true, target: {DAGS}}}"),
            (
                f"target: {DAGS}\n    source: ./dags",
                f"read_only: true\n        target: {DAGS}\n        source: ./dags",
            ),
        ],
    )
    def test_the_fix_changes_nothing_else(self, tmp_path: Path, volume: str, after: str) -> None:
        files = mounting(volume, "./plugins:/usr/local/airflow/plugins")
        assert len(found(tmp_path, files, "MW802")) == 1
        before = files[COMPOSE]
        shown = volume.replace("\n", "\n    ")
        assert shown in before
        assert fixed(tmp_path, files)[COMPOSE].decode() == before.replace(shown, after)

    def test_windows_newlines_stay(self, tmp_path: Path) -> None:
        files = {COMPOSE: mounting(f"target: {DAGS}\n    source: ./dags")[COMPOSE].replace("\n", "\r\n")}
        after = fixed(tmp_path, files)[COMPOSE]
        assert after.count(b"\r\n") == after.count(b"\n") == files[COMPOSE].count("\n") + 1

    @pytest.mark.parametrize(
        "volume",
        [
            f"./dags:{DAGS}:ro",
            f"./dags:{DAGS}:z,ro",
            f"./dags:{DAGS}/team",
            f"dags-volume:{DAGS}",
            "./dags:/opt/airflow/dags",
            "./dags:${HOME}/dags",
            f"{{source: ./dags, target: {DAGS}, read_only: true}}",
            f"{{source: ./dags, target: {DAGS}, read_only: $RO}}",
        ],
    )
    def test_silent(self, tmp_path: Path, volume: str) -> None:
        assert found(tmp_path, mounting(volume), "MW802") == []

    @pytest.mark.parametrize(
        "body", ["command: resetdb", "command: test-requirements", "entrypoint: [bash]", "command: migrate-db"]
    )
    def test_helpers_are_left_alone(self, tmp_path: Path, body: str) -> None:
        assert found(tmp_path, mounting(f"./dags:{DAGS}", body=body), "MW802") == []

    @pytest.mark.parametrize("path", ["s3://b/dags", "${DAGS_IN_S3}"])
    def test_the_entry_point_may_write_there(self, tmp_path: Path, path: str) -> None:
        files = mounting(f"./dags:{DAGS}", body=f"environment:\n  - S3_DAGS_PATH={path}")
        assert found(tmp_path, files, "MW802") == []

    def test_an_empty_path_is_none(self, tmp_path: Path) -> None:
        files = mounting(f"./dags:{DAGS}", body="env_file: config/.env.localrunner")
        files["docker/config/.env.localrunner"] = 'S3_DAGS_PATH=""\n'
        assert len(found(tmp_path, files, "MW802")) == 1

    @pytest.mark.parametrize("volume", [f"./dags:{DAGS}:rw", f"{{source: ./dags, target: {DAGS}, read_only: false}}"])
    def test_who_says_rw_means_it(self, tmp_path: Path, volume: str) -> None:
        (finding,) = found(tmp_path, mounting(volume), "MW802")
        assert finding.fixes == ()

    def test_a_mount_inside_makes_the_fix_unsafe(self, tmp_path: Path) -> None:
        (finding,) = found(tmp_path, mounting(f"./dags:{DAGS}", f"./dbt:{DAGS}/dbt:ro"), "MW802")
        assert [fix.safety for fix in finding.fixes] == [Safety.UNSAFE]

    def test_services_with_an_anchor_have_one_finding(self, tmp_path: Path) -> None:
        text = (
            "x-airflow: &airflow\n  image: amazon-mwaa-docker-images/airflow:2.10.3-dev\n"
            f"  volumes:\n    - ./dags:{DAGS}\nservices:\n"
            "  scheduler:\n    <<: *airflow\n    command: scheduler\n  worker:\n    <<: *airflow\n    command: worker\n"
        )
        assert len(found(tmp_path, {"docker-compose.yaml": text}, "MW802")) == 1


class TestAnotherAirflow:
    @pytest.mark.parametrize(
        "image",
        ["amazon/mwaa-local:2_8", "amazon-mwaa-docker-images/airflow:2.11.0-dev", "registry/mwaa-local:2.10.1"],
    )
    def test_found(self, tmp_path: Path, image: str) -> None:
        assert len(found(tmp_path, {COMPOSE: runner("", image)}, "MW803")) == 1

    @pytest.mark.parametrize(
        "image",
        ["amazon/mwaa-local:2_10", "amazon-mwaa-docker-images/airflow:2.10.3-dev", "amazon/mwaa-local:${TAG}", "x:2_8"],
    )
    def test_silent(self, tmp_path: Path, image: str) -> None:
        assert found(tmp_path, {COMPOSE: runner("", image)}, "MW803") == []

    def test_the_dockerfile_tells_in_full(self, tmp_path: Path) -> None:
        files = {
            COMPOSE: runner("", "amazon/mwaa-local:2_10"),
            "docker/Dockerfile": "# mwaa-local\nARG AIRFLOW_VERSION=2.10.1\n",
        }
        (finding,) = found(tmp_path, files, "MW803")
        assert finding.args["local"] == "2.10.1"
