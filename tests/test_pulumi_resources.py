"""What Pulumi programs declare beside their environments, in Python unless a language makes a difference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import Project
from mwaalint.model.adapters import pulumi_python, pulumi_yaml
from mwaalint.model.related import Related, comes_before, related_of
from mwaalint.model.values import ABSENT, Unresolved
from mwaalint.source import SourceFile
from tests.test_cloudformation import plain

if TYPE_CHECKING:
    from mwaalint.model.environment import Declarations, Environment

HEAD = "import json\nimport pulumi\nimport pulumi_aws as aws\n"
ENVIRONMENT = """
aws.mwaa.Environment(
    "etl", name="etl", source_bucket_arn=dags.arn, execution_role_arn=role.arn,
    network_configuration={"security_group_ids": [group.id], "subnet_ids": [first.id, "subnet-2"]},
)
"""
DEFAULTS = {
    "dags": 'aws.s3.Bucket("dags", bucket="etl-dags")',
    "role": 'aws.iam.Role("role", assume_role_policy=json.dumps({"Statement": []}))',
    "group": 'aws.ec2.SecurityGroup("group")',
    "first": 'aws.ec2.Subnet("first", map_public_ip_on_launch=True)',
}


def read(files: dict[str, str]) -> Declarations:
    sources = {path: SourceFile(path, Path(path), text.encode()) for path, text in files.items()}
    return pulumi_python.read(
        [file for path, file in sources.items() if path.endswith(".py")], Project(Path(), sources)
    )


def program(after: str = "", environment: str = ENVIRONMENT, **made: str) -> tuple[Environment, Related]:
    body = "\n".join(f"{name} = {text}" for name, text in {**DEFAULTS, **made}.items())
    declared = read({"__main__.py": f"{HEAD}{body}\n{after}\n{environment}"})
    (only,) = declared.environments
    return only, related_of(only, declared)


class TestBuckets:
    @pytest.mark.parametrize(
        ("after", "versioning"),
        [
            ("", None),
            ('aws.s3.BucketVersioning("v", bucket=dags.id, versioning_configuration={"status": "Enabled"})', True),
            (
                'aws.s3.BucketVersioningV2("v", bucket=dags.bucket, versioning_configuration={"status": "Suspended"})',
                False,
            ),
            ('aws.s3.BucketVersioning("v", bucket="etl-dags", versioning_configuration={"status": "Enabled"})', True),
        ],
    )
    def test_versioning_of_its_own(self, after: str, versioning: bool | None) -> None:
        bucket = program(after)[1].bucket
        assert bucket is not None
        assert (plain(bucket.versioning), bucket.complete) == (versioning, True)

    @pytest.mark.parametrize(("enabled", "versioning"), [("True", True), ("False", False)])
    def test_versioning_inside(self, enabled: str, versioning: bool) -> None:
        made = f'aws.s3.Bucket("dags", versioning=aws.s3.BucketVersioningArgs(enabled={enabled}))'
        bucket = program(dags=made)[1].bucket
        assert bucket is not None
        assert plain(bucket.versioning) is versioning

    def test_two_that_say_it_are_alternatives(self) -> None:
        one = 'aws.s3.BucketVersioning("%s", bucket=dags.id, versioning_configuration={"status": "Enabled"})\n'
        bucket = program(one % "a" + one % "b")[1].bucket
        assert bucket is not None
        assert isinstance(bucket.versioning, Unresolved)

    @pytest.mark.parametrize(
        "after",
        [
            'aws.s3.BucketVersioning("v", bucket=which(), versioning_configuration={"status": "Enabled"})',
            'if prod:\n    aws.s3.BucketVersioning("v", bucket=dags.id, versioning_configuration={})',
        ],
    )
    def test_what_may_be_about_it_leaves_it_incomplete(self, after: str) -> None:
        bucket = program(after)[1].bucket
        assert bucket is not None
        assert not bucket.complete

    def test_what_is_about_another_bucket_does_not(self) -> None:
        after = 'logs = aws.s3.Bucket("logs")\naws.s3.BucketVersioning("v", bucket=logs.id)'
        bucket = program(after)[1].bucket
        assert bucket is not None
        assert (bucket.versioning, bucket.complete) == (ABSENT, True)

    def test_a_public_access_block_turns_off_what_it_leaves_out(self) -> None:
        bucket = program('aws.s3.BucketPublicAccessBlock("b", bucket=dags.id, block_public_acls=True)')[1].bucket
        assert bucket is not None
        assert plain(bucket.public_access_block) == {
            "block_public_acls": True,
            "block_public_policy": False,
            "ignore_public_acls": False,
            "restrict_public_buckets": False,
        }

    def test_rules_and_keys_of_old_and_new_resources(self) -> None:
        after = (
            'key = aws.kms.Key("key")\n'
            'aws.s3.BucketServerSideEncryptionConfigurationV2("e", bucket=dags.id, rules=[{'
            '"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}}])\n'
            'aws.s3.BucketLifecycleConfigurationV2("l", bucket=dags.id, rules=[{"status": "Disabled", '
            '"noncurrent_version_expiration": {"noncurrent_days": 7}}, {"status": "Enabled", "filter": {"tag": {}}, '
            '"noncurrent_version_expiration": {"noncurrent_days": 7, "newer_noncurrent_versions": 2}}])'
        )
        made = 'aws.s3.Bucket("dags", lifecycle_rules=[{"enabled": True, "prefix": "x/", "expiration": {"days": 1}}])'
        bucket = program(after, dags=made)[1].bucket
        assert bucket is not None
        assert isinstance(bucket.kms_key, Unresolved)
        assert bucket.kms_key.resource == "aws.kms.Key.key"
        assert [
            (
                plain(r.enabled),
                plain(r.prefix),
                plain(r.expiration_days),
                plain(r.noncurrent_expiration_days),
                r.narrowed,
            )
            for r in bucket.lifecycle_rules
        ] == [(True, "x/", 1, None, False), (False, "", None, 7, False), (True, "", None, None, True)]


class TestSecurityGroups:
    @pytest.mark.parametrize(
        "after",
        [
            'aws.ec2.SecurityGroupRule("r", type="ingress", security_group_id=group.id, protocol="all", self=True)',
            (
                'aws.ec2.SecurityGroupRule("r", type="ingress", security_group_id=group.id, protocol="-1", '
                "source_security_group_id=group.id)"
            ),
            (
                'aws.vpc.SecurityGroupIngressRule("r", security_group_id=group.id, ip_protocol="-1", '
                "referenced_security_group_id=group.id)"
            ),
        ],
    )
    def test_every_way_to_let_it_reach_itself(self, after: str) -> None:
        (group,) = program(after)[1].security_groups
        assert group is not None
        assert [(r.direction, plain(r.protocol), r.itself) for r in group.rules] == [("ingress", "-1", True)]
        assert group.complete

    def test_one_rule_for_each_peer(self) -> None:
        made = (
            'aws.ec2.SecurityGroup("group", ingress=[{"protocol": "tcp", "from_port": 443, "to_port": 443, '
            '"cidr_blocks": ["10.0.0.0/8", "192.168.0.0/16"]}])'
        )
        (group,) = program(group=made)[1].security_groups
        assert group is not None
        assert [(plain(r.from_port), [plain(p) for p in r.peers]) for r in group.rules] == [
            (443, ["10.0.0.0/8"]),
            (443, ["192.168.0.0/16"]),
        ]

    @pytest.mark.parametrize(
        "after",
        [
            'aws.ec2.SecurityGroupRule("r", type=kind(), security_group_id=group.id, protocol="-1", self=True)',
            'aws.ec2.SecurityGroupRule("r", type="ingress", security_group_id=which(), protocol="-1", self=True)',
            'aws.ec2.SecurityGroupRule("r", type="ingress", security_group_id=group.id, protocol="-1", self=flag())',
        ],
    )
    def test_what_is_not_known_of_a_rule_leaves_it_incomplete(self, after: str) -> None:
        (group,) = program(after)[1].security_groups
        assert group is not None
        assert not group.complete


class TestRoles:
    POLICY = 'json.dumps({"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})'

    @pytest.mark.parametrize(
        ("after", "address"),
        [
            ('aws.iam.RolePolicy("p", role=role.name, policy=POLICY)', "aws.iam.RolePolicy.p"),
            (
                (
                    'own = aws.iam.Policy("own", policy=POLICY)\n'
                    'aws.iam.RolePolicyAttachment("p", role=role, policy_arn=own.arn)'
                ),
                "aws.iam.RolePolicyAttachment.p",
            ),
        ],
    )
    def test_policies_that_are_attached(self, after: str, address: str) -> None:
        role = program(after.replace("POLICY", self.POLICY))[1].role
        assert role is not None
        (policy,) = role.policies
        assert [plain(action) for action in policy.statements[0].actions] == ["sqs:*"]
        assert (role.attachments, role.managed, role.complete) == ((address,), (), True)

    def test_policies_that_are_only_known_by_their_arn(self) -> None:
        arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        role = program(f'aws.iam.RolePolicyAttachment("p", role=role.name, policy_arn="{arn}")')[1].role
        assert role is not None
        assert [plain(arn) for arn in role.managed] == [arn]
        assert role.attachments == ("aws.iam.RolePolicyAttachment.p",)

    @pytest.mark.parametrize(
        "after",
        [
            'aws.iam.RolePolicy("p", role=which(), policy=POLICY)',
            'aws.iam.RolePolicy("p", role=role.id, policy=document())',
            'aws.iam.RolePolicy("p", role=role.id, policy=dags.arn.apply(lambda arn: json.dumps({"Resource": arn})))',
        ],
    )
    def test_what_is_not_known_leaves_it_incomplete(self, after: str) -> None:
        role = program(after.replace("POLICY", self.POLICY))[1].role
        assert role is not None
        assert not role.complete

    def test_who_is_named_in_a_document_of_the_provider(self) -> None:
        made = (
            'aws.iam.Role("role", assume_role_policy=aws.iam.get_policy_document(statements=[{"actions": '
            '["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": ["airflow-env.amazonaws.com"]}]}]'
            ").json)"
        )
        role = program(role=made)[1].role
        assert role is not None
        assert role.trust is not None
        ((kind, names),) = role.trust.statements[0].principals
        assert (kind, [plain(name) for name in names]) == ("Service", ["airflow-env.amazonaws.com"])

    def test_what_the_environment_waits_for(self) -> None:
        after = f'rights = aws.iam.RolePolicy("p", role=role.name, policy={self.POLICY})'
        environment, related = program(after)
        assert related.role is not None
        assert comes_before(environment, related.role.address)
        assert not comes_before(environment, "aws.iam.RolePolicy.p")
        options = ENVIRONMENT.replace('"etl", name', '"etl", opts=pulumi.ResourceOptions(depends_on=[rights]), name')
        assert comes_before(program(after, options)[0], "aws.iam.RolePolicy.p")
        unknown = ENVIRONMENT.replace('"etl", name', '"etl", opts=pulumi.ResourceOptions(depends_on=what()), name')
        assert program(after, unknown)[0].depends_on is None


class TestPrograms:
    def test_subnets_have_their_place(self) -> None:
        first, second = program()[1].subnets
        assert second is None
        assert first is not None
        assert plain(first.public_ip) is True

    def test_resources_are_followed_through_modules_and_classes(self) -> None:
        network = (
            HEAD + 'class Network:\n    def __init__(self):\n        self.group = aws.ec2.SecurityGroup("group")\n'
        )
        main = HEAD + (
            "from network import Network\nnetwork = Network()\n"
            'aws.mwaa.Environment("etl", network_configuration={"security_group_ids": [network.group.id]})\n'
        )
        declared = read({"__main__.py": main, "network.py": network})
        (group,) = related_of(declared.environments[0], declared).security_groups
        assert group is not None
        assert group.address == "aws.ec2.SecurityGroup.group"

    def test_arguments_in_an_object_of_their_own(self) -> None:
        made = 'aws.s3.Bucket("dags", aws.s3.BucketArgs(versioning={"enabled": True}))'
        bucket = program(dags=made)[1].bucket
        assert bucket is not None
        assert plain(bucket.versioning) is True

    def test_a_name_in_yaml_that_is_no_resource_leads_nowhere(self) -> None:
        text = (
            "name: etl\nruntime: yaml\nresources:\n  dags: {type: aws:s3:Bucket}\n  etl:\n"
            "    type: aws:mwaa:Environment\n    properties: {name: etl, sourceBucketArn: '${other.arn}'}\n"
        )
        file = SourceFile("Pulumi.yaml", Path("Pulumi.yaml"), text.encode())
        declared = pulumi_yaml.read([file], Project(Path(), {"Pulumi.yaml": file}))
        assert related_of(declared.environments[0], declared).bucket is None
