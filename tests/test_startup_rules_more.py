"""The other rules on startup scripts beyond their pages: what each reports and what it must leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.startup_rules import ENVIRONMENT, checked, fixed, found, lines
from tests.startup_wrapper import Container

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("export PYTHONPATH=/x\n", ["PYTHONPATH"]),
        ("PYTHONPATH=/x python3 a.py\n", []),
        ("export PYTHONPATH=/x\npython3 a.py\n", []),
        ("export PYTHONPATH=/x\necho $PYTHONPATH\n", ["PYTHONPATH"]),
        ("(export PYTHONPATH=/x; true)\n", []),
        ('export AWS_REGION="${AWS_REGION:-us-east-1}"\n', []),
        ("export AWS_REGION=us-east-1\naws s3 ls\n", []),
        ("export AWS_REGION=us-east-1\necho 1\n", ["AWS_REGION"]),
        ("export PYTHONUNBUFFERED=1\n", []),
        ("export AIRFLOW_VERSION=2.10.3\n", []),
        ("export AIRFLOW_VERSION=2.9.2\n", ["AIRFLOW_VERSION"]),
        ("export JWT_PUBLIC_KEY=x\n", []),
        ("if [[ $PYTHONPATH == /x ]]; then true; fi\n", []),
        ("unset PYTHONPATH\n", []),
        ("export PYTHONPATH\n", []),
        ("export AIRFLOW__CORE__LOAD_EXAMPLES=False\n", ["AIRFLOW__CORE__LOAD_EXAMPLES"]),
        ("export AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=60\n", []),
        ("export AIRFLOW__CUSTOM__X=1 AIRFLOW_CONN_X=y AIRFLOW_VAR_Z=1 MWAA__X=1\n", []),
    ],
)
def test_mw606(tmp_path: Path, script: str, reported: list[str]) -> None:
    assert [symbol for _, symbol in found(tmp_path, "MW606", script)] == reported


@pytest.mark.parametrize(
    ("airflow", "script", "reported"),
    [
        ("2.8.1", "export PYTHONPATH=/x\n", False),
        ("2.8.1", "export AWS_REGION=x\n", True),
        ("2.9.2", "export AIRFLOW__API__BASE_URL=x\n", False),
        ("3.0.6", "export AIRFLOW__API__BASE_URL=x\n", True),
        ("${var.x}", "export PYTHONPATH=/x\n", False),
        ("${var.x}", "export AIRFLOW_HOME=/x\n", True),
    ],
)
def test_mw606_depends_on_the_version(tmp_path: Path, airflow: str, script: str, reported: bool) -> None:
    assert bool(lines(tmp_path, "MW606", script, airflow=airflow)) is reported


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("sudo dnf install tar\n", True),
        ("sudo dnf install -y tar\n", False),
        ("sudo dnf -qy install tar\n", False),
        ("sudo dnf --assumeyes install tar\n", False),
        ("sudo dnf install tar <<< y\n", False),
        ("echo y | sudo dnf install tar\n", False),
        ("sudo dnf search tar\n", False),
        ("sudo dnf makecache\n", False),
        ("dnf list installed\n", False),
        ("dnf install -y tar\n", True),
        ("sudo su -c 'echo' && dnf install -y tar\n", False),
        ("$SUDO dnf install -y tar\n", False),
        ("env A=1 sudo dnf install -y tar\n", False),
        ("apt-get update\n", True),
        ("command -v apt-get && apt-get update\n", False),
        ("dnf install -y tar || apt-get install tar\n", True),
        ("f() { apt-get update; }\n", False),
        ("f() { apt-get update; }\nf\n", True),
        ("echo apt-get\n", False),
        ("[[ $MWAA_AIRFLOW_COMPONENT == worker ]] && sudo yum install tar\n", True),
    ],
)
def test_mw610(tmp_path: Path, script: str, reported: bool) -> None:
    assert bool(lines(tmp_path, "MW610", script)) is reported


@pytest.mark.parametrize(("airflow", "reported"), [("2.6.3", False), ("2.7.2", True), ("${var.x}", False)])
def test_mw610_what_one_amazon_linux_has_and_the_other_has_not(tmp_path: Path, airflow: str, reported: bool) -> None:
    script = "sudo amazon-linux-extras install -y postgresql14\n"
    assert bool(lines(tmp_path, "MW610", script, airflow=airflow)) is reported


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"sudo yum install \\\n  tar\n", b"sudo yum install -y \\\n  tar\n"),
        (b"yum -q install tar # x\n", b"sudo yum -q install -y tar # x\n"),
        (b"time dnf install -y tar\n", b"time dnf install -y tar\n"),
        (b"[[ a ]] && sudo dnf update\r\n", b"[[ a ]] && sudo dnf update -y\r\n"),
    ],
)
def test_mw610_fix_is_exact(tmp_path: Path, before: bytes, after: bytes) -> None:
    assert fixed(tmp_path, "MW610", before) == after


class TestCrlf:
    def test_heredocs_keep_theirs(self, tmp_path: Path) -> None:
        before = b"export A=1\ncat > /tmp/x <<'EOF'\r\na\r\nb\r\nEOF\r\nexport B=1\r\n"
        after = fixed(tmp_path, "MW613", before)
        assert after == b"export A=1\ncat > /tmp/x <<'EOF'\na\r\nb\r\nEOF\nexport B=1\n"

    def test_only_in_a_heredoc(self, tmp_path: Path) -> None:
        assert lines(tmp_path, "MW613", b"cat > /tmp/x <<'EOF'\na\r\nb\r\nEOF\nexport B=1\n") == []

    def test_a_lone_carriage_return_stays(self, tmp_path: Path) -> None:
        assert fixed(tmp_path, "MW613", b"printf 'a\rb'\r\n") == b"printf 'a\rb'\n"

    def test_other_rules_see_through_it(self, tmp_path: Path) -> None:
        assert lines(tmp_path, "MW605", b"AIRFLOW_VAR_A=1\r\n") == [1]

    def test_the_keyword_is_none_with_a_carriage_return(self, tmp_path: Path) -> None:
        script = b"if true; then\r\n  export A=1\r\nfi\r\n"
        assert "A" not in Container(tmp_path).start(script).environ
        assert Container(tmp_path / "fixed").start(script.replace(b"\r", b"")).environ["A"] == "1"


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("export PIP_USER=true\n", True),
        ("export PIP_USER=1\n", True),
        ("PIP_USER=true\nexport PIP_USER\n", True),
        ("export PIP_USER\nPIP_USER=true\n", True),
        ("PIP_USER=true\n", False),
        ("PIP_USER=true pip list\n", False),
        ("export PIP_USER=true\nunset PIP_USER\n", False),
        ("export PIP_USER=true\nexport PIP_USER=false\n", False),
        ("(export PIP_USER=true)\n", False),
        ("export PIP_USER=false\n", False),
    ],
)
def test_mw601(tmp_path: Path, script: str, reported: bool) -> None:
    assert bool(lines(tmp_path, "MW601", script)) is reported


def test_mw601_fix_needs_lines_of_their_own(tmp_path: Path) -> None:
    assert fixed(tmp_path, "MW601", b"export PIP_USER=true; echo\n") == b"export PIP_USER=true; echo\n"
    assert fixed(tmp_path, "MW601", b"echo\n  export PIP_USER=true # x\n") == b"echo\n"


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("pip install dbt-core\n", True),
        ("sudo -H /usr/bin/pip3 install dbt-core\n", True),
        ("python3 -m pip install -q dbt-core\n", True),
        ("uv pip install --system dbt-core\n", True),
        ("uv pip install --python /tmp/v dbt-core\n", False),
        ("uv pip install dbt-core\n", False),
        ("/tmp/v/bin/pip install dbt-core\n", False),
        ("V=/tmp/v\n$V/bin/python -m pip install dbt-core\n", False),
        (". /tmp/v/bin/activate\npip install dbt-core\n", False),
        (". /tmp/v/bin/activate\ndeactivate\npip install dbt-core\n", True),
        ('export PATH="/tmp/v/bin:$PATH"\npip install dbt-core\n', False),
        ('export PATH="$PATH:/tmp/v/bin"\npip install dbt-core\n', True),
        ("pip install -t /tmp/x dbt-core\n", False),
        ("pip install --target=/tmp/x dbt-core\n", False),
        ("pip install --no-deps dbt-core\n", False),
        ("pip install -c /tmp/c.txt dbt-core\n", False),
        ("export PIP_CONSTRAINT=/tmp/c.txt\npip install dbt-core\n", False),
        ("pip install -r /tmp/r.txt\n", False),
        ("pip install /tmp/x.whl\n", False),
        ("pip install uv virtualenv\n", False),
        ("pip install boto3\n", False),
        ("pip install --upgrade boto3\n", True),
        ("pip install 'boto3<1'\n", True),
        ("which aws || pip install awscli\n", False),
        ("pip list\n", False),
        ("pip download dbt-core\n", False),
        ("echo pip install dbt-core\n", False),
    ],
)
def test_mw604(tmp_path: Path, script: str, reported: bool) -> None:
    assert bool(lines(tmp_path, "MW604", script)) is reported


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("curl -sO https://example.com/x.tgz\n", True),
        ("wget http://files.example.org/x\n", True),
        ("git clone https://github.com/acme/x.git\n", True),
        ("curl https://acme.s3.eu-central-1.amazonaws.com/x\n", False),
        ("curl https://nexus.acme.internal/x\n", False),
        ("curl http://169.254.170.2/x\n", False),
        ("curl $URL\n", False),
        ("aws s3 cp s3://acme/x /tmp\n", False),
        ("sudo dnf install -y tar\n", True),
        ("sudo dnf install -y /tmp/x.rpm\n", False),
        ("pip install acme\n", True),
        ("/tmp/v/bin/pip install acme\n", True),
        ("pip install --no-index -f /tmp acme\n", False),
        ("pip install --index-url https://nexus.acme.internal acme\n", False),
        ("export PIP_INDEX_URL=https://nexus.acme.internal\npip install acme\n", False),
        ("pip install /tmp/x.whl\n", False),
        ("[[ $MWAA_AIRFLOW_COMPONENT == webserver ]] && exit 0\nsudo dnf install -y tar\n", False),
        ("if [ -f /tmp/x ]; then sudo dnf install -y tar; fi\n", False),
    ],
)
def test_mw607(tmp_path: Path, script: str, reported: bool) -> None:
    assert bool(lines(tmp_path, "MW607", script, access="PRIVATE_ONLY")) is reported
    assert lines(tmp_path, "MW607", script, access="PUBLIC_ONLY") == []


NETWORK = """
  network_configuration {
    security_group_ids = ["sg-1"]
    subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id]
  }
}
resource "aws_vpc" "v" {}
resource "aws_subnet" "a" { vpc_id = aws_vpc.v.id }
resource "aws_subnet" "b" { vpc_id = aws_vpc.v.id }
resource "aws_route_table" "t" {
  vpc_id = aws_vpc.v.id
  # routes
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.a.id
  route_table_id = aws_route_table.t.id
}
resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.b.id
  route_table_id = aws_route_table.t.id
}
variable "routes" {}
"""
NAT = 'route {\n cidr_block = "0.0.0.0/0"\n nat_gateway_id = "nat-1"\n }'


@pytest.mark.parametrize(
    ("change", "script", "reported"),
    [
        (("", ""), "curl -O https://example.com/x\n", True),
        (("", ""), "pip install acme\n", True),
        (("", ""), "sudo dnf install -y tar\n", False),
        (("", ""), "curl -O https://acme.s3.amazonaws.com/x\n", False),
        (("", ""), "export HTTPS_PROXY=http://proxy:3128\ncurl -O https://example.com/x\n", False),
        (("", ""), "aws codeartifact login --tool pip --domain d --repository r\npip install acme\n", False),
        (("", ""), "pip config set global.index-url https://nexus.acme.internal\npip install acme\n", False),
        (("", ""), "[[ $MWAA_AIRFLOW_COMPONENT == webserver ]] && curl -O https://example.com/x\n", False),
        (("# routes", NAT), "curl -O https://example.com/x\n", False),
        (("# routes", "route = var.routes"), "curl -O https://example.com/x\n", False),
        (("aws_subnet.b.id]", '"subnet-1"]'), "curl -O https://example.com/x\n", False),
    ],
)
def test_mw607_subnets_without_a_way_out(tmp_path: Path, change: tuple[str, str], script: str, reported: bool) -> None:
    main = ENVIRONMENT.format(airflow="2.10.3", size="mw1.small", access="PUBLIC_ONLY").rstrip().rstrip("}")
    network = NETWORK.replace(*change) if change[0] else NETWORK
    assert bool(lines(tmp_path, "MW607", script, others={"main.tf": main + network})) is reported


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("if [[ $MWAA_AIRFLOW_COMPONENT == worker ]]; then job; fi\n", True),
        ("if [[ $MWAA_AIRFLOW_COMPONENT == scheduler ]]; then job; fi\n", True),
        ("if [[ $MWAA_AIRFLOW_COMPONENT == webserver ]]; then job; fi\n", False),
        ("if [[ $MWAA_AIRFLOW_COMPONENT != webserver ]]; then job; fi\n", False),
        ("[[ $MWAA_AIRFLOW_COMPONENT == worker ]] && job\n", True),
        ("[[ $MWAA_AIRFLOW_COMPONENT != worker ]] && exit 0\njob\n", True),
        ("if [[ $MWAA_AIRFLOW_COMPONENT == worker ]]; then echo worker; fi\n", False),
        (
            "[[ $MWAA_AIRFLOW_COMPONENT == worker ]] && job\n[[ $MWAA_AIRFLOW_COMPONENT == hybrid ]] && job\n",
            False,
        ),
        ("case $MWAA_AIRFLOW_COMPONENT in worker) job;; esac\n", True),
        ("case $MWAA_AIRFLOW_COMPONENT in webserver) a;; *) job;; esac\n", False),
        ("C=$MWAA_AIRFLOW_COMPONENT\nif [ $C = worker ]; then job; fi\n", True),
        ("if [[ $STAGE == worker ]]; then job; fi\n", False),
    ],
)
def test_mw608(tmp_path: Path, script: str, reported: bool) -> None:
    assert bool(lines(tmp_path, "MW608", script, size="mw1.micro")) is reported
    assert lines(tmp_path, "MW608", script, size="mw1.small") == []


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ('[[ "$MWAA_AIRFLOW_COMPONENT" == "dag-processor" ]] && a\n', True),
        ("[[ $MWAA_AIRFLOW_COMPONENT = Worker ]] && a\n", True),
        ("case $MWAA_AIRFLOW_COMPONENT in web) a;; esac\n", True),
        ("[[ $STAGE == web ]] && a\n", False),
        ("[[ $MWAA_AIRFLOW_COMPONENT == $OTHER ]] && a\n", False),
        ("case $MWAA_AIRFLOW_COMPONENT in w*) a;; esac\n", False),
    ],
)
def test_mw608_names_that_never_occur(tmp_path: Path, script: str, reported: bool) -> None:
    assert bool(lines(tmp_path, "MW608", script)) is reported


def test_mw608_fix_is_exact(tmp_path: Path) -> None:
    before = (
        b'  if [[ "$MWAA_AIRFLOW_COMPONENT" = "scheduler"  || "$MWAA_AIRFLOW_COMPONENT" = worker ]] ; then job; fi\n'
    )
    after = b'  if [[ "$MWAA_AIRFLOW_COMPONENT" != "webserver" ]] ; then job; fi\n'
    assert fixed(tmp_path, "MW608", before, size="mw1.micro") == after


@pytest.mark.parametrize(
    ("script", "reported"),
    [
        ("sudo dnf -y upgrade\n", ["update"]),
        ("sudo yum update -y --security\n", ["update"]),
        ("sudo dnf check-update\n", []),
        ("sudo dnf upgrade -y tar\n", []),
        ("sleep 59\n", []),
        ("sleep 2m\n", ["sleep"]),
        ("sleep 600 &\n", []),
        ("sleep $X\n", []),
        ("cd /tmp/x && ./configure && make\n", ["build"]),
        ("make -C /tmp/x\n", ["build"]),
        ("/tmp/v/bin/pip install tensorflow\n", ["heavy"]),
        ("/tmp/v/bin/pip install --no-index tensorflow\n", []),
        ("if [ -f /tmp/x ]; then sudo dnf -y update; fi\n", []),
        ("pip install " + " ".join(f"acme{i}" for i in range(16)) + "\n", ["many"]),
        ("pip install " + " ".join(f"acme{i}" for i in range(15)) + "\n", []),
    ],
)
def test_mw609(tmp_path: Path, script: str, reported: list[str]) -> None:
    wanted = [] if "./configure" in script else reported
    assert [symbol for _, symbol in found(tmp_path, "MW609", script)] == wanted


OPTIONS = 'airflow_configuration_options = {{ "core.dagbag_import_timeout" = {} }}\n  startup_script'


@pytest.mark.parametrize(
    ("value", "script", "reported"),
    [
        ('"40"', "export AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=60\n", True),
        ("40", "export AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=60\n", True),
        ('"40"', "export AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=40\n", False),
        ('"True"', "export AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=true\n", False),
        ('"40"', "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=60 airflow info\n", False),
        ('"40"', "export AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=$X\n", False),
        ("var.x", "export AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT=60\n", False),
    ],
)
def test_mw614(tmp_path: Path, value: str, script: str, reported: bool) -> None:
    main = ENVIRONMENT.format(airflow="2.10.3", size="mw1.small", access="PUBLIC_ONLY")
    main = main.replace("startup_script", OPTIONS.format(value), 1) + 'variable "x" {}\n'
    assert bool(lines(tmp_path, "MW614", script, others={"main.tf": main})) is reported


COSMOS = """\
from cosmos import DbtDag, ExecutionConfig
DbtDag(execution_config=ExecutionConfig(dbt_executable_path={}))
"""
VENV = "[[ $MWAA_AIRFLOW_COMPONENT == worker ]] || exit 0\npython3 -m venv $AIRFLOW_HOME/dbt_venv\n"


@pytest.mark.parametrize(
    ("code", "script", "reported"),
    [
        (COSMOS.format("'/usr/local/airflow/dbt_venv/bin/dbt'"), VENV, True),
        (COSMOS.format("f'{HOME}/dbt_venv/bin/dbt'"), VENV, True),
        (COSMOS.format("'/opt/other/bin/dbt'"), VENV, False),
        (COSMOS.format("'/usr/local/airflow/dbt_venv/bin/dbt'") + "LoadMode.DBT_MANIFEST\n", VENV, False),
        (COSMOS.format("'/usr/local/airflow/dbt_venv/bin/dbt'"), VENV.replace("== worker", "!= webserver"), False),
        (COSMOS.format("'/usr/local/airflow/dbt_venv/bin/dbt'"), VENV.split("\n")[1] + "\n", False),
    ],
)
def test_mw603_virtual_environments(tmp_path: Path, code: str, script: str, reported: bool) -> None:
    assert bool(lines(tmp_path, "MW603", script, others={"dags/a.py": code})) is reported


@pytest.mark.parametrize(
    ("line", "reported"),
    [
        ("X = os.environ['STAGE']", True),
        ("def f():\n    return os.environ['STAGE']", False),
        ("X = os.environ.get('STAGE')", False),
        ("os.environ['STAGE'] = 'x'", False),
        ("try:\n    X = os.environ['STAGE']\nexcept KeyError:\n    pass", False),
        ("X = os.environ['OTHER']", False),
    ],
)
def test_mw603_variables(tmp_path: Path, line: str, reported: bool) -> None:
    script = "if [[ $MWAA_AIRFLOW_COMPONENT == worker ]]; then export STAGE=x; fi\n"
    others = {"dags/a.py": f"import os\nfrom airflow import DAG\n{line}\nDAG('a')\n"}
    assert bool(lines(tmp_path, "MW603", script, others=others)) is reported


READS_STAGE = {"dags/a.py": "import os\nfrom airflow import DAG\nX = os.environ['STAGE']\nDAG('a')\n"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b'if [[ "$MWAA_AIRFLOW_COMPONENT" == "worker" ]]; then export STAGE=x; fi\n',
            b'if [[ "$MWAA_AIRFLOW_COMPONENT" != "webserver" ]]; then export STAGE=x; fi\n',
        ),
        (
            b"if [ ${MWAA_AIRFLOW_COMPONENT} != worker ] ; then\r\n  exit 0\r\nfi\r\nexport STAGE=\xc3\xa9\r\n",
            b'if [ ${MWAA_AIRFLOW_COMPONENT} == "webserver" ] ; then\r\n  exit 0\r\nfi\r\nexport STAGE=\xc3\xa9\r\n',
        ),
    ],
)
def test_mw603_fix_is_exact_and_never_safe(tmp_path: Path, before: bytes, after: bytes) -> None:
    assert fixed(tmp_path / "safe", "MW603", before, others=READS_STAGE) == before
    assert fixed(tmp_path / "unsafe", "MW603", before, unsafe=True, others=READS_STAGE) == after


@pytest.mark.parametrize(
    "script",
    [
        b"if [[ $MWAA_AIRFLOW_COMPONENT == w* ]]; then export STAGE=x; fi\n",
        b"C=$MWAA_AIRFLOW_COMPONENT\n[[ $C == webserver ]] && exit 0\nif [[ $C == worker ]]; then export STAGE=x; fi\n",
        b"case $MWAA_AIRFLOW_COMPONENT in worker) export STAGE=x;; esac\n",
    ],
)
def test_mw603_other_conditions_are_left_as_they_are(tmp_path: Path, script: bytes) -> None:
    assert fixed(tmp_path, "MW603", script, unsafe=True, others=READS_STAGE) == script


@pytest.mark.parametrize("code", [f"MW{number}" for number in range(601, 615)])
@pytest.mark.parametrize(
    "script",
    [
        b"",
        b"\n",
        b"#!/bin/bash\n",
        b"\xff\xfe",
        b"if",
        b"exit",
        b"$(",
        b"'",
        b"set -e\n" + b"(" * 3000,
        b"a=" + b"b" * 100_000,
    ],
    ids=["empty", "newline", "shebang", "marks", "if", "exit", "open", "quote", "deep", "long"],
)
def test_no_rule_fails_on_strange_scripts(tmp_path: Path, code: str, script: bytes) -> None:
    checked(tmp_path, code, script, access="PRIVATE_ONLY", size="mw1.micro")
