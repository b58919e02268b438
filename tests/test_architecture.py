"""The budgets the project sets itself: short functions, short files, more test code than code, nothing of a machine in
it.
"""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
CODE = sorted(path for folder in ("mwaalint", "tools") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


def lines_of_code(path: Path) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return sum(1 for line in lines if line.strip() and not line.lstrip().startswith("#"))


def test_the_median_function_fits_in_a_glance() -> None:
    assert median(length for path in CODE for _, length in functions(path)) <= 12


def test_no_function_is_longer_than_a_screen() -> None:
    assert [function for path in CODE for function in functions(path) if function[1] > 60] == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_there_is_more_test_than_code() -> None:
    """Pages count: their examples are tests. A ratchet on the way to twice as much."""
    pages = sum(lines_of_code(page) for page in (ROOT / "rules").rglob("*.md"))
    assert sum(map(lines_of_code, TESTS)) + pages >= 1.3 * sum(map(lines_of_code, CODE))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_nothing_tells_of_a_machine_or_a_package_registry() -> None:
    words = re.compile(
        "|".join(
            [
                *(r"/" + "root/", r"/" + "home/(?!airflow/)"),
                *("py" + r"pi\.org", "pythonhosted" + r"\.org", "npm" + r"js\.(com|org)"),
            ]
        )
    )
    found = []
    for path in tracked():
        if path.is_file() and path.suffix not in (".png", ".whl", ".zip"):
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in words.finditer(text)]
    assert found == []


def new_rule(root: Path, code: str, family: str, name: str) -> list[str]:
    from tools.new_rule import main

    assert main([code, family, name, "--on", "InstallPlan", "--root", str(root)]) == 0
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_new_rule_is_two_files(tmp_path: Path) -> None:
    family = tmp_path / "mwaalint" / "checks" / "requirements"
    family.mkdir(parents=True)
    (family / "__init__.py").write_text("")
    made = new_rule(tmp_path, "MW999", "requirements", "made-up")
    assert made == [
        "mwaalint/checks/requirements/__init__.py",
        "mwaalint/checks/requirements/made_up.py",
        "rules/requirements/MW999-made-up.md",
    ]
    assert '@check("MW999", on=InstallPlan)' in (tmp_path / made[1]).read_text()
    compile((tmp_path / made[1]).read_text(), made[1], "exec")


def test_the_first_rule_of_a_family_brings_its_package(tmp_path: Path) -> None:
    made = new_rule(tmp_path, "MW999", "local-runner", "made-up")
    assert made == [
        "mwaalint/checks/local_runner/__init__.py",
        "mwaalint/checks/local_runner/made_up.py",
        "rules/local-runner/MW999-made-up.md",
    ]
    assert "def applies(deployment: Deployment) -> bool:" in (tmp_path / made[0]).read_text()


def test_a_taken_name_and_an_existing_check_are_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tools.new_rule import main

    new_rule(tmp_path, "MW998", "requirements", "made-up")
    assert main(["MW999", "environment", "made-up", "--root", str(tmp_path)]) == 2
    (tmp_path / "rules" / "requirements" / "MW998-made-up.md").unlink()
    assert main(["MW999", "requirements", "made-up", "--root", str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "made-up is taken by rules/requirements/MW998-made-up.md",
        "mwaalint/checks/requirements/made_up.py is there already",
    ]


def test_a_taken_code_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    from tools.new_rule import main

    assert main(["MW001", "tool", "another"]) == 2
    assert capsys.readouterr().err == "MW001 is taken by rules/tool/MW001-not-analyzed.md\n"


@pytest.mark.parametrize(("code", "name"), [("MW1", "x"), ("XX999", "x"), ("MW999", "Not_So")])
def test_a_wrong_code_or_name_is_refused(code: str, name: str) -> None:
    from tools.new_rule import main

    assert main([code, "requirements", name]) == 2
