"""The rules on where packages come from (MW110, MW113, MW114), beyond the examples of their pages."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import pytest

from mwaalint import api
from mwaalint.config import Config
from mwaalint.findings import Confidence, Location, Safety, without_secrets
from mwaalint.report import FORMATS, ReportOptions, load
from tests.deployments import TODAY
from tests.requirement_rules import UPSTREAM, environment, findings, fixed, found, lines, write

if TYPE_CHECKING:
    from pathlib import Path

DAG = "from airflow import DAG\n\ndag = DAG('etl')\n"
DAGS = {"dags/etl.py": DAG}
ON_MWAA = "/usr/local/airflow/dags/"


# --- MW110 relative-include-not-shipped -----------------------------------------------------------------------------


def relative(option: str, file: str) -> str:
    return (
        f"{option} {file} is not on the container: MWAA copies only the one requirements file, so pip stops with "
        '"Could not open requirements file" and installs none of the packages'
    )


def missing(option: str, file: str, folder: str = "dags") -> str:
    return (
        f"{option} {file} is not on the container: {folder} becomes the DAGs folder there and holds no such file, so "
        "pip stops and installs none of the packages"
    )


def elsewhere(option: str, file: str) -> str:
    return (
        f"{option} {file} is not on the container: MWAA copies only the DAGs and plugins folders, so pip stops and "
        "installs none of the packages"
    )


@pytest.mark.parametrize(
    ("line", "option", "file"),
    [
        ("-r base.txt", "--requirement", "base.txt"),
        ("-rbase.txt", "--requirement", "base.txt"),
        ("--requirement=base.txt", "--requirement", "base.txt"),
        ("-c constraints.txt", "--constraint", "constraints.txt"),
        ('--constraint "./constraints.txt"  # ours', "--constraint", "./constraints.txt"),
        ("-c ../constraints.txt", "--constraint", "../constraints.txt"),
        ("-c dags/constraints.txt", "--constraint", "dags/constraints.txt"),
        ("-c ../../../../etc/x.txt", "--constraint", "../../../../etc/x.txt"),
    ],
)
def test_a_relative_path_leads_nowhere_whether_the_file_exists_or_not(
    tmp_path: Path, line: str, option: str, file: str
) -> None:
    beside = {**DAGS, "base.txt": "duckdb==1.1.3\n", "constraints.txt": "duckdb==1.1.3\n"}
    expected = [f"requirements.txt:2 error {relative(option, file)}"]
    assert found(tmp_path / "here", "MW110", f"duckdb\n{line}\n", beside) == expected
    assert lines(tmp_path / "nowhere", "MW110", f"duckdb\n{line}\n") == [2]


@pytest.mark.parametrize(
    "line",
    [
        f"-c {ON_MWAA}constraints.txt",
        f"-c {ON_MWAA}deep/../constraints.txt",
        "-c ../dags/constraints.txt",
        f"-r file://{ON_MWAA}constraints.txt",
        "-c https://example.com/constraints.txt",
        "-r HTTPS://example.com/base.txt",
        "-c s3://bucket/constraints.txt",
        "-r ${AIRFLOW__PIP__FILE}",
        "-r ${BASE}/base.txt",
        "-c ${AIRFLOW_HOME}/dags/constraints.txt",
        "-c ${AIRFLOW_CONSTRAINTS_FILE}",
        "-c /usr/local/airflow/.local/etc/airflow_constraints.txt",
        "-c /etc/mwaa_essential_constraints.txt",
        "-r /usr/local/airflow/plugins/base.txt",
        "# -r base.txt",
        "-r",
        "duckdb -r base.txt",
    ],
)
def test_files_that_are_there_or_may_be_are_left_alone(tmp_path: Path, line: str) -> None:
    others = {**DAGS, "dags/constraints.txt": "duckdb==1.1.3\n"}
    assert found(tmp_path, "MW110", f"{line}\nduckdb==1.1.3\n", others) == []


@pytest.mark.parametrize("path", ["constraints.txt", "deep/constraints.txt", "../constraints.txt"])
def test_a_file_that_the_dags_folder_lacks(tmp_path: Path, path: str) -> None:
    value = f"{ON_MWAA}{path}"
    message = elsewhere if path.startswith("..") else missing
    [shown] = findings(tmp_path, "MW110", f"-c {value}\n", DAGS)
    assert (shown.message, shown.confidence) == (message("--constraint", value), Confidence.MEDIUM)


def test_without_a_dags_folder_nobody_knows_what_is_in_it(tmp_path: Path) -> None:
    assert found(tmp_path, "MW110", f"-c {ON_MWAA}constraints.txt\n") == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("dags/token.py", "open('codeartifact.txt', 'w')\n"),
        ("scripts/deploy.sh", "aws s3 cp codeartifact.txt s3://bucket/dags/\n"),
        ("Makefile", "dags/codeartifact.txt:\n\tmake-it\n"),
        (".github/workflows/deploy.yml", "run: cp x dags/codeartifact.txt\n"),
        ("token.tf", 'locals { key = "dags/codeartifact.txt" }\n'),
    ],
)
def test_a_file_that_a_program_names_is_made_on_the_way(tmp_path: Path, path: str, text: str) -> None:
    assert found(tmp_path, "MW110", f"-r {ON_MWAA}codeartifact.txt\n", {**DAGS, path: text}) == []


def test_a_file_that_is_not_part_of_the_project_is_there_all_the_same(tmp_path: Path) -> None:
    """As one that git ignores: a build has made it."""
    files = {
        **DAGS,
        "main.tf": environment(),
        "dags/built.txt": "duckdb\n",
        "requirements.txt": f"-r {ON_MWAA}built.txt\n",
    }
    write(tmp_path, files)
    result = api.check(tmp_path, Config(select=("MW110",), exclude=("dags/built.txt",)), today=TODAY)
    assert result.findings == ()
    (tmp_path / "dags/built.txt").unlink()
    [finding] = api.check(tmp_path, Config(select=("MW110",)), today=TODAY).findings
    assert finding.message == missing("--requirement", f"{ON_MWAA}built.txt")


@pytest.mark.parametrize("path", ["/requirements/base.txt", "/tmp/base.txt", "/usr/local/airflow/base.txt"])
def test_another_place_is_empty_unless_a_startup_script_may_fill_it(tmp_path: Path, path: str) -> None:
    [shown] = findings(tmp_path / "without", "MW110", f"-r {path}\n", DAGS)
    assert (shown.message, shown.confidence) == (elsewhere("--requirement", path), Confidence.MEDIUM)
    script = {"main.tf": environment(more='startup_script_s3_path = "startup.sh"')}
    assert found(tmp_path / "with", "MW110", f"-r {path}\n", {**DAGS, **script}) == []


def test_files_that_are_included_are_followed(tmp_path: Path) -> None:
    others = {
        **DAGS,
        "dags/base.txt": "-r more/extra.txt\n-r gone.txt\n-c ../constraints.txt\n",
        "dags/more/extra.txt": "-r ../base.txt\n-r absent.txt\n",
    }
    assert found(tmp_path, "MW110", f"-r {ON_MWAA}base.txt\n", others) == [
        f"dags/base.txt:2 error {missing('--requirement', 'gone.txt')}",
        f"dags/base.txt:3 error {relative('--constraint', '../constraints.txt')}",
        f"dags/more/extra.txt:2 error {missing('--requirement', 'absent.txt')}",
    ]


def test_what_a_file_names_that_is_not_there_itself_is_not_told(tmp_path: Path) -> None:
    others = {**DAGS, "base.txt": "-r more.txt\n", "more.txt": "-r evenmore.txt\n"}
    assert found(tmp_path, "MW110", "-r base.txt\n", others) == [
        f"requirements.txt:1 error {relative('--requirement', 'base.txt')}"
    ]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("-c dags/constraints.txt\n", f"-c {ON_MWAA}constraints.txt\n"),
        (
            '--constraint  "dags/constraints.txt" # ours\r\nx\r\n',
            f'--constraint  "{ON_MWAA}constraints.txt" # ours\r\nx\r\n',
        ),
        ("-c ./dags/more/../constraints.txt", f"-c {ON_MWAA}constraints.txt"),
        ("\ufeff# é\n-cdags/constraints.txt\n", f"\ufeff# é\n-c{ON_MWAA}constraints.txt\n"),
        ("-c constraints.txt\n", "-c constraints.txt\n"),
        ("-c dags/gone.txt\n", "-c dags/gone.txt\n"),
    ],
)
def test_a_file_in_the_dags_folder_is_named_as_it_is_on_mwaa(tmp_path: Path, text: str, after: str) -> None:
    others = {**DAGS, "dags/constraints.txt": "x==1\n", "constraints.txt": "x==1\n"}
    assert fixed(tmp_path, "MW110", text, others) == after.encode()


def test_the_new_path_is_written_in_the_encoding_of_the_file(tmp_path: Path) -> None:
    others = {**DAGS, "dags/constraints.txt": "x==1\n"}
    before, after = "\ufeff-c dags/constraints.txt\r\n", f"\ufeff-c {ON_MWAA}constraints.txt\r\n"
    assert fixed(tmp_path, "MW110", before.encode("utf-16-le"), others) == after.encode("utf-16-le")


def test_the_fix_is_safe_and_says_the_path(tmp_path: Path) -> None:
    [shown] = findings(tmp_path, "MW110", "-c dags/c.txt\n", {**DAGS, "dags/c.txt": "x==1\n"})
    assert [(fix.title, fix.safety) for fix in shown.fixes] == [(f"Use the path {ON_MWAA}c.txt", Safety.SAFE)]
    assert (shown.subject, shown.primary.symbol) == ("dags/c.txt", "--constraint dags/c.txt")


# --- MW113 private-webserver-needs-pypi -----------------------------------------------------------------------------


def private(airflow: str = '"2.10.3"', mode: str = '"PRIVATE_ONLY"', more: str = "") -> dict[str, str | bytes]:
    variables = 'variable "mode" {}\nvariable "airflow" {}\n'
    return {"main.tf": environment(airflow, f"webserver_access_mode = {mode}\n{more}") + variables}


def cannot_download(packages: str, airflow: str = "2.10.3") -> str:
    return (
        f"the private web server of Airflow {airflow} cannot download {packages}: pip tries there too until its time "
        "limit, and the Airflow UI then starts without the requirements"
    )


def test_packages_that_only_the_network_has(tmp_path: Path) -> None:
    text = f"{UPSTREAM}boto3\nduckdb==1.1.3\npandas\n"
    assert found(tmp_path, "MW113", text, private()) == [f"requirements.txt:3 warning {cannot_download('2 packages')}"]


def test_it_is_one_inference_away_and_shows_the_access_mode(tmp_path: Path) -> None:
    [shown] = findings(tmp_path, "MW113", "duckdb\n", private())
    assert shown.confidence is Confidence.MEDIUM
    assert [(place.path, place.note) for place in shown.related] == [("main.tf", "the web server is private here")]


@pytest.mark.parametrize(
    "text",
    [
        "duckdb",
        "boto3==1.18.65",
        "boto3[crt]",
        "duckdb @ https://example.com/duckdb.whl",
        "git+https://github.com/duckdb/duckdb",
        "-r /usr/local/airflow/dags/base.txt",
    ],
)
def test_a_line_that_needs_a_download(tmp_path: Path, text: str) -> None:
    others = {**private(), **DAGS, "dags/base.txt": "duckdb\n"}
    [shown] = found(tmp_path, "MW113", f"{text}\n", others)
    assert shown.endswith(f"1 warning {cannot_download('1 package')}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "boto3\nrequests>=2\n",
        "/usr/local/airflow/plugins/duckdb-1.1.3-cp311-cp311-manylinux_2_17_x86_64.whl\n",
        "duckdb @ file:///usr/local/airflow/plugins/duckdb-1.1.3-py3-none-any.whl\n",
        "duckdb; python_version < '3.9'\n",
        "--no-index\n--find-links /usr/local/airflow/plugins\nduckdb\n",
        "--find-links /usr/local/airflow/plugins\nduckdb\n",
        "--index-url https://packages.example.com/simple\nduckdb\n",
        "duckdb\n--extra-index-url https://packages.example.com/simple\n",
        "-r /usr/local/airflow/dags/index.txt\nduckdb\n",
        "-r /usr/local/airflow/dags/unknown.txt\nduckdb\n",
        "-r ${AIRFLOW__PIP__INDEX}\nduckdb\n",
    ],
)
def test_what_needs_no_public_index_is_left_alone(tmp_path: Path, text: str) -> None:
    index = {**DAGS, "dags/index.txt": "--index-url https://packages.example.com/simple\n"}
    assert found(tmp_path, "MW113", text, {**private(), **index}) == []


@pytest.mark.parametrize(
    "others",
    [
        {"main.tf": environment()},
        private(mode='"PUBLIC_ONLY"'),
        private(mode="var.mode"),
        private(mode='var.mode == "x" ? "PRIVATE_ONLY" : "PUBLIC_ONLY"'),
        private(airflow='"2.0.2"'),
        private(airflow="var.airflow"),
        private(more='startup_script_s3_path = "scripts/startup.sh"'),
        private(more="startup_script_s3_path = var.mode"),
        {**private(more='startup_script_s3_path = "startup.sh"'), "startup.sh": "export PIP_INDEX_URL=https://x/\n"},
        {**private(more='startup_script_s3_path = "startup.sh"'), "startup.sh": "pip config set global.index-url x\n"},
        {**private(more='startup_script_s3_path = "startup.sh"'), "startup.sh": b"\x00\xff"},
    ],
)
def test_other_environments_are_left_alone(tmp_path: Path, others: dict[str, str | bytes]) -> None:
    assert found(tmp_path, "MW113", "duckdb\n", others) == []


def test_a_startup_script_with_other_work_changes_nothing(tmp_path: Path) -> None:
    others = {**private(more='startup_script_s3_path = "startup.sh"'), "startup.sh": "export DBT_DIR=/tmp\n"}
    assert lines(tmp_path, "MW113", "duckdb\n", others) == [1]


ENDPOINTS = """resource "aws_vpc_endpoint" "it" {
  for_each     = toset(["s3", "sqs", "kms", "logs", "monitoring"])
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.${each.value}"
}
"""


def closed(
    route: str = "", mode: str = '"PUBLIC_ONLY"', more: str = "", endpoints: str = ENDPOINTS
) -> dict[str, str | bytes]:
    """An environment in subnets whose route tables the project declares, with what is in the table of one."""
    subnets = "\n".join(
        f'''resource "aws_subnet" "{name}" {{ vpc_id = aws_vpc.main.id }}
resource "aws_route_table" "{name}" {{
  vpc_id = aws_vpc.main.id
{route if name == "a" else ""}
}}
resource "aws_route_table_association" "{name}" {{
  subnet_id      = aws_subnet.{name}.id
  route_table_id = aws_route_table.{name}.id
}}'''
        for name in ("a", "b")
    )
    network = "network_configuration {\n    subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]\n  }\n"
    text = environment('"2.10.3"', f"webserver_access_mode = {mode}\n{more}\n{network}")
    return {"main.tf": f'{text}\nresource "aws_vpc" "main" {{}}\n{subnets}\n{endpoints}'}


def routed(route: str) -> str:
    return f"  route {{\n    {route}\n  }}"


NO_WAY_OUT = (
    "requirements.txt:1 error the environment's subnets have no route out, so its schedulers and workers cannot"
    " download 1 package: pip installs nothing, and DAGs that import them fail"
)


@pytest.mark.parametrize("mode", ['"PUBLIC_ONLY"', '"PRIVATE_ONLY"', "null"])
def test_subnets_without_a_way_out_are_worse_than_a_private_web_server(tmp_path: Path, mode: str) -> None:
    assert found(tmp_path, "MW113", "duckdb\n", closed(mode=mode)) == [NO_WAY_OUT]


def test_where_the_environment_cannot_come_up_the_network_rule_alone_speaks_of_the_subnets(tmp_path: Path) -> None:
    cut_off = closed(endpoints="")
    assert len(found(tmp_path, "MW207", "duckdb\n", cut_off)) == 1
    assert found(tmp_path, "MW113", "duckdb\n", cut_off) == []


def test_a_private_web_server_is_a_problem_of_its_own(tmp_path: Path) -> None:
    cut_off = closed(mode='"PRIVATE_ONLY"', endpoints="")
    assert found(tmp_path, "MW113", "duckdb\n", cut_off) == [
        f"requirements.txt:1 warning {cannot_download('1 package')}"
    ]


def test_a_route_to_another_network_is_no_way_to_the_index(tmp_path: Path) -> None:
    peer = routed('cidr_block = "10.1.0.0/16"\n    vpc_peering_connection_id = "pcx-1"')
    assert found(tmp_path, "MW113", "duckdb\n", closed(peer)) == [NO_WAY_OUT]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("duckdb\n", closed(routed('cidr_block = "0.0.0.0/0"\n    nat_gateway_id = "nat-1"'))),
        ("duckdb\n", closed(routed('cidr_block = var.everywhere\n    nat_gateway_id = "nat-1"'))),
        (
            "duckdb\n",
            {**closed(more='startup_script_s3_path = "s.sh"'), "s.sh": "export HTTPS_PROXY=http://proxy:3128\n"},
        ),
        ("--index-url https://packages.example.com/simple\nduckdb\n", closed()),
        ("--no-index\n--find-links /usr/local/airflow/plugins\nduckdb\n", closed()),
        ("boto3\n", closed()),
    ],
)
def test_what_may_reach_an_index_from_its_subnets(tmp_path: Path, text: str, others: dict[str, str | bytes]) -> None:
    assert found(tmp_path, "MW113", text, others) == []


# --- MW114 index-url-credentials ------------------------------------------------------------------------------------

SECRET = "hV7.q-Zw_9"
CODEARTIFACT = "acme-111122223333.d.codeartifact.eu-west-1.amazonaws.com"


def in_plain_text(host: str) -> str:
    return (
        f"the URL for {host} contains a password or token in plain text: anyone who can read the repository or the "
        "environment's bucket has it"
    )


def dies(host: str) -> str:
    return (
        f"the URL for {host} contains a CodeArtifact token in plain text: it expires after at most 12 hours, and "
        "workers that start later install none of the packages"
    )


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://ci:{}@packages.example.com/simple",
        "-i https://ci:{}@packages.example.com/simple",
        "--extra-index-url=http://ci:{}@packages.example.com:8443/simple",
        "--find-links https://:{}@packages.example.com/wheels",
        "-c https://ci:{}@packages.example.com/constraints.txt",
        "-r https://ci:{}@packages.example.com/base.txt",
        "etl @ https://ci:{}@packages.example.com/etl-1.0.tar.gz",
        "https://ci:{}@packages.example.com/etl-1.0-py3-none-any.whl",
        "etl @ git+https://ci:{}@packages.example.com/etl.git@v1 ; python_version > '3'",
        "-e git+https://ci:{}@packages.example.com/etl.git#egg=etl",
        "--index-url https://a:${{PIP_PASS}}@example.com/ --extra-index-url https://ci:{}@packages.example.com/",
    ],
)
@pytest.mark.parametrize("secret", [SECRET, "p%40ssw0rt", "AKCp8nFvq"])
def test_a_secret_that_is_written_out(tmp_path: Path, line: str, secret: str) -> None:
    assert found(tmp_path, "MW114", f"duckdb\n{line.format(secret)}\n") == [
        f"requirements.txt:2 error {in_plain_text('packages.example.com')}"
    ]


@pytest.mark.parametrize(
    "token", ["ghp_" + "a1B2" * 9, "gho_" + "a1B2" * 9, "github_pat_" + "a1_B2" * 9, "glpat-" + "a1-B2" * 5]
)
def test_a_token_that_stands_alone(tmp_path: Path, token: str) -> None:
    line = f"git+https://{token}@github.com/acme/etl.git\n"
    assert found(tmp_path, "MW114", line) == [f"requirements.txt:1 error {in_plain_text('github.com')}"]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example.com/simple",
        "--index-url https://ci@packages.example.com/simple",
        "--index-url https://ci:@packages.example.com/simple",
        "--index-url https://ci:${PIP_PASS}@packages.example.com/simple",
        "--index-url https://${PIP_USER}:${PIP_PASS}@packages.example.com/simple",
        "--index-url https://ci:$PIP_PASS@packages.example.com/simple",
        "--index-url https://aws:{auth_token}@packages.example.com/simple",
        "--index-url https://aws:<token>@packages.example.com/simple",
        "--index-url https://aws:****@packages.example.com/simple",
        "--index-url https://aws:xxxxxxxx@packages.example.com/simple",
        "--index-url https://user:password@packages.example.com/simple",
        "--index-url https://user:YOUR_KEY@packages.example.com/simple",
        "--index-url https://user:my-personal@packages.example.com/simple",
        "--index-url https://user:CHANGE_ME@packages.example.com/simple",
        "--index-url https://packages.example.com:8443/a@b/simple",
        "--trusted-host ci:" + SECRET + "@packages.example.com",
        "git+ssh://git@github.com/acme/etl.git",
        "git+https://github.com/acme/etl.git@v1:2",
        "# --index-url https://ci:" + SECRET + "@packages.example.com/simple",
    ],
)
def test_variables_placeholders_and_users_are_left_alone(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "MW114", f"{line}\nduckdb\n") == []


def test_a_codeartifact_token_dies(tmp_path: Path) -> None:
    text = f"duckdb\n--extra-index-url https://aws:eyJ2ZXIiOjF9.{SECRET}@{CODEARTIFACT}/pypi/r/simple/\n"
    assert found(tmp_path, "MW114", text) == [f"requirements.txt:2 error {dies(CODEARTIFACT)}"]


def test_an_included_file_is_read_too(tmp_path: Path) -> None:
    others = {**DAGS, "dags/index.txt": f"\n--index-url https://aws:{SECRET}@{CODEARTIFACT}/pypi/r/simple/\n"}
    assert found(tmp_path, "MW114", f"-r {ON_MWAA}index.txt\n", others) == [
        f"dags/index.txt:2 error {dies(CODEARTIFACT)}"
    ]


def test_a_configuration_option_with_an_index(tmp_path: Path) -> None:
    options = (
        f'"pip.index" = "https://ci:{SECRET}@packages.example.com/simple", '
        f'"pip.other" = "https://ci:${{var.secret}}@packages.example.com/simple", '
        f'"database.url" = "https://ci:{SECRET}@database.example.com/etl"'
    )
    main = environment().replace('"celery.worker_autoscale" = "4,4"', options) + 'variable "secret" {}\n'
    assert found(tmp_path, "MW114", "duckdb\n", {"main.tf": main}) == [
        f"main.tf:9 error {in_plain_text('packages.example.com')}"
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"export PIP_INDEX_URL=https://ci:{SECRET}@packages.example.com/simple", True),
        (f"export PIP_EXTRA_INDEX_URL='https://ci:{SECRET}@packages.example.com/simple'", True),
        (f"pip config set global.index-url https://ci:{SECRET}@packages.example.com/simple", True),
        (f"pip3 install --index-url https://ci:{SECRET}@packages.example.com/simple etl", True),
        (f"pip install git+https://ci:{SECRET}@packages.example.com/etl.git", True),
        ("export PIP_INDEX_URL=https://ci:$TOKEN@packages.example.com/simple", False),
        ("export PIP_INDEX_URL=https://ci:$(fetch)@packages.example.com/simple", False),
        ("export PIP_INDEX_URL=https://ci:`fetch`@packages.example.com/simple", False),
        (f"# export PIP_INDEX_URL=https://ci:{SECRET}@packages.example.com/simple", False),
        (f"curl https://ci:{SECRET}@hooks.example.com/started", False),
    ],
)
def test_lines_of_the_startup_script_that_set_pip_up(tmp_path: Path, line: str, told: bool) -> None:
    others = {
        "main.tf": environment(more='startup_script_s3_path = "startup.sh"'),
        "startup.sh": f"#!/bin/sh\n# page\x0cbreak \x85 \u2028\r\n{line}\r\n",
    }
    expected = [f"startup.sh:3 error {in_plain_text('packages.example.com')}"] if told else []
    assert found(tmp_path, "MW114", "duckdb\n", others) == expected


@pytest.mark.parametrize("script", [b"", b"\x00\xff\x00", b"\xff\xfe\x00", b"PIP_INDEX_URL=\xe9\xff"])
def test_a_startup_script_that_is_no_text_is_passed_over(tmp_path: Path, script: bytes) -> None:
    others: dict[str, str | bytes] = {
        "main.tf": environment(more='startup_script_s3_path = "startup.sh"'),
        "startup.sh": script,
    }
    assert found(tmp_path, "MW114", "duckdb\n", others) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-i https://ci:abcdef@h/simple", "-i https://ci:******@h/simple"),
        ("x @ git+https://:abcd@h/x b://u:efghi@h", "x @ git+https://:****@h/x b://u:*****@h"),
        ("https://ghp_abc@h", "https://*******@h"),
        ("https://ci:${TOKEN}@h", "https://ci:${TOKEN}@h"),
        ("https://ci@h ssh://git@h", "https://ci@h ssh://git@h"),
        ("me@h: nothing", "me@h: nothing"),
    ],
)
def test_secrets_are_starred_out_and_lengths_stay(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert Location("requirements.txt", symbol=text).symbol == shown


@pytest.mark.parametrize("format_", FORMATS)
def test_no_report_repeats_the_secret(tmp_path: Path, format_: str) -> None:
    """All rules run: whatever else they say of these lines must not show it either."""
    write(
        tmp_path,
        {
            **DAGS,
            "main.tf": environment(more='startup_script_s3_path = "startup.sh"'),
            "startup.sh": f"export PIP_INDEX_URL=https://ci:{SECRET}@packages.example.com/simple\n",
            "requirements.txt": (
                f"--extra-index-url https://ci:{SECRET}@packages.example.com/simple\n"
                f"-c https://ci:{SECRET}@packages.example.com/constraints.txt\n"
                f"-r https://ci:{SECRET}@packages.example.com/base.txt\n"
                f"https://ci:{SECRET}@packages.example.com/etl.zip\n"
                f"git+https://ghp_{'a1B2' * 9}@github.com/acme/etl.git\n"
            ),
        },
    )
    result = api.check(tmp_path, today=TODAY)
    assert sum(finding.code == "MW114" for finding in result.findings) == 6
    report = "".join(load(format_)(result, ReportOptions(width=120)))
    assert SECRET not in report
    assert "a1B2a1B2" not in report


# --- all of them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["MW110", "MW113", "MW114"])
@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"\x00",
        b"-r requirements.txt\n" * 500,
        b"-r \xff\xfe.txt\n-c \x85\n-r .\n-r ..\n-r /\n-c //\n-r ~\n-r file:\n-r file://\n",
        b"-r " + b"../" * 20_000 + b"x\n",
        b"-r " + b"a/" * 20_000 + b"x\n",
        b"--index-url " + b"https://a:" * 20_000,
        b"--index-url https://" + b"a" * 50_000 + b":" + b"b" * 50_000,
        b"--index-url https://a:" + b"%41" * 50_000,
        "-r dags/é.txt\n".encode("utf-16"),
    ],
)
def test_hostile_files_make_no_rule_crash(tmp_path: Path, code: str, text: bytes) -> None:
    """``findings`` asserts that no check crashed."""
    start = process_time()
    findings(tmp_path, code, text, {**private(), **DAGS})
    assert process_time() - start < 10
