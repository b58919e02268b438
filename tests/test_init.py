"""``mwaalint init``: what it proposes, and that it takes nothing away."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from mwaalint import __version__
from mwaalint.cli import init, starters
from mwaalint.cli.app import app
from mwaalint.source import SourceFile
from tests.deployments import CONSTRAINT, ENVIRONMENT, check, lines, write, write_all
from tests.history import committed, git

HOOK = {"repo": starters.PROJECT, "rev": f"v{__version__}", "hooks": [{"id": "mwaalint"}]}
PRE_COMMIT, WORKFLOW = ".pre-commit-config.yaml", ".github/workflows/mwaalint.yml"


def mwaalint(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def everything(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=CONSTRAINT + "some-package\n")
    committed(tmp_path)
    return tmp_path


def test_it_shows_what_it_would_write_and_writes_nothing(project: Path) -> None:
    before = everything(project)
    result = mwaalint("init", project)
    assert result.exit_code == 0
    for path in ("mwaalint.toml", PRE_COMMIT, WORKFLOW):
        assert f"--- /dev/null\n+++ b/{path}\n" in result.output
    assert "+# etl: Airflow 2.10.3 declared in main.tf, requirements.txt\n" in result.output
    assert result.output.endswith("Nothing was written; mwaalint init --yes writes it.\n")
    assert everything(project) == before


def test_with_yes_it_writes_and_a_second_time_there_is_nothing_to_add(project: Path) -> None:
    findings = lines(check(project))
    result = mwaalint("init", project, "--yes")
    assert f"Wrote mwaalint.toml, {PRE_COMMIT}, {WORKFLOW}. Next: mwaalint check shows 1 finding; " in result.output
    written = everything(project)
    assert yaml.safe_load(written[PRE_COMMIT]) == {"repos": [HOOK]}
    assert yaml.safe_load(written[WORKFLOW])["jobs"]["mwaalint"]
    assert lines(check(project)) == findings
    again = mwaalint("init", project, "--yes")
    assert again.output.splitlines() == [
        "mwaalint.toml already has settings.",
        f"{PRE_COMMIT} already has the hook.",
        f"{WORKFLOW} already runs mwaalint.",
    ]
    assert everything(project) == written


def test_on_a_terminal_it_asks(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "_is_asked", lambda: True)
    before = everything(project)
    assert "Write this? [y/N]" in CliRunner().invoke(app, ["init", str(project)], input="n\n").output
    assert everything(project) == before
    CliRunner().invoke(app, ["init", str(project)], input="y\n")
    assert (project / "mwaalint.toml").exists()


def test_what_is_there_stays_as_it_is(project: Path) -> None:
    write_all(project, {WORKFLOW: "name: ours\n", "mwaalint.toml": 'fail-on = "error"\n', PRE_COMMIT: "repos: []\n"})
    before = everything(project)
    output = mwaalint("init", project, "--yes").output
    assert f"{WORKFLOW} already exists and stays as it is." in output
    assert f"{PRE_COMMIT} cannot be extended safely" in output
    assert everything(project) == before


def test_a_link_is_never_written_through(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "config.yaml"
    outside.write_text("repos:\n- repo: local\n  hooks: []\n")
    (project / PRE_COMMIT).symlink_to(outside)
    (project / "mwaalint.toml").symlink_to(outside.parent / "nowhere")
    mwaalint("init", project, "--yes")
    assert "mwaalint" not in outside.read_text()
    assert not (outside.parent / "nowhere").exists()


def test_a_file_that_changes_meanwhile_is_left_alone(project: Path) -> None:
    write(project, pyproject__toml="[project]\n")
    plan = init.planned(project, check(project).deployments, None)
    write(project, pyproject__toml="[project]\nname = 'x'\n")
    with pytest.raises(Exception, match=r"pyproject.toml has changed in the meantime"):
        init.write(plan)
    assert (project / "pyproject.toml").read_text() == "[project]\nname = 'x'\n"
    write_all(project, {PRE_COMMIT: "repos: []\n"})
    plan.files.pop("pyproject.toml")
    with pytest.raises(Exception, match=r"could not be written: File exists"):
        init.write(plan)


# Settings


def test_settings_go_to_the_end_of_a_pyproject(project: Path) -> None:
    before = '# ours\n[project]\nname = "x"  # keep\n[tool.other]\na = 1'
    write(project, pyproject__toml=before)
    mwaalint("init", project, "--yes", "--profile", "strict")
    after = (project / "pyproject.toml").read_text()
    assert after.startswith(before + "\n\n[tool.mwaalint]\n# etl: Airflow 2.10.3")
    assert tomllib.loads(after)["tool"] == {"other": {"a": 1}, "mwaalint": {"profile": "strict"}}
    assert not (project / "mwaalint.toml").exists()


def test_windows_newlines_stay_what_they_are(project: Path) -> None:
    (project / "pyproject.toml").write_bytes(b'[project]\r\nname = "x"\r\n')
    mwaalint("init", project, "--yes")
    data = (project / "pyproject.toml").read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") > 4


def test_a_pyproject_that_takes_no_more_tables_is_left_alone(project: Path) -> None:
    write(project, pyproject__toml="tool = {other = {a = 1}}\n")
    output = mwaalint("init", project, "--yes").output
    assert "pyproject.toml cannot be extended, so the settings get their own file." in output
    assert (project / "pyproject.toml").read_text() == "tool = {other = {a = 1}}\n"
    assert (project / "mwaalint.toml").exists()


def test_what_was_inferred_is_told_and_not_stated(tmp_path: Path) -> None:
    """A setting is taken at its word, so findings would come and go with it."""
    write_all(
        tmp_path,
        {
            "README.md": "Runs on MWAA.\n",
            "dags/a.py": "from airflow import DAG\nDAG('a')\n",
            "requirements.txt": "six\n",
        },
    )
    committed(tmp_path)
    findings = lines(check(tmp_path))
    mwaalint("init", tmp_path, "--yes")
    text = (tmp_path / "mwaalint.toml").read_text()
    assert "# known by its folders: Airflow version unknown, requirements.txt, DAGs in dags\n" in text
    assert '# airflow-version = "2.10.3"' in text
    assert '# [[environment]]\n# requirements = "requirements.txt"\n# dags = "dags"\n' in text
    assert lines(check(tmp_path)) == findings
    stated = tomllib.loads("\n".join(line.removeprefix("# ") for line in text.partition("state it:\n")[2].splitlines()))
    assert stated == {"environment": [{"requirements": "requirements.txt", "dags": "dags"}]}


def test_a_repository_without_mwaa_is_told_so(tmp_path: Path) -> None:
    write(tmp_path, README__md="x\n")
    committed(tmp_path)
    assert "+# nothing related to MWAA was found here yet\n" in mwaalint("init", tmp_path).output


def test_names_cannot_end_a_comment(tmp_path: Path) -> None:
    write(
        tmp_path, main__tf=ENVIRONMENT.replace('= "etl"', r'= "e\nfail-on = \"never\""'), requirements__txt=CONSTRAINT
    )
    committed(tmp_path)
    mwaalint("init", tmp_path, "--yes")
    assert tomllib.loads((tmp_path / "mwaalint.toml").read_text()) == {}


def test_to_set_it_up_makes_no_repository_one_of_mwaa(tmp_path: Path) -> None:
    """Else findings would come with the settings, or with the baseline that was to accept them."""
    write_all(tmp_path, {"dags/a.py": "from airflow import DAG\nDAG('a')\n", "requirements.txt": "six\n"})
    committed(tmp_path)
    mwaalint("init", tmp_path, "--yes")
    mwaalint("baseline", tmp_path)
    assert check(tmp_path).deployments == ()
    write_all(tmp_path, {"README.md": "Runs on MWAA.\n"})
    assert len(check(tmp_path).deployments) == 1


# Hooks


def hooked(tmp_path: Path, text: str) -> str | None:
    return starters.with_hook(SourceFile(PRE_COMMIT, tmp_path / PRE_COMMIT, text.encode()))


BLOCK = "  - repo: https://example.com/a\n    rev: v1\n    hooks:\n      - id: a\n"


@pytest.mark.parametrize(
    "text",
    [
        "repos:\n" + BLOCK,
        "repos:\n" + BLOCK.rstrip(),
        "# ours\n---\nrepos:\n\n" + BLOCK + "\n" + BLOCK + "        args: [x]  # why\n",
        "repos:\n- repo: local\n  hooks:\n  - id: a\n    language: system\n    entry: a\n",
        "repos:\n-   repo: local\n    hooks:\n    -   id: a\n",
        "repos:\n" + BLOCK + "    # - id: later\n\n# CI\nci:\n  autofix_prs: false\n",
        "repos:\n" + BLOCK + "default_stages: [commit]\n",
        "fail_fast: true\r\nrepos:\r\n" + BLOCK.replace("\n", "\r\n"),
        "\ufeffrepos:\n" + BLOCK,
    ],
)
def test_a_hook_is_added_and_every_line_stays(tmp_path: Path, text: str) -> None:
    after = hooked(tmp_path, text)
    assert after is not None
    before: Any = yaml.safe_load(text)
    assert yaml.safe_load(after) == {**before, "repos": [*before["repos"], HOOK]}
    left = iter(after.splitlines())
    assert all(line in left for line in text.removeprefix("\ufeff").splitlines()), "a line is gone or moved"
    assert ("\r\n" in after) == ("\r\n" in text)
    assert "\n# CI\nci:" in after or "# CI" not in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "repos:\n",
        "repos: []\n",
        "repos: [{repo: local, hooks: []}]\n",
        "repos:\n  - {repo: local, hooks: []}\n  -\n    repo: local\n    hooks: []\n",
        "repos: &a\n  x: 1\n",
        "- repo: local\n",
        "repos:\n  - repo: [\n",
        "repos:\n\t- repo: local\n",
        "a: 1\n---\nrepos:\n" + BLOCK,
        'repos:\n  - repo: "\\\n' + "x" * 10,
    ],
)
def test_a_file_of_another_shape_is_left_alone(tmp_path: Path, text: str) -> None:
    assert hooked(tmp_path, text) is None


# Workflows and the repository


def test_the_workflow_is_the_example(project: Path) -> None:
    example = Path(__file__).parent.parent / "examples" / "github" / "mwaalint.yml"
    packaged = Path(starters.__file__).with_name("workflow.yml")
    assert packaged.read_bytes() == example.read_bytes()
    assert starters.workflow("main") == example.read_text(encoding="utf-8").partition("\n")[2]


def test_the_workflow_names_the_branch_of_the_repository(project: Path) -> None:
    git(project, "checkout", "-q", "-b", "trunk/1")
    mwaalint("init", project, "--yes")
    assert yaml.safe_load((project / WORKFLOW).read_text())[True]["push"]["branches"] == ["trunk/1"]


def test_a_workflow_that_runs_it_is_enough(project: Path) -> None:
    write_all(project, {".github/workflows/ci.yaml": "run: mwaalint check\n"})
    assert ".github/workflows/ci.yaml already runs mwaalint." in mwaalint("init", project).output


def test_gitlab_gets_no_workflow_of_github(project: Path) -> None:
    write_all(project, {".gitlab-ci.yml": "test: {script: x}\n"})
    output = mwaalint("init", project).output
    assert WORKFLOW not in output
    assert "For .gitlab-ci.yml there is a job to copy" in output


def test_without_git_there_are_only_settings(tmp_path: Path) -> None:
    write(tmp_path, main__tf=ENVIRONMENT, requirements__txt=CONSTRAINT)
    assert "This is not a git repository" in mwaalint("init", tmp_path, "--yes").output
    assert sorted(everything(tmp_path)) == ["main.tf", "mwaalint.toml", "requirements.txt"]


def test_below_the_top_of_a_repository_it_says_where_to_run(tmp_path: Path) -> None:
    write_all(tmp_path, {"infra/main.tf": ENVIRONMENT})
    committed(tmp_path)
    result = mwaalint("init", tmp_path / "infra")
    assert result.exit_code == 2
    assert "belong at the top of the repository" in " ".join(result.output.split())
    assert mwaalint("init", tmp_path, "--profile", "none").exit_code == 2
