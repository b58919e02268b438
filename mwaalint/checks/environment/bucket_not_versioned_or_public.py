"""MW210: the bucket of an environment without versioning, or open to the public."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._related import does, short
from mwaalint.findings import Edit, Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.values import Absent, Known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Location
    from mwaalint.model.resources import Bucket

_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_VERSIONING = """

resource "aws_s3_bucket_versioning" "NAME" {
  bucket = aws_s3_bucket.NAME.id

  versioning_configuration {
    status = "Enabled"
  }
}"""
_VERSIONED_BY_A_STEP = regex(rb"put[-_]bucket[-_]versioning")
_BYTEWISE = ("utf-8", "latin-1")
# From the header to the end, where that is plain to see.
_REST_OF_BLOCK = regex(rb"[ \t]*\{(?:[^{}\n]*\}|.*?\n\})", re.DOTALL)
# A bucket of which there is one, without count or for_each.
_SINGLE = regex(r"(?:module\.[^.]+\.)*aws_s3_bucket\.(?P<name>[\w-]+)")


@check("MW210", on=Environment)
def bucket_not_versioned_or_public(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports the environment's own bucket; one that is declared elsewhere, or that is not known whole, is not judged.

    A bucket without a word on public access is private: S3 blocks that for every new bucket.
    """
    bucket = ctx.deployment.related.bucket
    if bucket is None:
        return
    related = [environment.declared.get("source_bucket_arn", environment.location).noted("the environment reads it")]
    label = short(bucket.address)
    if isinstance(bucket.versioning, Absent) and bucket.complete and not does(ctx.project, _VERSIONED_BY_A_STEP):
        yield ctx.report(bucket.location, "unversioned", related=related, fix=_fix(bucket, ctx), bucket=label)
    elif isinstance(bucket.versioning, Known) and bucket.versioning.value is False:
        yield ctx.report(bucket.versioning.origin, "suspended", related=related, bucket=label)
    off = dict(_off(bucket))
    if off:
        first, *others = dict.fromkeys(off.values())
        related += [place.noted("off as well") for place in others]
        yield ctx.report(first, "public", related=related, bucket=label, flags=", ".join(off))


def _off(bucket: Bucket) -> Iterator[tuple[str, Location]]:
    """The flags of the public access block that are off, and where."""
    block = bucket.public_access_block
    flags = block.value if isinstance(block, Known) and isinstance(block.value, dict) else {}
    for name in _FLAGS:
        flag = flags.get(name)
        if isinstance(flag, Known) and flag.value is False:
            yield name, flag.origin


def _fix(bucket: Bucket, ctx: Context) -> Fix | None:
    """Versioning as a resource after the bucket's own, in Terraform's language."""
    match = _SINGLE.fullmatch(bucket.address)
    file = ctx.project.get(bucket.location.path)
    if match is None or file is None or not file.path.endswith(".tf") or file.encoding not in _BYTEWISE:
        return None
    name, start = match["name"], bucket.location.span.end
    block = _REST_OF_BLOCK.match(file.data, start)
    if block is None or b"<<" in block[0] or f'"aws_s3_bucket_versioning" "{name}"'.encode() in file.data:
        return None
    text = _VERSIONING.replace("NAME", name).replace("\n", file.newline)
    edit = Edit(file.path, type(bucket.location.span)(block.end(), block.end()), text.encode(file.encoding), b"")
    return Fix(f"Enable versioning of {name}", Safety.SAFE, (edit,))
