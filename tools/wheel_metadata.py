"""What a wheel says of itself: its name, what is imported from it, and what it needs."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from email.parser import HeaderParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_CODE = (".py", ".so", ".pyd")


class WheelFacts(NamedTuple):
    """A wheel. ``needs`` and the values of ``extras`` are packages, "name" and "name[extra]"."""

    name: str
    imports: tuple[str, ...]
    needs: tuple[str, ...]
    extras: Mapping[str, tuple[str, ...]]


def read_wheel(path: Path, namespaces: frozenset[str]) -> WheelFacts:
    """Reads a wheel's list of files and its METADATA, nothing else of it."""
    with zipfile.ZipFile(path) as wheel:
        files = wheel.namelist()
        metadata = next(name for name in files if name.endswith(".dist-info/METADATA") and name.count("/") == 1)
        headers = HeaderParser().parsestr(wheel.read(metadata).decode("utf-8", "replace"))
    needs, extras = _needs(headers.get_all("Requires-Dist") or [])
    return WheelFacts(canonicalize_name(headers["Name"]), tuple(imports_of(files, namespaces)), needs, extras)


def imports_of(files: Iterable[str], namespaces: frozenset[str]) -> list[str]:
    """The highest packages and modules that the files make importable, below folders that packages share."""
    modules = [module for name in files if (module := _module(name))]
    packages = {module.removesuffix(".__init__") for module in modules if module.endswith(".__init__")} - namespaces
    found = {_root(module, packages, namespaces) for module in modules}
    return sorted(one for one in found if one not in namespaces and not one.startswith("_") and one)


def _module(name: str) -> str:
    """The dotted name of a file of code, "" for any other file."""
    parts = PurePosixPath(name).parts
    if parts[0].endswith(".data"):
        parts = parts[2:] if len(parts) > 2 and parts[1] in ("purelib", "platlib") else ()
    if not parts or parts[0].endswith(".dist-info") or not parts[-1].endswith(_CODE):
        return ""
    parts = (*parts[:-1], parts[-1].partition(".")[0])
    return ".".join(parts) if all(part.isidentifier() for part in parts) else ""


def _root(module: str, packages: set[str], namespaces: frozenset[str]) -> str:
    parts = module.removesuffix(".__init__").split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        if name in packages or (name not in namespaces and depth == len(parts)):
            return name
    return ""


def _needs(lines: Iterable[str]) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    plain: set[str] = set()
    extras: defaultdict[str, set[str]] = defaultdict(set)
    for requirement in _parsed(lines):
        name = canonicalize_name(requirement.name)
        needed = {name, *(f"{name}[{canonicalize_name(extra)}]" for extra in requirement.extras)}
        wanted = list(_extras(requirement))
        for extra in wanted:
            extras[extra] |= needed
        if not wanted:
            plain |= needed
    return tuple(sorted(plain)), {extra: tuple(sorted(needed)) for extra, needed in extras.items()}


def _parsed(lines: Iterable[str]) -> Iterator[Requirement]:
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def _extras(requirement: Requirement) -> Iterator[str]:
    """The extras that a marker asks for. Every other condition of it is taken to hold."""
    words = str(requirement.marker or "").replace("(", " ").replace(")", " ").split()
    for before, sign, value in zip(words, words[1:], words[2:], strict=False):
        if before == "extra" and sign == "==":
            yield canonicalize_name(value.strip("\"'"))
