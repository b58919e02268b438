"""The audit in a real browser: nothing goes wrong or is loaded, and a keyboard or a screen reader is enough."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mwaalint import api
from tests.deployments import write
from tests.reporting import rendered

SCRIPT = Path(__file__).with_name("audit_in_browser.cjs")
EXAMPLE = Path(__file__).parent.parent / "examples" / "etl"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def browser() -> str:
    modules = os.environ.get("MWAALINT_BROWSER_MODULES")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not modules or not found:
        pytest.skip(
            "needs Chromium, and MWAALINT_BROWSER_MODULES with playwright-core and axe-core, as .ci/run has them"
        )
    return found


def seen(browser: str, page: str, folder: Path) -> list[dict[str, Any]]:
    """What the browser tells of a page, once a size."""
    file = folder / "audit.html"
    file.write_text(page, encoding="utf-8")
    done = subprocess.run(
        ["node", SCRIPT, browser, file, folder],
        env={**os.environ, "NODE_PATH": os.environ["MWAALINT_BROWSER_MODULES"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    results: list[dict[str, Any]] = json.loads(done.stdout)
    assert [one["size"] for one in results] == ["wide", "narrow", "dark"]
    assert all((folder / f"{one['size']}.png").stat().st_size > 10_000 for one in results)
    return results


def serious(result: dict[str, Any]) -> list[str]:
    return [text for text in result["violations"] if text.startswith(("serious", "critical"))]


def test_the_page_is_quiet_accessible_and_fits(browser: str, tmp_path: Path) -> None:
    page = rendered("html", api.check(EXAMPLE, today=date(2026, 11, 25)))
    for result in seen(browser, page, tmp_path):
        assert result["errors"] == []
        assert len(result["requests"]) == 1, "only the page itself"
        assert serious(result) == []
        assert result["overflow"] <= 0, f"{result['size']}: the page scrolls sideways"
        assert result["focused"] == "skip", "the first stop of the keyboard leads past the header"


def test_markup_in_a_repository_does_nothing(browser: str, tmp_path: Path) -> None:
    environment = f'resource "aws_mwaa_environment" "etl" {{\n  name = "{NASTY}"\n  airflow_version = "2.5.1"\n}}\n'
    project = write(tmp_path / "project", main__tf=environment)
    for result in seen(browser, rendered("html", api.check(project)), tmp_path):
        assert (result["errors"], len(result["requests"]), serious(result)) == ([], 1, [])
