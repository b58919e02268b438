"""Rules on plugins: what MWAA unpacks to /usr/local/airflow/plugins, and how the archive is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Any deployment may have plugins, and code that is written for their sake."""
    del deployment
    return True
