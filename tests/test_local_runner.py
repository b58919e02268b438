"""Which files are a local runner, and what is known of it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint.model.local_runner import Kind, agree
from tests.deployments import check, write_all
from tests.local_runners import COMPOSE, ENVIRONMENT, deployments, local, runner

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "FROM amazonlinux:2023\n# docker build -t amazon/mwaa-local .\nARG AIRFLOW_VERSION=2.8.1\n"


class TestWhatIsOne:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            (runner("command: local-runner"), Kind.RUNNER),
            (runner("{}", "amazon/mwaa-local"), Kind.RUNNER),
            (runner("", "123.dkr.ecr.eu-west-1.amazonaws.com/team/mwaa-local-runner:latest"), Kind.RUNNER),
            (runner("", "${IMAGE:-amazon/mwaa-local:2_8}"), Kind.RUNNER),
            (runner("command: local-runner\n# mwaa-local", "own:1"), Kind.RUNNER),
            (runner("", "amazon-mwaa-docker-images/airflow:2.10.3-dev"), Kind.IMAGES),
            (runner("environment: {MWAA__CORE__FERNET_KEY: x}", "own:1"), Kind.IMAGES),
        ],
    )
    def test_by_image_command_and_variables(self, tmp_path: Path, text: str, kind: Kind) -> None:
        found = local(tmp_path, {COMPOSE: text.replace("    {}\n", "")})
        assert found is not None
        assert [one.kind for one in found.services] == [kind]

    @pytest.mark.parametrize(
        "text",
        [
            runner("volumes: ['./dags:/opt/airflow/dags']", "apache/airflow:2.10.3"),
            runner("# not amazon/mwaa-local", "apache/airflow:2.10.3"),
            runner("command: run local-runner", "ci:1"),
            "services: {db: {image: postgres, environment: {A: MWAA__X}}}",
        ],
    )
    def test_no_other_compose_file(self, tmp_path: Path, text: str) -> None:
        assert local(tmp_path, {"docker-compose.yml": text}) is None

    @pytest.mark.parametrize(
        "path", ["compose.yaml", "a/docker-compose.yml", "docker-compose-local.yaml", "x-compose.yml"]
    )
    def test_names_of_compose_files(self, tmp_path: Path, path: str) -> None:
        assert local(tmp_path, {path: runner("")})

    def test_a_dockerfile_of_the_project_alone(self, tmp_path: Path) -> None:
        found = local(tmp_path, {"docker/Dockerfile": IMAGE})
        assert found is not None
        assert [one.file.path for one in found.dockerfiles] == ["docker/Dockerfile"]
        assert found.path == "docker/Dockerfile"

    def test_no_other_dockerfile(self, tmp_path: Path) -> None:
        assert local(tmp_path, {"Dockerfile": "FROM apache/airflow:2.8.1\nRUN pip install x\n"}) is None

    def test_without_one_nothing_is_read(self, tmp_path: Path) -> None:
        assert local(tmp_path, {"docker-compose.yml": "services: ["}) is None

    def test_a_project_with_one_speaks_of_mwaa(self, tmp_path: Path) -> None:
        write_all(tmp_path, {"compose.yml": runner(""), "dags/etl.py": "from airflow import DAG\nDAG('etl')\n"})
        assert check(tmp_path).deployments


def test_its_readers_are_imported_only_where_there_is_one(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\nfrom mwaalint import api\napi.check(pathlib.Path(sys.argv[1]))\n"
        "print([name for name in sys.modules if 'local_runner.' in name or name.endswith('.compose')])"
    )
    write_all(tmp_path, {"main.tf": ENVIRONMENT, "docker-compose.yml": runner("", "apache/airflow:2.10.3", "web")})
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
    write_all(tmp_path, {COMPOSE: runner("")})
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "mwaalint.documents.compose" in ran.stdout


class TestVersion:
    @pytest.mark.parametrize(
        ("image", "version"),
        [
            ("amazon/mwaa-local:2_8", "2.8"),
            ("amazon/mwaa-local:2.0.2", "2.0.2"),
            ("amazon/mwaa-local:2_10_3", "2.10.3"),
            ("amazon-mwaa-docker-images/airflow:3.0.6-explorer-dev", "3.0.6"),
            ("amazon/mwaa-local:latest", None),
            ("amazon/mwaa-local", None),
            ("amazon/mwaa-local:${TAG}", None),
            ("amazon/mwaa-local:${TAG:-2_7}", "2.7"),
        ],
    )
    def test_of_the_tag(self, tmp_path: Path, image: str, version: str | None) -> None:
        found = local(tmp_path, {COMPOSE: runner("", image)})
        assert found is not None
        assert found.services[0].version == version

    def test_of_the_tag_from_the_env_file(self, tmp_path: Path) -> None:
        files = {"docker/.env": "TAG=2_9\n", COMPOSE: runner("", "amazon/mwaa-local:${TAG}")}
        found = local(tmp_path, files)
        assert found is not None
        assert found.services[0].version == "2.9"

    @pytest.mark.parametrize(("tag", "version"), [("2_8", "2.8.1"), ("latest", "2.8.1"), ("2_9", None)])
    def test_of_the_dockerfile(self, tmp_path: Path, tag: str, version: str | None) -> None:
        files = {"docker/Dockerfile": IMAGE, COMPOSE: runner("", f"amazon/mwaa-local:{tag}")}
        found = local(tmp_path, files)
        assert found is not None
        assert found.services[0].version == version

    def test_of_a_file_is_that_of_the_folder(self, tmp_path: Path) -> None:
        settings = {
            "docker/config/airflow.cfg": "[core]\n",
            "docker/Dockerfile": f"{IMAGE}COPY config/airflow.cfg /x\n",
        }
        found = local(tmp_path, {COMPOSE: runner("", "amazon/mwaa-local:2_8"), **settings})
        assert found is not None
        assert [found.version_of(one.file) for one in found.settings] == ["2.8.1"]

    @pytest.mark.parametrize(
        ("one", "other", "same"), [("2.8", "2.8.1", True), ("2.8.1", "2.8", True), ("2.8", "2.9", False)]
    )
    def test_agreement(self, one: str, other: str, same: bool) -> None:
        assert agree(one, other) is same

    def test_of_several_the_one_that_fits_runs(self, tmp_path: Path) -> None:
        images = {
            f"images/{v}/compose.yml": runner("", f"amazon-mwaa-docker-images/airflow:{v}-dev")
            for v in ("2.9.2", "2.10.3")
        }
        found = local(tmp_path, images)
        assert found is not None
        assert [one.version for one in found.running("2.10.3")] == ["2.10.3"]
        assert len(found.running("2.11.0")) == len(found.running(None)) == 2


class TestWhatBelongsToIt:
    def test_env_files_in_order(self, tmp_path: Path) -> None:
        files = {
            COMPOSE: runner(
                "env_file: [config/a.env, config/gone.env, '${PWD}/config/b.env']\nenvironment: [X=own, P]"
            ),
            "docker/config/a.env": "X=1\nY=1\nP=1\n",
            "docker/config/b.env": "Y=2\n",
        }
        found = local(tmp_path, files)
        assert found is not None
        one = found.services[0]
        assert [one.value(name) for name in ("X", "Y", "P", "Z")] == ["own", "2", None, None]

    def test_overrides_beside(self, tmp_path: Path) -> None:
        files = {
            "docker-compose.yml": runner("volumes: ['./dags:/usr/local/airflow/dags']"),
            "docker-compose.override.yml": runner("volumes: ['./dags:/usr/local/airflow/dags:ro']"),
        }
        found = local(tmp_path, files)
        assert found is not None
        assert [mount.read_only for one in found.services for mount in one.service.mounts] == [True]

    def test_scripts_and_settings_of_the_image(self, tmp_path: Path) -> None:
        files = {
            "docker/Dockerfile": f"{IMAGE}COPY script/boot.sh /boot.sh\nADD config/airflow.cfg /x\nCOPY gone.sh /\n",
            "docker/script/boot.sh": "true\n",
            "docker/config/airflow.cfg": "[core]\nx = 1\n",
        }
        found = local(tmp_path, files)
        assert found is not None
        assert [file.path for file in found.scripts] == ["docker/script/boot.sh"]
        assert [one.file.path for one in found.settings] == ["docker/config/airflow.cfg"]

    def test_mounted_settings(self, tmp_path: Path) -> None:
        files = {
            "compose.yml": runner("volumes: ['${PWD}/airflow.cfg:/usr/local/airflow/airflow.cfg']"),
            "airflow.cfg": "[core]\n",
        }
        found = local(tmp_path, files)
        assert found is not None
        assert [one.file.path for one in found.settings] == ["airflow.cfg"]

    def test_the_image_that_a_service_is_built_with(self, tmp_path: Path) -> None:
        files = {"compose.yml": runner("build: {context: img, dockerfile: Own}"), "img/Own": "FROM x\n"}
        found = local(tmp_path, files)
        assert found is not None
        assert [one.file.path for one in found.dockerfiles] == ["img/Own"]

    @pytest.mark.parametrize("command", ["resetdb", "[test-requirements]", "migrate-db", "bash -c 'airflow x'"])
    def test_helpers(self, tmp_path: Path, command: str) -> None:
        found = local(tmp_path, {COMPOSE: runner(f"command: {command}")})
        assert found is not None
        assert found.services[0].helper

    @pytest.mark.parametrize("body", ["", "command: webserver", "command: [airflow, scheduler]", "command: hybrid"])
    def test_services_that_run_airflow(self, tmp_path: Path, body: str) -> None:
        found = local(tmp_path, {COMPOSE: runner(body)})
        assert found is not None
        assert not found.services[0].helper


class TestBadFiles:
    @pytest.mark.parametrize(
        ("path", "content"),
        [
            ("compose.yml", b"# amazon/mwaa-local\nservices: ["),
            ("compose.yml", b"# amazon/mwaa-local\nservices: {a: *b}"),
            ("compose.yml", b"# amazon/mwaa-local\nservices:\n\tx: 1"),
            ("compose.yml", b"# amazon/mwaa-local\n" + b"[" * 5_000),
            ("compose.yml", b"# amazon/mwaa-local\nservices: {r: {image: a\0}}"),
            ("Dockerfile", b"# amazon/mwaa-local\nFROM a\0"),
            ("Dockerfile", b"# amazon/mwaa-local\n" + b"# x\n" * 600_000),
        ],
    )
    def test_a_finding_says_that_it_is_not_read(self, tmp_path: Path, path: str, content: bytes) -> None:
        write_all(tmp_path, {"main.tf": ENVIRONMENT})
        (tmp_path / path).write_bytes(content)
        result = check(tmp_path)
        assert [(one.code, one.primary.path) for one in result.findings if one.primary.path == path] == [
            ("MW001", path)
        ]
        assert not result.crashed

    @pytest.mark.parametrize("name", ["docker/.env", "docker/config/a.env"])
    def test_files_of_variables_that_are_none(self, tmp_path: Path, name: str) -> None:
        write_all(tmp_path, {"main.tf": ENVIRONMENT, COMPOSE: runner("env_file: config/a.env")})
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"A=\0")
        result = check(tmp_path)
        assert [one.primary.path for one in result.findings if one.code == "MW001"] == [name]

    def test_it_is_read_where_another_file_is_not(self, tmp_path: Path) -> None:
        (deployment,) = deployments(tmp_path, {"compose.yml": "# mwaa-local\n[", COMPOSE: runner("")})
        assert deployment.local is not None


FILES = {
    COMPOSE: runner(
        "user: ${UID}\ncommand: local-runner\nenv_file: a.env\n"
        "environment:\n  - EXECUTOR=Local\n  - AIRFLOW__CORE__SQL_ALCHEMY_CONN=x\n"
        "volumes:\n  - ./dags:/usr/local/airflow/dags\n  - ../startup:/usr/local/airflow/startup"
    )
    + "  db:\n    image: postgres:13\n    environment: {POSTGRES_PASSWORD: airflow}\n",
    "docker/Dockerfile": f"{IMAGE}ENV A=1 \\\n  B=$A\nRUN pip install x && \\\n  dnf install -y y\n"
    "COPY s.sh airflow.cfg requirements.txt /x/\n",
    "docker/s.sh": 'pip install -r "$AIRFLOW_HOME/requirements.txt"\n',
    "docker/airflow.cfg": "[core]\nsql_alchemy_pool_size = 5\n",
    "docker/requirements.txt": "x==1\n",
    "docker/a.env": "A=1\nS3_DAGS_PATH=s3://b\n",
    "startup/startup.sh": "export A=1\n",
    "dags/etl.py": "import os\nfrom airflow import DAG\nDAG(os.environ['A'])\n",
}


@given(
    path=st.sampled_from(sorted(FILES)),
    at=st.floats(0, 1),
    cut=st.integers(0, 40),
    put=st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b"\r\n", b"\t", b"${", b"{", b"&a *a", b"\\\n", b"<<E", b"\xff\xfe", b"'"]),
    ),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_change_of_any_file_is_a_crash(tmp_path: Path, path: str, at: float, cut: int, put: bytes) -> None:
    """Whatever is cut out of a file or put into it: findings, none of them MW002, and fixes that apply."""
    write_all(tmp_path, {"main.tf": ENVIRONMENT, **FILES})
    data = FILES[path].encode()
    start = int(at * len(data))
    changed = data[:start] + put + data[start + cut :]
    result = check(tmp_path, overlay={path: changed})
    assert not result.crashed
    current = {name: changed if name == path else text.encode() for name, text in FILES.items()}
    for edit in (edit for finding in result.findings for fix in finding.fixes for edit in fix.edits):
        if edit.path in current:
            assert current[edit.path][edit.span.start : edit.span.end] == edit.expected
