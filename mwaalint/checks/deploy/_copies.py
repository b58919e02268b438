"""What the rules on deploy steps share: commands that copy to S3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.deploy_commands import DeployStep, DeploySteps

_DAGS = regex(r"(?<![a-z])dags?(?![a-z])", re.I)
_MWAA = regex(r"(?<![a-z])(?:mwaa|airflow)(?![a-z])", re.I)


class Copy(NamedTuple):
    """``aws s3 sync`` or ``cp`` from the repository to a bucket; ``key`` is the prefix without slashes around it."""

    step: DeployStep
    verb: str
    source: str
    bucket: str
    key: str

    @property
    def subject(self) -> str:
        """What is copied, in words: a variable's value is not known."""
        return "the DAGs" if "$" in self.source else self.source

    @property
    def is_of_dags(self) -> bool:
        """Whether it brings DAGs to MWAA: the folder's name, the prefix or the bucket that it fills say so."""
        source = self.source.rstrip("/").rpartition("/")[2]
        return bool(_DAGS.search(source) or _DAGS.search(self.key) or (not self.key and _MWAA.search(self.bucket)))


def copies(steps: DeploySteps) -> Iterator[Copy]:
    """The copies to S3, in the order of the steps."""
    for verb in ("sync", "cp"):
        for step in steps.calls("aws", "s3", verb):
            places = step.operands[3:]
            if len(places) == 2 and not _is_in_s3(places[0]) and _is_in_s3(places[1]):
                bucket, _, key = places[1].removeprefix("s3://").partition("/")
                yield Copy(step, verb, places[0], bucket, key.strip("/"))


def _is_in_s3(place: str) -> bool:
    """``s3://…``, or a variable that is called so."""
    return place.startswith("s3://") or re.match(r"\$\{S3_\w*\}", place, re.I) is not None
