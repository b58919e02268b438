"""The projects that benchmarks/doubling.py measures are what their names say, and their sizes double."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from benchmarks import doubling
from mwaalint.discover import discover
from mwaalint.model.declared import declarations
from tests.terraform_projects import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("make", "size", "environments"),
    [
        (doubling.terraform, 25, 5),
        (doubling.flat, 25, 25),
        (doubling.roots, 25, 10),
        (doubling.terragrunt, 25, 12),
        (doubling.cloudformation, 100, 1),
        (doubling.plan, 200, 2),
    ],
)
def test_each_project_holds_so_many_environments(
    tmp_path: Path, make: Callable[[Path, int], None], size: int, environments: int
) -> None:
    make(tmp_path, size)
    seconds, found = doubling.reading(tmp_path)
    assert (seconds > 0, found) == (True, environments)


def test_the_environments_are_evaluated_and_not_only_seen(tmp_path: Path) -> None:
    doubling.terraform(tmp_path, 25)
    (tmp_path / "terraform.tfvars").write_text('stage = "prod"\n')
    last = declarations(discover(tmp_path)).environments[-1]
    assert (plain(last.name), plain(last.max_workers)) == ("part-4-prod-after-27", 5)
    assert plain(last.environment_class) == "mw1.large"


def test_sizes_double() -> None:
    for sizes in (doubling.FILES, doubling.RESOURCES):
        assert [later / size for size, later in pairwise(sizes)] == [2] * 4


def test_a_series_is_printed_with_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    doubling.show("Flat", "files", (2, 4), doubling.flat, 1)
    title, first, second = capsys.readouterr().out.strip().splitlines()
    assert title == "Flat (median of 1)"
    assert first.split()[:4] == ["2", "files", "2", "environments"]
    assert first.endswith("1.00 × a file")
    assert second.split()[:2] == ["4", "files"]
