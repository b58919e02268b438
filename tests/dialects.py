"""One environment written in several dialects, for rules that must not know which."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mwaalint.catalog import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Given:
    """A value that the repository does not tell: a variable, a parameter, the process's environment."""


GIVEN = Given()
API = {field.terraform: name for name, field in load().api_fields.items() if field.terraform}


def terraform(arguments: Mapping[str, object]) -> dict[str, str]:
    lines = "".join(f"  {name} = {_hcl(value)}\n" for name, value in arguments.items())
    return {"main.tf": f'variable "given" {{}}\nresource "aws_mwaa_environment" "etl" {{\n{lines}}}\n'}


def cloudformation(arguments: Mapping[str, object]) -> dict[str, str]:
    properties = {API[name]: _intrinsic(value) for name, value in arguments.items()}
    resource = {"Type": "AWS::MWAA::Environment", "Properties": properties}
    template = {"Parameters": {"Given": {"Type": "String"}}, "Resources": {"Etl": resource}}
    return {"template.json": json.dumps(template, indent=2)}


def cdk(arguments: Mapping[str, object]) -> dict[str, str]:
    given = "".join(f"            {name}={_python(value)},\n" for name, value in arguments.items())
    return {
        "app.py": (
            "import os\nfrom aws_cdk import Stack, aws_mwaa as mwaa\n\n\nclass Etl(Stack):\n"
            "    def __init__(self, scope, id, **kwargs):\n        super().__init__(scope, id, **kwargs)\n"
            f'        mwaa.CfnEnvironment(\n            self,\n            "Etl",\n{given}        )\n'
        )
    }


DIALECTS: dict[str, Callable[[Mapping[str, object]], dict[str, str]]] = {
    "terraform": terraform,
    "cloudformation": cloudformation,
    "cdk": cdk,
}


def _hcl(value: object) -> str:
    match value:
        case Given():
            return "var.given"
        case dict():
            return "{\n" + "".join(f"    {json.dumps(key)} = {_hcl(item)}\n" for key, item in value.items()) + "  }"
        case _:
            return json.dumps(value)


def _intrinsic(value: object) -> object:
    match value:
        case Given():
            return {"Ref": "Given"}
        case dict():
            return {key: _intrinsic(item) for key, item in value.items()}
        case _:
            return value


def _python(value: object) -> str:
    match value:
        case Given():
            return 'os.environ["GIVEN"]'
        case dict():
            return "{" + ", ".join(f"{key!r}: {_python(item)}" for key, item in value.items()) + "}"
        case _:
            return repr(value)
