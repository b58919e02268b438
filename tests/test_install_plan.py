"""How MWAA installs a requirements file: what it scans for, what it adds, which lines and which pins apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mwaalint.catalog import Catalog, load
from mwaalint.discover import Project
from mwaalint.documents.requirements import Requirement, read_requirements
from mwaalint.model.deployment import Target
from mwaalint.model.includes import DAGS_ON_MWAA, in_repository
from mwaalint.model.install import ConstraintSource, InstallPlan, plan_install
from mwaalint.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CATALOG = load()
UPSTREAM = "https://raw.githubusercontent.com/apache/airflow/constraints-{}/constraints-{}.txt"
URL = UPSTREAM.format("2.10.3", "3.11")


def project(root: Path, files: Mapping[str, str | bytes]) -> Project:
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return Project(root, {path: SourceFile(path, root / path, contents[path]) for path in sorted(contents)})


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    """Plans the install of a text, beside other files by path."""

    def plan_of(
        text: str | bytes,
        *,
        airflow: str | None = "2.10.3",
        python: str | None = None,
        path: str = "requirements/requirements.txt",
        catalog: Catalog = CATALOG,
        dags_folder: str | None = "dags",
        plugins_folder: str | None = None,
        others: Mapping[str, str | bytes] | None = None,
    ) -> InstallPlan:
        release = catalog.release(airflow) if airflow else None
        files = project(tmp_path, {**(others or {}), path: text})
        return plan_install(
            read_requirements(files.files[path]),
            project=files,
            catalog=catalog,
            target=Target(airflow, python or (release.python if release else None)),
            dags_folder=dags_folder,
            plugins_folder=plugins_folder,
        )

    return plan_of


def texts(requirements: tuple[Requirement, ...]) -> list[str]:
    return [requirement.text for requirement in requirements]


def only(plan: InstallPlan) -> Requirement:
    [requirement] = plan.requirements
    return requirement


def lines_of_the_image(outcome: str) -> list[str]:
    """The lines that the image's test was run on, tabs spelled out."""
    lines: Any = CATALOG.fact(f"constraints.detection.tested_lines.{outcome}")
    return [line.replace("<TAB>", "\t") for line in lines]


def constraint(plan: InstallPlan) -> ConstraintSource:
    [source] = plan.constraints
    return source


class TestMwaasOwnTestForConstraints:
    @pytest.mark.parametrize("line", lines_of_the_image("matched"))
    def test_lines_that_were_seen_to_match_in_the_image_switch_forcing_off(self, plan: Any, line: str) -> None:
        found = plan(f"boto3==1.35.36\n{line}\n")
        assert [(detection.line, detection.text) for detection in found.detection] == [(2, line)]
        assert not found.forced

    @pytest.mark.parametrize("line", lines_of_the_image("not_matched"))
    def test_lines_that_were_seen_not_to_match_leave_forcing_on(self, plan: Any, line: str) -> None:
        found = plan(f"boto3==1.35.36\n{line}\n")
        assert found.detection == ()
        assert found.forced

    @pytest.mark.parametrize(
        ("line", "kind"),
        [
            ("-c https://example.org/c.txt", "option"),
            ('--constraint "https://example.org/c.txt"  # see wiki', "option"),
            ("# --constraint https://example.org/c.txt", "comment"),
            ("boto3  # via -c constraints.txt", "comment"),
            ("my-lib-c >= 1.0", "other"),
            ("boto3 -c constraints.txt", "other"),
        ],
    )
    def test_what_the_match_really_is(self, plan: Any, line: str, kind: str) -> None:
        [detection] = plan(line).detection
        assert (detection.kind, detection.is_comment) == (kind, kind == "comment")

    def test_the_place_is_what_matched(self, plan: Any) -> None:
        [detection] = plan("ä==1\n\n#   -c constraints.txt\n").detection
        location = detection.location()
        assert (location.path, location.symbol) == ("requirements/requirements.txt", "#   -c constraints.txt")
        assert detection.file.slice(location.span) == "-c "
        assert detection.line == 3

    def test_every_matching_line_is_told(self, plan: Any) -> None:
        found = plan("boto3==1\n    #   -c constraints.txt\nidna==3.7\n    #   -c constraints.txt\n")
        assert [detection.line for detection in found.detection] == [2, 4]

    def test_a_continued_option_is_not_seen_when_the_blank_is_missing(self, plan: Any) -> None:
        found = plan("--constraint\\\n https://example.org/c.txt\n")
        assert found.detection == ()
        assert found.forced
        assert [source.kind for source in found.constraints] == ["unknown", "mwaa"]

    def test_only_the_file_itself_is_scanned(self, plan: Any) -> None:
        found = plan("-r /usr/local/airflow/dags/more.txt\n", others={"dags/more.txt": f"-c {URL}\n"})
        assert found.detection == ()
        assert found.forced
        assert [source.kind for source in found.constraints] == ["upstream", "mwaa"]

    def test_utf_16_with_a_mark_is_scanned_as_text(self, plan: Any) -> None:
        found = plan(f"-c {URL}\nboto3\n".encode("utf-16"))
        assert [detection.line for detection in found.detection] == [1]
        assert not found.scan_failed

    def test_a_file_that_does_not_decode_gets_mwaas_constraints_whatever_it_says(self, plan: Any) -> None:
        found = plan(f"# f\xfcr\n-c {URL}\n".encode("latin-1"))
        assert found.scan_failed
        assert found.forced
        assert found.detection == ()
        assert [source.kind for source in found.constraints] == ["upstream", "mwaa"]

    @pytest.mark.parametrize("first", ["# -*- coding: latin-1 -*-", "#\n# vim: set fileencoding=cp1252 :"])
    def test_a_coding_comment_makes_it_readable(self, plan: Any, first: str) -> None:
        found = plan(f"{first}\n# f\xfcr -c x\n".encode("latin-1"))
        assert not found.scan_failed
        assert not found.forced

    @pytest.mark.parametrize(
        "first", ["# coding: utf-8", "# coding: klingon", "#\n#\n# coding: latin-1", "x # coding: latin-1"]
    )
    def test_a_coding_comment_that_is_wrong_or_late_does_not(self, plan: Any, first: str) -> None:
        assert plan(f"{first}\n# f\xfcr\n".encode("latin-1")).scan_failed


class TestForcedConstraints:
    def test_without_a_constraint_line_mwaa_adds_its_own(self, plan: Any) -> None:
        found = plan("boto3==1.35.36\n")
        source = constraint(found)
        assert found.forced
        assert (source.kind, source.option, source.airflow, source.python) == ("mwaa", None, "2.10.3", "3.11")
        assert source.pins == CATALOG.pins("2.10.3").constraints  # type: ignore[union-attr]

    def test_with_a_constraint_line_it_does_not(self, plan: Any) -> None:
        found = plan(f"-c {URL}\nboto3\n")
        assert not found.forced
        assert [source.kind for source in found.constraints] == ["upstream"]

    def test_a_comment_is_enough_to_run_unconstrained(self, plan: Any) -> None:
        found = plan(f"# -c {URL}\nboto3\n")
        assert (found.forced, found.constraints) == (False, ())

    def test_pip_gets_both_when_mwaa_does_not_see_the_users(self, plan: Any) -> None:
        found = plan(f"--constraint={UPSTREAM.format('2.8.1', '3.11')}\nboto3\n")
        assert [(source.kind, source.airflow) for source in found.constraints] == [
            ("upstream", "2.8.1"),
            ("mwaa", "2.10.3"),
        ]
        assert [pin.source for pin in found.pinned_by("boto3")] == ["upstream", "mwaa"]

    @pytest.mark.parametrize(
        ("airflow", "forced"), [("2.2.2", False), ("2.4.3", False), ("2.5.1", True), ("3.3.1", True)]
    )
    def test_old_versions_add_nothing(self, plan: Any, airflow: str, forced: bool) -> None:
        assert plan("boto3\n", airflow=airflow).forced is forced

    def test_nothing_is_said_of_an_unknown_version(self, plan: Any) -> None:
        found = plan("boto3\n", airflow=None)
        assert (found.forced, found.constraints, found.essential_known) == (False, (), False)

    def test_a_version_that_is_not_catalogued_forces_constraints_of_unknown_content(self, plan: Any) -> None:
        found = plan("boto3\n", airflow="9.9.9")
        assert found.forced
        assert constraint(found).pins is None
        assert not found.constraints_known


class TestConstraintFiles:
    def test_airflows_url_has_the_catalogues_pins(self, plan: Any) -> None:
        source = constraint(plan(f'--constraint "{URL}"\n'))
        assert (source.kind, source.airflow, source.ref, source.python) == ("upstream", "2.10.3", "2.10.3", "3.11")
        assert source.pins == CATALOG.pins("2.10.3").constraints  # type: ignore[union-attr]
        assert not source.approximate

    def test_the_url_of_another_version_has_that_versions_pins(self, plan: Any) -> None:
        source = constraint(plan(f"-c {UPSTREAM.format('2.8.1', '3.11')}\n"))
        assert source.airflow == "2.8.1"
        assert source.pins == CATALOG.pins("2.8.1").constraints  # type: ignore[union-attr]

    def test_the_url_for_another_python_has_nearly_the_same_pins(self, plan: Any) -> None:
        source = constraint(plan(f"-c {UPSTREAM.format('2.7.2', '3.10')}\n", airflow="2.7.2"))
        assert (source.airflow, source.python, source.approximate) == ("2.7.2", "3.10", True)
        assert source.pins == CATALOG.pins("2.7.2").constraints  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("airflow", "name", "upstream", "mwaa"),
        [
            ("2.11.2", "sagemaker-studio", "1.0.24", "1.0.26"),
            ("3.2.1", "apache-airflow-providers-openlineage", "2.14.0", "2.16.0"),
        ],
    )
    def test_where_mwaas_copy_differs_the_url_has_upstreams_version(
        self, plan: Any, airflow: str, name: str, upstream: str, mwaa: str
    ) -> None:
        with_url = plan(f"-c {UPSTREAM.format(airflow, '3.12')}\n", airflow=airflow)
        forced = plan("boto3\n", airflow=airflow)
        assert [pin.version for pin in with_url.pinned_by(name)] == [upstream]
        assert [pin.version for pin in forced.pinned_by(name)] == [mwaa]

    @pytest.mark.parametrize(
        ("url", "ref", "airflow", "python"),
        [
            (UPSTREAM.format("main", "3.12"), "main", None, "3.12"),
            (UPSTREAM.format("2-10", "3.11"), "2-10", None, "3.11"),
            (UPSTREAM.format("2.10.4", "3.11"), "2.10.4", "2.10.4", "3.11"),
            (UPSTREAM.format("2.10.3", "no-providers-3.11"), "2.10.3", "2.10.3", "3.11"),
            ("https://raw.githubusercontent.com/apache/airflow/main/README.md", None, None, None),
        ],
    )
    def test_airflows_other_files_have_unknown_content(
        self, plan: Any, url: str, ref: str | None, airflow: str | None, python: str | None
    ) -> None:
        source = constraint(plan(f"-c {url}\n"))
        assert (source.kind, source.pins) == ("upstream", None)
        assert (source.ref, source.airflow, source.python) == (ref, airflow, python)

    @pytest.mark.parametrize(
        "url",
        [
            "https://raw.githubusercontent.com/apache/airflow/refs/tags/constraints-2.10.3/constraints-3.11.txt",
            "https://github.com/apache/airflow/raw/constraints-2.10.3/constraints-3.11.txt",
            "https://RAW.githubusercontent.com/apache/airflow/constraints-2.10.3/constraints-3.11.txt",
        ],
    )
    def test_airflows_file_has_several_urls(self, plan: Any, url: str) -> None:
        source = constraint(plan(f"-c {url}\n"))
        assert (source.kind, source.airflow) == ("upstream", "2.10.3")
        assert source.pins

    def test_another_host_is_unknown_but_its_path_may_tell_the_version(self, plan: Any) -> None:
        found = plan("-c https://mirror.example.org/airflow/constraints-2.8.1/constraints-3.11.txt\n")
        source = constraint(found)
        assert (source.kind, source.airflow, source.python, source.pins) == ("unknown", "2.8.1", "3.11", None)
        assert not found.constraints_known

    def test_a_fork_on_github_is_another_host(self, plan: Any) -> None:
        url = "https://raw.githubusercontent.com/acme/airflow/constraints-2.10.3/constraints-3.11.txt"
        assert constraint(plan(f"-c {url}\n")).kind == "unknown"

    def test_a_variable_makes_it_unknown(self, plan: Any) -> None:
        source = constraint(plan("-c https://${HOST}/constraints-2.10.3/constraints-3.11.txt\n"))
        assert (source.kind, source.airflow, source.pins) == ("unknown", "2.10.3", None)

    @pytest.mark.parametrize(
        "value", ["/usr/local/airflow/.local/etc/airflow_constraints.txt", "${AIRFLOW_CONSTRAINTS_FILE}"]
    )
    def test_mwaas_own_file_can_be_named(self, plan: Any, value: str) -> None:
        found = plan(f"-c {value}\n")
        source = constraint(found)
        assert (source.kind, source.airflow, found.forced) == ("mwaa", "2.10.3", False)
        assert source.option is not None
        assert source.pins == CATALOG.pins("2.10.3").constraints  # type: ignore[union-attr]

    def test_mwaas_own_file_of_an_unknown_version_is_unknown_content(self, plan: Any) -> None:
        source = constraint(plan("-c ${AIRFLOW_CONSTRAINTS_FILE}\n", airflow=None))
        assert (source.kind, source.pins) == ("mwaa", None)


class TestLocalConstraintFiles:
    LOCAL = "boto3==1.34.0\nPyYAML==6.0\npandas>=2,<3\npandas!=2.1\nlib @ https://example.org/lib.zip\n"

    def test_a_file_in_the_dags_folder(self, plan: Any) -> None:
        found = plan(
            '--constraint "/usr/local/airflow/dags/conf/constraints-3.11-updated.txt"\n',
            others={"src/dags/conf/constraints-3.11-updated.txt": self.LOCAL},
            dags_folder="src/dags",
        )
        source = constraint(found)
        assert (source.kind, source.path) == ("local", "src/dags/conf/constraints-3.11-updated.txt")
        assert source.pins == {"boto3": "1.34.0", "pyyaml": "6.0"}
        assert {name: str(allowed) for name, allowed in source.ranges.items()} == {"pandas": "!=2.1,<3,>=2"}
        assert (source.airflow, source.python) == (None, "3.11")
        assert found.constraints_known

    @pytest.mark.parametrize(
        "value",
        [
            "${AIRFLOW_HOME}/dags/c.txt",
            "file:///usr/local/airflow/dags/c.txt",
            "/usr/local/airflow/plugins/../dags/c.txt",
        ],
    )
    def test_other_spellings_of_the_path(self, plan: Any, value: str) -> None:
        source = constraint(plan(f"-c {value}\n", others={"dags/c.txt": "boto3==1.34.0"}))
        assert (source.kind, source.path, source.pins) == ("local", "dags/c.txt", {"boto3": "1.34.0"})

    def test_a_file_in_the_plugins_folder(self, plan: Any) -> None:
        others = {"plugins/c.txt": "boto3==1.34.0"}
        known = plan("-c /usr/local/airflow/plugins/c.txt\n", others=others, plugins_folder="plugins")
        unknown = plan("-c /usr/local/airflow/plugins/c.txt\n", others=others)
        assert constraint(known).pins == {"boto3": "1.34.0"}
        assert (constraint(unknown).kind, constraint(unknown).pins) == ("local", None)

    def test_a_relative_path_is_looked_for_beside_the_file(self, plan: Any) -> None:
        source = constraint(plan("-c constraints.txt\n", others={"requirements/constraints.txt": "boto3==1.34.0"}))
        assert (source.kind, source.path, source.pins) == ("local", "requirements/constraints.txt", {"boto3": "1.34.0"})

    def test_a_file_that_is_not_there_has_unknown_content(self, plan: Any) -> None:
        source = constraint(plan("-c /usr/local/airflow/dags/constraints-2.8.1.txt\n"))
        assert (source.kind, source.path, source.pins) == ("local", "dags/constraints-2.8.1.txt", None)
        assert (source.airflow, source.python) == ("2.8.1", None)

    def test_a_binary_file_has_unknown_content(self, plan: Any) -> None:
        assert constraint(plan("-c /usr/local/airflow/dags/c.txt\n", others={"dags/c.txt": b"\0\0"})).pins is None

    def test_an_unknown_dags_folder_means_unknown_content(self, plan: Any) -> None:
        found = plan("-c /usr/local/airflow/dags/c.txt\n", others={"dags/c.txt": "boto3==1"}, dags_folder=None)
        assert (constraint(found).path, constraint(found).pins) == (None, None)

    def test_the_root_may_be_the_dags_folder(self, plan: Any) -> None:
        found = plan("-c /usr/local/airflow/dags/c.txt\n", others={"c.txt": "boto3==1.34.0"}, dags_folder="")
        assert (constraint(found).path, constraint(found).pins) == ("c.txt", {"boto3": "1.34.0"})

    @pytest.mark.parametrize(
        ("name", "airflow", "python"),
        [
            ("constraints.txt", None, None),
            ("constraints-3.11.txt", None, "3.11"),
            ("constraints-2.10.3.txt", "2.10.3", None),
            ("constraints-2.10.3-3.11.txt", "2.10.3", "3.11"),
            ("constraints-2.10.3-py3.11.txt", "2.10.3", "3.11"),
            ("constraints-2.10.3/constraints-3.11.txt", "2.10.3", "3.11"),
            ("updated-constraints.txt", None, None),
        ],
    )
    def test_the_name_may_tell_airflow_and_python(
        self, plan: Any, name: str, airflow: str | None, python: str | None
    ) -> None:
        source = constraint(plan(f"-c /usr/local/airflow/dags/{name}\n"))
        assert (source.airflow, source.python) == (airflow, python)

    def test_its_markers_count(self, plan: Any) -> None:
        text = "boto3==1.34.0 ; python_version < '3.10'\nboto3==1.35.0 ; python_version >= '3.10'\n"
        found = plan("-c c.txt\n", others={"requirements/c.txt": text})
        assert constraint(found).pins == {"boto3": "1.35.0"}

    def test_it_may_name_further_constraints(self, plan: Any) -> None:
        found = plan(
            "-c a.txt\n", others={"requirements/a.txt": "-c b.txt\nboto3==1\n", "requirements/b.txt": "idna==3\n"}
        )
        assert [source.pins for source in found.constraints] == [{"boto3": "1"}, {"idna": "3"}]
        assert found.requirements == ()


class TestIncludedRequirements:
    def test_included_lines_are_installed_too(self, plan: Any) -> None:
        found = plan(
            "boto3\n-r /usr/local/airflow/dags/team.txt\nidna\n",
            others={"dags/team.txt": "pytz\n-r sub/deep.txt\n", "dags/sub/deep.txt": "attrs\n"},
        )
        assert texts(found.requirements) == ["boto3", "idna", "pytz", "attrs"]
        assert [requirement.file.path for requirement in found.requirements][-1] == "dags/sub/deep.txt"
        assert found.complete

    def test_a_relative_path_in_the_dags_folder_is_on_the_container(self, plan: Any) -> None:
        found = plan("-r /usr/local/airflow/dags/a.txt\n", others={"dags/a.txt": "-c c.txt", "dags/c.txt": ""})
        assert [(include.place, include.path) for include in found.includes] == [
            ("dags", "dags/a.txt"),
            ("dags", "dags/c.txt"),
        ]

    def test_a_relative_path_may_lead_from_the_requirements_folder_to_the_dags(self, plan: Any) -> None:
        found = plan("-r ../dags/a.txt\n", others={"src/a.txt": "boto3"}, dags_folder="src")
        assert [(include.place, include.path) for include in found.includes] == [("dags", "src/a.txt")]
        assert texts(found.requirements) == ["boto3"]

    @pytest.mark.parametrize(
        ("value", "place", "path"),
        [
            ("base.txt", "relative", "requirements/base.txt"),
            ("../base.txt", "relative", "base.txt"),
            ("../../base.txt", "relative", None),
            ("/usr/local/airflow/requirements.txt", "elsewhere", None),
            ("/usr/local/airflow/dags/base.txt", "dags", "dags/base.txt"),
            ("/usr/local/airflow/dags/../x.txt", "elsewhere", None),
            ("https://example.org/base.txt", "url", None),
            ("${BASE}/base.txt", "variable", None),
        ],
    )
    def test_where_an_include_leads(self, plan: Any, value: str, place: str, path: str | None) -> None:
        found = plan(f"-r {value}\n")
        [include] = found.includes
        assert (include.place, include.path, include.file, include.document) == (place, path, None, None)
        assert include.option.value == value
        assert not found.complete

    def test_files_that_include_each_other_are_read_once(self, plan: Any) -> None:
        found = plan(
            "boto3\n-r a.txt\n",
            others={
                "requirements/a.txt": "idna\n-r b.txt\n-r requirements.txt\n",
                "requirements/b.txt": "pytz\n-r a.txt\n",
            },
        )
        assert texts(found.requirements) == ["boto3", "idna", "pytz"]
        assert len(found.includes) == 4

    def test_a_file_that_includes_itself(self, plan: Any) -> None:
        assert texts(plan("-r requirements.txt\nboto3\n").requirements) == ["boto3"]

    def test_a_long_chain_is_cut_instead_of_overflowing(self, plan: Any) -> None:
        others = {f"requirements/{number}.txt": f"p{number}\n-r {number + 1}.txt\n" for number in range(500)}
        found = plan("-r 0.txt\n", others=others)
        assert texts(found.requirements) == [f"p{number}" for number in range(16)]

    def test_a_file_can_be_included_as_both(self, plan: Any) -> None:
        found = plan("-c a.txt\n-r a.txt\n", others={"requirements/a.txt": "boto3==1.34.0\n"})
        assert texts(found.requirements) == ["boto3==1.34.0"]
        assert constraint(found).pins == {"boto3": "1.34.0"}

    def test_a_line_that_hangs_on_a_variable_leaves_the_list_open(self, plan: Any) -> None:
        assert not plan("boto3\n${MORE}\n").complete

    def test_options_of_included_files_count(self, plan: Any) -> None:
        found = plan(
            "-r a.txt\n--pre\n", others={"requirements/a.txt": "--no-index\n--find-links /usr/local/airflow/plugins\n"}
        )
        assert [option.name for option in found.options] == ["--requirement", "--pre", "--no-index", "--find-links"]
        assert found.offline

    def test_an_install_with_an_index_is_online(self, plan: Any) -> None:
        assert not plan("--find-links /usr/local/airflow/plugins\nboto3\n").offline


class TestMarkers:
    @pytest.mark.parametrize(
        "marker",
        [
            "python_version == '3.11'",
            "python_version >= '3.8' and python_version < '3.12'",
            "python_full_version == '3.11.9'",
            "sys_platform == 'linux'",
            "platform_system != 'Windows'",
            "platform_machine == 'x86_64'",
            "implementation_name == 'cpython'",
            "platform_python_implementation == 'CPython'",
            "os_name == 'posix'",
            "extra == ''",
        ],
    )
    def test_what_holds_on_mwaa_is_installed(self, plan: Any, marker: str) -> None:
        assert texts(plan(f"boto3 ; {marker}\n").requirements) == [f"boto3 ; {marker}"]

    @pytest.mark.parametrize(
        "marker",
        ["python_version < '3.9'", "sys_platform == 'darwin'", "platform_machine == 'aarch64'", "extra == 'dev'"],
    )
    def test_what_does_not_hold_is_skipped(self, plan: Any, marker: str) -> None:
        found = plan(f"boto3 ; {marker}\n")
        assert (found.requirements, found.undecided) == ((), ())
        assert texts(found.skipped) == [f"boto3 ; {marker}"]

    def test_the_python_is_the_environments_not_the_linters(self, plan: Any) -> None:
        text = "a ; python_version == '3.7'\nb ; python_version == '3.12'\n"
        assert texts(plan(text, airflow="2.2.2").requirements) == ["a ; python_version == '3.7'"]
        assert texts(plan(text, airflow="3.0.6").requirements) == ["b ; python_version == '3.12'"]

    @pytest.mark.parametrize(
        "marker", ["platform_release >= '6'", "platform_version == 'x' or sys_platform == 'linux'"]
    )
    def test_what_is_not_known_of_mwaa_is_undecided(self, plan: Any, marker: str) -> None:
        found = plan(f"boto3 ; {marker}\nidna\n")
        assert (texts(found.requirements), texts(found.undecided)) == (["idna"], [f"boto3 ; {marker}"])

    def test_without_a_version_markers_on_python_are_undecided(self, plan: Any) -> None:
        found = plan("a ; python_version >= '3.8'\nb ; sys_platform == 'linux'\nc\n", airflow=None)
        assert texts(found.requirements) == ["b ; sys_platform == 'linux'", "c"]
        assert texts(found.undecided) == ["a ; python_version >= '3.8'"]

    def test_an_exact_python_that_is_not_known_is_undecided(self, plan: Any) -> None:
        found = plan("a ; python_full_version >= '3.11.5'\n", python="3.12")
        assert texts(found.undecided) == ["a ; python_full_version >= '3.11.5'"]

    def test_names_in_quotes_are_values(self, plan: Any) -> None:
        found = plan("a ; sys_platform == 'platform_release'\n")
        assert texts(found.skipped) == ["a ; sys_platform == 'platform_release'"]

    def test_a_comparison_that_makes_no_sense_is_undecided(self, plan: Any) -> None:
        assert texts(plan("a ; sys_platform ~= 'linux'\n").undecided) == ["a ; sys_platform ~= 'linux'"]


class TestPins:
    def test_the_essential_pin_comes_first(self, plan: Any) -> None:
        pins = plan("SQLAlchemy\n").pinned_by("SQLAlchemy")
        assert [(pin.version, pin.source) for pin in pins] == [("1.4.54", "essential"), ("1.4.54", "mwaa")]
        assert pins[0].constraint is None
        assert pins[1].constraint.kind == "mwaa"

    def test_essential_pins_hold_without_any_constraints(self, plan: Any) -> None:
        found = plan("# -c nothing\ncelery==5.3.0\nboto3==1.0\n")
        celery, boto3 = found.requirements
        assert found.conflict(celery) == ("5.4.0", "essential", None)
        assert found.conflict(boto3) is None

    def test_older_versions_have_unknown_essential_pins(self, plan: Any) -> None:
        found = plan("# -c nothing\ncelery==5.3.0\n", airflow="2.7.2")
        assert (found.essential, found.essential_known) == ({}, False)
        assert found.conflict(only(found)) is None

    @pytest.mark.parametrize(
        ("line", "version"),
        [
            ("apache-airflow-providers-google==10.8.0", "10.9.0"),
            ("Apache.Airflow_Providers_Google == 10.8.0", "10.9.0"),
            ("apache-airflow-providers-google<10.9", "10.9.0"),
            ("apache-airflow-providers-google~=10.8.0", "10.9.0"),
            ("apache-airflow-providers-google>=10.10", "10.9.0"),
            ("apache-airflow-providers-google!=10.9.0", "10.9.0"),
        ],
    )
    def test_a_requirement_that_excludes_the_pin_conflicts(self, plan: Any, line: str, version: str) -> None:
        found = plan(f"-c {UPSTREAM.format('2.7.2', '3.11')}\n{line}\n", airflow="2.7.2")
        pin = found.conflict(only(found))
        assert (pin.version, pin.source, pin.constraint) == (version, "upstream", found.constraints[0])

    @pytest.mark.parametrize(
        "line",
        [
            "apache-airflow-providers-google==10.9.0",
            "apache-airflow-providers-google==10.9",
            "apache-airflow-providers-google==10.*",
            "apache-airflow-providers-google>=10",
            "apache-airflow-providers-google",
            "apache-airflow-providers-google @ https://example.org/google.zip",
            "/usr/local/airflow/plugins/apache_airflow_providers_google-10.8.0-py3-none-any.whl",
            "https://example.org/google.zip",
            "not-in-any-constraints-file==1.0",
        ],
    )
    def test_what_allows_the_pin_or_is_a_file_does_not_conflict(self, plan: Any, line: str) -> None:
        found = plan(f"-c {UPSTREAM.format('2.7.2', '3.11')}\n{line}\n", airflow="2.7.2")
        assert found.conflict(only(found)) is None

    def test_a_prerelease_pin_is_a_version_like_any_other(self, plan: Any) -> None:
        found = plan("-c c.txt\nlib>=1.0b1\nlib<1.0b1\n", others={"requirements/c.txt": "lib==1.0b2\n"})
        allowed, excluded = found.requirements
        assert found.conflict(allowed) is None
        assert found.conflict(excluded).version == "1.0b2"

    def test_a_local_build_meets_the_pin_of_its_version(self, plan: Any) -> None:
        found = plan("-c c.txt\ntorch==2.1.0+cpu\ntorch==2.2.0+cpu\n", others={"requirements/c.txt": "torch==2.1.0\n"})
        same, other = found.requirements
        assert found.conflict(same) is None
        assert found.conflict(other).version == "2.1.0"

    def test_a_pin_that_is_no_version_conflicts_with_nothing(self, plan: Any) -> None:
        found = plan("-c c.txt\nlib==1.0\n", others={"requirements/c.txt": "lib===not-a-version\n"})
        assert found.conflict(only(found)) is None

    def test_a_local_file_replaces_upstreams_pins(self, plan: Any) -> None:
        found = plan(
            "-c /usr/local/airflow/dags/constraints.txt\napache-airflow-providers-google==10.8.0\n",
            airflow="2.7.2",
            others={"dags/constraints.txt": "apache-airflow-providers-google==10.8.0\n"},
        )
        assert found.conflict(only(found)) is None

    def test_a_pin_outside_a_range_of_the_constraints(self, plan: Any) -> None:
        found = plan(
            "-c c.txt\npandas==1.5.3\npandas==2.1.4\npandas>=1\nidna==3.7\n",
            others={"requirements/c.txt": "pandas>=2,<3"},
        )
        outside, *others = found.requirements
        source, allowed = found.out_of_range(outside)
        assert (source, str(allowed)) == (found.constraints[0], "<3,>=2")
        assert [found.out_of_range(other) for other in others] == [None, None, None]

    def test_an_unknown_package_is_pinned_by_nothing(self, plan: Any) -> None:
        assert plan("boto3\n").pinned_by("not-in-any-constraints-file") == ()


class TestThePlanAsAWhole:
    def test_it_names_what_it_was_made_for(self, plan: Any) -> None:
        found = plan("boto3\n")
        assert found.target == Target("2.10.3", "3.11")
        assert found.document.file.path == "requirements/requirements.txt"
        assert [document.file.path for document in found.documents] == ["requirements/requirements.txt"]

    def test_an_empty_file_installs_nothing(self, plan: Any) -> None:
        found = plan("")
        assert (found.requirements, found.includes, found.detection, found.complete) == ((), (), (), True)

    def test_the_paths_are_those_of_the_catalogue(self) -> None:
        assert CATALOG.fact("paths.dags_dir") == DAGS_ON_MWAA.rstrip("/")
        assert CATALOG.fact("filesystem.dags.path") == DAGS_ON_MWAA.rstrip("/")

    def test_a_difference_from_upstream_names_a_catalogued_pin(self) -> None:
        for airflow, differing in CATALOG.table("upstream-differences")["rows"].items():
            pins = CATALOG.pins(airflow)
            assert pins is not None
            for name, upstream in differing.items():
                assert pins.constraints[name] != upstream

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.sampled_from(
                [
                    "-c c.txt",
                    "-r a.txt",
                    "-r /usr/local/airflow/dags/a.txt",
                    "-c /usr/local/airflow/dags/c.txt",
                    f"-c {URL}",
                    "--constraint=x",
                    "# -c x",
                    "boto3==1.0",
                    "boto3>=1 ; python_version < '3'",
                    "--no-index",
                    "-e .",
                    "celery[redis]==1",
                    "${X}",
                    "boto3=1",
                ]
            ),
            max_size=6,
        ),
        st.lists(
            st.sampled_from(["-r requirements.txt", "-c a.txt", "-r ../a.txt", "idna==1", "boto3==2"]), max_size=4
        ),
        st.sampled_from([None, "2.4.3", "2.10.3", "3.3.1", "9.9.9"]),
    )
    def test_any_file_has_a_plan_whose_parts_fit(
        self, tmp_path_factory: pytest.TempPathFactory, lines: list[str], others: list[str], airflow: str | None
    ) -> None:
        inner = "\n".join(others)
        paths = ("a.txt", "dags/a.txt", "dags/c.txt", "c.txt")
        files = project(
            tmp_path_factory.getbasetemp(), {"requirements.txt": "\n".join(lines), **dict.fromkeys(paths, inner)}
        )
        document = read_requirements(files.files["requirements.txt"])
        found = plan_install(
            document, project=files, catalog=CATALOG, target=Target(airflow, "3.11"), dags_folder="dags"
        )
        assert not (found.forced and found.detection)
        assert not (set(map(id, found.requirements)) & set(map(id, found.skipped)))
        assert sum(source.option is None for source in found.constraints) == found.forced
        for requirement in found.requirements:
            pin = found.conflict(requirement)
            assert pin is None or pin in found.pinned_by(requirement.name or "")


class TestPathsInTheRepository:
    @pytest.mark.parametrize(
        ("value", "path"),
        [
            ("/usr/local/airflow/dags/c.txt", "src/c.txt"),
            ("c.txt", "requirements/c.txt"),
            ("../src/c.txt", "src/c.txt"),
            ("/etc/c.txt", None),
            ("https://example.org/c.txt", None),
            ("../../c.txt", None),
        ],
    )
    def test_a_path_means_a_file(self, tmp_path: Path, value: str, path: str | None) -> None:
        names = ("requirements/requirements.txt", "requirements/c.txt", "src/c.txt")
        files = project(tmp_path, dict.fromkeys(names, ""))
        found = in_repository(value, files.files[names[0]], files, "src")
        assert (found.path if found else None) == path
