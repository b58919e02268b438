"""One environment with its execution role in several dialects, for rules that must not know which."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from tests.dialects import API

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# In texts: what the repository does not tell, and the account and region that it deploys to.
GIVEN, ACCOUNT, REGION = "@given@", "@account@", "@region@"
TRUST = ("airflow.amazonaws.com", "airflow-env.amazonaws.com")


class Statement(NamedTuple):
    actions: Sequence[str]
    resources: Sequence[str] = ()
    effect: str = "Allow"
    not_resources: Sequence[str] = ()
    conditions: Mapping[str, Mapping[str, Sequence[str]]] | None = None

    def document(self) -> dict[str, object]:
        """As AWS writes it."""
        resources = (
            {"NotResource": list(self.not_resources)} if self.not_resources else {"Resource": list(self.resources)}
        )
        condition = {"Condition": self.conditions} if self.conditions else {}
        return {"Effect": self.effect, "Action": list(self.actions), **resources, **condition}


def filled(text: str, given: str, account: str, region: str) -> str:
    return text.replace(GIVEN, given).replace(ACCOUNT, account).replace(REGION, region)


# ---- Terraform ------------------------------------------------------------------------------------------------------

_OUTSIDE = 'variable "given" {}\ndata "aws_caller_identity" "me" {}\ndata "aws_region" "here" {}\n'


def _hcl(text: str) -> str:
    return filled(text, "${var.given}", "${data.aws_caller_identity.me.account_id}", "${data.aws_region.here.name}")


def _terraform(policy: str, trust: Sequence[str], managed: Sequence[str], arguments: Mapping[str, object]) -> str:
    trusted = json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"Service": list(trust)}, "Action": "sts:AssumeRole"}]}
    )
    lines = "".join(f"  {name} = {json.dumps(value)}\n" for name, value in arguments.items())
    return _hcl(
        f'{_OUTSIDE}resource "aws_mwaa_environment" "etl" {{\n{lines}  execution_role_arn = aws_iam_role.etl.arn\n}}\n'
        f'resource "aws_iam_role" "etl" {{\n  assume_role_policy = jsonencode({trusted})\n'
        f"  managed_policy_arns = {json.dumps(list(managed))}\n"
        f'  inline_policy {{\n    name = "etl"\n    policy = {policy}\n  }}\n}}\n'
    )


def jsonencode(
    statements: Sequence[Statement],
    trust: Sequence[str] = TRUST,
    managed: Sequence[str] = (),
    **arguments: object,
) -> dict[str, str]:
    document = json.dumps({"Statement": [each.document() for each in statements]}, indent=2)
    return {"main.tf": _terraform(f"jsonencode({document})", trust, managed, _arguments(arguments))}


def heredoc(
    statements: Sequence[Statement],
    trust: Sequence[str] = TRUST,
    managed: Sequence[str] = (),
    **arguments: object,
) -> dict[str, str]:
    document = json.dumps({"Statement": [each.document() for each in statements]}, indent=2)
    return {"main.tf": _terraform(f"<<-EOT\n{document}\nEOT\n", trust, managed, _arguments(arguments))}


def policy_document(
    statements: Sequence[Statement],
    trust: Sequence[str] = TRUST,
    managed: Sequence[str] = (),
    **arguments: object,
) -> dict[str, str]:
    blocks = "".join(f"  statement {{\n{_members(each)}  }}\n" for each in statements)
    document = _hcl(f'data "aws_iam_policy_document" "etl" {{\n{blocks}}}\n')
    role = _terraform("data.aws_iam_policy_document.etl.json", trust, managed, _arguments(arguments))
    return {"main.tf": role, "policy.tf": document}


def _members(statement: Statement) -> str:
    lists = {
        "actions": statement.actions,
        "resources": statement.resources,
        "not_resources": statement.not_resources,
    }
    lines = [f'    effect = "{statement.effect}"']
    lines += [f"    {name} = {json.dumps(list(items))}" for name, items in lists.items() if items]
    for test, keys in (statement.conditions or {}).items():
        for key, values in keys.items():
            block = f'test = "{test}"\n variable = "{key}"\n values = {json.dumps(list(values))}'
            lines.append(f"    condition {{\n{block}\n}}")
    return "\n".join(lines) + "\n"


# ---- CloudFormation -------------------------------------------------------------------------------------------------


def cloudformation(
    statements: Sequence[Statement],
    trust: Sequence[str] = TRUST,
    managed: Sequence[str] = (),
    **arguments: object,
) -> dict[str, str]:
    trusted = {"Statement": [{"Effect": "Allow", "Principal": {"Service": list(trust)}, "Action": "sts:AssumeRole"}]}
    policy = {"PolicyName": "etl", "PolicyDocument": {"Statement": [each.document() for each in statements]}}
    role = {"AssumeRolePolicyDocument": trusted, "ManagedPolicyArns": list(managed), "Policies": [policy]}
    environment = {API[name]: value for name, value in _arguments(arguments).items()}
    environment["ExecutionRoleArn"] = {"Fn::GetAtt": ["Role", "Arn"]}
    template = {
        "Parameters": {"Given": {"Type": "String"}},
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": role},
            "Etl": {"Type": "AWS::MWAA::Environment", "Properties": environment},
        },
    }
    return {"template.json": json.dumps(_substituting(template), indent=2)}


def _substituting(content: object) -> object:
    match content:
        case str() if "@" in content:
            return {"Fn::Sub": filled(content, "${Given}", "${AWS::AccountId}", "${AWS::Region}")}
        case list():
            return [_substituting(item) for item in content]
        case dict():
            return {key: _substituting(item) for key, item in content.items()}
        case _:
            return content


# ---- CDK ------------------------------------------------------------------------------------------------------------


def cdk_python(
    statements: Sequence[Statement],
    trust: Sequence[str] = TRUST,
    managed: Sequence[str] = (),
    **arguments: object,
) -> dict[str, str]:
    principals = ", ".join(f'iam.ServicePrincipal("{each}")' for each in trust)
    policies = ", ".join(f"iam.ManagedPolicy.from_aws_managed_policy_name({_short(each)!r})" for each in managed)
    lines = [f"        role.add_to_policy({_python_statement(each)})" for each in statements]
    given = "".join(f"{name}={value!r}, " for name, value in _arguments(arguments).items())
    return {
        "app.py": "\n".join(
            [
                "import os",
                "from aws_cdk import Stack, aws_iam as iam, aws_mwaa as mwaa",
                "",
                "class Etl(Stack):",
                "    def __init__(self, scope, id, **kwargs):",
                "        super().__init__(scope, id, **kwargs)",
                (
                    f'        role = iam.Role(self, "Role", assumed_by=iam.CompositePrincipal({principals}), '
                    f"managed_policies=[{policies}])"
                ),
                *lines,
                f'        mwaa.CfnEnvironment(self, "Etl", {given}execution_role_arn=role.role_arn)',
                "",
            ]
        )
    }


def _short(arn: str) -> str:
    return arn.rpartition(":policy/")[2]


def _python_statement(statement: Statement) -> str:
    lists = {
        "actions": statement.actions,
        "resources": statement.resources,
        "not_resources": statement.not_resources,
    }
    parts = [f"effect=iam.Effect.{statement.effect.upper()}"]
    parts += [f"{name}={_python(list(items))}" for name, items in lists.items() if items]
    if statement.conditions:
        parts.append(f"conditions={_python(statement.conditions)}")
    return f"iam.PolicyStatement({', '.join(parts)})"


def _python(content: object) -> str:
    match content:
        case str() if "@" in content:
            return "f" + json.dumps(filled(content, "{os.environ['GIVEN']}", "{self.account}", "{self.region}"))
        case list():
            return f"[{', '.join(_python(item) for item in content)}]"
        case dict():
            return "{" + ", ".join(f"{key!r}: {_python(item)}" for key, item in content.items()) + "}"
        case _:
            return repr(content)


def cdk_typescript(
    statements: Sequence[Statement],
    trust: Sequence[str] = TRUST,
    managed: Sequence[str] = (),
    **arguments: object,
) -> dict[str, str]:
    principals = ", ".join(f'new iam.ServicePrincipal("{each}")' for each in trust)
    policies = ", ".join(f'iam.ManagedPolicy.fromAwsManagedPolicyName("{_short(each)}")' for each in managed)
    lines = [f"    role.addToPolicy({_typescript_statement(each)});" for each in statements]
    given = "".join(f"{_camel(name)}: {json.dumps(value)}, " for name, value in _arguments(arguments).items())
    return {
        "stack.ts": "\n".join(
            [
                'import { Stack, App } from "aws-cdk-lib";',
                'import * as iam from "aws-cdk-lib/aws-iam";',
                'import * as mwaa from "aws-cdk-lib/aws-mwaa";',
                "export class Etl extends Stack {",
                "  constructor(scope: App, id: string) {",
                "    super(scope, id);",
                (
                    '    const role = new iam.Role(this, "Role", {'
                    f" assumedBy: new iam.CompositePrincipal({principals}), managedPolicies: [{policies}] }});"
                ),
                *lines,
                f'    new mwaa.CfnEnvironment(this, "Etl", {{ {given}executionRoleArn: role.roleArn }});',
                "  }",
                "}",
                "",
            ]
        )
    }


def _typescript_statement(statement: Statement) -> str:
    lists = {"actions": statement.actions, "resources": statement.resources, "notResources": statement.not_resources}
    parts = [f"effect: iam.Effect.{statement.effect.upper()}"]
    parts += [f"{name}: {_typescript(list(items))}" for name, items in lists.items() if items]
    if statement.conditions:
        parts.append(f"conditions: {_typescript(statement.conditions)}")
    return f"new iam.PolicyStatement({{ {', '.join(parts)} }})"


def _typescript(content: object) -> str:
    match content:
        case str() if "@" in content:
            return f"`{filled(content, '${process.env.GIVEN}', '${this.account}', '${this.region}')}`"
        case list():
            return f"[{', '.join(_typescript(item) for item in content)}]"
        case dict():
            return "{ " + ", ".join(f"{json.dumps(key)}: {_typescript(item)}" for key, item in content.items()) + " }"
        case _:
            return json.dumps(content)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _arguments(arguments: Mapping[str, object]) -> dict[str, object]:
    return {"name": "etl", "airflow_version": "2.10.3", "environment_class": "mw1.small", **arguments}


DIALECTS: dict[str, Callable[..., dict[str, str]]] = {
    "jsonencode": jsonencode,
    "heredoc": heredoc,
    "policy document": policy_document,
    "cloudformation": cloudformation,
    "cdk python": cdk_python,
    "cdk typescript": cdk_typescript,
}
