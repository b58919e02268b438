"""MW211: a replacement that is made first, under the name that the old environment still has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.model.environment import Environment
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW211", on=Environment)
def fixed_name_blocks_replacement(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports ``create_before_destroy`` with a name that stays the same, as far as the project tells."""
    first, name = environment.made_before_destroyed, known(environment.name, str)
    if first is None or not name or _follows_the_version(name, known(environment.airflow_version, str)):
        return
    related = [environment.where("name").noted("the name stays the same")]
    yield ctx.report(first.origin, related=related, subject="create_before_destroy", environment=name)


def _follows_the_version(name: str, version: str | None) -> bool:
    """Whether a name has the Airflow version in it, so that an upgrade changes it."""
    numbers = (version or "").split(".")[:2]
    return len(numbers) > 1 and re.search(r"\D*".join(map(re.escape, numbers)), name) is not None
