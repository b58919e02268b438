"""What a CDK app in TypeScript declares beside its environments, and what it does with it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mwaalint.model.related import Related, related_of
from mwaalint.model.values import ABSENT, Unresolved
from tests.test_cdk_typescript import declarations
from tests.test_cloudformation import plain

if TYPE_CHECKING:
    from mwaalint.model.environment import Environment
    from mwaalint.model.resources import Resources

HEAD = """
import * as cdk from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as iam from "aws-cdk-lib/aws-iam";
import { aws_kms as kms, aws_logs as logs, aws_mwaa as mwaa } from "aws-cdk-lib";
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket } from "aws-cdk-lib/aws-s3";

export class Airflow extends cdk.Stack {
  constructor(scope: cdk.App, id: string) {
    super(scope, id);
"""
ENVIRONMENT = """
const env = new mwaa.CfnEnvironment(this, "Etl", {
  name: "etl", sourceBucketArn: bucket.bucketArn, executionRoleArn: role.roleArn,
  networkConfiguration: { securityGroupIds: [group.securityGroupId], subnetIds: subnets },
});
"""
DEFAULTS = {
    "bucket": 'new Bucket(this, "Dags")',
    "role": 'new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("airflow-env.amazonaws.com") })',
    "vpc": 'new ec2.Vpc(this, "Vpc")',
    "group": 'new ec2.SecurityGroup(this, "Group", { vpc })',
    "subnets": "[vpc.privateSubnets[0].subnetId, vpc.privateSubnets[1].subnetId]",
}


def app(after: str = "", **made: str) -> tuple[Environment, Resources, Related]:
    """The environment of a stack with these constructs, what is done with them, and what belongs to it."""
    parts = {**made, **{name: text for name, text in DEFAULTS.items() if name not in made}}
    body = "\n".join(f"const {name} = {text};" for name, text in parts.items()) + ENVIRONMENT + after
    read = declarations({"lib/stack.ts": HEAD + body + "\n  }\n}\n"})
    (environment,) = read.environments
    return environment, read.resources[environment.stack], related_of(environment, read)


class TestBuckets:
    def test_a_bucket_with_all_that_it_says(self) -> None:
        made = (
            'new Bucket(this, "Dags", { bucketName: "etl", versioned: true, encryptionKey: key, '
            "blockPublicAccess: BlockPublicAccess.BLOCK_ALL, lifecycleRules: ["
            '{ expiration: cdk.Duration.days(30), prefix: "logs/" }, '
            "{ enabled: false, noncurrentVersionExpiration: cdk.Duration.days(7) }] })"
        )
        bucket = app(key='new kms.Key(this, "Key")', bucket=made)[2].bucket
        assert bucket is not None
        assert (bucket.address, plain(bucket.name), plain(bucket.versioning)) == ("s3.Bucket.Dags", "etl", True)
        blocks = plain(bucket.public_access_block)
        assert isinstance(blocks, dict)
        assert (len(blocks), set(blocks.values())) == (4, {True})
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

    @pytest.mark.parametrize("properties", ["{ versioned: flag() }", "{ ...settings() }", "settings()"])
    def test_what_is_not_known_is_not_taken_for_absent(self, properties: str) -> None:
        bucket = app(bucket=f'new Bucket(this, "Dags", {properties})')[2].bucket
        assert bucket is not None
        assert isinstance(bucket.versioning, Unresolved)

    @pytest.mark.parametrize(
        "after",
        [
            'cfn.versioningConfiguration = { status: "Enabled" };',
            'cfn.addPropertyOverride("VersioningConfiguration", x);',
        ],
    )
    def test_reaching_for_the_resource_behind_it_may_change_anything(self, after: str) -> None:
        bucket = app(f"const cfn = bucket.node.defaultChild as CfnBucket;\n{after}")[2].bucket
        assert bucket is not None
        assert not bucket.complete

    def test_handing_a_bucket_on_changes_nothing_of_it(self) -> None:
        bucket = app("new Deployment(this, 'D', { destinationBucket: bucket });\nbucket.grantRead(role);")[2].bucket
        assert bucket is not None
        assert bucket.complete

    def test_a_bucket_from_elsewhere_is_none(self) -> None:
        _, resources, related = app(bucket='Bucket.fromBucketName(this, "Dags", "etl")')
        assert (resources.buckets, related.bucket) == ((), None)


class TestSecurityGroups:
    @pytest.mark.parametrize(
        "after",
        [
            "group.addIngressRule(group, ec2.Port.allTraffic());",
            "group.addIngressRule(group, ec2.Port.allTraffic(), 'Airflow');",
            "group.connections.allowInternally(ec2.Port.allTraffic());",
            "group.connections.allowFrom(group, ec2.Port.allTraffic());",
            "group.addIngressRule(ec2.Peer.securityGroupId(group.securityGroupId), ec2.Port.allTraffic());",
            (
                "new ec2.CfnSecurityGroupIngress(this, 'In', { groupId: group.securityGroupId, ipProtocol: '-1', "
                "sourceSecurityGroupId: group.securityGroupId });"
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
        (group,) = app("group.addIngressRule(ec2.Peer.ipv4('10.0.0.0/16'), ec2.Port.tcpRange(80, 443));")[
            2
        ].security_groups
        assert group is not None
        rule = group.rules[0]
        assert (plain(rule.protocol), plain(rule.from_port), plain(rule.to_port), rule.itself) == (
            "tcp",
            80,
            443,
            False,
        )
        assert [plain(peer) for peer in rule.peers] == ["10.0.0.0/16"]

    def test_without_outbound_traffic_nothing_gets_out(self) -> None:
        (group,) = app(group='new ec2.SecurityGroup(this, "Group", { vpc, allowAllOutbound: false })')[
            2
        ].security_groups
        assert group is not None
        assert group.rules == ()

    @pytest.mark.parametrize(
        "after",
        [
            "new rds.DatabaseCluster(this, 'Db', { securityGroups: [group] });",
            "openUp(group);",
            "[group].forEach((each) => each.addIngressRule(each, ec2.Port.allTraffic()));",
            "group.connections.allowDefaultPortInternally();",
            "group.addIngressRule(who(), ec2.Port.allTraffic());",
            "if (inside) { group.connections.allowInternally(ec2.Port.allTraffic()); }",
            "db.connections.allowFrom(group.connections, x); register(group.connections);",
        ],
    )
    def test_what_others_may_do_to_it_leaves_it_incomplete(self, after: str) -> None:
        (group,) = app(after)[2].security_groups
        assert group is not None
        assert not group.complete


class TestRoles:
    def test_trust_inline_and_managed_policies(self) -> None:
        made = (
            'new iam.Role(this, "Role", { assumedBy: new iam.CompositePrincipal('
            'new iam.ServicePrincipal("airflow.amazonaws.com"), '
            'new iam.ServicePrincipal("airflow-env.amazonaws.com")), '
            "inlinePolicies: { mwaa: new iam.PolicyDocument({ statements: [new iam.PolicyStatement({ "
            'actions: ["s3:List*"], resources: [bucket.bucketArn, `${bucket.bucketArn}/*`], '
            'conditions: { StringEquals: { a: "b" } } }), new iam.PolicyStatement({ effect: iam.Effect.DENY, '
            'notActions: ["s3:*"], notResources: ["*"] })] }) }, managedPolicies: '
            '[iam.ManagedPolicy.fromAwsManagedPolicyName("CloudWatchFullAccess")] })'
        )
        role = app(bucket=DEFAULTS["bucket"], role=made)[2].role
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
        [("", True), ('if (this.node.tryGetContext("both")) ', False)],
        ids=["always", "sometimes"],
    )
    @pytest.mark.parametrize("access", ["?.", "!.", "."])
    def test_statements_that_are_added_to_who_may_take_it(self, access: str, condition: str, complete: bool) -> None:
        after = (
            f"{condition}role.assumeRolePolicy{access}addStatements(new iam.PolicyStatement("
            '{ actions: ["sts:AssumeRole"], principals: [new iam.ServicePrincipal("airflow.amazonaws.com")] }));\n'
        )
        role = app(after)[2].role
        assert role is not None
        assert role.trust is not None
        names = [plain(name) for each in role.trust.statements for _, given in each.principals for name in given]
        assert names == ["airflow-env.amazonaws.com", "airflow.amazonaws.com"][: 1 + complete]
        assert (role.trust.complete, role.complete) == (complete, complete)

    @pytest.mark.parametrize("call", ["trust.addStatements(some);", "trust?.addStatements(some);", "more(trust);"])
    def test_who_may_take_it_may_be_changed_through_another_name(self, call: str) -> None:
        role = app(f"const trust = role.assumeRolePolicy!;\n{call}\n")[2].role
        assert role is not None
        assert role.trust is not None
        assert (role.trust.complete, role.complete) == (False, False)

    @pytest.mark.parametrize(
        ("after", "address"),
        [
            ("role.addToPolicy(STATEMENT);", "DefaultPolicy of iam.Role.Role"),
            ("role.addToPrincipalPolicy(STATEMENT);", "DefaultPolicy of iam.Role.Role"),
            ("new iam.Policy(this, 'Extra', { statements: [STATEMENT], roles: [role] });", "iam.Policy.Extra"),
            (
                (
                    "const extra = new iam.Policy(this, 'Extra', { document: new iam.PolicyDocument({ "
                    "statements: [STATEMENT] }) });\nextra.attachToRole(role);"
                ),
                "iam.Policy.Extra",
            ),
            (
                (
                    "const extra = new iam.Policy(this, 'Extra');\nextra.addStatements(STATEMENT);\n"
                    "role.attachInlinePolicy(extra);"
                ),
                "iam.Policy.Extra",
            ),
        ],
    )
    def test_every_way_to_add_a_policy(self, after: str, address: str) -> None:
        statement = 'new iam.PolicyStatement({ actions: ["sqs:*"], resources: ["*"] })'
        role = app(after.replace("STATEMENT", statement))[2].role
        assert role is not None
        assert [(each.address, len(each.statements), each.complete) for each in role.policies] == [(address, 1, True)]
        assert (role.attachments, role.complete) == ((address,), True)

    @pytest.mark.parametrize(
        "after",
        [
            "bucket.grant(role, 's3:GetObject');",
            "Bucket.fromAnywhere(this, 'B').grantRead(role);",
            "handler.grantInvoke(iam.Role.fromRoleArn(this, 'Same', role.roleArn));",
            "iam.Role.fromRoleName(this, 'Same', name()).addToPolicy(statement());",
            "new lambda.Function(this, 'F', { role });",
            "giveRights(role);",
            "role.addToPolicy(statement());",
            "roles.etl = role;",
        ],
    )
    def test_what_others_may_grant_leaves_it_incomplete(self, after: str) -> None:
        role = app(after)[2].role
        assert role is not None
        assert not role.complete

    def test_what_it_gets_under_a_condition_counts_as_given(self) -> None:
        statement = "new iam.PolicyStatement({ actions: ['sqs:*'], resources: ['*'] })"
        role = app(f"if (prod) {{ role.addToPolicy({statement}); }}")[2].role
        assert role is not None
        assert role.complete
        assert "sqs:*" in {plain(one) for policy in role.policies for each in policy.statements for one in each.actions}

    @pytest.mark.parametrize(
        "after",
        [
            "new cdk.CfnOutput(this, 'Arn', { value: role.roleArn });",
            "handler.grantInvoke(iam.Role.fromRoleName(this, 'Other', 'glue'));",
            "anything(iam.Role.fromRoleName(this, 'Other', name()));",
            "cdk.Tags.of(role).add('a', 'b');",
            "NagSuppressions.addResourceSuppressions(role, []);",
            "role.applyRemovalPolicy(cdk.RemovalPolicy.DESTROY);",
        ],
    )
    def test_what_only_names_it_grants_nothing(self, after: str) -> None:
        role = app(after)[2].role
        assert role is not None
        assert role.complete


class TestGrants:
    @pytest.mark.parametrize(
        ("bucket", "actions"),
        [
            ("bucket", ["s3:GetObject*", "s3:GetBucket*", "s3:List*"]),
            ("Bucket.fromBucketName(this, 'Data', 'data')", ["s3:GetObject*", "s3:GetBucket*", "s3:List*"]),
        ],
    )
    def test_a_bucket_grants_what_the_cdk_writes_for_it(self, bucket: str, actions: list[str]) -> None:
        role = app(f"const data = {bucket};\ndata.grantRead(role);")[2].role
        assert role is not None
        (policy,) = role.policies
        assert [plain(each) for statement in policy.statements for each in statement.actions] == actions
        assert (policy.address, role.complete) == ("DefaultPolicy of iam.Role.Role", True)

    def test_a_grant_is_for_the_key_of_the_bucket_as_well(self) -> None:
        made = "new Bucket(this, 'Dags', { encryption: BucketEncryption.KMS })"
        role = app("bucket.grantPut(role);", bucket=made)[2].role
        assert role is not None
        assert [len(policy.statements) for policy in role.policies] == [2]


class TestOrder:
    GRANT = "role.addToPolicy(new iam.PolicyStatement({ actions: ['sqs:*'], resources: ['*'] }));\n"

    def test_an_environment_waits_for_what_it_is_told_to(self) -> None:
        alone = app(self.GRANT)[0].depends_on
        assert alone is not None
        assert "iam.Role.Role" in alone
        assert "DefaultPolicy of iam.Role.Role" not in alone
        waiting = app(self.GRANT + "env.node.addDependency(role);")[0].depends_on
        assert waiting is not None
        assert "DefaultPolicy of iam.Role.Role" in waiting

    def test_what_it_waits_for_may_not_be_known(self) -> None:
        assert app(self.GRANT + "env.node.addDependency(policies());")[0].depends_on is None
        assert app(self.GRANT + "arrange(env);")[0].depends_on is None


class TestSubnets:
    @pytest.mark.parametrize(
        "ids",
        [
            "[vpc.publicSubnets[0].subnetId]",
            "[vpc.selectSubnets({ subnetType: ec2.SubnetType.PUBLIC }).subnetIds[0]]",
            "[vpc.selectSubnets({ subnetType: ec2.SubnetType.PUBLIC }).subnets[0].subnetId]",
        ],
    )
    def test_public_subnets_are_told_from_private_ones(self, ids: str) -> None:
        found = app(vpc=DEFAULTS["vpc"], subnets=ids)[2].subnets
        assert found
        assert all(subnet is not None and plain(subnet.public) is True for subnet in found)
        private = app()[2].subnets
        assert [subnet is not None and plain(subnet.public) for subnet in private] == [False, False]
        assert len({subnet.address for subnet in private if subnet is not None}) == 2


class TestKeysAndLogs:
    def test_a_policy_that_is_added_to_a_key(self) -> None:
        after = (
            'const key = new kms.Key(this, "Key");\nkey.addToResourcePolicy(new iam.PolicyStatement({ '
            'actions: ["kms:Encrypt*"], principals: [new iam.ServicePrincipal("logs.eu-west-1.amazonaws.com")], '
            'resources: ["*"] }));\n'
        )
        (key,) = app(after)[1].keys
        assert key.policy is not None
        assert [kind for each in key.policy.statements for kind, _ in each.principals] == ["AWS", "Service"]

    @pytest.mark.parametrize(
        ("properties", "days"),
        [("", 731), (", { retention: logs.RetentionDays.ONE_WEEK }", 7)],
    )
    def test_how_long_logs_are_kept(self, properties: str, days: int) -> None:
        (group,) = app(f'new logs.LogGroup(this, "Logs"{properties});')[1].log_groups
        assert plain(group.retention_in_days) == days


class TestSeveralFiles:
    BASE = """
import { Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Bucket, IBucket } from "aws-cdk-lib/aws-s3";

export class Base extends Stack {
  public readonly bucket: IBucket;
  public readonly role: Role;
  constructor(scope: any, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, "Dags", { versioned: true });
    this.role = this.makeRole();
  }
  private makeRole(): Role {
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("airflow-env.amazonaws.com") });
    role.addToPolicy(new PolicyStatement({ actions: ["s3:*"], resources: [this.bucket.bucketArn] }));
    return role;
  }
}
"""
    STACK = """
import { Stack } from "aws-cdk-lib";
import { CfnEnvironment } from "aws-cdk-lib/aws-mwaa";
import { Base } from "./base";

export class Airflow extends Stack {
  constructor(scope: any, id: string, props: { base: Base, bucket: any }) {
    super(scope, id);
    new CfnEnvironment(this, "Etl", {
      name: "etl", executionRoleArn: props.base.role.roleArn, sourceBucketArn: props.bucket.bucketArn,
    });
  }
}
"""
    APP = """
import { App } from "aws-cdk-lib";
import { Base } from "./base";
import { Airflow } from "./stack";

const app = new App();
const base = new Base(app, "base");
new Airflow(app, "airflow", { base, bucket: base.bucket });
"""

    def test_constructs_are_followed_through_classes_properties_and_results(self) -> None:
        read = declarations({"base.ts": self.BASE, "stack.ts": self.STACK, "app.ts": self.APP})
        (environment,) = read.environments
        related = related_of(environment, read)
        assert related.bucket is not None
        assert plain(related.bucket.versioning) is True
        assert related.role is not None
        assert (len(related.role.policies[0].statements), related.role.complete) == (1, True)
        assert environment.depends_on is None

    def test_an_app_that_is_not_linked_by_imports_is_left_out(self) -> None:
        other = self.BASE.replace("class Base", "class Other")
        read = declarations({"base.ts": self.BASE, "stack.ts": self.STACK, "app.ts": self.APP, "other.ts": other})
        assert len(read.resources[read.environments[0].stack].buckets) == 1
