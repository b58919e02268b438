"""Terraform's networks: subnets, route tables, endpoints and security groups with rules written in every way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.model.values import Unresolved
from tests.terraform_projects import plain
from tests.test_terraform_related import related

if TYPE_CHECKING:
    from mwaalint.model.resources import SecurityGroup

ENVIRONMENT = """\
resource "aws_mwaa_environment" "etl" {
  name = "etl"
  network_configuration {
    security_group_ids = [aws_security_group.etl.id]
    subnet_ids         = aws_subnet.private[*].id
  }
}
variable "outside" {}
resource "aws_vpc" "main" {}
"""
SUBNETS = """
resource "aws_subnet" "private" {
  count                   = 2
  vpc_id                  = aws_vpc.main.id
  availability_zone       = element(["eu-west-1a", "eu-west-1b"], count.index)
  map_public_ip_on_launch = false
}
"""


def test_subnets_with_their_zones() -> None:
    found = related(ENVIRONMENT, SUBNETS).subnets
    zones = [(each.address, plain(each.availability_zone), plain(each.public_ip)) for each in found if each]
    assert zones == [
        ("aws_subnet.private[0]", "eu-west-1a", False),
        ("aws_subnet.private[1]", "eu-west-1b", False),
    ]
    (first, _) = found
    assert first is not None
    assert isinstance(first.vpc, Unresolved)
    assert first.vpc.resource == "aws_vpc.main"


def test_a_subnet_of_somebody_else_is_none() -> None:
    block = ENVIRONMENT.replace("aws_subnet.private[*].id", '["subnet-1", aws_subnet.private[0].id]')
    assert [each and each.address for each in related(block, SUBNETS).subnets] == [None, "aws_subnet.private[0]"]


# ---- route tables ---------------------------------------------------------------------------------------------------


def test_route_tables_with_inline_and_separate_routes() -> None:
    found = related(
        ENVIRONMENT,
        SUBNETS,
        """
        resource "aws_internet_gateway" "main" {}
        resource "aws_route_table" "private" {
          vpc_id = aws_vpc.main.id
          route {
            cidr_block     = "0.0.0.0/0"
            nat_gateway_id = aws_nat_gateway.main.id
          }
          route {
            cidr_block         = "10.0.0.0/8"
            transit_gateway_id = "tgw-1"
          }
        }
        resource "aws_route" "public" {
          route_table_id         = aws_route_table.private.id
          destination_cidr_block = "192.0.2.0/24"
          gateway_id             = aws_internet_gateway.main.id
        }
        resource "aws_route_table_association" "private" {
          count          = length(aws_subnet.private)
          subnet_id      = aws_subnet.private[count.index].id
          route_table_id = aws_route_table.private.id
        }
        """,
    )
    (table,) = found.route_tables
    assert [(plain(route.destination), route.target) for route in table.routes] == [
        ("0.0.0.0/0", "nat"),
        ("10.0.0.0/8", "transit"),
        ("192.0.2.0/24", "internet"),
    ]
    assert [value.resource for value in table.subnets if isinstance(value, Unresolved)] == [
        "aws_subnet.private[0]",
        "aws_subnet.private[1]",
    ]
    assert table.complete
    assert not table.main


@pytest.mark.parametrize(
    ("gateway", "target"),
    [
        ('"igw-0123"', "internet"),
        ('"vgw-0123"', "other"),
        ("data.aws_internet_gateway.it.id", "internet"),
        ("aws_vpn_gateway.it.id", "other"),
        ("var.outside", "other"),
    ],
)
def test_what_a_gateway_is(gateway: str, target: str) -> None:
    more = 'resource "aws_vpn_gateway" "it" {}\ndata "aws_internet_gateway" "it" {}\n'
    table = (
        f'resource "aws_route_table" "it" {{\n  route = [{{ cidr_block = "0.0.0.0/0", gateway_id = {gateway} }}]\n}}'
    )
    (found,) = related(ENVIRONMENT, SUBNETS, more, table).route_tables
    assert [route.target for route in found.routes] == [target]


MADE_MAIN = """
resource "aws_route_table" "it" {
  vpc_id = aws_vpc.main.id
}
resource "aws_main_route_table_association" "it" {
  vpc_id         = aws_vpc.main.id
  route_table_id = aws_route_table.it.id
}
"""


@pytest.mark.parametrize(
    "block",
    [
        'resource "aws_default_route_table" "it" {\n  default_route_table_id = aws_vpc.main.default_route_table_id\n}',
        MADE_MAIN,
    ],
    ids=["default", "made the main one"],
)
def test_the_main_table_of_a_vpc(block: str) -> None:
    (found,) = related(ENVIRONMENT, SUBNETS, block).route_tables
    assert found.main
    assert isinstance(found.vpc, Unresolved)
    assert found.vpc.resource == "aws_vpc.main"


ASSOCIATION = 'resource "aws_route_table_association" "it"'


@pytest.mark.parametrize(
    "more",
    [
        'resource "aws_route" "it" {\n  route_table_id = var.outside\n  destination_cidr_block = "0.0.0.0/0"\n}',
        ASSOCIATION + " {\n  count = var.outside\n  route_table_id = aws_route_table.it.id\n}",
    ],
)
def test_a_route_table_that_is_not_known_whole(more: str) -> None:
    (found,) = related(ENVIRONMENT, SUBNETS, 'resource "aws_route_table" "it" {}', more).route_tables
    assert not found.complete


def test_endpoints() -> None:
    block = """
        resource "aws_vpc_endpoint" "it" {
          for_each            = toset(["sqs", "logs"])
          vpc_id              = aws_vpc.main.id
          service_name        = "com.amazonaws.eu-west-1.${each.key}"
          private_dns_enabled = true
        }
        """
    found = related(ENVIRONMENT, SUBNETS, block).vpc_endpoints
    assert [(plain(each.service), plain(each.private_dns)) for each in found] == [
        ("com.amazonaws.eu-west-1.logs", True),
        ("com.amazonaws.eu-west-1.sqs", True),
    ]


# ---- security groups ------------------------------------------------------------------------------------------------

GROUP = 'resource "aws_security_group" "etl" {}\n'


def group(*blocks: str) -> SecurityGroup:
    (found,) = related(ENVIRONMENT, SUBNETS, *blocks).security_groups
    assert found is not None
    return found


ITSELF = {
    "inline": 'resource "aws_security_group" "etl" {\n  ingress {\n    from_port = 0\n    to_port = 0\n'
    '    protocol = "-1"\n    self = true\n  }\n}',
    "as a list": 'resource "aws_security_group" "etl" {\n'
    "  ingress = [{ from_port = 0, to_port = 0, protocol = -1, self = true, cidr_blocks = [] }]\n}",
    "dynamic": 'resource "aws_security_group" "etl" {\n  dynamic "ingress" {\n    for_each = [0]\n    content {\n'
    '      from_port = ingress.value\n      to_port = ingress.value\n      protocol = "all"\n      self = true\n'
    "    }\n  }\n}",
    "a rule": GROUP + 'resource "aws_security_group_rule" "it" {\n  type = "ingress"\n  from_port = 0\n  to_port = 0\n'
    '  protocol = "-1"\n  security_group_id = aws_security_group.etl.id\n  self = true\n}',
    "a rule that names the group": GROUP + 'resource "aws_security_group_rule" "it" {\n  type = "ingress"\n'
    '  from_port = 0\n  to_port = 0\n  protocol = "-1"\n  security_group_id = aws_security_group.etl.id\n'
    "  source_security_group_id = aws_security_group.etl.id\n}",
    "a rule of newer providers": GROUP + 'resource "aws_vpc_security_group_ingress_rule" "it" {\n'
    '  ip_protocol = "-1"\n  from_port = 0\n  to_port = 0\n  security_group_id = aws_security_group.etl.id\n'
    "  referenced_security_group_id = aws_security_group.etl.id\n}",
}


@pytest.mark.parametrize("written", ITSELF)
def test_a_group_that_is_its_own_peer(written: str) -> None:
    found = group(ITSELF[written])
    (rule,) = found.rules
    assert (rule.direction, rule.itself) == ("ingress", True)
    assert [plain(rule.protocol), plain(rule.from_port), plain(rule.to_port)] == ["-1", 0, 0]
    assert found.complete


def test_peers_and_ports_of_a_rule() -> None:
    found = group(
        """
        resource "aws_security_group" "other" {}
        resource "aws_security_group" "etl" {
          egress {
            from_port       = "443"
            to_port         = 443
            protocol        = "tcp"
            cidr_blocks     = ["10.0.0.0/8"]
            security_groups = [aws_security_group.other.id]
          }
        }
        """
    )
    (rule,) = found.rules
    assert (rule.direction, rule.itself) == ("egress", False)
    assert [plain(rule.from_port), plain(rule.to_port)] == [443, 443]
    cidr, peer = rule.peers
    assert plain(cidr) == "10.0.0.0/8"
    assert isinstance(peer, Unresolved)
    assert peer.resource == "aws_security_group.other"


@pytest.mark.parametrize(
    "blocks",
    [
        'resource "aws_security_group" "etl" {\n  dynamic "egress" {\n  for_each = var.outside\n  content {}\n  }\n}',
        'resource "aws_security_group" "etl" {\n  ingress = var.outside\n}',
        'resource "aws_security_group" "etl" {\n  ingress {\n    self = var.outside\n  }\n}',
        GROUP + 'resource "aws_security_group_rule" "it" {\n  security_group_id = var.outside\n  type = "ingress"\n}',
        GROUP + 'resource "aws_security_group_rule" "it" {\n  security_group_id = aws_security_group.etl.id\n'
        "  type = var.outside\n}",
    ],
)
def test_a_group_that_may_have_more_rules_is_incomplete(blocks: str) -> None:
    assert not group(blocks).complete


def test_the_rules_of_another_group_do_not_matter() -> None:
    more = """
        resource "aws_security_group" "other" {}
        resource "aws_security_group_rule" "it" {
          security_group_id = aws_security_group.other.id
          type              = var.outside
        }
        """
    found = group(GROUP, more)
    assert found.rules == ()
    assert found.complete
