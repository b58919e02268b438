"""The generator of the table of providers, on a checkout with a few changelogs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.refresh_provider_minimums import OUT, main, minimums, table

ROOT = Path(__file__).parent.parent
CHANGELOG = """\
``apache-airflow-providers-acme``

Changelog
---------

3.1.0
.....

Misc
~~~~

* ``Bump min 'acme-sdk' version (#1)``

3.0.0
.....

.. note::
  This release of provider is only available for Airflow 2.10+ as explained in the
  `Apache Airflow providers support policy <https://github.com/apache/airflow>`_.

2.10.0
......

  This release of provider is only available for Airflow 2.9.2+ as explained in the policy.

2.9.0
.....

.. warning:: Due to apply_default decorator removal, this version of the provider requires Airflow 2.1.0+.
   If your Airflow version is < 2.1.0, and you want to install this provider version, first upgrade

1.0.0
.....

Initial version of the provider.
"""


def provider(root: Path, folder: str, changelog: str, requires: str = "") -> None:
    place = root / "providers" / folder
    (place / "docs").mkdir(parents=True)
    (place / "docs" / "changelog.rst").write_text(changelog, encoding="utf-8")
    name = folder.replace("/", "-")
    (place / "provider.yaml").write_text(f"---\npackage-name: apache-airflow-providers-{name}\nname: Acme\n")
    if requires:
        (place / "pyproject.toml").write_text(f'[project]\ndependencies = [\n    "apache-airflow{requires}",\n]\n')


def test_a_changelog_tells_from_which_release_on_which_airflow_is_needed() -> None:
    assert minimums(CHANGELOG) == [["2.9.0", "2.1.0"], ["2.10.0", "2.9.2"], ["3.0.0", "2.10.0"]]


@pytest.mark.parametrize(
    ("note", "minimum"),
    [
        ("The provider in version 4.0.0 only works with Airflow 2.3+. Please upgrade", "2.3.0"),
        ("The new version of the Fab provider is only compatible with Airflow 3.", "3.0.0"),
        ("This release of provider is only available for Airflow 3.0.2+ as explained", "3.0.2"),
    ],
)
def test_the_other_ways_in_which_a_changelog_says_it(note: str, minimum: str) -> None:
    assert minimums(f"4.0.0\n.....\n\n{note}\n\n3.0.0\n.....\n") == [["4.0.0", minimum]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no releases here: only available for Airflow 2.3+\n",
        "4.0.0\n.....\n\nBump min acme version to 2.3\n",
        "4.0.0\n.....\n\nThese bug fixes are only available for new versions of the library.\n",
    ],
)
def test_a_changelog_that_says_nothing_of_it(text: str) -> None:
    assert minimums(text) == []


def test_a_note_that_repeats_or_lowers_the_minimum_adds_nothing() -> None:
    note = "This release of provider is only available for Airflow {}+ as explained in the policy"
    sections = [("3.0.0", "2.5"), ("2.1.0", "2.5"), ("2.0.0", "2.6"), ("1.0.0", "2.4")]
    text = "\n".join(f"{release}\n.....\n\n{note.format(airflow)}\n" for release, airflow in sections)
    assert minimums(text) == [["1.0.0", "2.4.0"], ["2.0.0", "2.6.0"]]


def test_what_the_newest_release_declares_counts_where_it_is_higher(tmp_path: Path) -> None:
    provider(tmp_path, "acme", CHANGELOG, ">=2.11.0,!=3.1.0")
    provider(tmp_path, "common/tools", CHANGELOG, ">=2.9.0")
    provider(tmp_path, "plain", "1.0.0\n.....\n\nInitial version of the provider.\n")
    (tmp_path / "providers" / "docs").mkdir()
    (tmp_path / "providers" / "docs" / "changelog.rst").write_text(CHANGELOG)
    known = [["2.9.0", "2.1.0"], ["2.10.0", "2.9.2"], ["3.0.0", "2.10.0"]]
    assert table(tmp_path) == {
        "apache-airflow-providers-acme": [*known, ["3.1.0", "2.11.0"]],
        "apache-airflow-providers-common-tools": known,
    }


def test_the_table_is_written_with_its_source_and_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    provider(tmp_path, "acme", CHANGELOG)
    out = tmp_path / "out.json"
    assert main([str(tmp_path), "--date", "2026-02-04", "--out", str(out)]) == 0
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written == {
        "about": "By provider: from which of its versions on it needs at least which version of Airflow, oldest first.",
        "source": ["https://github.com/apache/airflow/tree/main/providers"],
        "date": "2026-02-04",
        "rows": {"apache-airflow-providers-acme": [["2.9.0", "2.1.0"], ["2.10.0", "2.9.2"], ["3.0.0", "2.10.0"]]},
    }
    assert capsys.readouterr().out == f"{out}: 1 providers\n"


def test_a_folder_that_is_no_checkout_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    assert main([str(tmp_path), "--date", "2026-02-04", "--out", str(out)]) == 2
    assert not out.exists()
    assert "no providers/**/docs/changelog.rst" in capsys.readouterr().err


def test_the_tool_runs_from_anywhere_and_wants_a_date(tmp_path: Path) -> None:
    script = ROOT / "tools" / "refresh_provider_minimums.py"
    result = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "--date" in result.stderr


def test_the_shipped_table_is_in_the_generators_own_form() -> None:
    from tools.refresh_catalog import render

    text = OUT.read_text(encoding="utf-8")
    assert text == render(json.loads(text))
    assert len(json.loads(text)["rows"]) == 97
