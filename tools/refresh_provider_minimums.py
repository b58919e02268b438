"""Generates mwaalint/catalog/data/tables/provider-minimums.json from the changelogs of Airflow's providers.

    python tools/refresh_provider_minimums.py AIRFLOW --date 2026-02-04 [--out FILE]

AIRFLOW is a checkout of apache/airflow with its ``providers/`` folder, the date is that of its commit. Each changelog
says in which release a provider stopped supporting older versions of Airflow. Exit codes: 0 done, 2 nothing to read.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from packaging.version import Version

from tools.refresh_catalog import render

OUT = Path(__file__).resolve().parent.parent / "mwaalint" / "catalog" / "data" / "tables" / "provider-minimums.json"
SOURCE = "https://github.com/apache/airflow/tree/main/providers"

_RELEASE = re.compile(r"^(\d+\.\d+\.\d+)\n[.~^-]+$", re.M)
_NAME = re.compile(r"^package-name:\s*(apache-airflow-providers-[a-z0-9-]+)\s*$", re.M)
_DECLARED = re.compile(r'"apache-airflow>=(\d+\.\d+\.\d+)')
_NOTES = (
    re.compile(r"only available for Airflow (\d+\.\d+(?:\.\d+)?)\+"),
    re.compile(r"requires Airflow (\d+\.\d+(?:\.\d+)?)\+"),
    re.compile(r"only works with Airflow (\d+\.\d+(?:\.\d+)?)\+"),
    re.compile(r"only compatible with Airflow (\d+)\."),
)


def minimums(changelog: str) -> list[list[str]]:
    """The releases, oldest first, from which on a provider needs a newer Airflow: [[provider, Airflow], …]."""
    found: list[list[str]] = []
    marks = list(_RELEASE.finditer(changelog))
    ends = [*(mark.start() for mark in marks[1:]), len(changelog)]
    sections = [(mark[1], changelog[mark.end() : end]) for mark, end in zip(marks, ends, strict=False)]
    for release, text in sorted(sections, key=lambda section: Version(section[0])):
        stated = [match[1] for note in _NOTES for match in note.finditer(text)]
        _append(found, release, max(map(_full, stated), key=Version, default=None))
    return found


def table(airflow: Path) -> dict[str, list[list[str]]]:
    """The minimums of every provider in a checkout. What the newest release declares counts where it is higher."""
    rows = {}
    for changelog in sorted(airflow.glob("providers/**/docs/changelog.rst")):
        folder = changelog.parent.parent
        name = _NAME.search(_text(folder / "provider.yaml"))
        text = changelog.read_text(encoding="utf-8")
        releases = _RELEASE.findall(text)
        if name is None or not releases:
            continue
        found = minimums(text)
        declared = _DECLARED.search(_text(folder / "pyproject.toml"))
        _append(found, max(releases, key=Version), declared[1] if declared else None)
        if found:
            rows[name[1]] = found
    return rows


def _append(found: list[list[str]], release: str, minimum: str | None) -> None:
    if minimum and (not found or Version(minimum) > Version(found[-1][1])):
        found.append([release, minimum])


def _full(version: str) -> str:
    return ".".join([*version.split("."), "0", "0"][:3])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main(arguments: list[str]) -> int:
    """Writes the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("airflow", type=Path, help="a checkout of apache/airflow")
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="the date of its commit")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write")
    options = parser.parse_args(arguments)
    rows = table(options.airflow)
    if not rows:
        print(f"{options.airflow}: no providers/**/docs/changelog.rst beside a provider.yaml", file=sys.stderr)
        return 2
    about = "By provider: from which of its versions on it needs at least which version of Airflow, oldest first."
    document = {"about": about, "source": [SOURCE], "date": options.date.isoformat(), "rows": rows}
    options.out.write_text(render(document), encoding="utf-8")
    print(f"{options.out}: {len(rows)} providers")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
