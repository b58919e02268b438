"""The modules and packages of a package are those that pkgutil finds."""

from __future__ import annotations

import pkgutil
from typing import TYPE_CHECKING

import mwaalint
import mwaalint.checks
from mwaalint.checks import dags
from mwaalint.inventory import modules, packages

if TYPE_CHECKING:
    from pathlib import Path


def test_the_packages_of_this_program_are_those_that_pkgutil_finds() -> None:
    for path in (mwaalint.__path__, mwaalint.checks.__path__, dags.__path__):
        found = list(pkgutil.iter_modules(path))
        assert packages(path) == [each.name for each in found if each.ispkg]
        assert modules(path) == [each.name for each in found if not each.ispkg and not each.name.startswith("_")]


def test_what_is_no_module_is_left_out(tmp_path: Path) -> None:
    for name in ("b.py", "a.py", "_shared.py", "__init__.py", "notes.md", "c.pyc"):
        (tmp_path / name).touch()
    assert modules([str(tmp_path)]) == ["a", "b"]


def test_a_folder_that_a_package_left_behind_is_none(tmp_path: Path) -> None:
    (tmp_path / "gone" / "__pycache__").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "__init__.py").touch()
    assert packages([str(tmp_path)]) == ["here"]
