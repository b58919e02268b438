"""What a CloudFormation template declares beside its environments, and how it hangs together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mwaalint.model.related import Related, related_of
from mwaalint.model.values import ABSENT, Known, Unresolved
from tests.test_cloudformation import declarations, plain

if TYPE_CHECKING:
    from mwaalint.model.resources import Resources

ENVIRONMENT = """
  Mwaa:
    Type: AWS::MWAA::Environment
    DependsOn: Extra
    Properties:
      Name: etl
      SourceBucketArn: !GetAtt Dags.Arn
      ExecutionRoleArn: !GetAtt Role.Arn
      KmsKey: !GetAtt Key.Arn
      NetworkConfiguration:
        SubnetIds: [!Ref A, subnet-0abc]
        SecurityGroupIds: [!GetAtt Group.GroupId]
"""


def stack(resources: str, sections: str = "") -> tuple[Resources, Related]:
    """The resources of a template around ENVIRONMENT, and those that the environment leads to."""
    read = declarations(template=f"{sections}\nResources:{ENVIRONMENT}{resources}")
    assert read.problems == ()
    (environment,) = read.environments
    return read.resources[environment.stack], related_of(environment, read)


BUCKET = """
  Dags:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: etl-dags
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: "true", IgnorePublicAcls: false}
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms, KMSMasterKeyID: !GetAtt Key.Arn}
      LifecycleConfiguration:
        Rules:
          - {Status: Enabled, ExpirationInDays: 30, Prefix: logs/}
          - {Status: Disabled, NoncurrentVersionExpiration: {NoncurrentDays: "7"}}
          - {Status: Enabled, NoncurrentVersionExpirationInDays: 3, TagFilters: [{Key: a, Value: b}]}
"""


class TestBuckets:
    def test_a_bucket_is_read_with_all_that_it_says(self) -> None:
        bucket = stack(BUCKET + "\n  Key: {Type: AWS::KMS::Key}\n")[1].bucket
        assert bucket is not None
        assert (plain(bucket.name), plain(bucket.versioning), bucket.complete) == ("etl-dags", True, True)
        assert plain(bucket.public_access_block) == {
            "block_public_acls": True,
            "block_public_policy": True,
            "ignore_public_acls": False,
            "restrict_public_buckets": False,
        }
        assert isinstance(bucket.kms_key, Unresolved)
        assert bucket.kms_key.resource == "Key"

    def test_its_lifecycle_rules_are_read(self) -> None:
        bucket = stack(BUCKET)[1].bucket
        assert bucket is not None
        assert [
            (
                plain(r.enabled),
                plain(r.prefix),
                plain(r.expiration_days),
                plain(r.noncurrent_expiration_days),
                r.narrowed,
            )
            for r in bucket.lifecycle_rules
        ] == [(True, "logs/", 30, None, False), (False, "", None, 7, False), (True, "", None, 3, True)]

    def test_what_a_bucket_does_not_say_is_absent(self) -> None:
        bucket = stack("\n  Dags: {Type: AWS::S3::Bucket}\n")[1].bucket
        assert bucket is not None
        assert (bucket.versioning, bucket.public_access_block, bucket.lifecycle_rules) == (ABSENT, ABSENT, ())

    def test_versioning_that_a_parameter_decides_is_not_guessed(self) -> None:
        sections = "Parameters: {Keep: {Type: String}}\nConditions: {Kept: !Equals [!Ref Keep, 'yes']}"
        written = (
            "\n  Dags:\n    Type: AWS::S3::Bucket\n    Properties:\n"
            "      VersioningConfiguration: !If [Kept, {Status: Enabled}, !Ref AWS::NoValue]\n"
        )
        bucket = stack(written, sections)[1].bucket
        assert bucket is not None
        assert isinstance(bucket.versioning, Unresolved)

    def test_a_macro_may_set_what_is_not_written(self) -> None:
        written = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://a/b}}, BucketName: etl}"
        bucket = stack(f"\n  Dags: {{Type: AWS::S3::Bucket, Properties: {written}}}\n")[1].bucket
        assert bucket is not None
        assert isinstance(bucket.versioning, Unresolved)
        assert (plain(bucket.name), bucket.complete) == ("etl", False)

    @pytest.mark.parametrize(
        ("arn", "found"),
        [
            ('!Sub "arn:aws:s3:::${Dags}-logs"', False),
            ('!Sub "arn:aws:s3:::my-${Dags}"', False),
            ('!Sub "${Dags.Arn}"', True),
            ('!Sub ["arn:aws:s3:::${name}", {name: !Ref Dags}]', True),
        ],
    )
    def test_a_name_with_more_in_it_is_another_bucket(self, arn: str, found: bool) -> None:
        text = f"Resources:{ENVIRONMENT.replace('!GetAtt Dags.Arn', arn)}{BUCKET}"
        read = declarations(template=text)
        assert (related_of(read.environments[0], read).bucket is not None) is found

    @pytest.mark.parametrize(
        "arn",
        [
            '!Sub "arn:aws:s3:::${Dags}"',
            '!Sub "arn:${AWS::Partition}:s3:::${Dags}"',
            "!Join ['', ['arn:aws:s3:::', !Ref Dags]]",
            "{Fn::GetAtt: [Dags, Arn]}",
            "arn:aws:s3:::etl-dags",
        ],
    )
    def test_every_way_to_write_its_arn_leads_to_it(self, arn: str) -> None:
        text = f"Resources:{ENVIRONMENT.replace('!GetAtt Dags.Arn', arn)}{BUCKET}"
        read = declarations(template=text)
        bucket = related_of(read.environments[0], read).bucket
        assert bucket is not None
        assert bucket.address == "Dags"

    def test_an_attribute_that_is_not_its_identity_does_not_lead_to_it(self) -> None:
        text = f"Resources:{ENVIRONMENT.replace('!GetAtt Dags.Arn', '!GetAtt Dags.DomainName')}{BUCKET}"
        read = declarations(template=text)
        assert related_of(read.environments[0], read).bucket is None


NETWORK = """
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, AvailabilityZone: eu-west-1a, MapPublicIpOnLaunch: "true"}}
  Internet: {Type: AWS::EC2::InternetGateway}
  Public: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Public, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Internet}
  Nat:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Private, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: nat-1}
  Office:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Private, DestinationCidrBlock: 10.0.0.0/8, GatewayId: !Ref Vpn}
  Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Join: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref A, RouteTableId: !Ref Public}}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-west-1.s3, PrivateDnsEnabled: true}
"""


class TestNetworks:
    def test_subnets_lead_to_their_route_table_and_its_routes(self) -> None:
        resources, related = stack(NETWORK)
        (subnet, unknown) = related.subnets
        assert unknown is None
        assert subnet is not None
        assert (plain(subnet.availability_zone), plain(subnet.public_ip)) == ("eu-west-1a", True)
        public, private = resources.route_tables
        assert [(plain(route.destination), route.target) for route in public.routes] == [("0.0.0.0/0", "internet")]
        assert [route.target for route in private.routes] == ["nat", "other"]
        assert [each.resource for each in public.subnets if isinstance(each, Unresolved)] == ["A"]
        assert (public.complete, private.complete, private.subnets) == (True, True, ())

    def test_an_endpoint_is_read(self) -> None:
        (endpoint,) = stack(NETWORK)[0].vpc_endpoints
        assert (plain(endpoint.service), plain(endpoint.private_dns)) == ("com.amazonaws.eu-west-1.s3", True)

    def test_a_route_under_an_open_condition_leaves_the_table_incomplete(self) -> None:
        sections = "Parameters: {Nat: {Type: String}}\nConditions: {HasNat: !Equals [!Ref Nat, 'yes']}"
        written = NETWORK.replace("  Nat:\n", "  Nat:\n    Condition: HasNat\n")
        public, private = stack(written, sections)[0].route_tables
        assert (public.complete, private.complete) == (True, False)


GROUP = """
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: mwaa
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/16}
"""
ITSELF = """
  Itself:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !GetAtt Group.GroupId, IpProtocol: "-1", SourceSecurityGroupId: !Ref Group}
"""


class TestSecurityGroups:
    def test_rules_inside_and_outside_are_joined(self) -> None:
        (group,) = stack(GROUP + ITSELF)[1].security_groups
        assert group is not None
        assert [(r.direction, plain(r.protocol), plain(r.from_port), r.itself) for r in group.rules] == [
            ("ingress", "tcp", 443, False),
            ("ingress", "-1", None, True),
            ("egress", "-1", None, False),
        ]
        assert group.complete

    def test_egress_that_is_written_takes_the_place_of_the_default(self) -> None:
        written = GROUP + "      SecurityGroupEgress: [{IpProtocol: tcp, CidrIp: 10.0.0.0/8}]\n"
        (group,) = stack(written)[1].security_groups
        assert group is not None
        assert [plain(r.protocol) for r in group.rules if r.direction == "egress"] == ["tcp"]

    def test_no_egress_at_all_is_none(self) -> None:
        (group,) = stack(GROUP + "      SecurityGroupEgress: []\n")[1].security_groups
        assert group is not None
        assert [r.direction for r in group.rules] == ["ingress"]

    def test_a_rule_for_a_group_that_is_not_known_may_be_for_this_one(self) -> None:
        sections = "Parameters: {Other: {Type: String}}"
        (group,) = stack(GROUP + ITSELF.replace("!GetAtt Group.GroupId", "!Ref Other"), sections)[1].security_groups
        assert group is not None
        assert not group.complete
        assert not any(rule.itself for rule in group.rules)

    def test_rules_that_are_not_known_leave_it_incomplete(self) -> None:
        written = "\n  Group: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupIngress: !Ref Rules}}\n"
        (group,) = stack(written)[1].security_groups
        assert group is not None
        assert not group.complete


ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: etl-role
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal: {Service: [airflow.amazonaws.com, airflow-env.amazonaws.com]}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess, !Ref Own]
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Statement:
              Sid: Bucket
              Effect: Allow
              Action: ["s3:GetObject*", "s3:List*"]
              Resource: [!GetAtt Dags.Arn, !Sub "${Dags.Arn}/*"]
              Condition: {StringEquals: {aws:SourceAccount: "111122223333"}}
  Own:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: [{Effect: Deny, NotAction: "s3:*", NotResource: "*"}]}}
"""
EXTRA = """
  Extra:
    Type: AWS::IAM::Policy
    Properties: {Roles: [!Ref Role], PolicyDocument: {Statement: [{Effect: Allow, Action: sqs:*, Resource: "*"}]}}
"""


class TestRoles:
    def test_who_may_assume_it(self) -> None:
        role = stack(BUCKET + ROLE)[1].role
        assert role is not None
        assert role.trust is not None
        ((kind, services),) = role.trust.statements[0].principals
        assert (kind, [plain(each) for each in services]) == (
            "Service",
            ["airflow.amazonaws.com", "airflow-env.amazonaws.com"],
        )

    def test_policies_inside_its_own_and_attached(self) -> None:
        role = stack(BUCKET + ROLE + EXTRA)[1].role
        assert role is not None
        inline, own, extra = role.policies
        assert (inline.address, own.address, extra.address) == ("", "Own", "Extra")
        assert [plain(each) for each in role.managed] == ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
        assert (role.attachments, role.complete) == (("Extra",), True)

    def test_the_parts_of_a_statement(self) -> None:
        role = stack(BUCKET + ROLE)[1].role
        assert role is not None
        (statement,), (deny,) = (policy.statements for policy in role.policies)
        assert (plain(statement.sid), plain(statement.effect)) == ("Bucket", "Allow")
        assert [plain(action) for action in statement.actions] == ["s3:GetObject*", "s3:List*"]
        assert [each.resource for each in statement.resources if isinstance(each, Unresolved)] == ["Dags", "Dags"]
        assert plain(statement.conditions) == {"StringEquals": {"aws:SourceAccount": "111122223333"}}
        assert (plain(deny.effect), deny.actions) == ("Deny", ())
        assert [plain(each) for each in (*deny.not_actions, *deny.not_resources)] == ["s3:*", "*"]

    def test_a_policy_attached_by_the_name_of_the_role(self) -> None:
        role = stack(BUCKET + ROLE + EXTRA.replace("!Ref Role", "etl-role"))[1].role
        assert role is not None
        assert role.attachments == ("Extra",)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("[!Ref Role]", "[!Ref Elsewhere]"),
            ("{Statement: [{Effect: Allow, Action: sqs:*, Resource: '*'}]}", "!Ref Document"),
            ("[{Effect: Allow", "[!Ref Statement, {Effect: Allow"),
        ],
    )
    def test_what_is_not_known_of_a_policy_leaves_it_incomplete(self, before: str, after: str) -> None:
        written = EXTRA.replace('"*"', "'*'")
        assert before in written
        role = stack(BUCKET + ROLE + written.replace(before, after), "Parameters: {Elsewhere: {Type: String}}")[1].role
        assert role is not None
        assert not role.complete

    def test_the_environment_waits_for_what_it_depends_on_and_what_that_names(self) -> None:
        read = declarations(template=f"Resources:{ENVIRONMENT}{BUCKET}{ROLE}{EXTRA}")
        assert read.environments[0].depends_on == frozenset({"Extra", "Role", "Own", "Dags"})

    def test_a_policy_that_it_does_not_name_is_not_waited_for(self) -> None:
        read = declarations(
            template=f"Resources:{ENVIRONMENT.replace('    DependsOn: Extra', '')}{BUCKET}{ROLE}{EXTRA}"
        )
        assert "Extra" not in (read.environments[0].depends_on or ())


class TestKeysAndLogs:
    def test_a_key_with_the_policy_of_kms(self) -> None:
        key = stack("\n  Key: {Type: AWS::KMS::Key, Properties: {MultiRegion: true}}\n")[1].key
        assert key is not None
        assert (plain(key.multi_region), key.policy, key.complete) == (True, None, True)

    def test_a_key_with_its_own(self) -> None:
        document = {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Principal": {"AWS": "*"}, "Resource": "*"}]}
        key = stack(f"\n  Key: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {json.dumps(document)}}}}}\n")[1].key
        assert key is not None
        assert key.policy is not None
        assert key.policy.statements[0].principals[0][0] == "AWS"

    def test_a_key_whose_policy_is_not_known(self) -> None:
        key = stack("\n  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: !Ref Policy}}\n")[1].key
        assert key is not None
        assert (key.policy, key.complete) == (None, False)

    def test_log_groups(self) -> None:
        (group,) = stack(
            "\n  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: airflow-etl-Task, RetentionInDays: 7}}\n"
        )[0].log_groups
        assert (plain(group.name), plain(group.retention_in_days)) == ("airflow-etl-Task", 7)


class TestStacks:
    def test_a_parameter_that_the_calling_template_fills_does_not_lead_to_a_namesake(self) -> None:
        nested = (
            f"Parameters: {{Arn: {{Type: String}}}}\nResources:{ENVIRONMENT.replace('!GetAtt Dags.Arn', '!Ref Arn')}"
        )
        caller = (
            "Resources:\n  Dags: {Type: AWS::S3::Bucket}\n  Inner:\n    Type: AWS::CloudFormation::Stack\n"
            "    Properties: {TemplateURL: nested.yaml, Parameters: {Arn: !GetAtt Dags.Arn}}\n"
        )
        read = declarations(nested=nested + BUCKET, caller=caller)
        (environment,) = read.environments
        assert environment.symbol == "Inner.Mwaa"
        assert related_of(environment, read).bucket is None

    def test_a_resource_whose_condition_does_not_hold_is_not_there(self) -> None:
        sections = "Conditions: {Never: !Equals [a, b]}"
        resources, _ = stack("\n  Dags: {Type: AWS::S3::Bucket, Condition: Never}\n", sections)
        assert resources.buckets == ()

    def test_values_stand_where_they_are_written(self) -> None:
        bucket = stack(BUCKET)[1].bucket
        assert bucket is not None
        assert isinstance(bucket.versioning, Known)
        assert bucket.versioning.origin.symbol == "Dags.VersioningConfiguration.Status"
        assert bucket.location.symbol == "Dags"

    def test_thousands_of_resources_are_joined_in_one_pass(self) -> None:
        many = "".join(
            f"\n  G{n}: {{Type: AWS::EC2::SecurityGroup}}\n  I{n}: {{Type: AWS::EC2::SecurityGroupIngress, "
            f"Properties: {{GroupId: !Ref G{n}, IpProtocol: '-1', SourceSecurityGroupId: !Ref G{n}}}}}"
            for n in range(3_000)
        )
        resources, _ = stack(many + "\n")
        assert all(group.complete and group.rules[0].itself for group in resources.security_groups)
        assert len(resources.security_groups) == 3_000
