"""Projects with a local runner, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.catalog import load
from mwaalint.discover import discover
from mwaalint.fix.apply import fix_all
from mwaalint.model.resolve import resolve
from tests.deployments import check, write_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.findings import Finding
    from mwaalint.model.deployment import Deployment
    from mwaalint.model.local_runner import LocalRunner

ENVIRONMENT = 'resource "aws_mwaa_environment" "etl" {\n  name = "etl"\n  airflow_version = "2.10.3"\n}\n'
COMPOSE = "docker/docker-compose-local.yml"


def runner(body: str, image: str = "amazon/mwaa-local:2_10", name: str = "local-runner") -> str:
    """A Compose file with one service; ``body`` is flow or block YAML with the service's keys."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"services:\n  {name}:\n    image: {image}\n{lines}"


def deployments(root: Path, files: dict[str, str]) -> tuple[Deployment, ...]:
    write_all(root, {"main.tf": ENVIRONMENT, **files})
    return resolve(discover(root), load()).deployments


def local(root: Path, files: dict[str, str]) -> LocalRunner | None:
    """The local runner of a project with one environment."""
    (deployment,) = deployments(root, files)
    return deployment.local


def found(root: Path, files: dict[str, str], code: str) -> list[Finding]:
    """The findings of a rule in a project with one environment."""
    result = check(write_all(root, {"main.tf": ENVIRONMENT, **files}))
    assert not result.crashed
    return [finding for finding in result.findings if finding.code == code]


def fixed(root: Path, files: dict[str, str], *, unsafe: bool = False) -> dict[str, bytes]:
    """The files that --fix changes; a second time changes nothing."""
    write_all(root, {"main.tf": ENVIRONMENT, **files})

    def run(overlay: Mapping[str, bytes] | None) -> object:
        return check(root, overlay=overlay)

    changed = dict(fix_all(run, unsafe=unsafe).changed)  # type: ignore[arg-type]
    for path, data in changed.items():
        (root / path).write_bytes(data)
    assert not fix_all(run, unsafe=unsafe).changed  # type: ignore[arg-type]
    return changed
