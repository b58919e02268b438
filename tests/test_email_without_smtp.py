"""Mail that never arrives (MW419)."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mwaalint.findings import Severity
from tests.deployments import check, write_all

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.findings import Finding

HEAD = """\
from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.email import EmailOperator
from airflow.providers.slack.operators.slack_webhook import SlackWebhookOperator
from airflow.providers.smtp.operators.smtp import EmailOperator as SmtpOperator
from people import SOMEBODY
"""
MAILED = "with DAG('etl', default_args={'email': ['a@b.net'], 'email_on_failure': True}):\n    pass\n"


def main(options: str = "", version: str = "2.10.3", more: str = "") -> str:
    options = f"airflow_configuration_options = {{\n{options}\n}}\n" if options else ""
    own = f'airflow_version = "{version}"\ndag_s3_path = "dags"\n{options}{more}'
    return f'resource "aws_mwaa_environment" "e" {{\n{own}}}\n'


def found(root: Path, code: str = MAILED, environment: str | None = None, **files: str) -> list[Finding]:
    others = {name.replace("__", "/", 1): text for name, text in files.items()}
    written = {"main.tf": main() if environment is None else environment, "dags/etl.py": HEAD + dedent(code), **others}
    result = check(write_all(root, written))
    assert not result.crashed
    return [finding for finding in result.findings if finding.code == "MW419"]


class TestWhoIsMailed:
    @pytest.mark.parametrize(
        "arguments",
        [
            "'email': 'a@b.net'",
            "'email': ['a@b.net', SOMEBODY], 'email_on_retry': False",
            "'email': 'a@b.net', 'email_on_failure': False",
            "'email': 'a@b.net', 'email_on_failure': True, 'email_on_retry': True",
        ],
    )
    def test_an_address(self, tmp_path: Path, arguments: str) -> None:
        (finding,) = found(tmp_path, f"with DAG('etl', default_args={{{arguments}}}):\n    pass\n")
        assert "email on task failure is on" in finding.message
        assert finding.severity is Severity.WARNING

    @pytest.mark.parametrize(
        "arguments",
        [
            "'email': 'a@b.net', 'email_on_failure': False, 'email_on_retry': False",
            "'email': None, 'email_on_failure': False",
            "'email': [], 'retries': 2",
            "'email': '', 'email_on_failure': True",
            "'email': SOMEBODY, 'email_on_failure': True",
            "**SOMEBODY",
            "'retries': 2",
        ],
    )
    def test_nobody_or_who_knows(self, tmp_path: Path, arguments: str) -> None:
        assert found(tmp_path, f"with DAG('etl', default_args={{{arguments}}}):\n    pass\n") == []

    def test_a_task_with_an_address_of_its_own(self, tmp_path: Path) -> None:
        task = "    BashOperator(task_id='t', bash_command='true', email='a@b.net')\n"
        assert len(found(tmp_path, f"with DAG('etl'):\n{task}")) == 1
        off = "default_args={'email_on_failure': False, 'email_on_retry': False}"
        assert found(tmp_path, f"with DAG('etl', {off}):\n{task}") == []

    def test_a_task_that_sends_a_mail(self, tmp_path: Path) -> None:
        task = "EmailOperator(task_id='t', to='a@b.net', subject='s', html_content='h')"
        (finding,) = found(tmp_path, f"with DAG('etl'):\n    {task}\n")
        assert "the task fails" in finding.message

    def test_the_operator_of_the_provider_has_a_connection(self, tmp_path: Path) -> None:
        assert found(tmp_path, "with DAG('etl'):\n    SmtpOperator(task_id='t', to='a@b.net', subject='s')\n") == []

    def test_one_finding_an_environment(self, tmp_path: Path) -> None:
        (finding,) = found(tmp_path, **{"dags__b.py": "from airflow import DAG\n" + MAILED})
        assert [each.path for each in finding.related] == ["dags/etl.py"]
        assert finding.primary.path == "dags/b.py"

    def test_default_arguments_that_several_dags_share(self, tmp_path: Path) -> None:
        code = "ARGS = {'email': 'a@b.net'}\nDAG('a', default_args=ARGS)\nDAG('b', default_args=ARGS)\n"
        (finding,) = found(tmp_path, code)
        assert len(finding.related) <= 1


class TestTheServer:
    @pytest.mark.parametrize(
        "options",
        [
            '"core.parallelism" = "10"',
            '"email.email_backend" = "airflow.utils.email.send_email_smtp"',
            '"email.from_email" = "x@y.net"',
        ],
    )
    def test_options_that_name_none(self, tmp_path: Path, options: str) -> None:
        assert len(found(tmp_path, environment=main(options))) == 1

    @pytest.mark.parametrize(
        "options",
        [
            '"smtp.smtp_host" = "mail.corp.net"',
            '"smtp.smtp_host" = var.host',
            '"smtp.smtp_mail_from" = "x@y.net"',
            '"email.email_backend" = "airflow.providers.amazon.aws.utils.emailer.send_email"',
            '"email.email_backend" = var.backend',
        ],
    )
    def test_options_that_may(self, tmp_path: Path, options: str) -> None:
        assert found(tmp_path, environment=main(options)) == []

    def test_options_nobody_knows(self, tmp_path: Path) -> None:
        assert found(tmp_path, environment=main(more="airflow_configuration_options = var.all\n")) == []

    @pytest.mark.parametrize(("version", "hits"), [("2.4.3", 1), ("2.11.0", 1), ("3.0.6", 1), ("3.2.1", 0)])
    def test_later_versions_ask_a_connection(self, tmp_path: Path, version: str, hits: int) -> None:
        assert len(found(tmp_path, environment=main(version=version))) == hits

    def test_an_unknown_version(self, tmp_path: Path) -> None:
        assert found(tmp_path, environment=main().replace('"2.10.3"', "var.version")) == []

    def test_no_environment(self, tmp_path: Path) -> None:
        assert found(tmp_path, environment="") == []

    @pytest.mark.parametrize(
        ("script", "hits"),
        [("export AIRFLOW__SMTP__SMTP_HOST=mail\n", 0), ("export AIRFLOW__EMAIL__EMAIL_BACKEND=x\n", 0), ("date\n", 1)],
    )
    def test_a_startup_script(self, tmp_path: Path, script: str, hits: int) -> None:
        environment = main(more='startup_script_s3_path = "startup.sh"\n')
        assert len(found(tmp_path, environment=environment, **{"startup.sh": script})) == hits

    def test_a_startup_script_that_is_not_here(self, tmp_path: Path) -> None:
        assert found(tmp_path, environment=main(more='startup_script_s3_path = "other/run.sh"\n')) == []


class TestThePort:
    @pytest.mark.parametrize("port", ['"25"', "25"])
    def test_the_closed_one(self, tmp_path: Path, port: str) -> None:
        options = f'"smtp.smtp_host" = "mail.corp.net"\n"smtp.smtp_port" = {port}'
        (finding,) = found(tmp_path, "DAG('etl')\n", main(options))
        assert "outgoing mail on port 25" in finding.message
        assert finding.primary.path == "main.tf"

    @pytest.mark.parametrize("port", ['"587"', "465", "var.port"])
    def test_open_ones(self, tmp_path: Path, port: str) -> None:
        options = f'"smtp.smtp_host" = "mail.corp.net"\n"smtp.smtp_port" = {port}'
        assert found(tmp_path, MAILED, main(options)) == []


class TestNoAddress:
    @staticmethod
    def run(root: Path, task: str = "BashOperator(task_id='t', bash_command='true')", arguments: str = "") -> list[str]:
        code = f"with DAG('etl', {arguments} default_args={{'email_on_failure': True}}):\n    {task}\n"
        return [finding.message for finding in found(root, code)]

    def test_nothing_is_sent(self, tmp_path: Path) -> None:
        (message,) = self.run(tmp_path)
        assert "no task has an address" in message

    @pytest.mark.parametrize(
        "task",
        [
            "BashOperator(task_id='t', bash_command='true', on_failure_callback=print)",
            "BashOperator(task_id='t', bash_command='true', trigger_rule='one_failed')",
            "BashOperator(task_id='t', bash_command='true', trigger_rule='all_done')",
            "BashOperator(task_id='t', bash_command='true', **SOMEBODY)",
            "SlackWebhookOperator(task_id='t', message='m')",
        ],
    )
    def test_something_else_may_tell(self, tmp_path: Path, task: str) -> None:
        assert self.run(tmp_path, task) == []

    def test_a_callback_of_the_dag(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, arguments="on_failure_callback=print,") == []

    def test_a_rule_that_waits_for_success(self, tmp_path: Path) -> None:
        assert (
            len(self.run(tmp_path, "BashOperator(task_id='t', bash_command='true', trigger_rule='all_success')")) == 1
        )
