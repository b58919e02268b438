"""MW126: the file is not UTF-8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import check
from mwaalint.findings import Edit, Fix, Location, Safety
from mwaalint.model.install import InstallPlan
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

# How pip and MWAA find the encoding a comment in the first two lines names (PEP 263).
_CODING = regex(rb"coding[:=]\s*([-\w.]+)")


@check("MW126", on=InstallPlan)
def requirements_not_utf8(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    file = plan.document.file
    if file.encoding == "utf-8":
        return
    if file.mark:
        yield from _marked(plan, ctx)
    elif plan.scan_failed:
        yield _undecodable(plan, ctx)


def _marked(plan: InstallPlan, ctx: Context) -> Iterator[Finding]:
    file, airflow = plan.document.file, ctx.deployment.target.airflow
    if airflow and not ctx.catalog.forces_constraints(airflow):
        return  # pip reads it by its mark, and MWAA does nothing about constraints
    yield ctx.report(
        Location(file.path, file.line_span(1)),
        "unreadable" if airflow and _is_older_than_the_images(plan, ctx) else "marked",
        fix=_rewritten(file, file.text, Safety.SAFE),
        encoding=file.encoding.upper().removesuffix("-LE").removesuffix("-BE"),
        airflow=airflow,
    )


def _is_older_than_the_images(plan: InstallPlan, ctx: Context) -> bool:
    """Whether it is a version whose image AWS has not published, with the code that decodes the file."""
    return bool(ctx.catalog.pins(ctx.deployment.target.airflow or "")) and not plan.essential_known


def _undecodable(plan: InstallPlan, ctx: Context) -> Finding:
    file = plan.document.file
    first = next(index for index, character in enumerate(file.text) if not character.isascii())
    line = file.position(first).line
    # A guessed letter harms nobody in a comment.
    safety = Safety.SAFE if _outside_comments(plan).isascii() else Safety.UNSAFE
    return ctx.report(
        Location(file.path, file.line_span(line)),
        "unread" if _is_older_than_the_images(plan, ctx) else "undecodable",
        fix=_rewritten(file, _as_windows_wrote_it(file.data), safety),
        line=line,
    )


def _outside_comments(plan: InstallPlan) -> bytes:
    data, parts, position = plan.document.file.data, [], 0
    for comment in plan.document.comments:
        parts.append(data[position : comment.span.start])
        position = comment.span.end
    return b"".join([*parts, data[position:]])


def _rewritten(file: SourceFile, text: str, safety: Safety) -> Fix | None:
    if _names_its_encoding(file):
        return None
    edit = Edit(file.path, Span(0, len(file.data)), text.encode("utf-8"), file.data)
    return Fix("Rewrite the file as UTF-8", safety, (edit,))


def _names_its_encoding(file: SourceFile) -> bool:
    head = "\n".join(line for line in file.text.split("\n")[:2] if line.startswith("#"))
    return _CODING.search(head.encode("ascii", "replace")) is not None


def _as_windows_wrote_it(data: bytes) -> str:
    """Text of one byte a character: Windows' code page where it fits, else Latin-1."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
