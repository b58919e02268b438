"""Real DAG code from packages on PyPI, laid out as one project with an environment."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

from benchmarks.run import ENVIRONMENT, REQUIREMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROVIDERS, BACKPORTS = "apache-airflow-providers-", "apache-airflow-backport-providers-"
# Wheels with example DAGs of three generations of Airflow, and tools that make DAGs.
WHEELS = (
    *("apache-airflow==2.10.5", "apache-airflow-core==3.0.6", f"{BACKPORTS}google==2021.3.3"),
    *(f"{BACKPORTS}amazon==2021.3.3", f"{PROVIDERS}amazon==2.6.0", f"{PROVIDERS}google==6.4.0"),
    *(f"{PROVIDERS}google==3.0.0", f"{PROVIDERS}microsoft-azure==3.4.0", f"{PROVIDERS}cncf-kubernetes==4.4.0"),
    *("astronomer-cosmos==1.9.2", "dag-factory==0.22.0", "astronomer-providers==1.19.0", "astro-sdk-python==1.8.1"),
    *("gusty==0.23.1", "airflow-provider-great-expectations==1.0.0"),
)
# Source archives with system tests, which are DAGs.
SOURCES = (
    *(f"{PROVIDERS}google==20.0.0", f"{PROVIDERS}google==15.1.0", f"{PROVIDERS}amazon==9.20.0"),
    *(f"{PROVIDERS}amazon==9.7.0", f"{PROVIDERS}microsoft-azure==12.4.0", f"{PROVIDERS}cncf-kubernetes==10.5.0"),
    *(f"{PROVIDERS}databricks==7.4.0", f"{PROVIDERS}standard==1.2.0", f"{PROVIDERS}common-sql==1.27.0"),
    *(f"{PROVIDERS}snowflake==6.3.1", f"{PROVIDERS}apache-spark==5.3.0", f"{PROVIDERS}openlineage==2.3.0"),
)
FEWEST_FILES, FEWEST_LINES = 1_500, 250_000
_NO_DAGS = frozenset({"unit", "migrations"})
_TESTS = frozenset({"tests", "test"})


def project(cache: Path) -> Path:
    """The project, made in the cache folder when it is not there yet."""
    root = cache / "project"
    if not (root / "main.tf").exists():
        for archive in archives(cache / "archives"):
            unpack(archive, root / "dags" / archive.name.partition("-py")[0].replace(".", "_").replace("-", "_"))
        lay_out(root)
    return root


def archives(folder: Path) -> list[Path]:
    """The packages, downloaded one by one: several versions of one are wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, names in (("--only-binary", WHEELS), ("--no-binary", SOURCES)):
        for name in names:
            version = name.replace("-", "_").replace("==", "-")
            if not any(folder.glob(f"{version}[-.]*")):
                words = ["download", "--quiet", "--no-deps", kind, ":all:", "--dest", str(folder), name]
                subprocess.run([sys.executable, "-m", "pip", *words], check=True)
    return sorted(folder.iterdir())


def unpack(archive: Path, folder: Path) -> None:
    """Writes those files of a package that Airflow would search for DAGs: both words are in them."""
    for name, data in _python(archive):
        parts = [part for part in name.split("/") if part not in _TESTS]
        lowered = data.lower()
        if _NO_DAGS.isdisjoint(parts) and b"dag" in lowered and b"airflow" in lowered:
            path = folder.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _python(archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            yield from ((name, opened.read(name)) for name in opened.namelist() if name.endswith(".py"))
        return
    with tarfile.open(archive) as packed:
        for member in packed:
            file = packed.extractfile(member) if member.isfile() and member.name.endswith(".py") else None
            if file is not None:
                yield member.name.partition("/")[2], file.read()


def lay_out(root: Path) -> None:
    """The environment beside the DAGs folder."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
    (root / "main.tf").write_text(ENVIRONMENT, encoding="utf-8")


def part(whole: Path, root: Path, files: int) -> Path:
    """A project with that many of the files, or with copies of them where there are not as many."""
    paths = sorted((whole / "dags").rglob("*.py"))
    for number in range(files):
        path = paths[number * 7 % len(paths) if files > len(paths) else number * len(paths) // files]
        copy = root / "dags" / f"part_{number // len(paths)}" / path.relative_to(whole / "dags")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    lay_out(root)
    return root


def size(root: Path) -> tuple[int, int]:
    """How many Python files a project has, and lines in them."""
    paths = list((root / "dags").rglob("*.py"))
    return len(paths), sum(path.read_bytes().count(b"\n") for path in paths)
