"""The report for programs, and the schema that describes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped,unused-ignore]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mwaalint.report
from mwaalint.documents.requirements import read_requirements
from mwaalint.engine.result import Notice
from mwaalint.findings import Confidence, Edit, Fix, Location, Safety, Severity, Suppression
from mwaalint.model.deployment import DbtProject, Deployment, Evidence, Target
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known
from mwaalint.source import SourceFile, Span
from tests.reporting import ROOT, Bench, finding, parsed, rendered

SCHEMA = json.loads((Path(mwaalint.report.__file__).parent / "schema-v1.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

REQUIREMENTS = "# pins\nsnowflake==3.12.3\n"
TERRAFORM = 'resource "aws_mwaa_environment" "etl" {\r\n\tairflow_version = "2.10.3"\r\n}\r\n'


@pytest.fixture
def bench() -> Bench:
    return Bench({"requirements.txt": REQUIREMENTS, "main.tf": TERRAFORM})


def valid(document: Any) -> Any:
    """The document, after the schema has accepted it."""
    VALIDATOR.validate(document)
    return document


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_finding_has_all_its_parts(bench: Bench) -> None:
    fix = Fix("Insert it", Safety.SAFE, (Edit("requirements.txt", Span(0, 6), b"--constraint x", b"# pins"),))
    found = finding(
        bench.at("requirements.txt", "snowflake==3.12.3", symbol="snowflake"),
        "no constraint line",
        severity=Severity.WARNING,
        confidence=Confidence.MEDIUM,
        related=(bench.at("main.tf", '"2.10.3"', "the environment runs Airflow 2.10.3"),),
        environments=("etl", "backfill"),
        fixes=(fix,),
        args={"airflow": "2.10.3", "conflicts": 2},
    )
    document = valid(parsed("json", bench.result(found)))
    assert document["findings"] == [
        {
            "code": "MW103",
            "name": "constraint-missing",
            "severity": "warning",
            "confidence": "medium",
            "message": "no constraint line",
            "location": {
                "path": "requirements.txt",
                "range": {
                    "start": {"line": 2, "column": 1, "offset": 7},
                    "end": {"line": 2, "column": 18, "offset": 24},
                },
                "symbol": "snowflake",
                "note": "",
            },
            "related": [
                {
                    "path": "main.tf",
                    "range": {
                        "start": {"line": 2, "column": 20, "offset": 60},
                        "end": {"line": 2, "column": 28, "offset": 68},
                    },
                    "symbol": "",
                    "note": "the environment runs Airflow 2.10.3",
                }
            ],
            "environments": ["etl", "backfill"],
            "args": {"airflow": "2.10.3", "conflicts": 2},
            "fixes": [
                {
                    "title": "Insert it",
                    "safety": "safe",
                    "edits": [
                        {
                            "path": "requirements.txt",
                            "start": 0,
                            "end": 6,
                            "range": {
                                "start": {"line": 1, "column": 1, "offset": 0},
                                "end": {"line": 1, "column": 7, "offset": 6},
                            },
                            "expected": {"text": "# pins"},
                            "replacement": {"text": "--constraint x"},
                        }
                    ],
                }
            ],
            "fingerprint": "f" * 32,
        }
    ]


def test_the_frame_of_a_run(bench: Bench) -> None:
    silenced = finding(Location("main.tf"), suppression=Suppression("inSource", "vendored"))
    notice = Notice("linked-folder", "linked folders are not followed", "dags/shared")
    document = valid(
        parsed("json", bench.result(suppressed=[silenced], notices=[notice], crashed=True, deployments=()))
    )
    (suppressed,) = document.pop("suppressed")
    assert suppressed["suppression"] == {"kind": "inSource", "reason": "vendored"}
    assert suppressed["location"] == {"path": "main.tf", "range": None, "symbol": "", "note": ""}
    assert document == {
        "version": 1,
        "tool": {"name": "mwaalint", "version": "0.1.0"},
        "summary": {
            "errors": 0,
            "warnings": 0,
            "notes": 0,
            "files": 0,
            "fixable": 0,
            "fixable_unsafe": 0,
            "suppressed": 1,
            "files_analysed": 2,
            "crashed": True,
        },
        "since": None,
        "deployments": [],
        "notices": [
            {"kind": "linked-folder", "message": "linked folders are not followed", "path": "dags/shared"},
        ],
        "findings": [],
    }


def test_the_summary_counts_findings_and_fixes(bench: Bench) -> None:
    safe, unsafe = Fix("a", Safety.SAFE, ()), Fix("b", Safety.UNSAFE, ())
    result = bench.result(
        finding(Location("main.tf"), fixes=(unsafe, safe)),
        finding(Location("main.tf"), severity=Severity.WARNING, fixes=(unsafe,)),
        finding(Location("requirements.txt"), severity=Severity.NOTE),
    )
    assert valid(parsed("json", result))["summary"] == {
        "errors": 1,
        "warnings": 1,
        "notes": 1,
        "files": 2,
        "fixable": 1,
        "fixable_unsafe": 1,
        "suppressed": 0,
        "files_analysed": 2,
        "crashed": False,
    }


def test_a_deployment_says_what_it_runs_and_how_that_is_known(bench: Bench) -> None:
    declared = bench.at("main.tf", "aws_mwaa_environment")
    version = bench.at("main.tf", '"2.10.3"')
    deployment = Deployment(
        target=Target("2.10.3", "3.11", "declared in main.tf", Confidence.HIGH, version),
        environment=Environment(
            "aws_mwaa_environment.etl", "terraform", declared, "prod.tfvars", name=Known("etl", declared)
        ),
        requirements=read_requirements(bench.sources["requirements.txt"]),
        requirements_evidence=Evidence("main.tf uploads it", Confidence.MEDIUM),
        dags_folder="dags",
        plugins_folder="",
        startup_script=SourceFile("startup.sh", ROOT / "startup.sh", b""),
        dbt_projects=(DbtProject(SourceFile("dags/dbt/dbt_project.yml", ROOT, b""), "dags/dbt"),),
    )
    document = valid(parsed("json", bench.result(deployments=[deployment])))
    assert document["deployments"] == [
        {
            "label": "etl (prod.tfvars)",
            "environment": {
                "symbol": "aws_mwaa_environment.etl",
                "dialect": "terraform",
                "variant": "prod.tfvars",
                "location": {
                    "path": "main.tf",
                    "range": {
                        "start": {"line": 1, "column": 11, "offset": 10},
                        "end": {"line": 1, "column": 31, "offset": 30},
                    },
                    "symbol": "",
                    "note": "",
                },
            },
            "target": {
                "airflow": "2.10.3",
                "python": "3.11",
                "source": "declared in main.tf",
                "confidence": "high",
                "origin": {
                    "path": "main.tf",
                    "range": {
                        "start": {"line": 2, "column": 20, "offset": 60},
                        "end": {"line": 2, "column": 28, "offset": 68},
                    },
                    "symbol": "",
                    "note": "",
                },
            },
            "requirements": {
                "path": "requirements.txt",
                "evidence": {"reason": "main.tf uploads it", "confidence": "medium"},
            },
            "dags_folder": "dags",
            "plugins_folder": "",
            "startup_script": "startup.sh",
            "dbt_projects": ["dags/dbt/dbt_project.yml"],
        }
    ]


def test_a_deployment_of_which_nothing_is_known_has_nulls(bench: Bench) -> None:
    document = valid(parsed("json", bench.result(deployments=[Deployment(Target())])))
    assert document["deployments"] == [
        {
            "label": "",
            "environment": None,
            "target": {"airflow": None, "python": None, "source": "", "confidence": "high", "origin": None},
            "requirements": None,
            "dags_folder": None,
            "plugins_folder": None,
            "startup_script": None,
            "dbt_projects": [],
        }
    ]


@pytest.mark.parametrize(
    ("content", "start", "end"),
    [
        pytest.param(b"one\r\ntwo target\r\n", (2, 5, 9), (2, 11, 15), id="Windows newlines"),
        pytest.param(b"\ttwo\ttarget\n", (1, 6, 5), (1, 12, 11), id="a tab is one column"),
        pytest.param("é😀 target\n".encode(), (1, 4, 7), (1, 10, 13), id="characters of several bytes"),
        pytest.param("\ufeffone\ntarget".encode(), (2, 1, 7), (2, 7, 13), id="a UTF-8 mark"),
        pytest.param("one\r\n😀 target".encode("utf-16"), (2, 3, 18), (2, 9, 30), id="UTF-16 with surrogate pairs"),
        pytest.param("😀 target".encode("utf-32"), (1, 3, 12), (1, 9, 36), id="UTF-32"),
        pytest.param(b"caf\xe9 target\n", (1, 6, 5), (1, 12, 11), id="Latin-1"),
    ],
)
def test_lines_and_columns_are_what_a_person_counts(
    content: bytes, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    bench = Bench({"file": content})
    document = valid(parsed("json", bench.result(finding(bench.at("file", "target")))))
    place = document["findings"][0]["location"]["range"]
    assert tuple(place["start"].values()) == start
    assert tuple(place["end"].values()) == end
    assert list(place["start"]) == ["line", "column", "offset"]


class TestEdits:
    def edit(self, bench: Bench, edit: Edit) -> Any:
        found = finding(Location("file"), fixes=(Fix("Change it", Safety.UNSAFE, (edit,)),))
        return valid(parsed("json", bench.result(found)))["findings"][0]["fixes"][0]["edits"][0]

    def test_text_is_decoded_from_the_encoding_of_the_file(self) -> None:
        bench = Bench({"file": "één".encode("utf-16")})
        edit = Edit("file", Span(2, 4), "😀".encode("utf-16-le"), "é".encode("utf-16-le"))
        assert self.edit(bench, edit) == {
            "path": "file",
            "start": 2,
            "end": 4,
            "range": {"start": {"line": 1, "column": 1, "offset": 2}, "end": {"line": 1, "column": 2, "offset": 4}},
            "expected": {"text": "é"},
            "replacement": {"text": "😀"},
        }

    def test_what_is_no_text_is_base64(self) -> None:
        bench = Bench({"file": "é".encode()})
        edit = Edit("file", Span(0, 1), b"\xff\xfe", b"\xc3")
        assert self.edit(bench, edit)["replacement"] == {"base64": "//4="}
        assert self.edit(bench, edit)["expected"] == {"base64": "ww=="}

    def test_a_file_that_is_not_there_yet_has_no_lines(self) -> None:
        edit = Edit("new.txt", Span(0, 0), b"hello", b"")
        assert self.edit(Bench({"file": ""}), edit) == {
            "path": "new.txt",
            "start": 0,
            "end": 0,
            "range": None,
            "expected": {"text": ""},
            "replacement": {"text": "hello"},
        }


class TestValuesOfAMessage:
    def argument(self, value: object) -> Any:
        result = Bench({"file": ""}).result(finding(Location("file"), args={"value": value}))
        return valid(parsed("json", result))["findings"][0]["args"]["value"]

    @pytest.mark.parametrize("value", [None, True, 3, 2.5, "2.10.3", ["a", 1], []])
    def test_what_json_knows_stays(self, value: object) -> None:
        assert self.argument(value) == value

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (("a", ("b",)), ["a", ["b"]]),
            (frozenset({"pandas", "numpy"}), ["numpy", "pandas"]),
            (float("nan"), "nan"),
            (Severity.ERROR, "error"),
            (Path("dags/etl.py"), "dags/etl.py"),
        ],
    )
    def test_the_rest_is_said_in_its_words(self, value: object, said: object) -> None:
        assert self.argument(value) == said


def test_a_name_that_is_no_unicode_does_not_spoil_the_document() -> None:
    bench = Bench({"caf\udce9.txt": "x"})
    text = rendered("json", bench.result(finding(Location("caf\udce9.txt"), args={"k\udce9": ("\udce9",)})))
    assert text.isascii()
    found = valid(json.loads(text))["findings"][0]
    assert found["location"]["path"] == "caf\ufffd.txt"
    assert found["args"] == {"k\ufffd": ["\ufffd"]}


def test_each_finding_is_a_line_of_its_own(bench: Bench) -> None:
    result = bench.result(finding(Location("main.tf"), "one"), finding(Location("main.tf"), "two"))
    lines = rendered("json", result).splitlines()
    first = lines.index('"findings": [') + 1
    assert json.loads(lines[first].removesuffix(","))["message"] == "one"
    assert json.loads(lines[first + 1].removesuffix("],"))["message"] == "two"


ANYTHING = st.text(st.characters())


@settings(max_examples=60, deadline=None)
@given(message=ANYTHING, path=st.text(st.characters(), min_size=1), note=ANYTHING, content=st.binary(max_size=40))
def test_whatever_a_repository_holds_the_report_is_valid(message: str, path: str, note: str, content: bytes) -> None:
    bench = Bench({path: content})
    place = Location(path, Span(0, len(content)), note, note)
    fix = Fix(note, Safety.SAFE, (Edit(path, place.span, content[::-1], content),))
    found = finding(place, message, related=(place,), environments=(note,), fixes=(fix,), args={"value": message})
    silenced = finding(place, message, suppression=Suppression("external", note))
    result = bench.result(found, suppressed=[silenced], notices=[Notice("kind", message, path)])
    text = rendered("json", result)
    assert text.isascii()
    document = valid(json.loads(text))
    assert document["findings"][0]["message"] == "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in message)
