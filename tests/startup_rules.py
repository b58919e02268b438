"""One rule on one startup script: the lines it reports, and what fixing makes of the script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint import api
from mwaalint.config import Config
from mwaalint.fix.apply import fix_all
from tests.deployments import TODAY

if TYPE_CHECKING:
    from pathlib import Path

    from mwaalint.engine.result import RunResult

ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {{
  name                   = "etl"
  airflow_version        = "{airflow}"
  environment_class      = "{size}"
  webserver_access_mode  = "{access}"
  startup_script_s3_path = "config/startup.sh"
}}
"""
SCRIPT = "config/startup.sh"


def checked(
    root: Path,
    code: str,
    script: str | bytes,
    *,
    airflow: str = "2.10.3",
    size: str = "mw1.small",
    access: str = "PUBLIC_ONLY",
    others: dict[str, str] | None = None,
) -> RunResult:
    main = ENVIRONMENT.format(airflow=airflow, size=size, access=access)
    data = script if isinstance(script, bytes) else script.encode()
    files = {path: text.encode() for path, text in {"main.tf": main, **(others or {})}.items()}
    for path, content in {**files, SCRIPT: data}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    result = api.check(root, Config(select=(code,)), today=TODAY)
    assert not result.crashed, [finding.message for finding in result.findings]
    return result


def found(root: Path, code: str, script: str | bytes, **options: object) -> list[tuple[int, str]]:
    """The lines that a rule reports in a script, with the name of what it is about."""
    result = checked(root, code, script, **options)  # type: ignore[arg-type]
    file = result.sources.get(SCRIPT)
    return [
        (file.position(finding.primary.span.start).line if file else 0, finding.primary.symbol)
        for finding in result.findings
        if finding.code == code
    ]


def lines(root: Path, code: str, script: str | bytes, **options: object) -> list[int]:
    return [line for line, _ in found(root, code, script, **options)]


def fixed(root: Path, code: str, script: bytes, *, unsafe: bool = False, **options: object) -> bytes:
    """The script after fixing; fixing again changes nothing."""
    for _ in range(2):
        checked(root, code, script, **options)  # type: ignore[arg-type]
        outcome = fix_all(
            lambda overlay: api.check(root, Config(select=(code,)), today=TODAY, overlay=overlay), unsafe=unsafe
        )
        assert set(outcome.changed) <= {SCRIPT}
        after = outcome.changed.get(SCRIPT, script)
        if after != script:
            before, script = script, after
            assert before != after
    return script
