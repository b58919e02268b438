"""MW808 local-user-override."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.local_runner._places import line_of, place
from mwaalint.documents.compose import filled
from mwaalint.findings import Fix, Safety
from mwaalint.model.local_runner import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.compose import Text
    from mwaalint.findings import Finding

# The user that both images make, the first one that is no system's.
_OWN = ("airflow", "1000")


@check("MW808", on=LocalRunner)
def local_user_override(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """Services that run the image as somebody else than the user for whom Airflow is installed in it."""
    seen = set()
    for one in local.running(ctx.deployment.target.airflow):
        user = one.service.user
        if user is None or (user.file.path, user.span) in seen:
            continue
        seen.add((user.file.path, user.span))
        known = filled(user.value, {})
        if known is None or known.partition(":")[0] not in _OWN:
            yield ctx.report(
                place(user, f"{one.service.name}.user"),
                "unknown" if known is None else "default",
                service=one.service.name,
                user=user.value,
                fix=_fix(user),
            )


def _fix(user: Text) -> Fix | None:
    edit = line_of(user.file, user.span, r"\s*[\"']?user[\"']?\s*:\s*(?:\"[^\"]*\"|'[^']*'|[^\s,#][^,#]*)\s*(?:#.*)?")
    return Fix("Remove user", Safety.SAFE, (edit,)) if edit else None
