"""MW802 local-dags-mounted-rw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Edit, Fix, Location, Safety
from mwaalint.model.local_runner import LocalRunner
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.compose import Mount
    from mwaalint.findings import Finding
    from mwaalint.model.local_runner import AirflowService

_DAGS = "/usr/local/airflow/dags"
# A volume of Docker's own is no folder of the repository.
_FOLDER = (".", "/", "~", "$")


@check("MW802", on=LocalRunner)
def local_dags_mounted_rw(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """Mounts of the DAGs folder that code on a laptop can write to."""
    seen = set()
    for one in local.running(ctx.deployment.target.airflow):
        for mount in one.service.mounts:
            place = Location(mount.text.file.path, mount.text.span, f"{one.service.name}.volumes")
            if not _is_writable(mount) or _downloads_dags(one) or (place.path, place.span) in seen:
                continue
            seen.add((place.path, place.span))
            yield ctx.report(place, source=mount.source, service=one.service.name, fix=_fix(mount, one))


def _is_writable(mount: Mount) -> bool:
    is_dags = mount.target.rstrip("/") == _DAGS and mount.source.startswith(_FOLDER)
    return is_dags and mount.read_only is False


def _downloads_dags(one: AirflowService) -> bool:
    """Whether the entry point copies DAGs from S3 into the folder, or may: then it has to write there."""
    return (one.value("S3_DAGS_PATH") or "").strip("\"'") != ""


def _fix(mount: Mount, one: AirflowService) -> Fix | None:
    """Nothing where the author says "rw". What else is mounted inside needs a folder that Docker may have to make."""
    edit = None if mount.stated else _edit_of_mapping(mount) if mount.node else _edit_of_text(mount)
    if edit is None:
        return None
    inside = any(other.target.rstrip("/").startswith(f"{_DAGS}/") for other in one.service.mounts)
    return Fix("Mount the DAGs read-only", Safety.UNSAFE if inside else Safety.SAFE, (edit,))


def _edit_of_text(mount: Mount) -> Edit | None:
    """``:ro`` behind the path, or ``,ro`` behind other options; before the quote that ends the text."""
    file, span = mount.text.file, mount.text.span
    written = file.data[span.start : span.end]
    quote = written[-1:] if written[:1] in (b'"', b"'") and written[-1:] == written[:1] else b""
    if not written.removesuffix(quote).endswith(mount.text.value.encode(file.encoding)):
        return None
    end = span.end - len(quote)
    has_options = not mount.text.value.endswith(mount.target)
    addition = (",ro" if has_options else ":ro").encode(file.encoding)
    return Edit(file.path, Span(end, end), addition, b"")


def _edit_of_mapping(mount: Mount) -> Edit | None:
    """``read_only`` in front of the target, whose indent it takes."""
    file, node = mount.text.file, mount.node
    entry = node.entry("target") if node else None
    if node is None or entry is None or file.encoding != "utf-8":
        return None
    start = entry.key_span.start
    if not (node.span.start <= start < node.span.end):
        return None  # merged from elsewhere
    column = start - (file.data.rfind(b"\n", 0, start) + 1)
    flow = file.data[node.span.start : node.span.start + 1] == b"{"
    between = ", " if flow else file.newline + " " * column
    return Edit(file.path, Span(start, start), f"read_only: true{between}".encode(), b"")
