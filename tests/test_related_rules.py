"""Rules on what an environment is deployed with, beyond the examples of their pages: bucket, network, role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.rulebook import shipped
from tests.test_environment_rules import checked, fixed, found, places, related

if TYPE_CHECKING:
    from pathlib import Path

GRAVE = {
    "MW207": ("error", "high", "none"),
    "MW208": ("error", "high", "none"),
    "MW209": ("warning", "medium", "safe"),
    "MW210": ("warning", "high", "safe"),
    "MW217": ("error", "high", "none"),
    "MW227": ("note", "medium", "none"),
    "MW238": ("error", "high", "none"),
    "MW246": ("warning", "high", "safe"),
    "MW247": ("warning", "high", "none"),
}


def test_how_grave_each_rule_is() -> None:
    rules = [shipped().rule(code) for code in GRAVE]
    assert {rule.code: (str(rule.severity), str(rule.confidence), rule.fix) for rule in rules} == GRAVE


def deployed(*blocks: str) -> dict[str, str]:
    """An environment with everything it needs, in a file of its own, and blocks in main.tf."""
    environment = """\
resource "aws_mwaa_environment" "etl" {
  name               = "etl"
  source_bucket_arn  = aws_s3_bucket.dags.arn
  execution_role_arn = aws_iam_role.etl.arn
  network_configuration {
    security_group_ids = [aws_security_group.etl.id]
    subnet_ids         = [aws_subnet.one.id, aws_subnet.two.id]
  }
}
variable "x" {}
"""
    return {"main.tf": "\n".join(blocks), "mwaa.tf": environment}


# ---- MW210: the bucket ----------------------------------------------------------------------------------------------

BUCKET = 'resource "aws_s3_bucket" "dags" {\n  bucket = "etl"\n}\n'


def test_the_bucket_is_shown_and_the_environment_beside_it(tmp_path: Path) -> None:
    assert places(tmp_path, "MW210", deployed(BUCKET)) == ["main.tf:1"]
    assert related(tmp_path, "MW210", deployed(BUCKET)) == [("mwaa.tf:3", "the environment reads it")]


@pytest.mark.parametrize(
    ("bucket", "fires"),
    [
        ('resource "aws_s3_bucket" "dags" {\n  versioning {\n    enabled = true\n  }\n}', False),
        ('resource "aws_s3_bucket" "dags" {\n  versioning {\n    enabled = false\n  }\n}', True),
        ('resource "aws_s3_bucket" "dags" {\n  versioning {\n    enabled = var.x\n  }\n}', False),
        ('resource "aws_s3_bucket" "dags" {\n  dynamic "versioning" {\n    for_each = var.x\n  }\n}', False),
        ('resource "aws_s3_bucket" "dags" {\n  count = var.x\n}', False),
        ('resource "aws_s3_bucket" "other" {}', False),
    ],
)
def test_versioning_inside_of_the_bucket(bucket: str, fires: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "MW210", deployed(bucket))) == fires


def test_a_step_that_turns_versioning_on_counts(tmp_path: Path) -> None:
    files = {**deployed(BUCKET), "scripts/after.sh": "aws s3api put-bucket-versioning --bucket etl\n"}
    assert not found(tmp_path, "MW210", files)


def test_environments_of_one_module_share_a_finding(tmp_path: Path) -> None:
    module = deployed(BUCKET.replace('"etl"', '"etl-${var.stage}"'), 'variable "stage" {}\n')
    calls = "".join(f'module "{it}" {{\n  source = "../mwaa"\n  stage = "{it}"\n}}\n' for it in ("dev", "prod"))
    files = {f"mwaa/{path}": text for path, text in module.items()}
    assert len(found(tmp_path, "MW210", {**files, "live/main.tf": calls})) == 1


@pytest.mark.parametrize(("flag", "fires"), [("false", True), ("true", False), ("var.x", False)])
def test_each_flag_of_the_public_access_block(flag: str, fires: bool, tmp_path: Path) -> None:
    versioned = BUCKET.replace("}\n", "  versioning {\n    enabled = true\n  }\n}\n")
    block = f"""
resource "aws_s3_bucket_public_access_block" "dags" {{
  bucket                  = "etl"
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = {flag}
  restrict_public_buckets = true
}}
"""
    hits = found(tmp_path, "MW210", deployed(versioned, block))
    assert [("(ignore_public_acls)" in hit) for hit in hits] == [True] * fires


def test_the_fix_leaves_a_one_line_block_and_what_follows(tmp_path: Path) -> None:
    files = deployed('resource "aws_s3_bucket" "dags" {}', 'resource "aws_s3_bucket" "other" {}')
    assert fixed(tmp_path, "MW210", files)["main.tf"].startswith(
        'resource "aws_s3_bucket" "dags" {}\n\nresource "aws_s3_bucket_versioning" "dags" {\n'
    )


@pytest.mark.parametrize(
    "bucket",
    [
        'resource "aws_s3_bucket" "dags" {\n  count = 1\n}\n',
        'resource "aws_s3_bucket" "dags" {\n  policy = <<EOT\n{\n}\nEOT\n}\n',
        BUCKET + 'resource "aws_s3_bucket" "b" {}\nresource "aws_s3_bucket_versioning" "dags" {\n'
        "  bucket = aws_s3_bucket.b.id\n}\n",
    ],
    ids=["several", "a heredoc", "the name is taken"],
)
def test_no_fix_where_it_may_break_something(bucket: str, tmp_path: Path) -> None:
    files = deployed(bucket)
    files["mwaa.tf"] = files["mwaa.tf"].replace("aws_s3_bucket.dags.arn", "one(aws_s3_bucket.dags[*].arn)")
    (finding,) = checked(tmp_path, "MW210", files).findings
    assert finding.fixes == ()


# ---- MW217: security groups -----------------------------------------------------------------------------------------


def rule(direction: str, peers: str, ports: str = "from_port = 0\n    to_port = 0\n    protocol = -1") -> str:
    return f"  {direction} {{\n    {ports}\n    {peers}\n  }}\n"


def group(*rules: str) -> str:
    return 'resource "aws_security_group" "etl" {\n' + "".join(rules) + "}\n"


OUT = rule("egress", 'cidr_blocks = ["0.0.0.0/0"]')
TCP = 'from_port = 0\n    to_port = 65535\n    protocol = "tcp"'


@pytest.mark.parametrize(
    ("ingress", "ports"),
    [
        (rule("ingress", "self = true"), None),
        (rule("ingress", "self = true", TCP), None),
        (rule("ingress", "self = true", 'from_port = 443\n    to_port = 443\n    protocol = "tcp"'), "port 5432"),
        (
            rule("ingress", "self = true", 'from_port = 0\n    to_port = 65535\n    protocol = "udp"'),
            "ports 443 and 5432",
        ),
        (rule("ingress", "self = true", "from_port = var.x\n    to_port = var.x\n    protocol = var.x"), None),
        (rule("ingress", "security_groups = [aws_security_group.etl.id]"), None),
        (rule("ingress", "security_groups = [aws_security_group.other.id]"), "ports 443 and 5432"),
        (rule("ingress", "security_groups = [var.x]"), None),
        (rule("ingress", 'cidr_blocks = ["0.0.0.0/0"]'), None),
        (rule("ingress", 'cidr_blocks = ["10.0.0.0/16"]'), None),
        (rule("ingress", 'cidr_blocks = ["8.8.8.8/32"]'), "ports 443 and 5432"),
        (rule("ingress", 'cidr_blocks = ["203.0.113.0/32"]'), "ports 443 and 5432"),
        (rule("ingress", "cidr_blocks = [aws_vpc.main.cidr_block]"), None),
        ("", "ports 443 and 5432"),
    ],
)
def test_what_lets_the_environment_reach_itself(ingress: str, ports: str | None, tmp_path: Path) -> None:
    others = 'resource "aws_security_group" "other" {}\nresource "aws_vpc" "main" {}\n'
    hits = found(tmp_path, "MW217", deployed(group(ingress, OUT), others))
    assert [f"on {ports}:" in hit for hit in hits] == ([True] if ports else [])


def test_two_groups_are_judged_together(tmp_path: Path) -> None:
    files = deployed(group(OUT), group(rule("ingress", "self = true")).replace('"etl"', '"more"'))
    files["mwaa.tf"] = files["mwaa.tf"].replace("aws_security_group.etl.id]", "aws_security_group.etl.id, MORE]")
    assert not found(
        tmp_path, "MW217", {**files, "mwaa.tf": files["mwaa.tf"].replace("MORE", "aws_security_group.more.id")}
    )
    assert not found(tmp_path, "MW217", {**files, "mwaa.tf": files["mwaa.tf"].replace("MORE", "var.x")})


def test_rules_that_may_be_of_any_group_silence_it(tmp_path: Path) -> None:
    more = 'resource "aws_security_group_rule" "it" {\n  security_group_id = var.x\n  type = "ingress"\n}\n'
    assert not found(tmp_path, "MW217", deployed(group(), more))


def test_a_group_of_a_template_lets_out_what_it_does_not_name(tmp_path: Path) -> None:
    template = """\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: airflow}
  Itself:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !Ref Group, IpProtocol: "-1", SourceSecurityGroupId: !Ref Group}
  Etl:
    Type: AWS::MWAA::Environment
    Properties:
      Name: etl
      NetworkConfiguration: {SecurityGroupIds: [!Ref Group], SubnetIds: [subnet-1, subnet-2]}
"""
    assert not found(tmp_path, "MW217", {"stack.yaml": template})


# ---- MW208: subnets -------------------------------------------------------------------------------------------------


def subnets(ids: str, *blocks: str) -> dict[str, str]:
    files = deployed(*blocks)
    return {**files, "mwaa.tf": files["mwaa.tf"].replace("[aws_subnet.one.id, aws_subnet.two.id]", ids)}


@pytest.mark.parametrize(
    ("ids", "count"),
    [
        ('["subnet-1"]', 1),
        ('["subnet-1", "subnet-2"]', None),
        ('["subnet-1", "subnet-1"]', 1),
        ("[var.x, var.x, var.x]", 3),
        ('["subnet-1", var.x]', None),
        ("[]", None),
        ('[""]', None),
        ('["your-subnet-id"]', None),
        ("var.x", None),
        ('concat(["subnet-1"], var.x)', None),
        ('slice(["subnet-1", "subnet-2", "subnet-3"], 0, 2)', None),
    ],
)
def test_the_number_of_subnets(ids: str, count: int | None, tmp_path: Path) -> None:
    hits = found(tmp_path, "MW208", subnets(ids))
    assert [f"not {count}:" in hit for hit in hits] == ([True] if count else [])


def pair(one: str, two: str) -> str:
    return f'resource "aws_subnet" "one" {{\n  {one}\n}}\nresource "aws_subnet" "two" {{\n  {two}\n}}\n'


@pytest.mark.parametrize(
    ("one", "two", "fires"),
    [
        ('"eu-west-1a"', '"eu-west-1a"', True),
        ('"eu-west-1a"', '"eu-west-1b"', False),
        ('"eu-west-1a"', "var.x", False),
        ("var.x", "var.x", False),
        ("data.aws_availability_zones.a.names[0]", "data.aws_availability_zones.a.names[0]", True),
        ("data.aws_availability_zones.a.names[0]", "data.aws_availability_zones.a.names[1]", False),
    ],
)
def test_two_subnets_in_one_zone(one: str, two: str, fires: bool, tmp_path: Path) -> None:
    blocks = pair(f"availability_zone = {one}", f"availability_zone = {two}")
    data = 'data "aws_availability_zones" "a" {}\n'
    hits = found(tmp_path, "MW208", deployed(blocks, data))
    assert ["both subnets are in" in hit for hit in hits] == [True] * fires


def test_two_that_count_makes_are_not_in_one_zone(tmp_path: Path) -> None:
    block = (
        'resource "aws_subnet" "it" {\n  count = 2\n  availability_zone = data.aws_availability_zones.a.names[X]\n}\n'
    )
    data = 'data "aws_availability_zones" "a" {}\n'
    files = subnets("aws_subnet.it[*].id", data, block.replace("X", "count.index"))
    assert not found(tmp_path, "MW208", files)


ROUTED = """
resource "aws_internet_gateway" "it" {}
resource "aws_route_table" "it" {
  vpc_id = aws_vpc.it.id
}
resource "aws_route" "it" {
  route_table_id         = aws_route_table.it.id
  destination_cidr_block = "0.0.0.0/0"
  TARGET
}
resource "aws_vpc" "it" {}
"""
INTERNET = "gateway_id = aws_internet_gateway.it.id"
OWN = 'resource "aws_route_table_association" "it" {\n  subnet_id = aws_subnet.one.id\n  route_table_id = ID\n}\n'
OWN = OWN.replace("ID", "aws_route_table.it.id")
MAIN = 'resource "aws_main_route_table_association" "it" {\n  route_table_id = aws_route_table.it.id\n}\n'


@pytest.mark.parametrize(
    ("target", "table", "fires"),
    [
        (INTERNET, OWN, True),
        (INTERNET, MAIN, True),
        (INTERNET, "", False),
        ('nat_gateway_id = "nat-1"', OWN, False),
        ("gateway_id = var.x", OWN, False),
    ],
)
def test_a_route_to_the_internet_makes_a_subnet_public(target: str, table: str, fires: bool, tmp_path: Path) -> None:
    blocks = pair("vpc_id = aws_vpc.it.id", "vpc_id = var.x")
    hits = found(tmp_path, "MW208", deployed(blocks, ROUTED.replace("TARGET", target), table))
    assert ["there is a route from aws_subnet.one to the internet gateway" in hit for hit in hits] == [True] * fires


def test_public_addresses_count_where_no_table_is_known(tmp_path: Path) -> None:
    blocks = pair("map_public_ip_on_launch = true", "map_public_ip_on_launch = true")
    (hit,) = found(tmp_path, "MW208", deployed(blocks))
    assert "public addresses are assigned in aws_subnet.one and aws_subnet.two" in hit


def test_public_addresses_do_not_count_behind_a_nat_gateway(tmp_path: Path) -> None:
    blocks = pair("map_public_ip_on_launch = true", "map_public_ip_on_launch = false")
    assert not found(tmp_path, "MW208", deployed(blocks, ROUTED.replace("TARGET", 'nat_gateway_id = "nat-1"'), OWN))


@pytest.mark.parametrize(
    ("output", "fires"), [("public_subnets", True), ("public_subnet_ids", True), ("private_subnets", False)]
)
def test_outputs_of_a_network_module(output: str, fires: bool, tmp_path: Path) -> None:
    module = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
    assert bool(found(tmp_path, "MW208", subnets(f"module.vpc.{output}", module))) == fires


def test_a_network_that_somebody_else_sets_is_left_alone(tmp_path: Path) -> None:
    files = subnets('["subnet-1"]')
    ignoring = "  lifecycle {\n    ignore_changes = [network_configuration]\n  }\n}\nvariable"
    assert not found(tmp_path, "MW208", {**files, "mwaa.tf": files["mwaa.tf"].replace("}\nvariable", ignoring)})


# ---- MW209: the role's policies -------------------------------------------------------------------------------------

ROLE = 'resource "aws_iam_role" "etl" {\n  name = "etl"\n}\n'
POLICY = 'resource "aws_iam_role_policy" "NAME" {\n  role = aws_iam_role.etl.id\n  policy = POLICY\n}\n'


def policies(*names: str, policy: str = "jsonencode({})") -> str:
    return "".join(POLICY.replace("NAME", name).replace("POLICY", policy) for name in names)


def test_three_policies_are_named_and_more_are_counted(tmp_path: Path) -> None:
    (hit,) = found(tmp_path, "MW209", deployed(ROLE, policies("a", "b", "c", "d", "e")))
    assert "wait for aws_iam_role_policy.a, aws_iam_role_policy.b, aws_iam_role_policy.c and 2 more:" in hit


def test_two_policies_are_joined_in_words(tmp_path: Path) -> None:
    (hit,) = found(tmp_path, "MW209", deployed(ROLE, policies("a", "b")))
    assert "wait for aws_iam_role_policy.a and aws_iam_role_policy.b:" in hit


@pytest.mark.parametrize(
    "blocks",
    [
        ROLE,
        ROLE.replace("name", "managed_policy_arns = [var.x]\n  name") + policies("a"),
        ROLE + policies("a").replace("aws_iam_role.etl.id", '"another"'),
        ROLE + policies("a", policy="jsonencode({Statement = [{Resource = aws_mwaa_environment.etl.arn}]})"),
        ROLE + policies("a").replace("{\n  role", "{\n  count = var.x\n  role"),
    ],
    ids=["no policies", "policies of its own", "policies of another", "names the environment", "may not be there"],
)
def test_a_race_that_is_not_sure(blocks: str, tmp_path: Path) -> None:
    assert not found(tmp_path, "MW209", deployed(blocks))


def test_waiting_for_one_is_enough(tmp_path: Path) -> None:
    files = deployed(ROLE, policies("a", "b"))
    waiting = "  depends_on = [aws_iam_role_policy.b]\n}\nvariable"
    assert not found(tmp_path, "MW209", {**files, "mwaa.tf": files["mwaa.tf"].replace("}\nvariable", waiting)})


def test_the_fix_names_each_policy_once(tmp_path: Path) -> None:
    several = policies("a").replace("{\n  role", "{\n  count = 2\n  role")
    text = fixed(tmp_path, "MW209", deployed(ROLE, several, policies("b")))["mwaa.tf"]
    assert "\n  depends_on = [aws_iam_role_policy.a, aws_iam_role_policy.b]\n" in text


def test_no_fix_where_the_policies_are_in_another_module(tmp_path: Path) -> None:
    files = deployed('module "iam" {\n  source = "./iam"\n}\n')
    files["mwaa.tf"] = files["mwaa.tf"].replace("aws_iam_role.etl.arn", "module.iam.arn")
    files["iam/main.tf"] = ROLE + policies("a") + 'output "arn" {\n  value = aws_iam_role.etl.arn\n}\n'
    (finding,) = checked(tmp_path, "MW209", files).findings
    assert finding.fixes == ()
    assert "wait for aws_iam_role_policy.a:" in finding.message


# ---- MW238: lifecycle rules -----------------------------------------------------------------------------------------


def expiring(*rules: str, arguments: str = 'dag_s3_path = "dags"') -> dict[str, str]:
    bucket = (
        'resource "aws_s3_bucket" "dags" {\n' + "".join(f"  lifecycle_rule {{\n{it}\n  }}\n" for it in rules) + "}\n"
    )
    files = deployed(bucket)
    return {**files, "mwaa.tf": files["mwaa.tf"].replace("{\n", f"{{\n  {arguments}\n", 1)}


DAYS = "    expiration {\n      days = 7\n    }"
ON = "    enabled = true\n"


@pytest.mark.parametrize(
    ("rule", "deleted"),
    [
        (ON + DAYS, "the DAGs and etc/requirements.txt"),
        (ON + '    prefix = ""\n' + DAYS, "the DAGs and etc/requirements.txt"),
        (ON + '    prefix = "dags"\n' + DAYS, "the DAGs"),
        (ON + '    prefix = "dags/"\n' + DAYS, "the DAGs"),
        (ON + '    prefix = "dags/tmp/"\n' + DAYS, None),
        (ON + '    prefix = "dags-old"\n' + DAYS, None),
        (ON + '    prefix = "etc/"\n' + DAYS, "etc/requirements.txt"),
        (ON + '    prefix = "logs/"\n' + DAYS, None),
        (ON + "    prefix = var.x\n" + DAYS, None),
        (ON + '    tags = { temporary = "yes" }\n' + DAYS, None),
        ("    enabled = false\n" + DAYS, None),
        ("    enabled = var.x\n" + DAYS, None),
        (ON + DAYS.replace("7", "var.x"), None),
        (ON + "    expiration {\n      expired_object_delete_marker = true\n    }", None),
    ],
)
def test_what_a_lifecycle_rule_deletes(rule: str, deleted: str | None, tmp_path: Path) -> None:
    arguments = 'dag_s3_path = "dags/"\n  requirements_s3_path = "etc/requirements.txt"'
    hits = found(tmp_path, "MW238", expiring(rule, arguments=arguments))
    assert [f"deletes {deleted} 7 days after" in hit for hit in hits] == [True] * bool(deleted)


OLD = ON + "    noncurrent_version_expiration {\n      days = 7\n    }"


@pytest.mark.parametrize(
    ("rule", "version", "fires"),
    [
        (OLD, '"3sL4kqtJlcpXroDTDmJ"', True),
        (OLD, "aws_s3_object.it.version_id", False),
        (OLD, "var.x", False),
        (OLD, "null", False),
        (OLD.replace("true\n", 'true\n    prefix = "dags"\n'), '"3sL4kqtJlcpXroDTDmJ"', False),
        (OLD.replace("days = 7", "days = 7\n      newer_noncurrent_versions = 5"), '"3sL4kqtJlcpXroDTDmJ"', False),
    ],
)
def test_old_versions_matter_where_one_is_named(rule: str, version: str, fires: bool, tmp_path: Path) -> None:
    arguments = f'requirements_s3_path = "requirements.txt"\n  requirements_s3_object_version = {version}'
    hits = found(tmp_path, "MW238", expiring(rule, arguments=arguments))
    assert ["pins a version of requirements.txt by its ID" in hit for hit in hits] == [True] * fires


def test_each_lifecycle_rule_is_judged(tmp_path: Path) -> None:
    assert len(found(tmp_path, "MW238", expiring(ON + DAYS, ON + '    prefix = "dags"\n' + DAYS))) == 2


# ---- MW246 and MW247: log groups ------------------------------------------------------------------------------------

TEMPLATE = """\
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: GROUP}
  Etl:
    Type: AWS::MWAA::Environment
    Properties:
      Name: etl
      LoggingConfiguration:
        TaskLogs:
          Enabled: true
          CloudWatchLogGroupArn: !GetAtt Group.Arn
"""


@pytest.mark.parametrize(("name", "fires"), [("airflow-etl-Task", False), ("airflow-etl-Worker", True), ("x", True)])
def test_a_group_that_mwaa_writes_to_anyway_may_be_named(name: str, fires: bool, tmp_path: Path) -> None:
    hits = found(tmp_path, "MW246", {"stack.yaml": TEMPLATE.replace("GROUP", name)})
    assert ["stack.yaml:12 MWAA does not accept a log group" in hit for hit in hits] == [True] * fires


@pytest.mark.parametrize(
    "template",
    [
        TEMPLATE.replace("          Enabled: true\n", ""),
        TEMPLATE.rstrip(),
        TEMPLATE.replace(
            "TaskLogs:\n          Enabled: true\n          CloudWatchLogGroupArn: !GetAtt Group.Arn",
            "TaskLogs: {Enabled: true, CloudWatchLogGroupArn: !GetAtt Group.Arn}",
        ),
    ],
    ids=["nothing else would stay", "the last line", "inside of braces"],
)
def test_a_line_that_cannot_go_alone_stays(template: str, tmp_path: Path) -> None:
    (finding,) = checked(tmp_path, "MW246", {"stack.yaml": template}).findings
    assert finding.fixes == ()


def grouped(name: str) -> dict[str, str]:
    return deployed(f'resource "aws_cloudwatch_log_group" "it" {{\n  name = {name}\n}}\n')


@pytest.mark.parametrize(
    ("name", "fires"),
    [
        ('"/aws/mwaa/etl"', True),
        ('"/aws/airflow/etl/tasks"', True),
        ('"/mwaa/prod"', True),
        ('"airflow-etl"', True),
        ('"airflow-etl-webserver"', True),
        ('"Airflow-etl-Task"', True),
        ('"airflow-etl-dag-processing"', True),
        ('"airflow-etl-Tasks"', True),
        ('"airflow-etl-Task"', False),
        ('"airflow-etl-DAGProcessing"', False),
        ('"airflow-etl-alerts"', False),
        ('"airflow-etl-dev-Task"', False),
        ('"airflow-other-webserver"', False),
        ('"/aws/lambda/mwaa-trigger"', False),
        ('"/mwaa/vpc-flow-logs"', False),
        ('"/aws/mwaa/ecs-tasks"', False),
        ('"mwaa"', False),
        ("var.x", False),
        ('"/aws/mwaa/${var.x}"', False),
    ],
)
def test_names_that_are_meant_for_mwaa(name: str, fires: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "MW247", grouped(name))) == fires


def test_the_name_of_a_group_is_shown_with_the_group(tmp_path: Path) -> None:
    files = grouped('"airflow-etl-webserver"')
    (line,) = [number for number, text in enumerate(files["main.tf"].splitlines(), 1) if "webserver" in text]
    assert places(tmp_path, "MW247", files) != [f"main.tf:{line}"]
    assert related(tmp_path, "MW247", files) == [(f"main.tf:{line}", "its name")]


def test_a_name_of_the_environment_that_is_not_known_is_not_guessed(tmp_path: Path) -> None:
    files = grouped('"airflow-etl"')
    files["mwaa.tf"] = files["mwaa.tf"].replace('"etl"\n', "var.x\n")
    assert not found(tmp_path, "MW247", files)
    files["main.tf"] = files["main.tf"].replace("airflow-etl", "/aws/mwaa/etl")
    (hit,) = found(tmp_path, "MW247", files)
    assert "MWAA writes to airflow-<name>-DAGProcessing, -Scheduler, -Task, -WebServer and -Worker, never" in hit


# ---- MW227: DEBUG and retention -------------------------------------------------------------------------------------


def logging(name: str, level: str, *blocks: str, enabled: str = "true") -> dict[str, str]:
    resource = f"""\
resource "aws_mwaa_environment" "it" {{
  name = "{name}"
  logging_configuration {{
    task_logs {{
      enabled   = {enabled}
      log_level = {level}
    }}
  }}
}}
variable "x" {{}}
"""
    return {"main.tf": resource + "\n".join(blocks)}


@pytest.mark.parametrize(
    ("name", "level", "enabled", "fires"),
    [
        ("etl", '"DEBUG"', "true", True),
        ("etl-prod", '"DEBUG"', "var.x", True),
        ("etl", 'var.x ? "DEBUG" : "INFO"', "true", False),
        ("etl", "var.x", "true", False),
        ("etl", '"INFO"', "true", False),
        ("etl", '"DEBUG"', "false", False),
        ("etl-dev", '"DEBUG"', "true", False),
        ("sandbox_etl", '"DEBUG"', "true", False),
        ("my-testing", '"DEBUG"', "true", False),
        ("latest", '"DEBUG"', "true", True),
    ],
)
def test_debug_where_nobody_tries_things_out(name: str, level: str, enabled: str, fires: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "MW227", logging(name, level, enabled=enabled))) == fires


KEPT = 'resource "aws_cloudwatch_log_group" "api" {\n  name = "/ecs/api"\n  retention_in_days = 14\n}\n'


@pytest.mark.parametrize(
    ("blocks", "fires"),
    [
        (KEPT, True),
        (KEPT.replace("14", "var.x"), False),
        (KEPT.replace("/ecs/api", "airflow-other"), False),
        (KEPT + KEPT.replace('"api"', '"b"').replace('"/ecs/api"', "var.x"), False),
        ("", False),
    ],
)
def test_retention_that_was_forgotten(blocks: str, fires: bool, tmp_path: Path) -> None:
    hits = found(tmp_path, "MW227", logging("etl", '"INFO"', blocks))
    assert ["other log groups of this project have a retention" in hit for hit in hits] == [True] * fires


def test_a_retention_that_a_program_sets_counts(tmp_path: Path) -> None:
    files = logging("etl", '"INFO"', KEPT)
    assert not found(tmp_path, "MW227", {**files, "after.py": "client.put_retention_policy(retentionInDays=30)\n"})


# ---- MW207: a way out -----------------------------------------------------------------------------------------------

PAIR = pair("vpc_id = aws_vpc.it.id", "vpc_id = aws_vpc.it.id")
VPC = 'resource "aws_vpc" "it" {}\n'


def table(*routes: str) -> str:
    joined = "".join(f"  route {{\n    {route}\n  }}\n" for route in routes)
    both = "".join(
        f'resource "aws_route_table_association" "{name}" {{\n  subnet_id = aws_subnet.{name}.id\n'
        "  route_table_id = aws_route_table.it.id\n}\n"
        for name in ("one", "two")
    )
    return f'resource "aws_route_table" "it" {{\n  vpc_id = aws_vpc.it.id\n{joined}}}\n{both}'


def endpoints(services: str, region: str = "eu-west-1") -> str:
    return f"""
resource "aws_vpc_endpoint" "it" {{
  for_each     = toset({services})
  vpc_id       = aws_vpc.it.id
  service_name = "com.amazonaws.{region}.${{each.key}}"
}}
"""


FIVE = '["s3", "sqs", "kms", "logs", "monitoring"]'


@pytest.mark.parametrize(
    ("blocks", "fires"),
    [
        (table(), True),
        (table('cidr_block = "10.0.0.0/8"\n    transit_gateway_id = "tgw-1"'), True),
        (table('cidr_block = "0.0.0.0/0"\n    nat_gateway_id = "nat-1"'), False),
        (table('cidr_block = "0.0.0.0/0"\n    network_interface_id = "eni-1"'), False),
        (table("cidr_block = var.x\n    nat_gateway_id = var.x"), False),
        (table() + endpoints('["s3", "sqs"]'), True),
        (table() + endpoints(FIVE), False),
        (table() + endpoints(FIVE, "${data.aws_region.it.name}"), False),
        (table() + endpoints('["s3", "sqs"]', "${var.x}"), True),
        (table() + endpoints("var.x"), False),
        (table() + 'module "it" {\n  source = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"\n}\n', False),
        (table() + 'resource "aws_route" "it" {\n  route_table_id = var.x\n}\n', False),
        ('resource "aws_route_table" "public" {\n  vpc_id = aws_vpc.it.id\n}\n', True),
        ('resource "aws_route_table_association" "it" {\n  subnet_id = var.x\n  route_table_id = var.x\n}\n', False),
        (MAIN + 'resource "aws_route_table" "it" {\n  vpc_id = var.x\n}\n', False),
        ("", False),
    ],
)
def test_a_way_out_of_the_subnets(blocks: str, fires: bool, tmp_path: Path) -> None:
    assert bool(found(tmp_path, "MW207", deployed(VPC, PAIR, blocks))) == fires


def test_the_network_of_somebody_else_may_have_all_of_it(tmp_path: Path) -> None:
    files = deployed(VPC, PAIR.replace("aws_vpc.it.id", "var.x"), table())
    assert not found(tmp_path, "MW207", files)
    assert not found(tmp_path, "MW207", subnets("[aws_subnet.one.id, var.x]", VPC, PAIR, table()))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (hit,) = found(tmp_path, "MW207", deployed(VPC, PAIR, table(), endpoints('["s3", "sqs", "kms", "logs"]')))
    assert "no endpoint for monitoring, airflow.api, airflow.env, airflow.ops:" in hit


def test_two_subnets_of_one_construct_are_two(tmp_path: Path) -> None:
    program = """\
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as mwaa from "aws-cdk-lib/aws-mwaa";
import { Stack } from "aws-cdk-lib";
export class Etl extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, "Vpc");
    new mwaa.CfnEnvironment(this, "Etl", {
      name: "etl",
      networkConfiguration: { subnetIds: [vpc.privateSubnets[0].subnetId, vpc.privateSubnets[1].subnetId] },
    });
  }
}
"""
    assert not found(tmp_path, "MW208", {"stack.ts": program})
