"""What MWAA installs: the requirements file and its constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether the deployment installs requirements, be it from a file that only a deploy step writes."""
    declared = deployment.environment.declared if deployment.environment else {}
    return deployment.requirements is not None or "requirements_s3_path" in declared
