"""What DAG code and what lies beside it does when it runs: dbt profiles, installs by tasks."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.config import Config
from tests.deployments import TODAY, write_all

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = 'resource "aws_mwaa_environment" "e" {\n  airflow_version = "2.10.3"\n  dag_s3_path = "dags"\n}\n'
DAG = "from airflow import DAG\ndag = DAG('etl', schedule=None)\n"
BASH = "from airflow.operators.bash import BashOperator\n"


def messages(root: Path, code: str, files: dict[str, str], environment: str = ENVIRONMENT) -> list[str]:
    """The messages of one rule for a project, in order."""
    write_all(root, {"main.tf": environment, "dags/first.py": DAG, **files})
    result = api.check(root, Config(select=(code,)), today=TODAY)
    assert not result.crashed
    return [finding.message for finding in result.findings if finding.code == code]


class TestDbtProfileSecrets:
    def run(self, root: Path, output: str, path: str = "dags/shop/profiles.yml") -> list[str]:
        text = "shop:\n  outputs:\n    prod:\n" + "".join(f"      {line}\n" for line in output.splitlines())
        return messages(root, "MW505", {path: text})

    @pytest.mark.parametrize(
        "output",
        [
            "host: dwh.example.org\npassword: qM8sT4vL",
            "account: ab12345\npassword: qM8sT4vL",
            "server: sql.corp.net\nclient_secret: 'qM8sT4vL'",
            "token: dapi0123456789abcdef",
            "host: dwh.corp.net\npass: 12345678",
            "host: dwh.corp.net\npassword: 'q8$T*%4vL'",
            "private_key: |\n  -----BEGIN PRIVATE KEY-----\n  MIIE",
            "host: \"{{ env_var('HOST') }}\"\npassword: qM8sT4vL",
        ],
    )
    def test_literal_secrets(self, tmp_path: Path, output: str) -> None:
        assert len(self.run(tmp_path, output)) == 1

    @pytest.mark.parametrize(
        "output",
        [
            "host: dwh.corp.net\npassword: \"{{ env_var('P') }}\"",
            "host: localhost\npassword: qM8sT4vL",
            "host: 127.0.0.1\npassword: qM8sT4vL",
            "host: postgres\npassword: qM8sT4vL",
            "host: dwh.corp.net\npassword: ''",
            "host: dwh.corp.net\npassword:",
            "host: dwh.corp.net\npassword: $PASSWORD",
            "host: dwh.corp.net\npassword: changeme",
            "host: dwh.corp.net\npassword: your-password-here",
            "host: dwh.corp.net\npassword: [a, b]",
            "private_key_path: /keys/dbt.p8",
            "method: iam\ncluster_id: dwh",
        ],
    )
    def test_what_is_none(self, tmp_path: Path, output: str) -> None:
        assert self.run(tmp_path, output) == []

    @pytest.mark.parametrize(
        "path", ["profiles.yml", "dags/shop/dbt_packages/utils/profiles.yml", "dags/shop/other.yml", "ci/profiles.yaml"]
    )
    def test_files_that_are_no_deployed_profiles(self, tmp_path: Path, path: str) -> None:
        assert self.run(tmp_path, "password: qM8sT4vL", path) == []

    @pytest.mark.parametrize(
        "text", ["", "[]\n", "shop: 1\n", "shop:\n  outputs: [a]\n", "shop:\n  outputs:\n    dev: x\n"]
    )
    def test_files_of_another_shape(self, tmp_path: Path, text: str) -> None:
        assert messages(tmp_path, "MW505", {"dags/shop/profiles.yml": text}) == []

    def test_a_file_that_is_no_yaml_is_said_to_be_unreadable(self, tmp_path: Path) -> None:
        write_all(tmp_path, {"main.tf": ENVIRONMENT, "dags/first.py": DAG, "dags/profiles.yml": "shop: [\n"})
        result = api.check(tmp_path, Config(), today=TODAY)
        assert [one.primary.path for one in result.findings if one.code == "MW001"] == ["dags/profiles.yml"]
        assert not result.crashed

    def test_the_secret_is_not_repeated(self, tmp_path: Path) -> None:
        (message,) = self.run(tmp_path, "host: dwh.corp.net\npassword: qM8sT4vL")
        assert "qM8sT4vL" not in message
        assert "shop.prod" in message


class TestPipInstallAtRuntime:
    def run(self, root: Path, code: str, path: str = "dags/etl.py") -> list[str]:
        return messages(root, "MW429", {path: DAG + BASH + dedent(code)})

    @pytest.mark.parametrize(
        "code",
        [
            "import os\ndef f():\n    os.system('pip install x')\n",
            "import os as o\ndef f():\n    o.popen('pip3 install -r /usr/local/airflow/dags/requirements.txt')\n",
            "import subprocess, sys\ndef f(x):\n    subprocess.run([sys.executable, '-m', 'pip', 'install', x])\n",
            "from subprocess import check_call\ndef f():\n    check_call(('pip', 'install', '--upgrade', 'x'))\n",
            "import subprocess\nCOMMAND = ['pip', 'install', 'x']\ndef f():\n    subprocess.call(COMMAND)\n",
            "import subprocess\ndef f(name):\n    subprocess.run(f'pip install {name}', shell=True)\n",
            "import subprocess\ndef f():\n    subprocess.run(args='sudo pip install x', shell=True)\n",
            "import pip\ndef f():\n    pip.main(['install', 'x'])\n",
            "from pip._internal import main\ndef f():\n    main(['install', 'x'])\n",
            "BashOperator(task_id='a', bash_command='pip install x && x run', dag=dag)\n",
            "BashOperator(task_id='a', bash_command='python3 -m pip install x==1', dag=dag)\n",
        ],
    )
    def test_tasks_that_install(self, tmp_path: Path, code: str) -> None:
        (message,) = self.run(tmp_path, code)
        assert "the one worker" in message

    def test_when_the_file_is_read(self, tmp_path: Path) -> None:
        (message,) = self.run(tmp_path, "import os\nos.system('pip install x')\n")
        assert "whenever this file is read" in message

    def test_in_a_plugin(self, tmp_path: Path) -> None:
        code = "import os\nfrom airflow.plugins_manager import AirflowPlugin\nos.system('pip install x')\n"
        assert len(messages(tmp_path, "MW429", {"plugins/tools.py": code})) == 1

    @pytest.mark.parametrize(
        "code",
        [
            "import os\nos.system('pip freeze')\n",
            "import os\nos.system('pip install --target /tmp/lib x')\n",
            "import os\nos.system('/tmp/venv/bin/pip install x')\n",
            "import os\nos.system('python -m venv /tmp/v && . /tmp/v/bin/activate && pip install x')\n",
            "import os\nos.system('echo \"run pip install x\"')\n",
            "import os\nos.system('ssh host pip install x')\n",
            "import os\nos.system('docker run python pip install x')\n",
            "import subprocess\nsubprocess.run(['/tmp/venv/bin/python', '-m', 'pip', 'install', 'x'])\n",
            "import subprocess\nsubprocess.run(['pip', 'install', '-t', '/tmp/lib', 'x'])\n",
            "import subprocess\nsubprocess.run()\nsubprocess.run(*['pip'])\n",
            "import subprocess\nfrom settings import COMMAND\nsubprocess.run(COMMAND)  # pip\n",
            "import os\nif __name__ == '__main__':\n    os.system('pip install x')\n",
            "import pip\npip.main(['list'])\npip.main()\n",
            "BashOperator(task_id='a', bash_command='./pip.sh', dag=dag)\n",
            "BashOperator(task_id='a', bash_command='aws ssm send-command --parameters \"pip install x\"', dag=dag)\n",
            "raise ImportError('do pip install x')\n",
        ],
    )
    def test_what_installs_nothing_beside_airflow(self, tmp_path: Path, code: str) -> None:
        assert self.run(tmp_path, code) == []

    @pytest.mark.parametrize(
        "decorator", ["virtualenv", "external_python(python='/v/bin/python')", "docker(image='x')"]
    )
    def test_functions_that_run_in_a_python_of_their_own(self, tmp_path: Path, decorator: str) -> None:
        code = f"""
            from airflow.decorators import task

            @task.{decorator}
            def f():
                import os
                os.system('pip install x')
        """
        assert self.run(tmp_path, code) == []
