"""The commands that a repository deploys with: where they stand, where they run, and when."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.discover import Role, discover
from mwaalint.documents import script_parts
from mwaalint.model.deploy_steps import read_steps
from mwaalint.source import SourceFile
from tests.deployments import write_all

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.model.deploy_commands import DeployStep, DeploySteps

SYNC = "aws s3 sync dags s3://bucket/dags"


def read(root: Path, path: str, text: str) -> DeploySteps:
    project = discover(write_all(root, {path: text}))
    return read_steps([*project.with_role(Role.DEPLOY), *project.with_role(Role.TERRAFORM)])


def calls(found: DeploySteps) -> list[str]:
    """The steps that call the AWS CLI or zip, as one would type them."""
    return [" ".join(step.words) for step in found.steps if step.program in ("aws", "zip")]


def only(found: DeploySteps) -> DeployStep:
    (step,) = [step for step in found.steps if step.program in ("aws", "zip")]
    return step


class TestWhatIsRead:
    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("deploy.sh", f"#!/bin/bash\nset -e\n{SYNC}\n"),
            ("ops/deploy.bash", f"sudo {SYNC}"),
            ("Makefile", f"deploy: test\n\t@{SYNC}\n"),
            ("build/rules.mk", f"deploy:\n\techo go && {SYNC}\n"),
            ("justfile", f"deploy:\n    {SYNC}\n"),
            ("Jenkinsfile", f"pipeline {{ steps {{ sh '{SYNC}' }} }}"),
            (
                "main.tf",
                f'resource "null_resource" "x" {{\n  provisioner "local-exec" {{\n    command = "{SYNC}"\n  }}\n}}',
            ),
            ("x.tf", f'provisioner "local-exec" {{\n  command = <<-EOT\n    set -e\n    {SYNC}\n  EOT\n}}\n'),
            (".github/workflows/x.yml", f"jobs:\n  a:\n    steps:\n      - run: {SYNC}\n"),
            (".github/workflows/x.yml", f"jobs:\n  a:\n    steps:\n      - run: |\n          date\n          {SYNC}\n"),
            (
                ".github/workflows/x.yml",
                "jobs:\n  a:\n    steps:\n      - run: >\n          aws s3 sync\n          dags s3://bucket/dags\n",
            ),
            (".gitlab-ci.yml", f'deploy:\n  script:\n    - date\n    - "{SYNC}"\n'),
            (".gitlab-ci.yml", f"deploy:\n  script: [date, {SYNC}]\n"),
            ("buildspec-dags.yaml", f"phases:\n  build:\n    commands:\n      - {SYNC}\n"),
            ("deployspec.yaml", f"deploy:\n  phases:\n    build:\n      commands:\n      - {SYNC}\n"),
            ("Taskfile.yml", f"tasks:\n  x:\n    cmds:\n      - {SYNC}\n"),
            (".circleci/config.yml", f"jobs:\n  x:\n    steps:\n      - run:\n          command: {SYNC}\n"),
            ("deploy.sh", "aws s3 sync \\\n  dags \\\r\n  s3://bucket/dags\n"),
        ],
    )
    def test_the_command_in_each_kind_of_file(self, tmp_path: Path, path: str, text: str) -> None:
        step = only(read(tmp_path, path, text))
        assert " ".join(step.words) == SYNC
        assert step.is_call("aws", "s3", "sync")

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("deploy.sh", f"echo '{SYNC}'\n# {SYNC}\nprintf \"{SYNC}\"\n"),
            ("Makefile", f"# {SYNC}\nTEXT = {SYNC}\n"),
            (".github/workflows/x.yml", f"jobs:\n  a:\n    steps:\n      - name: {SYNC}\n      # run: {SYNC}\n"),
            ("main.tf", f'variable "x" {{\n  description = "{SYNC} by local-exec"\n}}'),
            ("README.md", SYNC),
            (".gitlab-ci.yml", f"a: [\n{SYNC}"),
        ],
    )
    def test_nothing_that_is_not_run(self, tmp_path: Path, path: str, text: str) -> None:
        assert calls(read(tmp_path, path, text)) == []

    def test_the_place_is_the_one_in_the_file(self, tmp_path: Path) -> None:
        text = "# é\njobs:\n  a:\n    steps:\n      - run: |\n          date\n          aws s3 ls ${{ env.B }} \n"
        step = only(read(tmp_path, ".github/workflows/x.yml", text))
        assert step.file.slice(step.location.span) == "aws s3 ls ${{ env.B }}"


class TestWords:
    @pytest.mark.parametrize(
        ("path", "text", "words"),
        [
            ("a.sh", 'B=acme\naws s3 ls "s3://$B/$KEY"', "aws s3 ls s3://acme/${KEY}"),
            ("a.sh", "B=$(name)\naws s3 ls ${B:-x} `date`", "aws s3 ls ${B} ${}"),
            ("a.sh", "for B in a b; do\naws s3 ls $B\ndone", "aws s3 ls ${B}"),
            ("Makefile", "B = acme\nx:\n\taws s3 ls s3://$(B)/$(KEY)\n", "aws s3 ls s3://acme/${KEY}"),
            (
                ".github/workflows/a.yml",
                "env: {B: acme}\njobs:\n  a:\n    steps:\n    - run: aws s3 ls s3://${{ env.B }}/${{ secrets.K }}\n",
                "aws s3 ls s3://acme/${K}",
            ),
            ("a.tf", 'provisioner "local-exec" {\n command = "aws s3 ls \\"${var.b}\\""\n}', "aws s3 ls ${b}"),
        ],
    )
    def test_variables_are_filled_in_where_they_are_known(
        self, tmp_path: Path, path: str, text: str, words: str
    ) -> None:
        assert calls(read(tmp_path, path, text)) == [words]

    def test_options_with_values_are_no_operands(self, tmp_path: Path) -> None:
        step = only(read(tmp_path, "a.sh", "aws --profile p s3 cp --acl private a s3://b/ --recursive"))
        assert step.operands == ("aws", "s3", "cp", "a", "s3://b/")
        assert step.has("--recursive")
        assert step.has("--acl")
        assert not step.has("--delete")


class TestWhere:
    @pytest.mark.parametrize(
        ("text", "folder"),
        [
            ("zip a b", ""),
            ("cd plugins && zip a b", "plugins"),
            ("(cd plugins; date); zip a b", ""),
            ("pushd a/b\npopd\nzip a b", ""),
            ("pushd a\ncd ../c\nzip a b", "c"),
            ('cd "$HOME"\nzip a b', None),
            ('cd "$HOME"\ncd plugins\nzip a b', "?/plugins"),
            ("cd /tmp\nzip a b", None),
        ],
    )
    def test_the_folder_follows_cd(self, tmp_path: Path, text: str, folder: str | None) -> None:
        assert only(read(tmp_path, "a.sh", text)).folder == folder

    def test_a_script_in_a_folder_is_called_from_anywhere(self, tmp_path: Path) -> None:
        assert only(read(tmp_path, "ops/a.sh", "zip a b")).folder is None
        assert only(read(tmp_path / "m", "ops/Makefile", "x:\n\tzip a b\n")).folder == "ops"

    @pytest.mark.parametrize(
        ("workflow", "folder"),
        [
            ("jobs:\n  a:\n    steps:\n    - run: zip a b\n      working-directory: ./etl\n", "etl"),
            ("defaults: {run: {working-directory: etl}}\njobs: {a: {steps: [{run: zip a b}]}}\n", "etl"),
            ("jobs: {a: {defaults: {run: {working-directory: $X}}, steps: [{run: zip a b}]}}\n", None),
        ],
    )
    def test_a_workflow_says_where(self, tmp_path: Path, workflow: str, folder: str | None) -> None:
        assert only(read(tmp_path, ".github/workflows/a.yml", workflow)).folder == folder


class TestWhen:
    @pytest.mark.parametrize(
        ("text", "conditional"),
        [
            ("zip a b", False),
            ("date && zip a b", False),
            ("! zip a b", False),
            ("date | zip a b", False),
            ("{ zip a b; }", False),
            ("if zip a b; then date; fi", False),
            ("date || zip a b", True),
            ("[ -d x ] && zip a b", True),
            ("git diff --quiet || zip a b", True),
            ("if date; then zip a b; fi", True),
            ("if date; then date; else zip a b; fi", True),
            ("case $X in y) zip a b;; esac", True),
            ("while date; do zip a b; done", True),
            ("pack() { zip a b; }", True),
        ],
    )
    def test_what_runs_now_and_then(self, tmp_path: Path, text: str, conditional: bool) -> None:
        assert only(read(tmp_path, "a.sh", text)).conditional is conditional

    def test_each_script_has_its_number(self, tmp_path: Path) -> None:
        found = read(tmp_path, "Makefile", "a:\n\tzip a b\n\tzip c d && zip e f\n")
        assert [step.script for step in found.steps] == [0, 1, 1]


class TestBadInput:
    @pytest.mark.parametrize("path", ["a.sh", "Makefile", "Jenkinsfile", "a.tf", ".gitlab-ci.yml"])
    @given(text=st.text(alphabet=st.sampled_from(list("aws zip$(){}'\"|&;<>\\\n\t:-[]#@%*!é\0")), max_size=120))
    @settings(max_examples=40, deadline=None)
    def test_any_text_is_read_or_passed_over(self, path: str, text: str) -> None:
        from pathlib import Path

        file = SourceFile(path, Path(path), f"local-exec\n{text}\naws".encode())
        for part in script_parts.parts(file):
            assert part.script.file.data.count(b"\n") == file.data.count(b"\n") or path == ".gitlab-ci.yml"
            assert len(part.script.file.data) == len(file.data)

    def test_a_binary_file_and_a_huge_one_have_no_steps(self, tmp_path: Path) -> None:
        assert calls(read(tmp_path / "binary", "a.sh", f"{SYNC}\0")) == []
        assert calls(read(tmp_path / "huge", "Makefile", f"x:\n\t{SYNC}\n" + "# x\n" * 70_000)) == []

    def test_a_makefile_of_thousands_of_commands_is_read_soon(self, tmp_path: Path) -> None:
        started = process_time()
        found = read(tmp_path, "Makefile", "all:\n" + "".join(f"\t{SYNC}/{number}\n" for number in range(2_000)))
        assert [call.rpartition("/")[2] for call in calls(found)] == list(map(str, range(2_000)))
        # Half a minute when each command was read together with the blanks around it.
        assert process_time() - started < 12

    def test_deep_nesting_ends(self, tmp_path: Path) -> None:
        assert calls(read(tmp_path, "a.sh", "(" * 500 + SYNC + ")" * 500)) == []
