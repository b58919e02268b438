"""MW238: lifecycle rules that delete what the environment runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.model.environment import Environment
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.resources import LifecycleRule

_FILES = {
    "requirements_s3_path": "requirements_s3_object_version",
    "plugins_s3_path": "plugins_s3_object_version",
    "startup_script_s3_path": "startup_script_s3_object_version",
}


@check("MW238", on=Environment)
def bucket_lifecycle_deletes_artifacts(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports the rules in force that surely meet DAGs, requirements, plugins or startup script of the environment."""
    bucket = ctx.deployment.related.bucket
    for rule in bucket.lifecycle_rules if bucket else ():
        prefix = known(rule.prefix, str)
        if known(rule.enabled, bool) is not True or rule.narrowed or prefix is None:
            continue
        place = environment.declared.get("source_bucket_arn", environment.location)
        related = [place.noted("the environment reads the bucket")]
        days = known(rule.expiration_days, int)
        if days is not None and (deleted := _deleted(environment, prefix)):
            yield ctx.report(rule.location, related=related, days=days, deleted=_joined(deleted))
        elif pinned := _pinned(environment, rule, prefix):
            days = known(rule.noncurrent_expiration_days, int)
            yield ctx.report(
                rule.location, "pinned", related=related, subject="pinned", days=days, pinned=_joined(pinned)
            )


def _deleted(environment: Environment, prefix: str) -> list[str]:
    """What lies under a prefix: the DAGs where it is all of their folder, each of the files by its key."""
    found = []
    folder = (known(environment.dag_s3_path, str) or "").strip("/")
    if not prefix or (folder and f"{folder}/".startswith(prefix)):
        found.append("the DAGs")
    return found + [key for path in _FILES if (key := _key(environment, path)) and key.startswith(prefix)]


def _pinned(environment: Environment, rule: LifecycleRule, prefix: str) -> list[str]:
    """The files of which the environment keeps a version that is written down, so a newer one leaves it behind."""
    if known(rule.noncurrent_expiration_days, int) is None:
        return []
    return [
        key
        for path, version in _FILES.items()
        if known(environment.get(version), str) and (key := _key(environment, path)) and key.startswith(prefix)
    ]


def _key(environment: Environment, path: str) -> str:
    return (known(environment.get(path), str) or "").lstrip("/")


def _joined(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
