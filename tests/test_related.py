"""Which resources belong to an environment: by reference, by the name that both write out, and never by a guess."""

from __future__ import annotations

from mwaalint.findings import Location
from mwaalint.model.environment import Declarations, Environment
from mwaalint.model.related import Related, related_of
from mwaalint.model.resources import Bucket, KmsKey, Resources, Role, SecurityGroup, Subnet, leads_to
from mwaalint.model.values import ABSENT, Known, Unresolved, Value

HERE = Location("main.tf")


def text(value: object) -> Known:
    return Known(value, HERE)


def reference(resource: str) -> Unresolved:
    return Unresolved(f"{resource}.id", "it is known only after it is created", HERE, resource)


def environment(**arguments: Value) -> Environment:
    return Environment("aws_mwaa_environment.etl", "terraform", HERE, stack="infra", **arguments)  # type: ignore[arg-type]


def found(resources: Resources, **arguments: Value) -> Related:
    return related_of(environment(**arguments), Declarations(resources={"infra": resources}))


BUCKET = Bucket("aws_s3_bucket.dags", HERE, text("etl"))


def test_a_reference_leads_to_the_resource_at_its_address() -> None:
    assert leads_to(reference("aws_s3_bucket.dags"), "aws_s3_bucket.dags")
    assert not leads_to(reference("aws_s3_bucket.dags"), "aws_s3_bucket.logs")


def test_an_arn_leads_to_the_name_it_ends_with() -> None:
    assert leads_to(text("arn:aws:s3:::etl"), "aws_s3_bucket.dags", text("etl"))
    assert leads_to(text("arn:aws:iam::111122223333:role/service/etl"), "aws_iam_role.etl", text("etl"))
    assert not leads_to(text("arn:aws:s3:::etl-logs"), "aws_s3_bucket.dags", text("etl"))


def test_what_is_not_known_leads_nowhere() -> None:
    assert not leads_to(Unresolved("var.arn", "the variable has no default", HERE), "")
    assert not leads_to(ABSENT, "aws_s3_bucket.dags", ABSENT)
    assert not leads_to(text("etl"), "aws_s3_bucket.dags", ABSENT)


def test_the_bucket_the_role_and_the_key_are_found() -> None:
    role, key = Role("aws_iam_role.etl", HERE), KmsKey("aws_kms_key.etl", HERE)
    related = found(
        Resources(buckets=(BUCKET,), roles=(role,), keys=(key,)),
        source_bucket_arn=text("arn:aws:s3:::etl"),
        execution_role_arn=reference("aws_iam_role.etl"),
        kms_key=reference("aws_kms_key.etl"),
    )
    assert (related.bucket, related.role, related.key) == (BUCKET, role, key)


def test_each_id_of_the_network_has_its_place() -> None:
    subnet, group = Subnet("aws_subnet.a", HERE), SecurityGroup("aws_security_group.etl", HERE)
    network = {
        "subnet_ids": text((reference("aws_subnet.a"), text("subnet-0abc"))),
        "security_group_ids": text((reference("aws_security_group.etl"),)),
    }
    related = found(Resources(subnets=(subnet,), security_groups=(group,)), network_configuration=text(network))
    assert related.subnets == (subnet, None)
    assert related.security_groups == (group,)


def test_two_buckets_of_one_name_are_none() -> None:
    twice = Resources(buckets=(BUCKET, Bucket("aws_s3_bucket.other", HERE, text("etl"))))
    assert found(twice, source_bucket_arn=text("arn:aws:s3:::etl")).bucket is None


def test_another_stack_is_not_looked_at() -> None:
    declared = Declarations(resources={"elsewhere": Resources(buckets=(BUCKET,))})
    assert related_of(environment(source_bucket_arn=text("arn:aws:s3:::etl")), declared) == Related()
