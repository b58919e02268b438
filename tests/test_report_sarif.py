"""SARIF: valid by the official schema, and what GitHub makes of it."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import jsonschema  # type: ignore[import-untyped,unused-ignore]
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mwaalint.engine.result import Notice
from mwaalint.findings import Confidence, Edit, Fix, Location, Safety, Severity, Suppression
from mwaalint.report import ReportOptions, load
from mwaalint.rulebook import Rulebook
from mwaalint.source import SourceFile, Span
from tests.reporting import ROOT, Bench, finding, parsed, rendered, write_page

if TYPE_CHECKING:
    from mwaalint.engine.result import RunResult

SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

REQUIREMENTS = "# pins\nsnowflake==3.12.3\n"
TERRAFORM = 'resource "aws_mwaa_environment" "etl" {\r\n\tairflow_version = "2.10.3"\r\n}\r\n'


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    write_page(tmp_path, "MW103", "constraint-missing")
    return Bench({"requirements.txt": REQUIREMENTS, "main.tf": TERRAFORM}, Rulebook(tmp_path))


def run_of(result: RunResult, **options: Any) -> Any:
    """The one run of the log, after the schema has accepted the log."""
    log = parsed("sarif", result, **options)
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    return run


def test_a_finding_has_all_its_parts(bench: Bench) -> None:
    fix = Fix("Insert it", Safety.SAFE, (Edit("requirements.txt", Span(0, 6), b"--constraint x", b"# pins"),))
    found = finding(
        bench.at("requirements.txt", "snowflake==3.12.3", symbol="snowflake"),
        "no constraint line",
        severity=Severity.WARNING,
        confidence=Confidence.MEDIUM,
        related=(bench.at("main.tf", '"2.10.3"', "the environment runs Airflow 2.10.3"),),
        environments=("etl",),
        fixes=(fix,),
    )
    requirements = {"uri": "requirements.txt", "uriBaseId": "SRCROOT"}
    assert run_of(bench.result(found))["results"] == [
        {
            "ruleId": "MW103",
            "ruleIndex": 0,
            "level": "warning",
            "message": {"text": "no constraint line (see [the environment runs Airflow 2.10.3](1))"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": requirements,
                        "region": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 18},
                    },
                    "logicalLocations": [{"fullyQualifiedName": "snowflake"}],
                }
            ],
            "relatedLocations": [
                {
                    "id": 1,
                    "physicalLocation": {
                        "artifactLocation": {"uri": "main.tf", "uriBaseId": "SRCROOT"},
                        "region": {"startLine": 2, "startColumn": 20, "endLine": 2, "endColumn": 28},
                    },
                    "message": {"text": "the environment runs Airflow 2.10.3"},
                }
            ],
            "partialFingerprints": {"mwaalint/v1": "f" * 32},
            "fixes": [
                {
                    "description": {"text": "Insert it"},
                    "artifactChanges": [
                        {
                            "artifactLocation": requirements,
                            "replacements": [
                                {
                                    "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 7},
                                    "insertedContent": {"text": "--constraint x"},
                                }
                            ],
                        }
                    ],
                    "properties": {"safety": "safe"},
                }
            ],
            "properties": {"confidence": "medium", "environments": ["etl"]},
        }
    ]


def test_the_log_and_the_run_say_what_they_are(bench: Bench) -> None:
    log = parsed("sarif", bench.result())
    assert {key: value for key, value in log.items() if key != "runs"} == {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
    }
    assert run_of(bench.result()) == {
        "tool": {
            "driver": {
                "name": "mwaalint",
                "version": "0.1.0",
                "semanticVersion": "0.1.0",
                "informationUri": "https://github.com/mwaalint/mwaalint",
                "rules": [],
            }
        },
        "automationDetails": {"id": "mwaalint/", "description": {"text": "Environments: etl."}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top folder of the repository."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": []}],
        "results": [],
    }


def test_a_version_that_is_not_semantic_is_not_called_so(bench: Bench) -> None:
    driver = run_of(bench.result(version="0.2.0.dev1"))["tool"]["driver"]
    assert driver["version"] == "0.2.0.dev1"
    assert "semanticVersion" not in driver


class TestRules:
    def rules(self, result: RunResult) -> Any:
        return run_of(result)["tool"]["driver"]["rules"]

    def test_come_from_their_pages(self, bench: Bench) -> None:
        (rule,) = self.rules(bench.result(finding(Location("main.tf"))))
        body = rule["help"].pop("markdown")
        assert body.startswith("# MW103 constraint-missing: No constraint line\n\n## What it finds\n")
        assert body.endswith("\n## When to ignore it\n\nNever.\n")
        assert rule == {
            "id": "MW103",
            "name": "ConstraintMissing",
            "shortDescription": {"text": "No constraint line."},
            "fullDescription": {"text": "A file without a constraint line."},
            "help": {"text": "Put the constraint line first. Then read the log."},
            "helpUri": (
                "https://github.com/mwaalint/mwaalint/blob/main/rules/requirements/MW103-constraint-missing.md"
            ),
            "defaultConfiguration": {"level": "error"},
            "properties": {
                "tags": ["requirements", "install"],
                "precision": "very-high",
                "problem.severity": "error",
            },
        }

    def test_are_those_that_fired_each_once_and_results_point_at_them(self, tmp_path: Path) -> None:
        write_page(tmp_path, "MW103", "constraint-missing")
        write_page(tmp_path, "MW104", "never-fired")
        write_page(tmp_path, "MW201", "class-unknown", family="environment")
        bench = Bench({"main.tf": ""}, Rulebook(tmp_path))
        place = Location("main.tf")
        later = finding(place, code="MW201", name="class-unknown")
        silenced = finding(place, suppression=Suppression("external"))
        run = run_of(bench.result(later, later, suppressed=[silenced]))
        assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["MW103", "MW201"]
        assert [(one["ruleId"], one["ruleIndex"]) for one in run["results"]] == [
            ("MW201", 1),
            ("MW201", 1),
            ("MW103", 0),
        ]

    @pytest.mark.parametrize(
        ("severity", "confidence", "expected"),
        [
            ("error", "high", ("error", "very-high", "error", "8.0")),
            ("warning", "medium", ("warning", "high", "warning", "5.5")),
            ("note", "high", ("note", "very-high", "recommendation", "3.0")),
        ],
    )
    def test_of_security_have_a_score(
        self, tmp_path: Path, severity: str, confidence: str, expected: tuple[str, ...]
    ) -> None:
        write_page(tmp_path, "MW103", "x", tags="security", severity=severity, confidence=confidence)
        (rule,) = self.rules(Bench({"a": ""}, Rulebook(tmp_path)).result(finding(Location("a"))))
        properties = rule["properties"]
        assert (
            rule["defaultConfiguration"]["level"],
            properties["precision"],
            properties["problem.severity"],
            properties["security-severity"],
        ) == expected

    def test_have_ten_tags_at_most_and_none_twice(self, tmp_path: Path) -> None:
        write_page(tmp_path, "MW103", "x", tags="requirements, " + ", ".join(f"t{number}" for number in range(12)))
        (rule,) = self.rules(Bench({"a": ""}, Rulebook(tmp_path)).result(finding(Location("a"))))
        assert rule["properties"]["tags"] == ["requirements", *(f"t{number}" for number in range(9))]

    def test_have_descriptions_that_github_takes(self, tmp_path: Path) -> None:
        write_page(tmp_path, "MW103", "x", title="Is it there?", finds="word " * 400)
        (rule,) = self.rules(Bench({"a": ""}, Rulebook(tmp_path)).result(finding(Location("a"))))
        assert rule["shortDescription"]["text"] == "Is it there?"
        assert rule["fullDescription"]["text"] == ("word " * 204 + "word ")[:1020] + "..."

    @pytest.mark.parametrize(("length", "ending"), [(1023, "ww."), (1024, "w..."), (5000, "w...")])
    def test_have_descriptions_of_1024_characters_at_most(self, tmp_path: Path, length: int, ending: str) -> None:
        write_page(tmp_path, "MW103", "x", title="w" * length)
        (rule,) = self.rules(Bench({"a": ""}, Rulebook(tmp_path)).result(finding(Location("a"))))
        text = rule["shortDescription"]["text"]
        assert len(text) <= 1024
        assert text.endswith(ending)

    def test_without_a_page_tell_what_the_finding_tells(self) -> None:
        found = finding(Location("a"), code="MW001", name="not-analyzed", severity=Severity.WARNING)
        (rule,) = self.rules(Bench({"a": ""}).result(found))
        assert rule == {
            "id": "MW001",
            "name": "NotAnalyzed",
            "shortDescription": {"text": "not analyzed."},
            "fullDescription": {"text": "not analyzed."},
            "help": {"text": "not analyzed."},
            "defaultConfiguration": {"level": "warning"},
            "properties": {"tags": [], "precision": "very-high", "problem.severity": "warning"},
        }

    def test_with_a_broken_page_are_as_without(self, tmp_path: Path) -> None:
        write_page(tmp_path, "MW103", "constraint-missing", severity="terrible")
        (rule,) = self.rules(Bench({"a": ""}, Rulebook(tmp_path)).result(finding(Location("a"))))
        assert rule["shortDescription"] == {"text": "constraint missing."}


class TestPlaces:
    def place(self, bench: Bench, location: Location, **options: Any) -> Any:
        run = run_of(bench.result(finding(location)), **options)
        return run["results"][0]["locations"][0]["physicalLocation"]

    def test_a_whole_file_is_its_start_for_github_wants_a_region(self, bench: Bench) -> None:
        assert self.place(bench, Location("main.tf")) == {
            "artifactLocation": {"uri": "main.tf", "uriBaseId": "SRCROOT"},
            "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
        }

    @pytest.mark.parametrize(
        ("content", "region"),
        [
            pytest.param(b"one\r\ntwo target\r\n", (2, 5, 2, 11), id="Windows newlines"),
            pytest.param(b"\ttwo\ttarget\n", (1, 6, 1, 12), id="a tab is one column"),
            pytest.param("é😀 target\n".encode(), (1, 4, 1, 10), id="characters of several bytes"),
            pytest.param("\ufefftarget".encode(), (1, 1, 1, 7), id="a UTF-8 mark"),
            pytest.param("one\r\n😀 target".encode("utf-16"), (2, 3, 2, 9), id="UTF-16 with surrogate pairs"),
            pytest.param(b"caf\xe9 target\n", (1, 6, 1, 12), id="Latin-1"),
        ],
    )
    def test_columns_are_code_points(self, content: bytes, region: tuple[int, ...]) -> None:
        bench = Bench({"file": content})
        found = self.place(bench, bench.at("file", "target"))["region"]
        assert (found["startLine"], found["startColumn"], found["endLine"], found["endColumn"]) == region

    @pytest.mark.parametrize(
        ("path", "uri"),
        [
            ("dags/my dag.py", "dags/my%20dag.py"),
            ("dags/ünï.py", "dags/%C3%BCn%C3%AF.py"),
            ("c:evil.py", "c%3Aevil.py"),
            ("a#b?c%d.py", "a%23b%3Fc%25d.py"),
            ("back\\slash.py", "back%5Cslash.py"),
            ("caf\udce9.py", "caf%E9.py"),
        ],
    )
    def test_names_are_percent_encoded(self, path: str, uri: str) -> None:
        bench = Bench({path: ""})
        assert self.place(bench, Location(path))["artifactLocation"]["uri"] == uri

    def test_paths_are_the_repositorys(self, bench: Bench) -> None:
        fix = Fix("Fix", Safety.SAFE, (Edit("main.tf", Span(0, 0), b"x", b""),))
        found = finding(Location("main.tf"), related=(Location("requirements.txt"),), fixes=(fix,))
        text = rendered("sarif", bench.result(found, notices=[Notice("k", "m", "n.txt")]), path_prefix="in fra/dev/")
        assert re.findall(r'"uri": "([^"]*)"', text) == [
            "in%20fra/dev/main.tf",
            "in%20fra/dev/requirements.txt",
            "in%20fra/dev/main.tf",
            "in%20fra/dev/n.txt",
        ]

    def test_the_top_of_the_repository_is_found_when_it_is_not_told(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        root = tmp_path / "infra" / "dev"
        root.mkdir(parents=True)
        result = Bench({"main.tf": ""}).result(finding(Location("main.tf")), root=root)
        log = json.loads("".join(load("sarif")(result, ReportOptions())))
        place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "infra/dev/main.tf"

    def test_the_project_itself_is_its_folder(self, bench: Bench) -> None:
        assert self.place(bench, Location("."), path_prefix="infra/")["artifactLocation"]["uri"] == "infra"


class TestSuppressions:
    def test_have_a_kind_and_a_reason(self, bench: Bench) -> None:
        silenced = [
            finding(Location("main.tf"), suppression=Suppression("inSource", "vendored")),
            finding(Location("main.tf"), suppression=Suppression("external")),
        ]
        results = run_of(bench.result(suppressed=silenced))["results"]
        assert [result["suppressions"] for result in results] == [
            [{"kind": "inSource", "status": "accepted", "justification": "vendored"}],
            [{"kind": "external", "status": "accepted"}],
        ]


class TestInvocation:
    def test_a_crash_is_no_success(self, bench: Bench) -> None:
        found = finding(
            Location("main.tf"), "MW204 crashed", code="MW002", name="check-crashed", severity=Severity.ERROR
        )
        run = run_of(bench.result(found, crashed=True))
        assert run["invocations"] == [
            {
                "executionSuccessful": False,
                "toolExecutionNotifications": [
                    {
                        "descriptor": {"id": "MW002"},
                        "message": {"text": "MW204 crashed"},
                        "level": "error",
                        "associatedRule": {"id": "MW002", "index": 0},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "main.tf", "uriBaseId": "SRCROOT"},
                                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
                                }
                            }
                        ],
                    },
                    {
                        "descriptor": {"id": "incomplete"},
                        "message": {"text": "The result is incomplete: a check crashed (MW002)."},
                        "level": "error",
                    },
                ],
            }
        ]
        assert [result["ruleId"] for result in run["results"]] == ["MW002"]

    def test_tells_what_was_not_analysed_and_the_notices(self, bench: Bench) -> None:
        unread = finding(
            Location("requirements.txt"), "binary", code="MW001", name="not-analyzed", severity=Severity.WARNING
        )
        notices = [
            Notice("airflow-version-unknown", "3 rules were skipped"),
            Notice("linked", "not followed", "dags/x"),
        ]
        (invocation,) = run_of(bench.result(finding(Location("main.tf")), unread, notices=notices))["invocations"]
        told = invocation["toolExecutionNotifications"]
        assert [(one["descriptor"]["id"], one["message"]["text"], one["level"]) for one in told] == [
            ("MW001", "binary", "warning"),
            ("airflow-version-unknown", "3 rules were skipped", "note"),
            ("linked", "not followed", "note"),
        ]
        assert told[2]["locations"] == [
            {"physicalLocation": {"artifactLocation": {"uri": "dags/x", "uriBaseId": "SRCROOT"}}}
        ]

    def test_says_when_there_was_nothing_of_mwaa(self, bench: Bench) -> None:
        (invocation,) = run_of(bench.result(deployments=()))["invocations"]
        (told,) = invocation["toolExecutionNotifications"]
        assert told["descriptor"] == {"id": "nothing-concerned"}
        assert told["message"]["text"].startswith("Nothing related to MWAA was found in 2 files: ")


class TestMessages:
    def message(self, bench: Bench, text: str, *related: Location) -> Any:
        return run_of(bench.result(finding(Location("main.tf"), text, related=related)))["results"][0]["message"][
            "text"
        ]

    def test_link_to_each_related_place(self, bench: Bench) -> None:
        places = (Location("main.tf", note="the environment"), Location("requirements.txt"))
        assert self.message(bench, "two of them", *places) == (
            "two of them (see [the environment](1), [requirements.txt](2))"
        )

    def test_hold_no_link_of_the_repositorys_making(self, bench: Bench) -> None:
        place = Location("main.tf", note="an [extra](http://evil) \\")
        assert self.message(bench, "see [here](http://evil) and pandas[aws]", place) == (
            "see [here] (http://evil) and pandas[aws] (see [an (extra)(http://evil) /](1))"
        )

    def test_show_what_would_act_or_hide(self, bench: Bench) -> None:
        place = Location("main.tf", note="to\u202eleft")
        assert self.message(bench, "a\nb\x1b[31m", place) == "a\\nb\\x1b[31m (see [to\\u202eleft](1))"

    def test_are_never_empty(self, bench: Bench) -> None:
        assert self.message(bench, "") == "MW103"


class TestFixes:
    def replacements(self, bench: Bench, *edits: Edit) -> Any:
        run = run_of(bench.result(finding(Location("file"), fixes=(Fix("Change it", Safety.UNSAFE, edits),))))
        return run["results"][0]["fixes"][0]["artifactChanges"]

    def test_are_grouped_by_file(self) -> None:
        bench = Bench({"file": "one two", "other": "three"})
        changes = self.replacements(
            bench,
            Edit("file", Span(0, 3), b"1", b"one"),
            Edit("other", Span(0, 5), b"3", b"three"),
            Edit("file", Span(4, 7), b"2", b"two"),
        )
        assert [
            (change["artifactLocation"]["uri"], [one["insertedContent"] for one in change["replacements"]])
            for change in changes
        ] == [("file", [{"text": "1"}, {"text": "2"}]), ("other", [{"text": "3"}])]

    def test_insertions_at_the_very_start_are_at_the_first_column(self) -> None:
        (change,) = self.replacements(Bench({"file": "\ufeffone"}), Edit("file", Span(3, 3), b"x", b""))
        assert change["replacements"] == [
            {
                "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
                "insertedContent": {"text": "x"},
            }
        ]

    def test_of_a_file_that_is_no_text_are_in_bytes(self) -> None:
        (change,) = self.replacements(Bench({"file": b"a\x00b"}), Edit("file", Span(1, 2), b"\xff", b"\x00"))
        assert change["replacements"] == [
            {"deletedRegion": {"byteOffset": 1, "byteLength": 1}, "insertedContent": {"binary": "/w=="}}
        ]

    def test_without_edits_are_left_out(self) -> None:
        run = run_of(Bench({"file": ""}).result(finding(Location("file"), fixes=(Fix("Think", Safety.UNSAFE, ()),))))
        assert "fixes" not in run["results"][0]

    @settings(max_examples=200, deadline=None)
    @given(
        text=st.text(st.sampled_from("ab\t\r\n é漢😀"), max_size=40),
        encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
        inserted=st.text(st.sampled_from("x\r\n😀"), max_size=5),
        data=st.data(),
    )
    def test_do_what_the_edit_does(self, text: str, encoding: str, inserted: str, data: st.DataObject) -> None:
        content = text.encode(encoding)
        source = SourceFile("file", ROOT / "file", content)
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        span, written = source.span(start, end), inserted.encode(source.encoding)
        (change,) = self.replacements(
            Bench({"file": content}), Edit("file", span, written, content[span.start : span.end])
        )
        (replacement,) = change["replacements"]
        assert applied(content, source, replacement) == content[: span.start] + written + content[span.end :]


def applied(content: bytes, source: SourceFile, replacement: Any) -> bytes:
    """The bytes of a file after a replacement, worked out from SARIF's definition of regions alone."""
    region, inserted = replacement["deletedRegion"], replacement["insertedContent"]
    if "byteOffset" in region:
        start, end = int(region["byteOffset"]), int(region["byteOffset"] + region["byteLength"])
        return content[:start] + base64.b64decode(inserted["binary"]) + content[end:]
    lines = source.text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    start = starts[region["startLine"] - 1] + int(region["startColumn"]) - 1
    end = starts[region["endLine"] - 1] + int(region["endColumn"]) - 1
    changed = source.text[:start] + str(inserted["text"]) + source.text[end:]
    return source.mark + changed.encode(source.encoding)


def test_a_log_is_written_piece_by_piece_one_result_a_line(bench: Bench) -> None:
    findings = [finding(Location("main.tf"), f"number {number}") for number in range(50)]
    pieces = list(load("sarif")(bench.result(*findings), ReportOptions(path_prefix="")))
    assert max(piece.count('"ruleIndex"') for piece in pieces) == 1
    lines = [line for line in "".join(pieces).splitlines() if '"ruleIndex"' in line]
    assert [json.loads(re.sub(r"[\],]+$", "", line))["message"]["text"] for line in lines] == [
        f"number {number}" for number in range(50)
    ]


def test_a_log_does_not_name_the_machine(tmp_path: Path) -> None:
    result = Bench({"main.tf": ""}).result(finding(Location("main.tf")), root=tmp_path)
    assert str(tmp_path) not in rendered("sarif", result, path_prefix=None)


ANYTHING = st.text(st.characters())
RELATIVE_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+")


@settings(max_examples=60, deadline=None)
@given(message=ANYTHING, path=st.text(st.characters(), min_size=1), note=ANYTHING, content=st.binary(max_size=40))
def test_whatever_a_repository_holds_the_log_is_valid(message: str, path: str, note: str, content: bytes) -> None:
    bench = Bench({path: content})
    place = Location(path, Span(0, len(content)), note, note)
    fix = Fix(note, Safety.SAFE, (Edit(path, place.span, content[::-1], content),))
    found = finding(place, message, related=(place,), environments=(note,), fixes=(fix,))
    silenced = finding(place, message, suppression=Suppression("external", note))
    result = bench.result(found, suppressed=[silenced], notices=[Notice("kind", message, path)])
    text = rendered("sarif", result)
    assert text.isascii()
    run = run_of(result)
    for uri in re.findall(r'"uri": "([^"]*)"', text):
        assert RELATIVE_REFERENCE.fullmatch(uri)
    assert len(run["results"]) == 2


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="\0"), min_size=1))
def test_the_name_of_a_file_can_be_read_back(path: str) -> None:
    try:
        raw = os.fsencode(path)
    except UnicodeEncodeError:
        assume(False)
    assume(str(PurePosixPath(path)) == path and not path.startswith("/"))
    run = run_of(Bench({path: ""}).result(finding(Location(path))))
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == raw
