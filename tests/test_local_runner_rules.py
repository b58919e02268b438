"""Rules on the local runner, where a page's examples would be many and alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.findings import Confidence, Safety
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


SECRET = "q8Tz0vYw3NotARealKeyJustItsShape01234567"
DOCKERFILE = "# docker build -t amazon/mwaa-local .\nFROM amazonlinux:2023\n"


class TestKeys:
    @pytest.mark.parametrize(
        "files",
        [
            {COMPOSE: runner(f"environment:\n  - AWS_SECRET_ACCESS_KEY={SECRET}")},
            {COMPOSE: runner(f"environment:\n  AWS_SECRET_ACCESS_KEY: '{SECRET}'")},
            {COMPOSE: runner(f"environment:\n  AWS_SECRET_ACCESS_KEY: ${{AWS_SECRET_ACCESS_KEY:-{SECRET}}}")},
            {
                COMPOSE: runner(f"{{}}\ncli:\n  image: aws\n  environment: [AWS_SECRET_ACCESS_KEY={SECRET}]").replace(
                    "    {}\n    cli", "  cli"
                )
            },
            {COMPOSE: runner("env_file: a.env"), "docker/a.env": f"export AWS_SECRET_ACCESS_KEY='{SECRET}'\n"},
            {"docker/Dockerfile": f"{DOCKERFILE}ENV A=1 AWS_SECRET_ACCESS_KEY={SECRET}\n"},
            {
                "docker/Dockerfile": f"{DOCKERFILE}COPY boot.sh /\n",
                "docker/boot.sh": f"aws configure set aws_secret_access_key {SECRET}\n",
            },
        ],
    )
    def test_found_once_and_not_shown(self, tmp_path: Path, files: dict[str, str]) -> None:
        (finding,) = found(tmp_path, files, "MW801")
        assert SECRET not in finding.message

    @pytest.mark.parametrize(
        "value",
        [
            "local",
            "dummysecret",
            "${AWS_SECRET_ACCESS_KEY}",
            "${AWS_SECRET_ACCESS_KEY:-local}",
            "X" * 40,
            "0123456789" * 4,
            "a" * 40,
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            SECRET[:-1],
            "",
        ],
    )
    def test_stand_ins(self, tmp_path: Path, value: str) -> None:
        assert found(tmp_path, {COMPOSE: runner(f'environment:\n  AWS_SECRET_ACCESS_KEY: "{value}"')}, "MW801") == []

    def test_files_that_nothing_names(self, tmp_path: Path) -> None:
        files = {COMPOSE: runner("env_file: a.env"), "docker/b.env": f"AWS_SECRET_ACCESS_KEY={SECRET}\n"}
        assert found(tmp_path, files, "MW801") == []


def with_database(
    password: str = "airflow", body: str = "environment: [EXECUTOR=Local]", image: str = "amazon/mwaa-local:2_10"
) -> str:
    database = f"  db:\n    image: postgres:13-alpine\n    environment:\n      - POSTGRES_PASSWORD={password}\n"
    return runner(f"command: local-runner\n{body}", image) + database


class TestPasswordThatIsAWord:
    @pytest.mark.parametrize(
        "text",
        [
            with_database(),
            with_database("dags"),
            with_database("${DB_PASSWORD:-airflow}"),
            with_database("x7", "environment: [AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=postgresql://a:airflow@db/a]"),
            runner(
                'environment: {MWAA__DB__CREDENTIALS: \'{"password": "airflow"}\'}',
                "amazon-mwaa-docker-images/airflow:2.9.2",
            ),
            with_database(image="amazon/mwaa-local:latest"),
        ],
    )
    def test_found(self, tmp_path: Path, text: str) -> None:
        assert len(found(tmp_path, {COMPOSE: text}, "MW806")) == 1

    @pytest.mark.parametrize(
        "text",
        [
            with_database("l0cal7f3"),
            with_database("${DB_PASSWORD}"),
            with_database(body="environment: [EXECUTOR=Sequential]"),
            with_database(body="environment: [LOAD_EX=n]"),
            with_database(image="amazon/mwaa-local:2_0"),
            with_database(body="environment: [AIRFLOW__DATABASE__SQL_ALCHEMY_CONN]"),
            with_database(body="environment: [AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=${CONNECTION}]"),
            runner(
                'environment: {MWAA__DB__CREDENTIALS: \'{"password": "airflow"}\'}',
                "amazon-mwaa-docker-images/airflow:3.0.6",
            ),
            runner("environment: {MWAA__DB__CREDENTIALS: '[1]'}", "amazon-mwaa-docker-images/airflow:2.9.2"),
            runner("environment: {MWAA__DB__CREDENTIALS: 'no json'}", "amazon-mwaa-docker-images/airflow:2.9.2"),
            runner("environment: [EXECUTOR=Local]"),
        ],
    )
    def test_silent(self, tmp_path: Path, text: str) -> None:
        assert found(tmp_path, {COMPOSE: text}, "MW806") == []

    @pytest.mark.parametrize(
        ("tag", "words", "confidence"),
        [
            ("2_8", "Airflow 2.8 masks that word wherever it logs it", Confidence.HIGH),
            ("latest", "if this local runner runs Airflow 2.10.3 like the environment", Confidence.MEDIUM),
        ],
    )
    def test_it_is_as_sure_as_the_version_is(
        self, tmp_path: Path, tag: str, words: str, confidence: Confidence
    ) -> None:
        (finding,) = found(tmp_path, {COMPOSE: with_database(image=f"amazon/mwaa-local:{tag}")}, "MW806")
        assert words in finding.message
        assert finding.confidence is confidence

    def test_all_files_of_the_folder_change_and_the_entry_point(self, tmp_path: Path) -> None:
        helper = with_database().replace("command: local-runner", "command: resetdb")
        files = {
            COMPOSE: with_database(),
            "docker/docker-compose-resetdb.yml": helper,
            "docker/Dockerfile": f"{DOCKERFILE}COPY script/entrypoint.sh /\n",
            "docker/script/entrypoint.sh": ': "${POSTGRES_USER:="airflow"}"\n: "${POSTGRES_PASSWORD:="airflow"}"\n',
        }
        changed = fixed(tmp_path, files, unsafe=True)
        new = "POSTGRES_PASSWORD=only-on-this-laptop"
        assert changed[COMPOSE].decode() == files[COMPOSE].replace("POSTGRES_PASSWORD=airflow", new)
        assert changed["docker/docker-compose-resetdb.yml"].decode() == helper.replace("POSTGRES_PASSWORD=airflow", new)
        expected = files["docker/script/entrypoint.sh"].replace(
            'PASSWORD:="airflow"', 'PASSWORD:="only-on-this-laptop"'
        )
        assert changed["docker/script/entrypoint.sh"].decode() == expected

    def test_no_fix_without_the_entry_point(self, tmp_path: Path) -> None:
        (finding,) = found(tmp_path, {COMPOSE: with_database()}, "MW806")
        assert finding.fixes == ()

    def test_never_by_itself(self, tmp_path: Path) -> None:
        body = "environment: [EXECUTOR=Local, POSTGRES_PASSWORD=airflow]"
        assert fixed(tmp_path, {COMPOSE: with_database(body=body)}) == {}
        assert len(fixed(tmp_path, {COMPOSE: with_database(body=body)}, unsafe=True)) == 1


CFG = {"docker/Dockerfile": f"{DOCKERFILE}ARG AIRFLOW_VERSION=2.10.3\nCOPY config/airflow.cfg /\n"}
SETTINGS = "docker/config/airflow.cfg"


class TestMovedOptions:
    @pytest.mark.parametrize(
        ("text", "after"),
        [
            (
                "[core]\nsql_alchemy_pool_size = 5\nparallelism = 1\n[database]\nx = 1\n",
                "[core]\nparallelism = 1\n[database]\nsql_alchemy_pool_size = 5\nx = 1\n",
            ),
            ("[core]\nsql_alchemy_pool_size=5\n", "[core]\n\n[database]\nsql_alchemy_pool_size=5\n"),
            ("[core]\ndag_concurrency : 9\nz = 1", "[core]\nmax_active_tasks_per_dag : 9\nz = 1"),
            (
                "[core]\nsql_alchemy_pool_size = 5\nz = 1",
                "[core]\nz = 1\n\n[database]\nsql_alchemy_pool_size = 5\n",
            ),
            (
                "[database]\n\n[core]\nsql_alchemy_pool_size = 5\nsql_alchemy_pool_recycle =\n\n",
                "[database]\nsql_alchemy_pool_size = 5\nsql_alchemy_pool_recycle =\n\n[core]\n\n",
            ),
        ],
    )
    def test_the_fix_moves_lines_and_nothing_else(self, tmp_path: Path, text: str, after: str) -> None:
        assert fixed(tmp_path, {**CFG, SETTINGS: text})[SETTINGS].decode() == after

    @pytest.mark.parametrize("text", ["[core]\nsql_alchemy_pool_size =\n  5\n", "[core]\nsql_alchemy_pool_size = 5"])
    def test_lines_that_go_on_and_the_last_one_stay(self, tmp_path: Path, text: str) -> None:
        files = {**CFG, SETTINGS: text}
        assert len(found(tmp_path, files, "MW807")) == 1
        assert fixed(tmp_path, files) == {}

    def test_a_new_name_that_is_set_as_well_is_left_alone(self, tmp_path: Path) -> None:
        text = "[core]\nsql_alchemy_pool_size = 5\n[database]\nsql_alchemy_pool_size = 6\n"
        assert fixed(tmp_path, {**CFG, SETTINGS: text}) == {}

    @pytest.mark.parametrize(
        "text",
        [
            "[database]\nsql_alchemy_pool_size = 5\n",
            "[core]\n# sql_alchemy_pool_size = 5\n",
            "[own]\nx = 1\n",
            "[kubernetes]\nnamespace = a\n",
            "",
        ],
    )
    def test_silent(self, tmp_path: Path, text: str) -> None:
        assert found(tmp_path, {**CFG, SETTINGS: text}, "MW807") == []

    @pytest.mark.parametrize("version", ["2.2.2", "", "$VERSION", "latest"])
    def test_versions_that_have_moved_nothing_or_are_not_known(self, tmp_path: Path, version: str) -> None:
        image = CFG["docker/Dockerfile"].replace("2.10.3", version)
        files = {"docker/Dockerfile": image, SETTINGS: "[core]\nsql_alchemy_pool_size = 5\n"}
        assert found(tmp_path, files, "MW807") == []

    def test_airflow_3_loses_values(self, tmp_path: Path) -> None:
        image = "amazon-mwaa-docker-images/airflow:3.0.6-dev"
        files = {COMPOSE: runner("environment:\n  AIRFLOW__SCHEDULER__PARSING_PROCESSES: 2", image)}
        (finding,) = found(tmp_path, files, "MW807")
        assert "the value is lost" in finding.message
        assert [fix.safety for fix in finding.fixes] == [Safety.UNSAFE]

    @pytest.mark.parametrize(
        "name", ["AIRFLOW__CORE", "AIRFLOW__CORE__", "CORE__SQL_ALCHEMY_CONN", "AIRFLOW__X__Y", "", "__"]
    )
    def test_variables_that_set_no_option(self, tmp_path: Path, name: str) -> None:
        assert found(tmp_path, {COMPOSE: runner(f"environment:\n  - {name}=1")}, "MW807") == []


class TestAnotherUser:
    @pytest.mark.parametrize("user", ["50000:0", "root", '"0:0"', "${UID}", "'${AIRFLOW_UID:-50000}:0'"])
    def test_found_and_taken_away(self, tmp_path: Path, user: str) -> None:
        files = {COMPOSE: runner(f"user: {user} # mine\ncommand: local-runner")}
        assert len(found(tmp_path, files, "MW808")) == 1
        assert fixed(tmp_path, files)[COMPOSE].decode() == runner("command: local-runner")

    @pytest.mark.parametrize("user", ["airflow", "1000", '"1000:1000"', "1000:0", "${X:-1000}", ""])
    def test_silent(self, tmp_path: Path, user: str) -> None:
        assert found(tmp_path, {COMPOSE: runner(f"user: {user}")}, "MW808") == []

    def test_flow_style_has_no_fix(self, tmp_path: Path) -> None:
        text = "services: {r: {image: 'amazon/mwaa-local:2_10', user: root, command: webserver}}\n"
        (finding,) = found(tmp_path, {COMPOSE: text}, "MW808")
        assert finding.fixes == ()


class TestStartupVariablesLost:
    def project(self, path: str = "s3://b/dags", script: str = "export A=1\n", **files: str) -> dict[str, str]:
        body = "env_file: a.env\nvolumes:\n  - ../startup:/usr/local/airflow/startup"
        own = {"docker/a.env": f'S3_DAGS_PATH="{path}"\n', "startup/startup.sh": script}
        return {COMPOSE: runner(body), **own, **files}

    def test_found(self, tmp_path: Path) -> None:
        (finding,) = found(tmp_path, self.project(), "MW809")
        assert finding.primary.path == "docker/a.env"

    @pytest.mark.parametrize("path", ["", "$DAGS"])
    def test_paths_that_are_none(self, tmp_path: Path, path: str) -> None:
        assert found(tmp_path, self.project(path), "MW809") == []

    @pytest.mark.parametrize("script", ["echo hello\n", "A=1\n", "# export A=1\n"])
    def test_scripts_without_variables(self, tmp_path: Path, script: str) -> None:
        assert found(tmp_path, self.project(script=script), "MW809") == []

    @pytest.mark.parametrize(
        ("entry_point", "count"),
        [
            ('cd $AIRFLOW_HOME/dags\nbash run.sh\ncd "$AIRFLOW_HOME"\nsource stored_env\n', 1),
            ('cd "$AIRFLOW_HOME"\nsource stored_env\n', 0),
            ("cd $AIRFLOW_HOME/dags\nsource $AIRFLOW_HOME/stored_env\n", 0),
        ],
    )
    def test_the_entry_point_is_looked_at(self, tmp_path: Path, entry_point: str, count: int) -> None:
        files = {"docker/Dockerfile": f"{DOCKERFILE}COPY entrypoint.sh /\n", "docker/entrypoint.sh": entry_point}
        assert len(found(tmp_path, {**self.project(), **files}, "MW809")) == count
