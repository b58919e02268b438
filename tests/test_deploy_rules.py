"""Rules on deploy steps, where a page's examples would be many and alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.deployments import check, write_all
from tests.python_code import ENVIRONMENT

if TYPE_CHECKING:
    from pathlib import Path

UPDATE = "aws mwaa update-environment --name etl"


def found(root: Path, files: dict[str, str], code: str) -> list[str]:
    """The messages of a rule in a project with one environment."""
    result = check(write_all(root, {"main.tf": ENVIRONMENT, **files}))
    return [finding.message for finding in result.findings if finding.code == code]


def workflow(events: str, step: str = f"run: {UPDATE}", job: str = "") -> dict[str, str]:
    text = f"on: {events}\njobs:\n  deploy:\n    {job or 'runs-on: x'}\n    steps:\n    - {step}\n"
    return {".github/workflows/deploy.yml": text}


class TestUpdateOnEveryPush:
    @pytest.mark.parametrize(
        "events",
        [
            "push",
            "[push, workflow_dispatch]",
            "{push: }",
            "{push: {branches: [main]}}",
            "{push: {paths: ['dags/**', requirements.txt]}}",
            "{push: {paths: ['**']}}",
            "{push: {paths: ['**.py']}}",
            "{push: {paths: [etl/dags/x.py]}}",
            "{push: {branches: [main], tags: ['v*']}}",
        ],
    )
    def test_events_that_a_dag_starts(self, tmp_path: Path, events: str) -> None:
        assert len(found(tmp_path, workflow(events), "MW853")) == 1

    @pytest.mark.parametrize(
        "events",
        [
            "pull_request",
            "[release]",
            "{workflow_dispatch: }",
            "{push: {tags: ['v*']}}",
            "{push: {paths: ['plugins/**', requirements.txt]}}",
            "{push: {paths-ignore: ['dags/**']}}",
            "{schedule: [{cron: '0 4 * * *'}]}",
            "",
        ],
    )
    def test_events_that_it_does_not(self, tmp_path: Path, events: str) -> None:
        assert found(tmp_path, workflow(events), "MW853") == []

    @pytest.mark.parametrize(
        ("condition", "count"),
        [
            ("github.ref == 'refs/heads/main'", 1),
            ("github.ref_name == 'main' && github.event_name == 'push'", 1),
            ("${{ success() }}", 1),
            ("startsWith(github.ref, 'refs/tags/')", 0),
            ("github.ref == 'refs/tags/v1'", 0),
            ("needs.changes.outputs.plugins == 'true'", 0),
            ("contains(github.event.head_commit.message, '[update]')", 0),
            ("github.event_name == 'workflow_dispatch'", 0),
        ],
    )
    def test_conditions_of_the_job(self, tmp_path: Path, condition: str, count: int) -> None:
        assert len(found(tmp_path, workflow("push", job=f'if: "{condition}"'), "MW853")) == count

    @pytest.mark.parametrize(
        "step",
        [
            f"run: '[ -n \"$NEW\" ] && {UPDATE}'",
            f"run: git diff --quiet HEAD^ -- requirements.txt || {UPDATE}",
            f"run: {UPDATE} --worker-replacement-strategy GRACEFUL",
            f"run: echo {UPDATE}",
            f"name: {UPDATE}",
        ],
    )
    def test_steps_that_do_not_always_update(self, tmp_path: Path, step: str) -> None:
        assert found(tmp_path, workflow("push", step), "MW853") == []

    def test_a_script_does_not_tell_when_it_is_run(self, tmp_path: Path) -> None:
        assert found(tmp_path, {"deploy.sh": UPDATE}, "MW853") == []

    @pytest.mark.parametrize(
        "job",
        [
            "{script: UPDATE}",
            "{script: [echo, UPDATE], when: always}",
            "{script: UPDATE, only: [main]}",
            "{script: UPDATE, only: {refs: [main, develop]}}",
            "{script: UPDATE, only: {refs: [main], changes: ['dags/**']}}",
            "{script: UPDATE, rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]}",
            "{script: UPDATE, rules: [{if: $CI_COMMIT_TAG, when: never}, {if: '$CI_PIPELINE_SOURCE == \"push\"'}]}",
            "{script: UPDATE, rules: [{when: on_success}]}",
            "{script: UPDATE, rules: [{changes: {paths: ['**/*']}}]}",
            "{script: UPDATE, rules: [{if: $CI_COMMIT_BRANCH, changes: [requirements.txt, dags/*]}]}",
        ],
    )
    def test_jobs_of_gitlab_that_every_push_runs(self, tmp_path: Path, job: str) -> None:
        text = f"stages: [deploy]\njob: {job.replace('UPDATE', UPDATE)}\n"
        assert len(found(tmp_path, {".gitlab-ci.yml": text}, "MW853")) == 1

    @pytest.mark.parametrize(
        "job",
        [
            "{script: UPDATE, when: manual}",
            "{script: UPDATE, only: [tags]}",
            "{script: UPDATE, only: [schedules, web]}",
            "{script: UPDATE, only: {refs: [main], changes: [requirements.txt]}}",
            "{script: UPDATE, only: {variables: [$UPDATE]}}",
            "{script: UPDATE, except: [main]}",
            "{script: UPDATE, extends: .deploy}",
            "{script: UPDATE, rules: [{if: $CI_COMMIT_TAG}]}",
            "{script: UPDATE, rules: [{if: $CI_COMMIT_BRANCH, when: manual}]}",
            "{script: UPDATE, rules: [{if: $CI_COMMIT_BRANCH, when: never}, {when: always}]}",
            "{script: UPDATE, rules: [{changes: [plugins/**]}]}",
            "{script: UPDATE, rules: [{if: '$CI_COMMIT_MESSAGE =~ /update/'}]}",
            "{script: UPDATE, rules: [{exists: [plugins.zip]}]}",
            "{script: UPDATE, rules: !reference [.rules, deploy]}",
            "{script: '[ -n \"$NEW\" ] && UPDATE'}",
        ],
    )
    def test_jobs_of_gitlab_that_it_does_not(self, tmp_path: Path, job: str) -> None:
        text = f"stages: [deploy]\njob: {job.replace('UPDATE', UPDATE)}\n"
        assert found(tmp_path, {".gitlab-ci.yml": text}, "MW853") == []

    @pytest.mark.parametrize(
        "text",
        [
            "workflow: {rules: [{changes: [plugins/**]}]}\njob: {script: UPDATE}\n",
            "include: other.yml\njob: {script: UPDATE}\n",
            ".job: {script: UPDATE}\n",
            "default: {before_script: [UPDATE]}\n",
        ],
    )
    def test_what_else_a_pipeline_may_say(self, tmp_path: Path, text: str) -> None:
        assert found(tmp_path, {".gitlab-ci.yml": text.replace("UPDATE", UPDATE)}, "MW853") == []

    def test_a_pipeline_of_another_folder_is_none(self, tmp_path: Path) -> None:
        assert found(tmp_path, {"ci/.gitlab-ci.yml": f"job: {{script: {UPDATE}}}\n"}, "MW853") == []

    @pytest.mark.parametrize(
        "run",
        [
            "./scripts/deploy.sh prod",
            "bash scripts/deploy.sh",
            "cd scripts && bash -e deploy.sh",
            "source scripts/deploy.sh",
        ],
    )
    def test_scripts_that_a_workflow_runs(self, tmp_path: Path, run: str) -> None:
        files = {"scripts/deploy.sh": f"#!/bin/bash\n{UPDATE}\n", **workflow("push", f"run: {run}")}
        assert len(found(tmp_path, files, "MW853")) == 1

    @pytest.mark.parametrize(
        "run", ["cat scripts/deploy.sh", "bash other/deploy.sh", "test -n x && bash scripts/deploy.sh"]
    )
    def test_scripts_that_it_does_not_run_each_time(self, tmp_path: Path, run: str) -> None:
        files = {"scripts/deploy.sh": f"{UPDATE}\n", **workflow("push", f"run: {run}")}
        assert found(tmp_path, files, "MW853") == []

    @pytest.mark.parametrize(
        ("script", "events", "count"),
        [
            (f"{UPDATE}\n", "push", 1),
            (f"{UPDATE}\n", "{push: {paths: [plugins/**]}}", 0),
            (f'if [ -n "$NEW" ]; then\n  {UPDATE}\nfi\n', "push", 0),
            (f"{UPDATE} --worker-replacement-strategy GRACEFUL\n", "push", 0),
        ],
    )
    def test_what_counts_in_a_script(self, tmp_path: Path, script: str, events: str, count: int) -> None:
        files = {"deploy.sh": script, **workflow(events, "run: ./deploy.sh")}
        assert len(found(tmp_path, files, "MW853")) == count

    @pytest.mark.parametrize(
        ("run", "count"), [("make deploy", 1), ("make test", 0), ("make -C x deploy", 0), ("echo make deploy", 0)]
    )
    def test_targets_of_a_makefile(self, tmp_path: Path, run: str, count: int) -> None:
        makefile = f"NAME := etl\ntest:\n\ttrue\ndeploy: test\n\t{UPDATE}\n"
        assert len(found(tmp_path, {"Makefile": makefile, **workflow("push", f"run: {run}")}, "MW853")) == count


class TestSizeOnly:
    @pytest.mark.parametrize(
        ("command", "count"),
        [
            ("aws s3 sync dags s3://b/dags --size-only", 1),
            ("aws s3 sync --size-only ./airflow/dags/ $S3_TARGET", 1),
            ("aws s3 sync . s3://acme-mwaa --size-only", 1),
            ("aws s3 sync src s3://b/$DAGS_PREFIX --size-only", 1),
            ("aws s3 sync src s3://acme-mwaa/raw --size-only", 0),
            ("aws s3 sync data s3://b/data --size-only", 0),
            ("aws s3 sync dagster s3://b/x --size-only", 0),
            ("aws s3 sync s3://b/dags dags --size-only", 0),
            ("aws s3 cp dags s3://b/dags --recursive", 0),
        ],
    )
    def test_what_is_a_sync_of_dags(self, tmp_path: Path, command: str, count: int) -> None:
        assert len(found(tmp_path, {"deploy.sh": command}, "MW854")) == count

    def test_several_environments_are_told_once(self, tmp_path: Path) -> None:
        files = {"other.tf": ENVIRONMENT.replace('"etl"', '"two"'), "a.sh": "aws s3 sync dags s3://b/dags --size-only"}
        assert len(found(tmp_path, files, "MW854")) == 1


class TestNestedPlugins:
    def test_the_fix_keeps_the_options_and_the_place(self, tmp_path: Path) -> None:
        files = {"plugins/a.py": "X = 1", "Makefile": "zip:\n\t@zip -qr ./build/plugins.zip plugins\n"}
        result = check(write_all(tmp_path, {"main.tf": ENVIRONMENT, **files}))
        (finding,) = [one for one in result.findings if one.code == "MW651"]
        (edit,) = finding.fixes[0].edits
        assert edit.text == b"(cd plugins && zip -qr ../build/plugins.zip .)"
        assert edit.expected == b"zip -qr ./build/plugins.zip plugins"

    @pytest.mark.parametrize(
        "command",
        [
            "zip -r plugins/plugins.zip plugins",
            "zip -r /tmp/plugins.zip plugins",
            "zip -r plugins.zip plugins -x '*.pyc'",
            "zip -r plugins.zip plugins dags",
            "zip -r $OUT/plugins.zip plugins",
            "zip -r plugins.zip plugins/*",
        ],
    )
    def test_other_commands_are_reported_without_a_fix(self, tmp_path: Path, command: str) -> None:
        files = {"plugins/a.py": "X = 1", "a.sh": command}
        result = check(write_all(tmp_path, {"main.tf": ENVIRONMENT, **files}))
        (finding,) = [one for one in result.findings if one.code == "MW651"]
        assert finding.fixes == ()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("os.environ.update(A='b')", 1),
        ("os.environ.setdefault('A', 'b')", 1),
        ("if True:\n    os.environ['A'] = 'b'", 1),
        ("x = os.environ['A']", 0),
        ("def f():\n    os.environ['A'] = 'b'", 0),
    ],
)
def test_what_a_plugin_does_when_it_is_imported(tmp_path: Path, text: str, count: int) -> None:
    start = "import os\nfrom airflow.plugins_manager import AirflowPlugin\n"
    plugin = f"{start}{text}\nclass P(AirflowPlugin):\n    name = 'p'\n"
    dag = "from airflow import DAG\nDAG('x', schedule=None)\n"
    assert len(found(tmp_path, {"plugins/p.py": plugin, "dags/x.py": dag}, "MW654")) == count


def test_a_file_without_a_plugin_is_none(tmp_path: Path) -> None:
    text = "import os\nfrom airflow.plugins_manager import AirflowPlugin\nos.environ['A'] = 'b'\n"
    dag = "from airflow import DAG\nDAG('x', schedule=None)\n"
    assert found(tmp_path, {"plugins/p.py": text, "dags/x.py": dag}, "MW654") == []


class TestDeletedByASync:
    FILES: ClassVar = {"dags/etl.py": "from airflow import DAG\nDAG('x', schedule=None)\n", "sql/a.sql": "select 1"}
    OBJECT = """
resource "aws_s3_object" "token" {
  bucket = "acme"
  key    = "dags/codeartifact.txt"
  source = "sql/a.sql"
}
"""

    @pytest.mark.parametrize(
        ("scripts", "count"),
        [
            (("aws s3 sync dags s3://b/dags --delete", "aws s3 sync sql s3://b/dags/sql"), 1),
            (("aws s3 sync sql s3://b/dags/sql\naws s3 sync dags s3://b/dags --delete", ""), 1),
            (("B=b\naws s3 sync sql s3://$B/dags/sql\naws s3 sync dags s3://b/dags --delete", ""), 1),
            (("aws s3 sync dags s3://b/dags --delete\naws s3 sync sql s3://b/dags/sql", ""), 0),
            (("aws s3 sync dags s3://b/dags", "aws s3 sync sql s3://b/dags/sql"), 0),
            (("aws s3 sync dags s3://b/dags --delete", "aws s3 sync sql s3://c/dags/sql"), 0),
            (("aws s3 sync dags s3://b/dags --delete", "aws s3 sync sql s3://b/dagsql"), 0),
            (("aws s3 sync dags s3://b/dags --delete --exclude 'sql*'", "aws s3 sync sql s3://b/dags/sql"), 0),
            (("aws s3 sync dags s3://b/dags --delete --exclude=*.sql", "aws s3 sync sql s3://b/dags/sql"), 0),
            (
                (
                    "aws s3 sync dags s3://b/dags --delete --exclude '*' --include '*.sql'",
                    "aws s3 sync sql s3://b/dags/sql",
                ),
                1,
            ),
            (("aws s3 sync . s3://b/dags --delete", "aws s3 sync sql s3://b/dags/sql"), 0),
            (("aws s3 sync dags s3://b/dags --delete", "aws s3 sync dags/sub s3://b/dags/sub"), 0),
            (("aws s3 sync dags s3://b/$P --delete", "aws s3 sync sql s3://b/$P/sql"), 0),
        ],
    )
    def test_another_copy_below_the_prefix(self, tmp_path: Path, scripts: tuple[str, str], count: int) -> None:
        files = {**self.FILES, "a.sh": scripts[0], "b.sh": scripts[1]}
        assert len(found(tmp_path, files, "MW855")) == count

    def test_an_object_that_terraform_puts_there(self, tmp_path: Path) -> None:
        files = {**self.FILES, "token.tf": self.OBJECT, "a.sh": "aws s3 sync dags s3://$B/dags --delete"}
        (message,) = found(tmp_path, files, "MW855")
        assert "dags/codeartifact.txt, which comes from sql/a.sql" in message
