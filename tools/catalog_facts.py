"""The folder of facts the catalogue is generated from, read so that every complaint names its file and key."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

CONFIDENCES = ("high", "medium", "low")
_VERSION = re.compile(r"\d+(?:\.\d+)+")


class FactsError(Exception):
    """Facts that cannot be used; the text names the file, the key and what is wrong."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a facts file: where it stands, so that a complaint can say so, and the source that covers it."""

    value: Any
    where: str
    source: tuple[str, ...] = ()
    confidence: str = ""

    def __getitem__(self, key: str) -> Node:
        if key not in self.mapping():
            raise FactsError(f"{self.where}{key} is missing")
        value = self.value[key]
        beside = replace(self, value=value, where=f"{self.where}{key}.").covered_by(self.value, f"{key}_")
        return beside.covered_by(value) if isinstance(value, dict) else beside

    def get(self, key: str) -> Node | None:
        """The child, None when it is missing or null."""
        return None if self.mapping().get(key) is None else self[key]

    def at(self, path: Iterable[str]) -> Node:
        node = self
        for key in path:
            node = node[key]
        return node

    def covered_by(self, holder: Mapping[str, Any], prefix: str = "") -> Node:
        """The node under the source and confidence that ``holder`` states, if it states any."""
        source = _sources(holder.get(f"{prefix}source"))
        stated = re.match(r"\w+", str(holder.get(f"{prefix}confidence") or ""))
        return replace(self, source=source or self.source, confidence=stated[0] if stated else self.confidence)

    def items(self) -> Iterator[tuple[str, Node]]:
        return ((str(key), self[key]) for key in self.mapping())

    def mapping(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.wrong("must be a mapping")
        return self.value

    def entries(self) -> list[Node]:
        if not isinstance(self.value, list):
            raise self.wrong("must be a list")
        rows = (replace(self, value=value, where=f"{self.name}[{at}].") for at, value in enumerate(self.value))
        return [row.covered_by(row.value) if isinstance(row.value, dict) else row for row in rows]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            raise self.wrong("must be a text")
        return self.value

    def texts(self) -> list[str]:
        return [node.text() for node in self.entries()]

    def integer(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("must be a whole number")
        return self.value

    def number(self) -> float:
        if not isinstance(self.value, int | float) or isinstance(self.value, bool) or self.value < 0:
            raise self.wrong("must be a number, not negative")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("must be true or false")
        return self.value

    def day(self) -> str:
        try:
            return date.fromisoformat(str(self.value)).isoformat()
        except ValueError:
            raise self.wrong("must be a date (YYYY-MM-DD)") from None

    def version(self) -> str:
        if not _VERSION.fullmatch(self.text()):
            raise self.wrong("must be a version")
        return self.text()

    @property
    def name(self) -> str:
        return self.where.rstrip(" :.")

    def wrong(self, why: str) -> FactsError:
        return FactsError(f"{self.name} {why}, not {str(self.value)[:60]!r}")

    def provenance(self) -> dict[str, Any]:
        """Source and confidence, which every fact must have."""
        if not self.source:
            raise FactsError(f"{self.name} has no source")
        if self.confidence not in CONFIDENCES:
            raise FactsError(f"{self.name} has no confidence (one of {', '.join(CONFIDENCES)})")
        return {"source": list(self.source), "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Facts:
    """The folder of facts, and the day it was compiled."""

    folder: Path

    def read(self, name: str) -> Node:
        """One YAML file, without its extension; its ``meta`` covers what states no source of its own."""
        path = self.folder / f"{name}.yaml"
        document = Node(parse(path, yaml.safe_load), f"{path.name}: ")
        meta = document["meta"].mapping()
        source = meta.get("sources") or meta.get("main_source")
        return document.covered_by({"source": source, "confidence": meta.get("confidence")})

    def pins(self) -> dict[str, Node]:
        paths = sorted((self.folder / "pins").glob("*.json"))
        return {path.stem: Node(parse(path, json.loads), f"pins/{path.name}: ") for path in paths}

    def date(self) -> str:
        return self.read("versions").at(("meta", "compiled")).day()

    def images(self) -> list[str]:
        """The versions whose image code the facts were read from, oldest first."""
        node = self.read("requirements_behaviour").at(("meta", "code_versions_compared"))
        return sorted((row.version() for row in node.entries()), key=version_key)


def version_key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _sources(value: object) -> tuple[str, ...]:
    """Sources as a list; a URL is kept without the remark behind it."""
    texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    parts = [part for text in texts for part in re.split(r";\s+(?=https?://)", str(text))]
    return tuple(part.split()[0] if part.startswith("http") else part for part in parts)


def parse(path: Path, parser: Callable[[str], Any]) -> Any:
    try:
        return parser(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FactsError(f"{path.name} cannot be read: {error.strerror}") from None
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise FactsError(f"{path.name} cannot be parsed: {' '.join(str(error).split())}") from None
