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


class TestDbtExecutableNotProvided:
    REQUIREMENTS = (
        '--constraint "https://raw.githubusercontent.com/apache/airflow/constraints-2.10.3/constraints-3.11.txt"\n'
    )
    WIRED = ENVIRONMENT.replace("}\n", '  requirements_s3_path = "requirements.txt"\n}\n')
    STARTED = ENVIRONMENT.replace("}\n", '  startup_script_s3_path = "startup.sh"\n}\n')
    COSMOS = "from cosmos import DbtDag, DbtTaskGroup, ExecutionConfig, ExecutionMode\n"

    def run(self, root: Path, code: str, environment: str = ENVIRONMENT, **files: str) -> list[str]:
        others = {f"{name}.{'txt' if name == 'requirements' else 'sh'}": text for name, text in files.items()}
        return messages(root, "MW504", {"dags/etl.py": DAG + BASH + code, **others}, environment)

    def command(self, root: Path, command: str, environment: str = ENVIRONMENT, **files: str) -> list[str]:
        return self.run(root, f"BashOperator(task_id='a', bash_command={command!r}, dag=dag)\n", environment, **files)

    @pytest.mark.parametrize(
        "command",
        [
            "dbt run",
            "cd /tmp/shop && dbt build --target {{ params.target }}",
            "DBT_TARGET=prod dbt test",
            "time dbt run",
        ],
    )
    def test_a_command(self, tmp_path: Path, command: str) -> None:
        (message,) = self.command(tmp_path, command)
        assert "nothing installs it" in message

    @pytest.mark.parametrize(
        "command",
        [
            "echo dbt run",
            "./dbt run",
            "dbt run || echo later",
            "pip install dbt-core && dbt run",
            "export PATH=$PATH:/tmp/dbt/bin; dbt run",
            "source /tmp/dbt/bin/activate && dbt run",
            "/tmp/dbt/bin/dbt run",
            "/usr/local/airflow/dags/venv/bin/dbt run",
            "docker run dbt run",
            "run_dbt.sh",
        ],
    )
    def test_commands_that_do_not_need_it(self, tmp_path: Path, command: str) -> None:
        assert self.command(tmp_path, command) == []

    def test_an_environment_of_variables_may_lead_elsewhere(self, tmp_path: Path) -> None:
        code = "BashOperator(task_id='a', bash_command='dbt run', env={'PATH': '/x'}, dag=dag)\n"
        assert self.run(tmp_path, code) == []

    @pytest.mark.parametrize(
        ("arguments", "hidden"),
        [
            ("env={'A': '1'}", True),
            ("env={'A': '{{ params.a }}'}, append_env=False", True),
            ("env={'A': '1'}, append_env=True", False),
            ("env={'A': '1'}, append_env=chosen()", False),
            ("env={**os.environ, 'A': '1'}", False),
            ("env={name(): '1'}", False),
            ("env=variables()", False),
            ("env=None", False),
            ("env={}", False),
        ],
    )
    def test_variables_of_its_own_hide_the_path(self, tmp_path: Path, arguments: str, hidden: bool) -> None:
        code = f"BashOperator(task_id='a', bash_command='cd /tmp && dbt run', {arguments}, dag=dag)\n"
        found = self.run(tmp_path, code, self.WIRED, requirements=f"{self.REQUIREMENTS}dbt-core\n")
        assert ["does not find dbt" in message for message in found] == [True] * hidden

    def test_a_hidden_path_needs_no_version(self, tmp_path: Path) -> None:
        code = "BashOperator(task_id='a', bash_command='dbt run', env={'A': '1'}, dag=dag)\n"
        assert len(self.run(tmp_path, code, ENVIRONMENT.replace('airflow_version = "2.10.3"', ""))) == 1
        assert self.command(tmp_path, "dbt run", ENVIRONMENT.replace('airflow_version = "2.10.3"', "")) == []

    @pytest.mark.parametrize(
        "command", ["/usr/local/airflow/.local/bin/dbt run", "PATH=$HOME/.local/bin:$PATH dbt run", "dbt run || true"]
    )
    def test_commands_that_find_it_all_the_same(self, tmp_path: Path, command: str) -> None:
        code = f"BashOperator(task_id='a', bash_command={command!r}, env={{'A': '1'}}, dag=dag)\n"
        assert self.run(tmp_path, code, self.WIRED, requirements=f"{self.REQUIREMENTS}dbt-core\n") == []

    @pytest.mark.parametrize(
        "line", ["dbt-redshift==1.9.0", "dbt-core", "astronomer-cosmos[dbt-postgres]", "airflow-dbt==0.4.0"]
    )
    def test_requirements_that_bring_it(self, tmp_path: Path, line: str) -> None:
        text = f"{self.REQUIREMENTS}{line}\n"
        assert self.command(tmp_path, "dbt run", self.WIRED, requirements=text) == []

    def test_requirements_that_do_not(self, tmp_path: Path) -> None:
        text = f"{self.REQUIREMENTS}pyyaml\n"
        assert len(self.command(tmp_path, "dbt run", self.WIRED, requirements=text)) == 1

    def test_a_requirements_file_that_is_not_here(self, tmp_path: Path) -> None:
        assert self.command(tmp_path, "dbt run", self.WIRED) == []

    @pytest.mark.parametrize(
        "script",
        [
            "pip install dbt-core\n",
            "python3 -m venv /opt/dbt\n/opt/dbt/bin/pip install -r /usr/local/airflow/dags/dbt.txt\n",
            "aws s3 cp s3://bucket/install.sh /tmp/install.sh\nbash /tmp/install.sh\n",
            "pip install -r /usr/local/airflow/dags/more.txt\n",
        ],
    )
    def test_startup_scripts_that_may_bring_it(self, tmp_path: Path, script: str) -> None:
        assert self.command(tmp_path, "dbt run", self.STARTED, startup=script) == []

    def test_a_startup_script_that_does_something_else(self, tmp_path: Path) -> None:
        assert len(self.command(tmp_path, "dbt run", self.STARTED, startup="export A=1\n")) == 1

    def test_a_startup_script_that_is_not_here(self, tmp_path: Path) -> None:
        assert self.command(tmp_path, "dbt run", self.STARTED) == []

    @pytest.mark.parametrize(
        ("call", "path"),
        [
            ("DbtDag(dag_id='a', project_config=p)", ""),
            ("DbtTaskGroup(project_config=p, execution_config=ExecutionConfig())", ""),
            ("DbtDag(dag_id='a', execution_config=ExecutionConfig(execution_mode=ExecutionMode.LOCAL))", ""),
            (
                "DbtDag(dag_id='a', execution_config=ExecutionConfig(dbt_executable_path='/opt/d/bin/dbt'))",
                "/opt/d/bin/dbt",
            ),
            (
                "DbtDag(dag_id='a', execution_config=ExecutionConfig(dbt_executable_path=HOME + '/v/bin/dbt'))",
                "airflow/v/bin/dbt",
            ),
        ],
    )
    def test_cosmos(self, tmp_path: Path, call: str, path: str) -> None:
        code = f"{self.COSMOS}import os\nHOME = os.environ['AIRFLOW_HOME']\np = None\n{call}\n"
        (message,) = self.run(tmp_path, code)
        assert (f"{path}, but nothing puts it there" if path else "nothing installs it") in message

    @pytest.mark.parametrize(
        "call",
        [
            "DbtDag(dag_id='a', execution_config=ExecutionConfig(execution_mode=ExecutionMode.KUBERNETES))",
            "DbtDag(dag_id='a', execution_config=ExecutionConfig(execution_mode=ExecutionMode.VIRTUALENV))",
            "DbtDag(dag_id='a', execution_config=ExecutionConfig(dbt_executable_path='/tmp/v/bin/dbt'))",
            "DbtDag(dag_id='a', execution_config=ExecutionConfig(dbt_executable_path=unknown))",
            "DbtDag(dag_id='a', execution_config=ExecutionConfig(**options))",
            "DbtDag(dag_id='a', execution_config=config)",
            "DbtDag(**options)",
        ],
    )
    def test_cosmos_elsewhere_or_not_known(self, tmp_path: Path, call: str) -> None:
        assert self.run(tmp_path, f"{self.COSMOS}from settings import config, options, unknown\n{call}\n") == []

    def test_one_finding_a_file(self, tmp_path: Path) -> None:
        code = "".join(f"BashOperator(task_id='t{n}', bash_command='dbt run', dag=dag)\n" for n in range(5))
        assert len(self.run(tmp_path, code)) == 1


class TestAirflowignoreMissing:
    TEST = "import pytest\nfrom airflow.models import DagBag\n\ndef test_it():\n    DagBag()\n"
    AIRFLOW3 = ENVIRONMENT.replace("2.10.3", "3.0.6")

    @pytest.mark.parametrize("path", ["test_etl.py", "tests/etl.py", "deep/test/unit.py", "conftest.py", "etl_test.py"])
    def test_tests(self, tmp_path: Path, path: str) -> None:
        (message,) = messages(tmp_path, "MW426", {f"dags/{path}": self.TEST})
        assert "imports this file" in message

    @pytest.mark.parametrize("folder", ["x/site-packages", "shop/dbt_packages/y", "shop/dbt_modules"])
    def test_installed_packages(self, tmp_path: Path, folder: str) -> None:
        (message,) = messages(tmp_path, "MW426", {f"dags/{folder}/z.py": "import airflow\n# a dag\n"})
        assert "installed packages" in message

    def test_several_are_said_once(self, tmp_path: Path) -> None:
        (message,) = messages(tmp_path, "MW426", {f"dags/tests/test_{n}.py": self.TEST for n in range(9)})
        assert "imports 9 such files" in message

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("dags/test_a.py", "from airflow import DAG\nDAG('test_a', schedule=None)\n"),
            ("dags/tests/test_a.py", "import pytest\n\ndef test_a():\n    assert 1\n"),
            ("tests/test_a.py", TEST),
            ("dags/latest/a.py", TEST),
            ("dags/x/site-packages/a.py", "import os\n"),
            ("dags/tests/a.txt", TEST),
        ],
    )
    def test_what_airflow_does_not_import_or_is_a_dag(self, tmp_path: Path, path: str, text: str) -> None:
        assert messages(tmp_path, "MW426", {path: text}) == []

    @pytest.mark.parametrize(
        ("environment", "ignore", "count"),
        [
            (ENVIRONMENT, r"test_.*\.py", 0),
            (ENVIRONMENT, "tests/", 0),
            (ENVIRONMENT, "*test*.py", 1),
            (ENVIRONMENT, "other", 1),
            (AIRFLOW3, "test_*.py", 0),
            (AIRFLOW3, r"test_.*\.py", 1),
        ],
    )
    def test_airflowignore_as_the_version_reads_it(
        self, tmp_path: Path, environment: str, ignore: str, count: int
    ) -> None:
        files = {"dags/tests/test_a.py": self.TEST, "dags/.airflowignore": f"{ignore}\n"}
        assert len(messages(tmp_path, "MW426", files, environment)) == count

    @pytest.mark.parametrize(
        ("environment", "ignore", "names"),
        [
            (AIRFLOW3, r"old_.*\.py", ["old_.*\\.py"]),
            (AIRFLOW3, "old_", ["old_"]),
            (AIRFLOW3, "old_\n^more/", ["old_"]),
            (AIRFLOW3, "old_*.py", []),
            (AIRFLOW3, "legacy/", []),
            (AIRFLOW3, "# old_", []),
            (AIRFLOW3, "etl_.*", []),
            (AIRFLOW3, "old_*.py\nold_", []),
            (ENVIRONMENT, "*old_*.py", ["*old_*.py"]),
            (ENVIRONMENT, "**/old_a.py", ["**/old_a.py"]),
            (ENVIRONMENT, "old_", []),
            (ENVIRONMENT.replace('"2.10.3"', "var.version"), "*old_*.py", []),
        ],
    )
    def test_patterns_of_the_other_syntax(
        self, tmp_path: Path, environment: str, ignore: str, names: list[str]
    ) -> None:
        files = {"dags/legacy/old_a.py": DAG, "dags/.airflowignore": f"{ignore}\n"}
        found = messages(tmp_path, "MW426", files, environment)
        assert [message.partition(" matches nothing")[0] for message in found] == names

    def test_the_syntax_that_the_environment_sets(self, tmp_path: Path) -> None:
        option = 'airflow_configuration_options = { "core.dag_ignore_file_syntax" = "regexp" }\n}\n'
        environment = self.AIRFLOW3.rstrip().removesuffix("}") + option
        files = {"dags/old_a.py": DAG, "dags/.airflowignore": "old_.*\n"}
        assert messages(tmp_path, "MW426", files, environment) == []

    def test_a_deploy_step_that_leaves_files_out(self, tmp_path: Path) -> None:
        step = "aws s3 sync dags s3://bucket/dags --exclude 'tests/*'\n"
        assert messages(tmp_path, "MW426", {"dags/tests/test_a.py": self.TEST, "deploy.sh": step}) == []
