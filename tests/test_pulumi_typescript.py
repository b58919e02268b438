"""Environments and uploads in Pulumi programs in TypeScript: one environment for each stack, as its settings say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mwaalint.discover import Project
from mwaalint.model.adapters import typescript
from mwaalint.source import SourceFile
from tests.test_cloudformation import plain

if TYPE_CHECKING:
    from mwaalint.model.environment import Declarations, Environment

IMPORT = "import * as aws from '@pulumi/aws';\nimport * as pulumi from '@pulumi/pulumi';\n"
RUN = "it is only known when the app runs"
UNSET = "? it is only known when the app runs"


def declarations(contents: dict[str, str]) -> Declarations:
    files = {path: SourceFile(path, Path(path), content.encode()) for path, content in contents.items()}
    return typescript.read([file for path, file in files.items() if path.endswith(".ts")], Project(Path(), files))


def environments(code: str, **others: str) -> list[Environment]:
    """The environments of index.ts with this code; others are stacks by name with their settings."""
    files = {"index.ts": IMPORT + code, "Pulumi.yaml": "name: etl\nruntime: nodejs\n"}
    files |= {f"Pulumi.{name}.yaml": f"config:\n{text}" for name, text in others.items()}
    return list(declarations(files).environments)


def the_class(expression: str, before: str = "", **others: str) -> dict[str, object]:
    """What ``environmentClass`` comes to, by stack."""
    found = environments(f"{before}\nnew aws.mwaa.Environment('e', {{ environmentClass: {expression} }});", **others)
    return {each.variant: plain(each.environment_class) for each in found}


@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("import * as aws from '@pulumi/aws';", "aws.mwaa.Environment"),
        ("import aws from '@pulumi/aws';", "aws.mwaa.Environment"),
        ("import { mwaa } from '@pulumi/aws';", "mwaa.Environment"),
        ("import { Environment } from '@pulumi/aws/mwaa';", "Environment"),
        ("import * as native from '@pulumi/aws-native';", "native.mwaa.Environment"),
        ("const aws = require('@pulumi/aws');", "aws.mwaa.Environment"),
    ],
)
def test_the_resource_is_found_under_every_import(imports: str, name: str) -> None:
    (found,) = declarations({"index.ts": f"{imports}\nnew {name}('etl', {{ maxWorkers: 5 }});"}).environments
    assert (found.symbol, found.dialect, plain(found.max_workers)) == (
        "aws.mwaa.Environment.etl",
        "pulumi-typescript",
        5,
    )


@pytest.mark.parametrize("name", ["aws.mwaa.Other", "aws.m2.Environment", "pulumi.mwaa.Environment"])
def test_other_resources_are_none(name: str) -> None:
    assert environments(f"new {name}('etl', {{ maxWorkers: 5 }});") == []


CONFIG = "const config = new pulumi.Config();"


@pytest.mark.parametrize(
    ("expression", "dev", "prod"),
    [
        ("config.get('size') ?? 'mw1.small'", "mw1.small", "mw1.large"),
        ("config.get('size') || 'mw1.small'", "mw1.small", "mw1.large"),
        ("config.get('size')", None, "mw1.large"),
        ("config.require('size')", UNSET, "mw1.large"),
        ("config.getNumber('count')", 3, 4),
        ("config.requireBoolean('on')", True, False),
        ("config.requireObject<Sizes>('sizes').main", "a", "b"),
        ("config.getSecret('count')", "? it is a secret", "? it is a secret"),
        ("config.require('hidden')", "? it is encrypted", "? it is encrypted"),
        ("new pulumi.Config('other').require('key')", "x", "y"),
        ("config.get(name())", "? which setting is read is not known", "? which setting is read is not known"),
        ("pulumi.getStack()", "dev", "prod"),
        ("pulumi.interpolate`${pulumi.getProject()}-${pulumi.getStack()}`", "etl-dev", "etl-prod"),
        ("pulumi.output('x')", "x", "x"),
        ("pulumi.getStack() === 'prod' ? 'mw1.large' : 'mw1.small'", "mw1.small", "mw1.large"),
        ("{ dev: 'a', prod: 'b' }[pulumi.getStack()]", "a", "b"),
        ("bucket.arn", UNSET, UNSET),
    ],
)
def test_an_expression_comes_to_what_each_stack_configures(expression: str, dev: object, prod: object) -> None:
    secret = "  etl:hidden:\n    secure: AAABAA\n"
    found = the_class(
        f"({expression})",
        CONFIG,
        dev=f"  etl:count: 3\n  etl:on: 'true'\n  etl:sizes:\n    main: a\n  other:key: x\n{secret}",
        prod=f"  etl:size: mw1.large\n  etl:count: 4\n  etl:on: 'false'\n  etl:sizes:\n    main: b\n"
        f"  other:key: y\n{secret}",
    )
    assert found == {"Pulumi.dev.yaml": dev, "Pulumi.prod.yaml": prod}


def test_without_stacks_a_default_counts_and_nothing_else() -> None:
    assert the_class("config.get('size') ?? 'mw1.small'", CONFIG) == {"": "mw1.small"}
    assert the_class("config.get('size')", CONFIG) == {"": UNSET}
    assert the_class("config.require('size')", CONFIG) == {"": UNSET}


def test_a_name_that_pulumi_makes_up_is_not_known() -> None:
    (found,) = environments("new aws.mwaa.Environment('etl', {});")
    assert plain(found.name) == "? Pulumi makes up a name with random characters"


def test_changes_that_are_left_to_somebody_else_are_told() -> None:
    (found,) = environments("new aws.mwaa.Environment('e', {}, { ignoreChanges: ['requirementsS3ObjectVersion'] });")
    assert found.ignored_changes == frozenset({"requirements_s3_object_version"})


def uploaded(properties: str, name: str = "'req'") -> list[tuple[str, str, str, bool]]:
    code = (
        f"const file = new aws.s3.BucketObject({name}, {{ bucket, {properties} }});\n"
        "new aws.mwaa.Environment('e', { requirementsS3Path: file.key });"
    )
    read = declarations({"infra/index.ts": IMPORT + code, "infra/Pulumi.yaml": "name: x", "requirements.txt": "six\n"})
    return [(upload.source, upload.key, upload.address, upload.recursive) for upload in read.uploads]


def test_a_bucket_object_is_an_upload_of_its_file() -> None:
    source = "source: new pulumi.asset.FileAsset('../requirements.txt')"
    whole = ("requirements.txt", "mwaa/requirements.txt", "aws.s3.BucketObject.req", False)
    assert uploaded(f"key: 'mwaa/requirements.txt', {source}") == [whole]
    named = ("requirements.txt", "requirements.txt", "aws.s3.BucketObject.requirements.txt", False)
    assert uploaded(source, "'requirements.txt'") == [named]


@pytest.mark.parametrize(
    "properties",
    [
        "key: 'x', source: new pulumi.asset.FileAsset('nowhere.txt')",
        "key: 'x', source: new pulumi.asset.StringAsset('../requirements.txt')",
        "key: name(), source: new pulumi.asset.FileAsset('../requirements.txt')",
        "key: 'x', content: 'six'",
        "key: 'x', source: asset",
    ],
)
def test_what_is_no_file_of_the_repository_is_no_upload(properties: str) -> None:
    assert uploaded(properties) == []


def test_the_key_of_an_object_is_the_path_of_the_environment() -> None:
    code = (
        "const file = new aws.s3.BucketObjectv2('req', { key: 'mwaa/requirements.txt' });\n"
        "new aws.mwaa.Environment('e', { requirementsS3Path: file.key, pluginsS3Path: file.id });"
    )
    (found,) = environments(code)
    assert plain(found.requirements_s3_path) == "mwaa/requirements.txt"
    assert plain(found.plugins_s3_path) == UNSET
