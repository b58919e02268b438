"""One rule on one requirements file: what it finds, and what fixing makes of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint import api
from mwaalint.config import Config
from mwaalint.fix.apply import fix_all
from tests.deployments import ENVIRONMENT, TODAY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Finding

URL = "https://raw.githubusercontent.com/apache/airflow/constraints-{}/constraints-{}.txt"
UPSTREAM = f'--constraint "{URL.format("2.10.3", "3.11")}"\n'
# The comment counts as a constraint for MWAA, so nothing is constrained but the essential packages.
OFF = "# --constraint not wanted\n"


def environment(airflow: str = '"2.10.3"', more: str = "") -> str:
    """A main.tf whose environment installs requirements.txt."""
    return ENVIRONMENT.replace('"2.10.3"', airflow).replace("environment_class ", f"{more}\n  environment_class ", 1)


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())


def checked(
    root: Path, code: str, requirements: str | bytes, others: Mapping[str, str | bytes] | None = None
) -> RunResult:
    """A run of one rule; without a main.tf among ``others`` the environment runs Airflow 2.10.3."""
    write(root, {"main.tf": environment(), **(others or {}), "requirements.txt": requirements})
    result = api.check(root, Config(select=(code,)), today=TODAY)
    assert not result.crashed, [finding.message for finding in result.findings]
    return result


def findings(
    root: Path, code: str, requirements: str | bytes, others: Mapping[str, str | bytes] | None = None
) -> tuple[Finding, ...]:
    result = checked(root, code, requirements, others)
    return tuple(finding for finding in result.findings if finding.code == code)


def found(
    root: Path, code: str, requirements: str | bytes, others: Mapping[str, str | bytes] | None = None
) -> list[str]:
    """What the rule finds, as ``requirements.txt:3 error message``."""
    result = checked(root, code, requirements, others)
    return [shown(result, finding) for finding in result.findings if finding.code == code]


def shown(result: RunResult, finding: Finding) -> str:
    return f"{place(result, finding)} {finding.severity} {finding.message}"


def place(result: RunResult, finding: Finding) -> str:
    path, start = finding.primary.path, finding.primary.span.start
    return f"{path}:{result.sources[path].position(start).line}"


def lines(
    root: Path, code: str, requirements: str | bytes, others: Mapping[str, str | bytes] | None = None
) -> list[int]:
    """The lines of requirements.txt that the rule reports."""
    result = checked(root, code, requirements, others)
    places = [place(result, finding) for finding in result.findings if finding.code == code]
    assert all(text.startswith("requirements.txt:") for text in places)
    return [int(text.removeprefix("requirements.txt:")) for text in places]


def fixed(
    root: Path,
    code: str,
    requirements: str | bytes,
    others: Mapping[str, str | bytes] | None = None,
    *,
    unsafe: bool = False,
) -> bytes:
    """The bytes of requirements.txt after fixing; fixing again changes nothing."""
    data = requirements if isinstance(requirements, bytes) else requirements.encode()
    once = _fixed_once(root, code, data, others, unsafe=unsafe)
    assert _fixed_once(root, code, once, others, unsafe=unsafe) == once
    return once


def _fixed_once(root: Path, code: str, data: bytes, others: Mapping[str, str | bytes] | None, *, unsafe: bool) -> bytes:
    write(root, {"main.tf": environment(), **(others or {}), "requirements.txt": data})
    outcome = fix_all(
        lambda overlay: api.check(root, Config(select=(code,)), today=TODAY, overlay=overlay), unsafe=unsafe
    )
    assert set(outcome.changed) <= {"requirements.txt"}
    return outcome.changed.get("requirements.txt", data)
