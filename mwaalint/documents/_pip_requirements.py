"""What one line asks pip to install: by packaging alone where it is a name with versions, else by pip's own parser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PackagingRequirement
from packaging.specifiers import SpecifierSet

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from packaging.markers import Marker

# No URL, no path and no archive: pip hands such a line to packaging as it is. Its parser costs ten times the import.
_PLAIN = regex(r"(?P<name>[A-Za-z0-9][\w.-]*)(?P<rest>[^/\\@:]*)")
_UNSAFE_IN_EXTRAS = regex(r"[^A-Za-z0-9.-]+")
_ARCHIVE = regex(r"\.(zip|whl|tar|tgz|tbz|txz|tlz|gz|bz2|xz|lzma)$", re.IGNORECASE)


class BuildError(Exception):
    """A line that pip refuses; the text is the parser's own."""


class Built(NamedTuple):
    """The parts of a requirement. ``url`` is a URL or a path, ``bare_link`` when the line is nothing else."""

    name: str | None
    specifier: SpecifierSet
    extras: frozenset[str] = frozenset()
    marker: Marker | None = None
    url: str | None = None
    vcs: str | None = None
    is_path: bool = False
    bare_link: bool = False


def build(content: str, editable: str | None) -> Built:
    """The parts of a requirement line, or of the value of ``--editable``. Raises BuildError."""
    return (_plain(content) if editable is None else None) or _by_pip(content, editable)


def _plain(content: str) -> Built | None:
    match = _PLAIN.fullmatch(content)
    if match is None or _ARCHIVE.search(match["name"]):
        return None
    try:
        found = PackagingRequirement(content)
    except (InvalidRequirement, RecursionError):
        return None
    extras = frozenset(_UNSAFE_IN_EXTRAS.sub("_", extra).lower() for extra in found.extras)
    return Built(found.name, found.specifier, extras, found.marker)


def _by_pip(content: str, editable: str | None) -> Built:
    import pip_requirements_parser as pip

    try:
        found = pip.build_install_req(content) if editable is None else pip.build_editable_req(editable)
    except RecursionError:
        raise BuildError("it is nested too deeply") from None
    except (pip.PipError, ValueError) as error:
        raise BuildError(str(error)) from error
    link = found.link
    return Built(
        name=found.req.name if found.req else None,
        specifier=found.req.specifier if found.req else SpecifierSet(),
        extras=frozenset(found.extras),
        marker=found.marker,
        url=link.url if link else None,
        vcs=link.scheme.split("+")[0] if link and link.is_vcs else None,
        is_path=bool(link) and (link.is_file or not pip.is_url(link.url)),
        bare_link=link is not None and not pip.is_name_at_url_requirement(content),
    )
