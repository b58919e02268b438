"""What an upgrade to Airflow 3 breaks beside names: clients, pages of plugins, triggers (MW409, MW422, MW658)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deployments import check, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

DAG = "from airflow import DAG\nDAG('etl', schedule=None)\n"


def found(root: Path, code: str, files: dict[str, str], version: str = "3.0.6") -> list[str]:
    """Where a rule finds something, with its message."""
    main = ENVIRONMENT.replace("2.10.3", version)
    result = check(write_all(root, {"main.tf": main, "dags/etl.py": DAG, **files}))
    assert not result.crashed
    return [f"{finding.primary.path}: {finding.message}" for finding in result.findings if finding.code == code]


class TestClients:
    LOGIN = 'token = mwaa.create_web_login_token(Name="e")\n'

    @pytest.mark.parametrize(
        ("line", "hits"),
        [
            ('post(f"https://{host}/aws_mwaa/login")', 1),
            ("post(host + '/aws_mwaa/login')\npost(host + '/aws_mwaa/login')", 1),
            ('post(f"https://{host}/aws_mwaa/login")\nget(f"{host}/api/v1/dags")', 2),
            ('get(f"https://{host}/api/v1")', 1),
            ('get("https://x.c2.eu-west-1.airflow.amazonaws.com/api/v1/dags")', 1),
            ('# post(f"https://{host}/aws_mwaa/login")', 0),
            ('post(f"https://{host}/aws_mwaa/cli")', 0),
            ('post(f"https://{host}/pluginsv2/aws_mwaa/login")', 0),
            ('post(f"https://{host}/aws_mwaa/login" if old else NEW)\nNEW = "/pluginsv2/aws_mwaa/login"', 0),
            ('get(f"https://{host}/api/v1/x" if old else f"{host}/api/v2/x")', 0),
            ('get(f"https://{host}/api/{version}/x")\nOLD = "/api/v1"', 0),
            ('get("/api/v10/dags")', 0),
        ],
    )
    def test_addresses(self, tmp_path: Path, line: str, hits: int) -> None:
        assert len(found(tmp_path, "MW409", {"lambda/start.py": f"{self.LOGIN}{line}\n"})) == hits

    def test_a_script_and_a_pipeline(self, tmp_path: Path) -> None:
        script = 'T=$(aws mwaa create-web-login-token --name e)\ncurl "https://$HOST/aws_mwaa/login"\n'
        step = f"jobs:\n  a:\n    steps:\n      - run: |\n          {script.replace(chr(10), chr(10) + ' ' * 10)}\n"
        places = found(tmp_path, "MW409", {"deploy.sh": script, ".github/workflows/run.yml": step})
        assert [place.partition(":")[0] for place in places] == [".github/workflows/run.yml", "deploy.sh"]

    def test_the_api_of_something_else(self, tmp_path: Path) -> None:
        assert found(tmp_path, "MW409", {"lambda/start.py": 'get("https://lineage.net/api/v1/runs")\n'}) == []

    def test_tests_are_none_of_it(self, tmp_path: Path) -> None:
        text = self.LOGIN + 'post("/aws_mwaa/login")\n'
        assert found(tmp_path, "MW409", {"tests/login.py": text, "test_login.py": text}) == []

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("old/main.tf", 'resource "aws_mwaa_environment" "o" {\n  airflow_version = "2.10.3"\n}\n'),
            (
                "old/stack.yaml",
                "Resources:\n  E:\n    Type: AWS::MWAA::Environment\n    Properties: {AirflowVersion: 2.9.2}\n",
            ),
            ("old/app.py", 'mwaa.CfnEnvironment(self, "e", name="e", airflow_version="2.7.2")\n'),
        ],
    )
    def test_an_older_environment_beside_it(self, tmp_path: Path, path: str, text: str) -> None:
        client = self.LOGIN + 'post("/aws_mwaa/login")\n'
        assert found(tmp_path, "MW409", {"lambda/start.py": client, path: text}) == []

    @pytest.mark.parametrize(("version", "hits"), [("2.10.3", 0), ("2.11.0", 0), ("3.0.6", 1), ("3.2.1", 1)])
    def test_versions(self, tmp_path: Path, version: str, hits: int) -> None:
        text = self.LOGIN + 'post("/aws_mwaa/login")\n'
        assert len(found(tmp_path, "MW409", {"lambda/start.py": text}, version)) == hits


class TestTriggers:
    HEAD = (
        "from airflow.triggers.base import BaseTrigger\n"
        "from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger\n"
        "from airflow import DAG\nDAG('x', schedule=None)\n"
    )

    def run(self, root: Path, path: str, body: str, base: str = "BaseTrigger", version: str = "3.0.6") -> list[str]:
        text = f"{self.HEAD}class Own({base}):\n    def serialize(self):\n        return {body}\n"
        return found(root, "MW422", {path: text}, version)

    @pytest.mark.parametrize(
        ("path", "body", "hits"),
        [
            ("dags/triggers.py", "('triggers.Own', {})", 1),
            ("dags/helpers/triggers.py", "('helpers.triggers.Own', {'a': 1})", 1),
            ("dags/helpers/triggers.py", "('dags.helpers.triggers.Own', {})", 1),
            ("dags/helpers/__init__.py", "('helpers.Own', {})", 1),
            ("dags/triggers.py", "(f'{self.__class__.__module__}.Own', {})", 1),
            ("dags/triggers.py", "(__name__ + '.Own', {})", 1),
            ("dags/triggers.py", "('.'.join([self.__module__, 'Own']), {})", 1),
            ("dags/triggers.py", "('acme.triggers.Own', {})", 0),
            ("dags/triggers.py", "('airflow.triggers.temporal.DateTimeTrigger', {})", 0),
            ("dags/triggers.py", "('triggers.Other', {})", 0),
            ("dags/triggers.py", "(path(), {})", 0),
            ("dags/triggers.py", "parts()", 0),
            ("plugins/triggers.py", "('triggers.Own', {})", 0),
        ],
    )
    def test_what_the_triggerer_is_told(self, tmp_path: Path, path: str, body: str, hits: int) -> None:
        assert len(self.run(tmp_path, path, body)) == hits

    @pytest.mark.parametrize(("version", "hits"), [("2.10.3", 0), ("3.0.6", 1), ("3.2.1", 1), ("3.3.1", 1)])
    def test_versions(self, tmp_path: Path, version: str, hits: int) -> None:
        assert len(self.run(tmp_path, "dags/t.py", "('t.Own', {})", version=version)) == hits

    def test_classes_that_are_none(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, "dags/t.py", "('t.Own', {})", base="object") == []
        assert len(self.run(tmp_path, "dags/t.py", "('t.Own', {})", base="TimeDeltaTrigger")) == 1

    def test_without_a_method_of_its_own(self, tmp_path: Path) -> None:
        text = f"{self.HEAD}class Own(TimeDeltaTrigger):\n    pass\n"
        assert found(tmp_path, "MW422", {"dags/t.py": text}) == []

    def test_for_older_versions_only(self, tmp_path: Path) -> None:
        body = "    class Own(BaseTrigger):\n        def serialize(self):\n            return ('t.Own', {})\n"
        assert found(tmp_path, "MW422", {"dags/t.py": f"{self.HEAD}if OLD:\n{body}"}) == []


class TestPagesOfPlugins:
    HEAD = "from airflow.plugins_manager import AirflowPlugin\nBP = object()\n"

    def run(self, root: Path, body: str, base: str = "AirflowPlugin", version: str = "3.0.6") -> list[str]:
        return found(root, "MW658", {"plugins/p.py": f"{self.HEAD}class P({base}):\n    {body}\n"}, version)

    @pytest.mark.parametrize(
        ("body", "hits"),
        [
            ("flask_blueprints = [BP]", 1),
            ("flask_blueprints: list = [BP]", 1),
            ("appbuilder_views = ({'view': BP},)", 1),
            ("flask_blueprints = [BP]; appbuilder_views = [BP]", 1),
            ("flask_blueprints = []", 0),
            ("flask_blueprints = made()", 0),
            ("flask_blueprints = [BP]; fastapi_apps = [BP]", 0),
            ("flask_blueprints = [BP]; external_views = []", 0),
            ("flask_blueprints: list", 0),
            ("other = [BP]", 0),
        ],
    )
    def test_attributes(self, tmp_path: Path, body: str, hits: int) -> None:
        assert len(self.run(tmp_path, body)) == hits

    def test_the_message_names_the_attribute(self, tmp_path: Path) -> None:
        (message,) = self.run(tmp_path, "flask_blueprints = [BP]")
        assert message.startswith("plugins/p.py: flask_blueprints are for the web server of Airflow 2")

    def test_other_classes_and_versions(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, "flask_blueprints = [BP]", base="object") == []
        assert self.run(tmp_path, "flask_blueprints = [BP]", version="2.10.3") == []
