"""What a CDK app in Python declares beside its environments, and what it does with it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.model.related import Related, related_of
from mwaalint.model.values import ABSENT, Unresolved
from tests.test_cdk_python import declarations
from tests.test_cloudformation import plain

if TYPE_CHECKING:
    from mwaalint.model.environment import Environment
    from mwaalint.model.resources import Resources

HEAD = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_logs as logs, aws_mwaa as mwaa, aws_s3 as s3

class Airflow(cdk.Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
"""
ENVIRONMENT = """
env = mwaa.CfnEnvironment(
    self, "Etl", name="etl", source_bucket_arn=bucket.bucket_arn, execution_role_arn=role.role_arn,
    network_configuration=mwaa.CfnEnvironment.NetworkConfigurationProperty(
        security_group_ids=[group.security_group_id], subnet_ids=subnets
    ),
)
"""
DEFAULTS = {
    "bucket": 's3.Bucket(self, "Dags")',
    "role": 'iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("airflow-env.amazonaws.com"))',
    "group": 'ec2.SecurityGroup(self, "Group", vpc=vpc)',
    "vpc": 'ec2.Vpc(self, "Vpc")',
    "subnets": "[vpc.private_subnets[0].subnet_id, vpc.private_subnets[1].subnet_id]",
}


def app(after: str = "", **made: str) -> tuple[Environment, Resources, Related]:
    """The environment of a stack with these constructs, what is done with them, and what belongs to it."""
    parts = {**DEFAULTS, **made}
    order = ["vpc", *(name for name in parts if name != "vpc")]
    body = "\n".join(f"{name} = {parts[name]}" for name in order) + ENVIRONMENT + after
    code = HEAD + "\n".join(f"        {line}" for line in body.splitlines()) + "\n"
    read = declarations({"stack.py": code})
    (environment,) = read.environments
    return environment, read.resources[environment.stack], related_of(environment, read)


class TestBuckets:
    def test_a_bucket_with_all_that_it_says(self) -> None:
        made = (
            's3.Bucket(self, "Dags", bucket_name="etl", versioned=True, encryption_key=key, '
            "block_public_access=s3.BlockPublicAccess.BLOCK_ALL, lifecycle_rules=[s3.LifecycleRule("
            'expiration=cdk.Duration.days(30), prefix="logs/"), s3.LifecycleRule(enabled=False, '
            "noncurrent_version_expiration=cdk.Duration.days(7))])"
        )
        bucket = app(key='kms.Key(self, "Key")', bucket=made)[2].bucket
        assert bucket is not None
        assert (bucket.address, plain(bucket.name), plain(bucket.versioning)) == ("s3.Bucket.Dags", "etl", True)
        assert set(plain(bucket.public_access_block)) == {  # type: ignore[call-overload]
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        }
        assert isinstance(bucket.kms_key, Unresolved)
        assert bucket.kms_key.resource == "kms.Key.Key"
        assert [
            (
                plain(rule.enabled),
                plain(rule.prefix),
                plain(rule.expiration_days),
                plain(rule.noncurrent_expiration_days),
            )
            for rule in bucket.lifecycle_rules
        ] == [(True, "logs/", 30, None), (False, "", None, 7)]

    def test_a_bucket_that_says_nothing_is_not_versioned(self) -> None:
        bucket = app()[2].bucket
        assert bucket is not None
        assert (bucket.versioning, bucket.public_access_block, bucket.complete) == (ABSENT, ABSENT, True)

    @pytest.mark.parametrize("arguments", ["versioned=flag()", "**settings"])
    def test_what_is_not_known_is_not_taken_for_absent(self, arguments: str) -> None:
        bucket = app(bucket=f's3.Bucket(self, "Dags", {arguments})')[2].bucket
        assert bucket is not None
        assert isinstance(bucket.versioning, Unresolved)

    def test_reaching_for_the_resource_behind_it_may_change_anything(self) -> None:
        after = "cfn = bucket.node.default_child\ncfn.versioning_configuration = anything\n"
        bucket = app(after)[2].bucket
        assert bucket is not None
        assert not bucket.complete

    def test_handing_a_bucket_on_changes_nothing_of_it(self) -> None:
        bucket = app("deploy(destination_bucket=bucket)\nbucket.grant_read(role)\n")[2].bucket
        assert bucket is not None
        assert bucket.complete

    def test_rules_that_are_added_later(self) -> None:
        bucket = app("bucket.add_lifecycle_rule(expiration=cdk.Duration.days(3))\n")[2].bucket
        assert bucket is not None
        assert [plain(rule.expiration_days) for rule in bucket.lifecycle_rules] == [3]

    def test_a_bucket_from_elsewhere_is_none(self) -> None:
        _, resources, related = app(bucket='s3.Bucket.from_bucket_name(self, "Dags", "etl")')
        assert (resources.buckets, related.bucket) == ((), None)

    def test_one_of_two_buckets_is_none(self) -> None:
        made = 's3.Bucket(self, "A") if test else s3.Bucket.from_bucket_name(self, "B", "etl")'
        assert app(bucket=made)[2].bucket is None

    def test_the_resource_itself(self) -> None:
        made = (
            's3.CfnBucket(self, "Dags", versioning_configuration='
            's3.CfnBucket.VersioningConfigurationProperty(status="Enabled"))'
        )
        code = app(bucket=made)
        environment = code[0]
        assert isinstance(environment.source_bucket_arn, Unresolved)
        (bucket,) = code[1].buckets
        assert bucket.address == "s3.CfnBucket.Dags"


class TestSecurityGroups:
    @pytest.mark.parametrize(
        "after",
        [
            "group.add_ingress_rule(group, ec2.Port.all_traffic())",
            "group.add_ingress_rule(peer=group, connection=ec2.Port.all_traffic(), description='Airflow')",
            "group.connections.allow_internally(ec2.Port.all_traffic(), 'Airflow')",
            "group.connections.allow_from(group, ec2.Port.all_traffic())",
            "group.add_ingress_rule(ec2.Peer.security_group_id(group.security_group_id), ec2.Port.all_traffic())",
            (
                "ec2.CfnSecurityGroupIngress(self, 'In', group_id=group.security_group_id, ip_protocol='-1', "
                "source_security_group_id=group.security_group_id)"
            ),
        ],
    )
    def test_every_way_to_let_it_reach_itself(self, after: str) -> None:
        (group,) = app(after)[2].security_groups
        assert group is not None
        assert [(r.direction, plain(r.protocol), r.itself) for r in group.rules] == [
            ("ingress", "-1", True),
            ("egress", "-1", False),
        ]
        assert group.complete

    def test_a_range_of_addresses_is_not_itself(self) -> None:
        (group,) = app("group.add_ingress_rule(ec2.Peer.ipv4('10.0.0.0/16'), ec2.Port.tcp(443))")[2].security_groups
        assert group is not None
        rule = group.rules[0]
        assert (plain(rule.protocol), plain(rule.from_port), plain(rule.to_port), rule.itself) == (
            "tcp",
            443,
            443,
            False,
        )
        assert [plain(peer) for peer in rule.peers] == ["10.0.0.0/16"]
        assert group.complete

    def test_without_outbound_traffic_only_what_is_added_gets_out(self) -> None:
        made = 'ec2.SecurityGroup(self, "Group", vpc=vpc, allow_all_outbound=False)'
        (group,) = app("group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))", group=made)[2].security_groups
        assert group is not None
        assert [(r.direction, [plain(p) for p in r.peers]) for r in group.rules] == [("egress", ["0.0.0.0/0"])]
        (closed,) = app(group=made)[2].security_groups
        assert closed is not None
        assert closed.rules == ()

    @pytest.mark.parametrize(
        "after",
        [
            "rds.DatabaseCluster(self, 'Db', security_groups=[group])",
            "other.connections.allow_from(group.connections, ec2.Port.tcp(5432))\nopen_up(group)",
            "group.connections.allow_default_port_internally()",
            "group.add_ingress_rule(who(), ec2.Port.all_traffic())",
            "if inside:\n    group.connections.allow_internally(ec2.Port.all_traffic())",
        ],
    )
    def test_what_others_may_do_to_it_leaves_it_incomplete(self, after: str) -> None:
        (group,) = app(after)[2].security_groups
        assert group is not None
        assert not group.complete


class TestRoles:
    def test_trust_inline_and_managed_policies(self) -> None:
        made = (
            'iam.Role(self, "Role", assumed_by=iam.CompositePrincipal(iam.ServicePrincipal("airflow.amazonaws.com"), '
            'iam.ServicePrincipal("airflow-env.amazonaws.com")), inline_policies={"mwaa": iam.PolicyDocument('
            'statements=[iam.PolicyStatement(actions=["s3:List*"], resources=[bucket.bucket_arn, '
            'bucket.bucket_arn + "/*"], conditions={"StringEquals": {"a": "b"}}), iam.PolicyStatement('
            'effect=iam.Effect.DENY, not_actions=["s3:*"], not_resources=["*"])])}, managed_policies='
            '[iam.ManagedPolicy.from_aws_managed_policy_name("CloudWatchFullAccess")])'
        )
        role = app(role=made)[2].role
        assert role is not None
        assert role.trust is not None
        ((kind, names),) = role.trust.statements[0].principals
        assert (kind, [plain(name) for name in names]) == (
            "Service",
            ["airflow.amazonaws.com", "airflow-env.amazonaws.com"],
        )
        (policy,) = role.policies
        allow, deny = policy.statements
        assert [each.resource for each in allow.resources if isinstance(each, Unresolved)] == ["s3.Bucket.Dags"] * 2
        assert plain(allow.conditions) == {"StringEquals": {"a": "b"}}
        assert (plain(deny.effect), [plain(each) for each in deny.not_actions]) == ("Deny", ["s3:*"])
        assert [plain(each) for each in role.managed] == ["arn:aws:iam::aws:policy/CloudWatchFullAccess"]
        assert (role.attachments, role.complete) == ((), True)

    @pytest.mark.parametrize(
        ("condition", "complete"),
        [("", True), ('if self.node.try_get_context("both"):\n    ', False)],
        ids=["always", "sometimes"],
    )
    def test_statements_that_are_added_to_who_may_take_it(self, condition: str, complete: bool) -> None:
        after = (
            f"{condition}role.assume_role_policy.add_statements(iam.PolicyStatement("
            'actions=["sts:AssumeRole"], principals=[iam.ServicePrincipal("airflow.amazonaws.com")]))\n'
        )
        role = app(after)[2].role
        assert role is not None
        assert role.trust is not None
        names = [plain(name) for each in role.trust.statements for _, given in each.principals for name in given]
        assert names == ["airflow-env.amazonaws.com", "airflow.amazonaws.com"][: 1 + complete]
        assert (role.trust.complete, role.complete) == (complete, complete)

    @pytest.mark.parametrize("call", ["trust.add_statements(some)", "more(trust)"])
    def test_who_may_take_it_may_be_changed_through_another_name(self, call: str) -> None:
        role = app(f"trust = role.assume_role_policy\n{call}\n")[2].role
        assert role is not None
        assert role.trust is not None
        assert (role.trust.complete, role.complete) == (False, False)

    def test_statements_that_are_added_make_a_policy_of_their_own(self) -> None:
        after = (
            'role.add_to_policy(iam.PolicyStatement(actions=["sqs:*"], resources=["*"]))\n'
            'role.add_to_principal_policy(statement=iam.PolicyStatement(actions=["logs:*"], resources=["*"]))\n'
        )
        role = app(after)[2].role
        assert role is not None
        (policy,) = role.policies
        assert [plain(action) for each in policy.statements for action in each.actions] == ["sqs:*", "logs:*"]
        assert role.attachments == (policy.address,) == ("DefaultPolicy of iam.Role.Role",)
        assert role.complete

    @pytest.mark.parametrize(
        "after",
        [
            'iam.Policy(self, "Extra", statements=[STATEMENT], roles=[role])',
            (
                'extra = iam.Policy(self, "Extra", document=iam.PolicyDocument(statements=[STATEMENT]))\n'
                "extra.attach_to_role(role)"
            ),
            'extra = iam.Policy(self, "Extra")\nextra.add_statements(STATEMENT)\nrole.attach_inline_policy(extra)',
        ],
    )
    def test_every_way_to_attach_a_policy(self, after: str) -> None:
        statement = 'iam.PolicyStatement(actions=["sqs:*"], resources=["*"])'
        role = app(after.replace("STATEMENT", statement))[2].role
        assert role is not None
        assert [(each.address, len(each.statements), each.complete) for each in role.policies] == [
            ("iam.Policy.Extra", 1, True)
        ]
        assert (role.attachments, role.complete) == (("iam.Policy.Extra",), True)

    def test_what_it_gets_under_a_condition_counts_as_if_it_had_it(self) -> None:
        role = app("if prod:\n    role.add_to_policy(iam.PolicyStatement(actions=['sqs:*'], resources=['*']))")[2].role
        assert role is not None
        assert [len(each.statements) for each in role.policies] == [1]
        assert role.complete

    @pytest.mark.parametrize(
        "after",
        [
            "bucket.grant(role, 's3:GetObject')",
            "s3.Bucket.from_anywhere(self, 'B').grant_read(role)",
            "function.grant_invoke(grantee=role)",
            "function.grant_invoke(iam.Role.from_role_arn(self, 'Same', role.role_arn))",
            "iam.Role.from_role_name(self, 'Same', name()).add_to_policy(statement())",
            "lambda_.Function(self, 'F', role=role)",
            "give_rights(role)",
            "role.add_to_policy(statement())",
            "roles['etl'] = role",
        ],
    )
    def test_what_others_may_grant_leaves_it_incomplete(self, after: str) -> None:
        role = app(after)[2].role
        assert role is not None
        assert not role.complete

    def test_what_it_gets_under_a_condition_counts_as_given(self) -> None:
        role = app("if prod:\n    bucket.grant_read(role)")[2].role
        assert role is not None
        assert role.complete
        (policy,) = role.policies
        assert "s3:GetObject*" in {plain(action) for each in policy.statements for action in each.actions}

    @pytest.mark.parametrize(
        "after",
        [
            "cdk.CfnOutput(self, 'Arn', value=role.role_arn)",
            "function.grant_invoke(iam.Role.from_role_name(self, 'Other', 'glue'))",
            "anything(iam.Role.from_role_name(self, 'Other', name()))",
            "cdk.Tags.of(role).add('a', 'b')",
            "NagSuppressions.add_resource_suppressions(role, [])",
            "role.apply_removal_policy(cdk.RemovalPolicy.DESTROY)",
            "arn = role.role_arn\nanything(arn)",
        ],
    )
    def test_what_only_names_it_grants_nothing(self, after: str) -> None:
        role = app(after)[2].role
        assert role is not None
        assert role.complete


class TestGrants:
    def test_a_bucket_grants_what_the_cdk_writes_for_it(self) -> None:
        role = app("bucket.grant_read(identity=role)\n")[2].role
        assert role is not None
        (policy,) = role.policies
        (statement,) = policy.statements
        assert policy.address == "DefaultPolicy of iam.Role.Role"
        assert [plain(each) for each in statement.actions] == ["s3:GetObject*", "s3:GetBucket*", "s3:List*"]
        (resource,) = statement.resources
        assert isinstance(resource, Unresolved)
        assert (resource.resource, role.complete) == ("s3.Bucket.Dags", True)

    @pytest.mark.parametrize(
        ("bucket", "keys"),
        [
            ('s3.Bucket(self, "Dags")', 0),
            ('s3.Bucket(self, "Dags", encryption=s3.BucketEncryption.S3_MANAGED)', 0),
            ('s3.Bucket(self, "Dags", encryption=s3.BucketEncryption.KMS)', 1),
            ('s3.Bucket(self, "Dags", encryption=chosen())', 1),
            ('s3.Bucket(self, "Dags", encryption_key=kms.Key(self, "Key"))', 1),
            ('s3.Bucket(self, "Dags", **settings)', 1),
            ('s3.Bucket.from_bucket_name(self, "Dags", "etl")', 0),
            ('s3.Bucket.from_bucket_attributes(self, "Dags", bucket_arn=arn)', 1),
        ],
    )
    def test_a_grant_is_for_the_key_of_the_bucket_as_well(self, bucket: str, keys: int) -> None:
        role = app(f"data = {bucket}\ndata.grant_read_write(role)\n", bucket='s3.Bucket(self, "Own")')[2].role
        assert role is not None
        actions = [plain(action) for policy in role.policies for each in policy.statements for action in each.actions]
        assert actions.count("kms:Decrypt") == keys
        assert "s3:DeleteObject*" in actions
        assert role.complete

    @pytest.mark.parametrize(
        ("imported", "complete"),
        [("'etl-role'", False), ("'arn:aws:iam::111122223333:role/etl-role'", False), ("'other'", True)],
    )
    def test_a_role_that_is_imported_by_its_name_may_be_given_more(self, imported: str, complete: bool) -> None:
        made = 'iam.Role(self, "Role", role_name="etl-role", assumed_by=iam.ServicePrincipal("airflow.amazonaws.com"))'
        after = f"same = iam.Role.from_role_name(self, 'Same', {imported})\nfunction.grant_invoke(same)\n"
        role = app(after, role=made)[2].role
        assert role is not None
        assert role.complete is complete


class TestOrder:
    GRANT = 'role.add_to_policy(iam.PolicyStatement(actions=["sqs:*"], resources=["*"]))\n'

    def test_an_environment_waits_for_what_it_is_told_to(self) -> None:
        alone = app(self.GRANT)[0].depends_on
        assert alone is not None
        assert "iam.Role.Role" in alone
        assert "DefaultPolicy of iam.Role.Role" not in alone
        waiting = app(self.GRANT + "env.node.add_dependency(role)\n")[0].depends_on
        assert waiting is not None
        assert "DefaultPolicy of iam.Role.Role" in waiting

    def test_what_it_waits_for_may_not_be_known(self) -> None:
        assert app(self.GRANT + "env.node.add_dependency(policies())\n")[0].depends_on is None
        assert app(self.GRANT + "arrange(env)\n")[0].depends_on is None


class TestSubnets:
    @pytest.mark.parametrize(
        "ids",
        [
            "[vpc.public_subnets[0].subnet_id, vpc.public_subnets[1].subnet_id]",
            "[vpc.select_subnets(subnet_type=ec2.SubnetType.PUBLIC).subnet_ids[0]]",
            "[vpc.select_subnets(subnet_type=ec2.SubnetType.PUBLIC).subnets[0].subnet_id]",
        ],
    )
    def test_public_subnets_are_told_from_private_ones(self, ids: str) -> None:
        found = app(subnets=ids)[2].subnets
        assert found
        assert all(subnet is not None and plain(subnet.public) is True for subnet in found)
        private = app()[2].subnets
        assert [subnet is not None and plain(subnet.public) for subnet in private] == [False, False]
        assert len({subnet.address for subnet in private if subnet is not None}) == 2


class TestKeysAndLogs:
    def test_a_policy_that_is_added_to_a_key(self) -> None:
        after = (
            'key = kms.Key(self, "Key")\nkey.add_to_resource_policy(iam.PolicyStatement(actions=["kms:Encrypt*"], '
            'principals=[iam.ServicePrincipal("logs.eu-west-1.amazonaws.com")], resources=["*"]))\n'
        )
        (key,) = app(after)[1].keys
        assert key.policy is not None
        assert [kind for each in key.policy.statements for kind, _ in each.principals] == ["AWS", "Service"]

    @pytest.mark.parametrize(
        ("arguments", "days"),
        [("", 731), ("retention=logs.RetentionDays.ONE_WEEK", 7), ("retention=logs.RetentionDays.INFINITE", None)],
    )
    def test_how_long_logs_are_kept(self, arguments: str, days: int | None) -> None:
        (group,) = app(f'logs.LogGroup(self, "Logs", {arguments})')[1].log_groups
        assert plain(group.retention_in_days) == days

    def test_the_log_group_of_an_environment_is_kept_for_rules_to_see(self) -> None:
        module = (
            'env2 = mwaa.CfnEnvironment(self, "Other", logging_configuration={"task_logs": {"enabled": True, '
            '"cloud_watch_log_group_arn": logs.LogGroup(self, "Logs").log_group_arn}})'
        )
        code = HEAD + "        " + module + "\n"
        (environment,) = declarations({"stack.py": code}).environments
        assert "cloud_watch_log_group_arn" in str(plain(environment.logging_configuration))


class TestSeveralFiles:
    BASE = """
import aws_cdk as cdk
from aws_cdk import aws_iam as iam, aws_s3 as s3

class Base(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        self.bucket = s3.Bucket(self, "Dags", versioned=True)
        self.role = self.make_role()

    def make_role(self):
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("airflow-env.amazonaws.com"))
        role.add_to_policy(iam.PolicyStatement(actions=["s3:*"], resources=[self.bucket.bucket_arn]))
        return role
"""
    STACK = """
import aws_cdk as cdk
from aws_cdk import aws_mwaa as mwaa

class Airflow(cdk.Stack):
    def __init__(self, scope, id, base, bucket):
        super().__init__(scope, id)
        mwaa.CfnEnvironment(self, "Etl", execution_role_arn=base.role.role_arn, source_bucket_arn=bucket.bucket_arn)
"""
    APP = """
import aws_cdk as cdk
from base import Base
from stack import Airflow

app = cdk.App()
base = Base(app, "base")
Airflow(app, "airflow", base=base, bucket=base.bucket)
"""

    def test_constructs_are_followed_through_classes_parameters_and_results(self) -> None:
        read = declarations({"base.py": self.BASE, "stack.py": self.STACK, "app.py": self.APP})
        (environment,) = read.environments
        related = related_of(environment, read)
        assert related.bucket is not None
        assert plain(related.bucket.versioning) is True
        assert related.role is not None
        assert (len(related.role.policies[0].statements), related.role.complete) == (1, True)

    def test_another_stack_is_deployed_before(self) -> None:
        read = declarations({"base.py": self.BASE, "stack.py": self.STACK, "app.py": self.APP})
        assert read.environments[0].depends_on is None

    def test_an_app_that_is_not_linked_by_imports_is_left_out(self) -> None:
        other = self.BASE.replace("class Base", "class Other")
        read = declarations({"base.py": self.BASE, "stack.py": self.STACK, "app.py": self.APP, "other.py": other})
        assert len(read.resources[read.environments[0].stack].buckets) == 1

    def test_programs_that_go_round_in_circles_end(self) -> None:
        code = HEAD + (
            "        a = b\n        b = a\n        self.c = self.c\n        role = self.d()\n"
            "        mwaa.CfnEnvironment(self, 'Etl', source_bucket_arn=a.bucket_arn, kms_key=self.c.key_arn,"
            " execution_role_arn=role.role_arn)\n"
            "    def d(self):\n        return self.d()\n"
        )
        (environment,) = declarations({"stack.py": code}).environments
        assert isinstance(environment.source_bucket_arn, Unresolved)
        assert environment.source_bucket_arn.resource == ""
