"""The fixes of the rules on constraints, over files of all kinds: they end, they end once and for all, and they leave
everything else as it is.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mwaalint import api
from mwaalint.catalog import load
from mwaalint.config import Config
from mwaalint.documents.requirements import RequirementsFile, read_requirements
from mwaalint.findings import Safety
from mwaalint.fix.apply import Outcome, fix_all
from mwaalint.source import SourceFile
from tests.deployments import ENVIRONMENT, TODAY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mwaalint.engine.result import RunResult

CODES = ("MW101", "MW103", "MW105", "MW106", "MW107", "MW111", "MW117", "MW121", "MW124", "MW126")
KEEPING_THE_ENCODING = tuple(code for code in CODES if code != "MW126")
VERSIONS = ("2.4.3", "2.6.3", "2.8.1", "2.9.2", "2.10.3", "2.11.2", "3.0.6", "unknown")
ENCODINGS = {
    "plain": (b"", "utf-8"),
    "marked": (codecs.BOM_UTF8, "utf-8"),
    "utf-16-le": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16-be": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "utf-32-le": (codecs.BOM_UTF32_LE, "utf-32-le"),
}
NAMES = (
    "pandas", "Flask", "SQLAlchemy", "apache-airflow", "apache_airflow", "gevent", "celery", "watchtower", "statsd",
    "apache-airflow-providers-amazon", "snowflake-connector-python", "unheard.of", "yajl-c",
)  # fmt: skip
EXTRAS = ("", "[aws]", " [aws, gcp]")
VERSIONS_ASKED_FOR = (
    "", "==1.0", " == 2.1.4", ">=1.0", "<2,>=1", "~=2.1.0", "===2.1.4", "==2.*", " (>=3)", "!=2.2.5", "==2.10.3",
    "==2.8.1",
)  # fmt: skip
MARKERS = ("", '; python_version > "3"', " ; python_version < '3'", " \\\n  ; sys_platform == 'linux'")
COMMENTS = ("", "  # why", " # größer", "  # for -c users")
URL = "https://raw.githubusercontent.com/apache/airflow/constraints-{}/constraints-{}.txt"
CONSTRAINTS = (
    URL.format("2.10.3", "3.11"), URL.format("2.8.1", "3.11"), URL.format("2.10.3", "3.12"), URL.format("main", "3.9"),
    "/usr/local/airflow/dags/constraints.txt", "/usr/local/airflow/dags/constraints-2.8.1.txt", "${CONSTRAINTS}",
)  # fmt: skip
SPELLINGS = ("-c ", "-c", "--constraint ", "--constraint=", "--constraint\t", "--constr ", "# -c ", "#--constraint ")
OTHER_LINES = (
    "", "# nothing", "  # größer", "# uv pip compile -c c.txt in.txt", "# via", "#   -c constraints.txt", "--pre",
    "--no-index", "--index-url https://example.com/simple", "-r base.txt", "--find-links /usr/local/airflow/plugins",
    "lxml==5.3.0 --hash=sha256:" + "0" * 64, "x @ https://example.com/x-1.0-py3-none-any.whl", "pkg=1.0", "\\",
    "# -*- coding: utf-8 -*-", "# mwaalint: ignore[MW103] as we want it", "\x0c", "pandas \\",
)  # fmt: skip


@st.composite
def requirement_lines(draw: st.DrawFn) -> str:
    parts = (NAMES, EXTRAS, VERSIONS_ASKED_FOR, MARKERS, COMMENTS)
    return "".join(draw(st.sampled_from(choices)) for choices in parts)


@st.composite
def constraint_lines(draw: st.DrawFn) -> str:
    quote = draw(st.sampled_from(("", '"', "'")))
    return f"{draw(st.sampled_from(SPELLINGS))}{quote}{draw(st.sampled_from(CONSTRAINTS))}{quote}"


LINES = st.lists(st.one_of(requirement_lines(), constraint_lines(), st.sampled_from(OTHER_LINES)), max_size=7)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A requirements file with one kind of newline, with or without one at its end."""
    newline = draw(st.sampled_from(("\n", "\r\n")))
    text = newline.join(line.replace("\n", newline) for line in draw(LINES)) + draw(st.sampled_from(("", newline)))
    mark, codec = ENCODINGS[draw(st.sampled_from(sorted(ENCODINGS)))]
    return mark + text.encode(codec)


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A project for each version, to which a test adds the requirements file."""
    folders = {}
    for version in VERSIONS:
        root = tmp_path_factory.mktemp("project")
        stated = "var.airflow_version" if version == "unknown" else f'"{version}"'
        (root / "main.tf").write_text(ENVIRONMENT.replace('"2.10.3"', stated))
        (root / "dags").mkdir()
        (root / "dags" / "etl.py").write_text("from airflow import DAG\n\nDAG('etl', schedule=None)\n")
        (root / "dags" / "constraints.txt").write_text("pandas==1.5.3\n")
        (root / "base.txt").write_text("requests==2.32.3\n")
        (root / "requirements.txt").write_text("")
        folders[version] = root
    return folders


def fixed(
    root: Path, data: bytes, config: Config, *, unsafe: bool, changed: Mapping[str, bytes] | None = None
) -> Outcome:
    """What fixing makes of the project with these requirements, and with other files as they were ``changed``."""

    def run(overlay: Mapping[str, bytes]) -> RunResult:
        given_files = {"requirements.txt": data, **(changed or {}), **overlay}
        result = api.check(root, config, today=TODAY, overlay=given_files)
        assert not result.crashed, [finding.message for finding in result.findings if finding.code == "MW002"]
        return result

    return fix_all(run, unsafe=unsafe)


def after(outcome: Outcome, data: bytes) -> bytes:
    return outcome.changed.get("requirements.txt", data)


def read(root: Path, data: bytes) -> RequirementsFile:
    return read_requirements(SourceFile("requirements.txt", root / "requirements.txt", data))


def remaining(outcome: Outcome, *, unsafe: bool) -> list[str]:
    return [
        finding.message
        for finding in outcome.result.findings
        if finding.code in CODES and any(unsafe or fix.safety is Safety.SAFE for fix in finding.fixes)
    ]


def thoroughly(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@thoroughly(80)
@given(data=files(), version=st.sampled_from(VERSIONS), unsafe=st.booleans())
def test_fixing_ends_and_a_second_time_changes_nothing(
    data: bytes, version: str, unsafe: bool, roots: Mapping[str, Path]
) -> None:
    """Under all rules together, whoever owns them."""
    outcome = fixed(roots[version], data, Config(), unsafe=unsafe)
    assert remaining(outcome, unsafe=unsafe) == []
    again = fixed(roots[version], data, Config(), unsafe=unsafe, changed=outcome.changed)
    assert again.changed == {}


@thoroughly(80)
@given(data=files(), version=st.sampled_from(VERSIONS), unsafe=st.booleans())
def test_lines_that_no_fix_speaks_of_stay_byte_for_byte(
    data: bytes, version: str, unsafe: bool, roots: Mapping[str, Path]
) -> None:
    """Mark, encoding and newlines too: only a constraint line may come, only a requirement or such a line may go."""
    outcome = fixed(roots[version], data, Config(select=KEEPING_THE_ENCODING), unsafe=unsafe)
    before, now = SourceFile("a", roots[version], data), SourceFile("b", roots[version], after(outcome, data))
    assert (now.mark, now.encoding) == (before.mark, before.encoding)
    assert now.text.replace("\r\n", "").count("\n" if before.newline == "\r\n" else "\r") == 0
    touched = {line for line in [*before.text.splitlines(), *now.text.splitlines()] if _may_change(line)}
    untouched = [line for line in before.text.splitlines() if line not in touched]
    assert [line for line in now.text.splitlines() if line not in touched] == untouched


def _may_change(line: str) -> bool:
    return (
        line.lstrip().startswith(("-c", "--constr"))
        or line.lower().startswith(tuple(name.lower() for name in NAMES))
        or "; sys_platform" in line
    )


@thoroughly(60)
@given(data=files(), version=st.sampled_from(VERSIONS))
def test_a_safe_fix_never_makes_a_line_invalid_and_loses_only_what_the_image_has(
    data: bytes, version: str, roots: Mapping[str, Path]
) -> None:
    outcome = fixed(roots[version], data, Config(select=CODES), unsafe=False)
    before, now = read(roots[version], data), read(roots[version], after(outcome, data))
    assert [line.text for line in now.invalid] == [line.text for line in before.invalid]
    # The version may be known from nothing but the constraint line.
    (deployment,) = outcome.result.deployments
    pins = load().pins(deployment.target.airflow or "")
    image = pins.preinstalled if pins else {}
    lost = [line.name for line in before.requirements]
    for line in now.requirements:
        lost.remove(line.name)
    assert [name for name in lost if name not in image] == []


@thoroughly(60)
@given(data=files(), version=st.sampled_from(VERSIONS[:-1]))
def test_after_the_unsafe_fixes_airflows_own_constraints_contradict_nothing_they_could_repair(
    data: bytes, version: str, roots: Mapping[str, Path]
) -> None:
    outcome = fixed(roots[version], data, Config(select=CODES), unsafe=True)
    fixable = [f for f in outcome.result.findings if f.code in ("MW101", "MW105", "MW106", "MW111") and f.fixes]
    assert fixable == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_a_file_with_everything_wrong_is_put_right_in_one_go(
    encoding: str, newline: str, roots: Mapping[str, Path]
) -> None:
    mark, codec = ENCODINGS[encoding]
    before = [
        f"--constraint={URL.format('2.8.1', '3.10')}  # MWAA",
        "apache-airflow[amazon]>=2.7,<2.9",
        "SQLAlchemy==2.0.30",
        "snowflake-connector-python == 3.12.0  # größer",
    ]
    wanted = [
        f"--constraint {URL.format('2.10.3', '3.11')}  # MWAA",
        "apache-airflow[amazon]==2.10.3",
        "snowflake-connector-python == 3.12.3  # größer",
    ]
    data = mark + newline.join([*before, ""]).encode(codec)
    outcome = fixed(roots["2.10.3"], data, Config(select=CODES), unsafe=True)
    # What the images read anyway keeps its mark.
    kept = codecs.BOM_UTF8 if encoding == "marked" else b""
    assert after(outcome, data) == kept + newline.join([*wanted, ""]).encode()
    assert [finding.code for finding in outcome.result.findings] == []


def test_a_missing_line_is_added_once_the_pins_fit(roots: Mapping[str, Path]) -> None:
    data = b"pandas==1.0\r\n"
    safely = fixed(roots["2.10.3"], data, Config(select=CODES), unsafe=False)
    assert safely.changed == {}
    outcome = fixed(roots["2.10.3"], data, Config(select=CODES), unsafe=True)
    line = f'--constraint "{URL.format("2.10.3", "3.11")}"'
    assert after(outcome, data) == f"{line}\r\npandas==2.1.4\r\n".encode()


def test_fixes_of_one_round_do_not_overlap_silently(roots: Mapping[str, Path]) -> None:
    """Rewriting the encoding touches the whole file, so the other repairs wait for the next round."""
    data = b"# gr\xf6\xdfer\nSQLAlchemy==2.0.30\nsnowflake-connector-python==3.12.3\n"
    outcome = fixed(roots["2.10.3"], data, Config(select=CODES), unsafe=False)
    line = f'--constraint "{URL.format("2.10.3", "3.11")}"'
    assert after(outcome, data) == f"{line}\n# größer\nsnowflake-connector-python==3.12.3\n".encode()
