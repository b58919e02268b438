"""Environments in CloudFormation and SAM templates: every value a template states, with its place, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.discover import Project, Role, discover
from mwaalint.model.adapters import cloudformation
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.values import ABSENT, Known, OneOf, Unresolved, Value
from mwaalint.source import SourceFile

FIXTURES = Path(__file__).parent / "fixtures" / "cloudformation"


def declarations(**contents: str | bytes) -> Declarations:
    """What templates declare; ``mwaa__stack`` is the file mwaa/stack.yaml."""
    files: dict[str, SourceFile] = {}
    for name, content in contents.items():
        path = name.replace("__", "/") + ".yaml"
        files[path] = SourceFile(path, Path(path), content.encode() if isinstance(content, str) else content)
    wanted = [file for file in files.values() if b"AWS::MWAA::Environment" in file.data]
    return cloudformation.read(wanted, Project(Path(), files))


def environment(properties: str, sections: str = "") -> Environment:
    """The environment of a template with these properties (without their indentation) and other sections."""
    body = "\n".join(f"      {line}" for line in properties.strip("\n").splitlines())
    template = f"{sections}\nResources:\n  Mwaa:\n    Type: AWS::MWAA::Environment\n    Properties:\n{body}\n"
    read = declarations(template=template)
    assert read.problems == ()
    (only,) = read.environments
    return only


def plain(value: Value) -> object:
    """A value without places: lists and dicts, a set of options as a set, what is not resolved as its reason."""
    match value:
        case Known(value=dict() as members):
            return {name: plain(member) for name, member in members.items()}
        case Known(value=tuple() as items):
            return [plain(item) for item in items]
        case Known():
            return value.value
        case OneOf():
            return {option.value for option in value.options}
        case Unresolved():
            return f"? {value.reason}"
        case _:
            return None


def stated(found: Environment) -> dict[str, object]:
    return {argument: plain(found.get(argument)) for argument in ARGUMENTS if found.get(argument) is not ABSENT}


WHOLE = {
    "name": "etl-prod",
    "airflow_version": "2.10.3",
    "environment_class": "mw1.large",
    "min_workers": 2,
    "max_workers": 10,
    "schedulers": 2,
    "source_bucket_arn": "? the template does not decide Fn::GetAtt",
    "dag_s3_path": "dags",
    "requirements_s3_path": "requirements.txt",
    "webserver_access_mode": "PUBLIC_ONLY",
    "airflow_configuration_options": {
        "core.parallelism": 40,
        "core.load_examples": False,
        "core.default_timezone": "utc",
    },
    "logging_configuration": {"task_logs": {"enabled": True, "log_level": "INFO"}},
    "network_configuration": {
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_ids": ["? the template does not decide Fn::GetAtt"],
    },
    "tags": {"Stage": "prod"},
}


@pytest.mark.parametrize("name", ["environment.yaml", "environment.json"])
def test_a_whole_template_in_either_syntax_gives_every_value_it_states(name: str) -> None:
    project = discover(FIXTURES)
    read = cloudformation.read([project.files[name]], project)
    (found,) = read.environments
    assert (found.symbol, found.dialect, found.variant, found.label) == (
        "MwaaEnvironment",
        "cloudformation",
        "",
        "etl-prod",
    )
    assert stated(found) == WHOLE
    assert read.problems == ()
    assert read.uploads == ()


def test_discovery_hands_over_exactly_the_files_that_speak_of_an_environment() -> None:
    project = discover(FIXTURES)
    assert [file.path for file in project.with_role(Role.CLOUDFORMATION)] == ["environment.json", "environment.yaml"]


@pytest.mark.parametrize("name", ["environment.yaml", "environment.json"])
def test_places_are_those_of_the_keys_and_of_the_literals(name: str) -> None:
    project = discover(FIXTURES)
    file = project.files[name]
    (found,) = cloudformation.read([file], project).environments
    quote = '"' if name.endswith("json") else ""
    heading = file.slice(found.location.span)
    assert heading.startswith(f"{quote}MwaaEnvironment{quote}")
    assert heading.endswith(f"AWS::MWAA::Environment{quote}")
    assert {argument: file.slice(place.span).strip('"') for argument, place in found.declared.items()} == {
        "name": "Name",
        "airflow_version": "AirflowVersion",
        "environment_class": "EnvironmentClass",
        "min_workers": "MinWorkers",
        "max_workers": "MaxWorkers",
        "schedulers": "Schedulers",
        "source_bucket_arn": "SourceBucketArn",
        "dag_s3_path": "DagS3Path",
        "requirements_s3_path": "RequirementsS3Path",
        "startup_script_s3_path": "StartupScriptS3Path",
        "webserver_access_mode": "WebserverAccessMode",
        "airflow_configuration_options": "AirflowConfigurationOptions",
        "logging_configuration": "LoggingConfiguration",
        "network_configuration": "NetworkConfiguration",
        "tags": "Tags",
    }
    origins = {
        argument: found.where(argument)
        for argument in ("airflow_version", "environment_class", "max_workers", "min_workers")
    }
    assert {argument: file.slice(place.span).strip('"') for argument, place in origins.items()} == {
        "airflow_version": "2.10.3",
        "environment_class": "mw1.large",
        "max_workers": "10",
        "min_workers": "2",
    }
    assert {argument: place.symbol for argument, place in origins.items()} == {
        "airflow_version": "MwaaEnvironment.AirflowVersion",
        "environment_class": "Mappings.Classes.prod.Class",
        "max_workers": "Parameters.MaxWorkers.Default",
        "min_workers": "MwaaEnvironment.MinWorkers",
    }
    assert found.declared["max_workers"].symbol == "MwaaEnvironment.MaxWorkers"


def test_members_of_structures_have_places_of_their_own() -> None:
    project = discover(FIXTURES)
    file = project.files["environment.yaml"]
    (found,) = cloudformation.read([file], project).environments
    assert isinstance(found.logging_configuration, Known)
    assert isinstance(found.logging_configuration.value, dict)
    logs = found.logging_configuration.value["task_logs"].value
    assert (file.slice(logs["enabled"].origin.span), logs["enabled"].origin.symbol) == (
        "true",
        "MwaaEnvironment.LoggingConfiguration.TaskLogs.Enabled",
    )
    assert (file.slice(logs["log_level"].origin.span), logs["log_level"].origin.symbol) == (
        "INFO",
        "Parameters.LogLevel.Default",
    )


def test_an_unquoted_version_keeps_the_digits_it_is_written_with() -> None:
    assert environment("AirflowVersion: 2.10").airflow_version == Known(
        "2.10", environment("AirflowVersion: 2.10").where("airflow_version")
    )
    sections = "Parameters:\n  Version: {Type: String, Default: 2.10}"
    assert plain(environment("AirflowVersion: !Ref Version", sections).airflow_version) == "2.10"


@pytest.mark.parametrize(
    ("written", "value"), [("5", 5), ('"5"', 5), ("'05'", 5), ("many", "many"), ("1.5", "1.5"), ("", None)]
)
def test_counts_are_numbers_however_they_are_quoted(written: str, value: object) -> None:
    assert plain(environment(f"MaxWorkers: {written}").max_workers) == value


@pytest.mark.parametrize(
    ("written", "value"), [("true", True), ('"true"', True), ("no", False), ('"False"', False), ("maybe", "maybe")]
)
def test_a_log_is_enabled_or_not_however_that_is_written(written: str, value: object) -> None:
    found = environment(f"LoggingConfiguration:\n  WorkerLogs:\n    Enabled: {written}")
    assert plain(found.logging_configuration) == {"worker_logs": {"enabled": value}}


PARAMETERS = """
Parameters:
  Default: {Type: String, Default: text}
  Empty: {Type: String, Default: ""}
  Bare: {Type: String}
  Choice: {Type: String, AllowedValues: [mw1.small, mw1.large]}
  Number: {Type: Number, Default: 7}
  Secret: {Type: "AWS::SSM::Parameter::Value<String>", Default: /mwaa/class}
  Dynamic: {Type: String, Default: "{{resolve:ssm:/mwaa/class}}"}
  Numbers: {Type: List<Number>, Default: "1,2"}
Conditions:
  Yes: !Equals [!Ref Default, text]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Condition No]
  Either: !Or [!Condition Open, !Condition Yes]
  Open: !Equals [!Ref AWS::Region, eu-west-1]
  OpenToo: !Not [{Condition: Open}]
  OpenAndNo: !And [!Condition Open, !Condition No]
  Micro: !Equals [!Ref Choice, mw1.micro]
  Small: !Equals [!Ref Choice, mw1.small]
  Switch: !Equals [true, "true"]
  Ring: !Not [!Condition Ring]
  Unknown: !Equals [!Ref Bare, ""]
  Strange: !Contains [[a], a]
Mappings:
  Regions:
    eu-west-1: {Class: mw1.small, Only: here}
    us-east-1: {Class: mw1.large}
    us-west-2: {Class: mw1.large}
  Same:
    a: {Class: mw1.medium}
    b: {Class: mw1.medium}
"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("mw1.small", "mw1.small"),
        ("", None),
        ("!Ref AWS::NoValue", None),
        ("!Ref Default", "text"),
        ("{Ref: Default}", "text"),
        ("!Ref Empty", ""),
        ("!Ref Number", "7"),
        ("!Ref Choice", {"mw1.small", "mw1.large"}),
        ("!Ref Bare", "? the parameter Bare has no default"),
        ("!Ref Secret", "? the parameter Secret is read from the Parameter Store"),
        ("!Ref Dynamic", "? it is filled in when the stack is deployed"),
        ("!Ref Role", "? Role is only known when the stack is deployed"),
        ("!Ref AWS::Region", "? AWS::Region is only known when the stack is deployed"),
        ('"{{resolve:ssm:/mwaa/class}}"', "? it is filled in when the stack is deployed"),
        ('"${self:custom.class}"', "? it is filled in when the stack is deployed"),
        ("!If [Yes, a, b]", "a"),
        ("!If [No, a, b]", "b"),
        ("!If [Both, a, b]", "b"),
        ("!If [Either, a, b]", "a"),
        ("!If [Micro, a, b]", "b"),
        ("!If [Switch, a, b]", "a"),
        ("!If [OpenAndNo, a, b]", "b"),
        ("!If [Open, a, b]", {"a", "b"}),
        ("!If [OpenToo, a, b]", {"a", "b"}),
        ("!If [Small, a, b]", {"a", "b"}),
        ("!If [Ring, a, b]", {"a", "b"}),
        ("!If [Unknown, a, b]", {"a", "b"}),
        ("!If [Strange, a, b]", {"a", "b"}),
        ("!If [NotThere, a, b]", {"a", "b"}),
        ("!If [Open, same, same]", "same"),
        ("!If [Open, a, !If [OpenToo, b, c]]", {"a", "b", "c"}),
        ("!If [Open, !Ref AWS::NoValue, !Ref AWS::NoValue]", None),
        ("!If [Open, a, !Ref AWS::NoValue]", "? the repository does not decide between its values"),
        ("!If [Open, a, !Ref Bare]", "? the repository does not decide between its values"),
        ('{"Fn::If": [Yes, {"Fn::If": [No, a, b]}, c]}', "b"),
        ("!If [Yes, a]", "? the template does not decide Fn::If"),
        ("!If Yes", "? the template does not decide Fn::If"),
        ("!FindInMap [Regions, eu-west-1, Class]", "mw1.small"),
        ("!FindInMap [Regions, !Ref AWS::Region, Class]", {"mw1.small", "mw1.large"}),
        ("!FindInMap [Same, !Ref Bare, Class]", "mw1.medium"),
        ("!FindInMap [Regions, !Ref AWS::Region, Only]", "? the mapping Regions has no Only for us-east-1"),
        ("!FindInMap [Regions, eu-west-1, Nothing]", "? the mapping Regions has no Nothing for eu-west-1"),
        ("!FindInMap [Regions, eu-west-1, !Ref Bare]", "? it may have any of many values"),
        ("!FindInMap [Missing, a, b]", "? there is no mapping Missing"),
        ("!FindInMap [Regions, Class]", "? the template does not decide Fn::FindInMap"),
        (
            "!FindInMap [Regions, !Ref AWS::Region, !If [Open, Class, Only]]",
            "? it may have any of many values",
        ),
        ("!Sub text-only", "text-only"),
        ("!Sub '${Default}-${Number}-${Default}'", "text-7-text"),
        ("!Sub '${!Literal}-${Default}'", "${Literal}-text"),
        ("!Sub 'is-${Choice}'", {"is-mw1.small", "is-mw1.large"}),
        (
            "!Sub ['${Choice}-${Arm}', {Arm: !If [Small, a, b]}]",
            "? a part of it is only known when it is deployed",
        ),
        ("!Sub ['${It}-${Default}', {It: !Ref Number}]", "7-text"),
        ("!Sub 'arn:${AWS::Partition}:s3:::b'", "? a part of it is only known when it is deployed"),
        ("!Sub '${Bucket.Arn}/x'", "? a part of it is only known when it is deployed"),
        ("!Sub '{{resolve:ssm:/${Default}}}'", "? it is filled in when the stack is deployed"),
        ("!Join ['-', [a, !Ref Default]]", "a-text"),
        ("!Join ['', [a, !Ref Bare]]", "? a part of it is only known when it is deployed"),
        ("!Join ['+', !Ref Numbers]", "1+2"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', !Split ['.', a.b]]", "a"),
        ("!Select [2, [a, b]]", "? what is selected is not known"),
        ("!Select [0, !Split [',', !ImportValue subnets]]", "? what is selected is not known"),
        ("!Select [0, [!Ref Bare, b]]", "? the parameter Bare has no default"),
        ("!ImportValue class", "? the template does not decide Fn::ImportValue"),
        ("!Transform {Name: Upper}", "? the template does not decide Fn::Transform"),
    ],
)
def test_an_expression_comes_to_what_the_template_decides(expression: str, value: object) -> None:
    assert plain(environment(f"EnvironmentClass: {expression}", PARAMETERS).environment_class) == value


def test_what_is_not_resolved_keeps_its_expression_and_its_place() -> None:
    found = environment("SourceBucketArn: !GetAtt\n  - Bucket\n  - Arn")
    assert isinstance(found.source_bucket_arn, Unresolved)
    assert found.source_bucket_arn.expression == "!GetAtt - Bucket - Arn"
    assert found.source_bucket_arn.origin.symbol == "Mwaa.SourceBucketArn"


def test_numbers_stay_numbers_in_configuration_options_and_missing_ones_vanish() -> None:
    options = "a: !Ref Number\n  b: !Ref AWS::NoValue\n  c: !Ref Bare\n  d: !If [Yes, 1.5, 2]"
    found = environment(f"AirflowConfigurationOptions:\n  {options}", PARAMETERS)
    assert plain(found.airflow_configuration_options) == {"a": 7, "c": "? the parameter Bare has no default", "d": 1.5}


def test_a_structure_behind_a_condition_is_renamed_in_both_arms() -> None:
    found = environment(
        "LoggingConfiguration: !If\n  - Open\n  - TaskLogs: {Enabled: true}\n  - TaskLogs: {Enabled: 'false'}\n",
        PARAMETERS,
    )
    assert isinstance(found.logging_configuration, OneOf)
    assert [plain(option) for option in found.logging_configuration.options] == [
        {"task_logs": {"enabled": True}},
        {"task_logs": {"enabled": False}},
    ]


def test_a_list_leaves_out_what_is_not_set() -> None:
    found = environment("NetworkConfiguration:\n  SubnetIds: [a, !If [No, b, !Ref AWS::NoValue], c]", PARAMETERS)
    assert plain(found.network_configuration) == {"subnet_ids": ["a", "c"]}


def test_properties_that_mwaa_does_not_have_are_passed_over() -> None:
    assert stated(environment("Nmae: typo\nSymbol: x\nDialect: y\nDagS3Path: dags")) == {"dag_s3_path": "dags"}


def test_an_environment_whose_condition_is_false_is_not_declared() -> None:
    template = (
        "Parameters:\n  Stage: {Type: String, Default: dev}\nConditions:\n  Prod: !Equals [!Ref Stage, prod]\n"
        "  Dev: !Not [!Condition Prod]\n  Open: !Equals [!Ref AWS::Region, x]\nResources:\n"
    ) + "".join(
        f"  {name}:\n    Type: AWS::MWAA::Environment\n    Condition: {name}\n"
        for name in ("Prod", "Dev", "Open", "Missing")
    )
    assert [found.symbol for found in declarations(template=template).environments] == ["Dev", "Open", "Missing"]


def test_a_serverless_framework_file_holds_its_template_below_resources() -> None:
    read = declarations(
        serverless="service: etl\nresources:\n  Resources:\n    Mwaa:\n      Type: AWS::MWAA::Environment\n"
        "      Properties:\n        Name: ${self:service}\n        DagS3Path: dags\n"
    )
    assert [stated(found) for found in read.environments] == [
        {"name": "? it is filled in when the stack is deployed", "dag_s3_path": "dags"}
    ]


def test_each_document_of_a_file_is_a_template_of_its_own() -> None:
    one = "Resources:\n  {}:\n    Type: AWS::MWAA::Environment\n"
    read = declarations(template=one.format("First") + "---\n" + one.format("Second"))
    assert [found.symbol for found in read.environments] == ["First", "Second"]


@pytest.mark.parametrize(
    "content",
    [
        "AWS::MWAA::Environment",
        "- AWS::MWAA::Environment",
        "Resources: AWS::MWAA::Environment",
        "Resources:\n  Mwaa: AWS::MWAA::Environment",
        "Resources:\n  Mwaa:\n    Type: [AWS::MWAA::Environment]",
        "Resources:\n  Mwaa:\n    Type: !Sub AWS::MWAA::Environment",
        "Resources:\n  Fn::ForEach::Envs: [Id, [a], {'M${Id}': {Type: AWS::MWAA::Environment}}]",
        "docs: The type AWS::MWAA::Environment",
    ],
)
def test_files_that_only_speak_of_the_type_declare_nothing(content: str) -> None:
    assert declarations(template=content) == Declarations()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "    Properties:\n",
        "    Properties: []\n",
        "    Properties: !Ref X\n",
        "    Properties: {Fn::Transform: {Name: x}}\n",
    ],
)
def test_an_environment_without_readable_properties_has_no_values(body: str) -> None:
    read = declarations(template=f"Resources:\n  Mwaa:\n    Type: AWS::MWAA::Environment\n{body}")
    (found,) = read.environments
    assert stated(found) == {}


def test_sections_of_the_wrong_shape_do_not_matter() -> None:
    sections = "Parameters: [a]\nConditions: text\nMappings:\n  Regions: [1]\n"
    assert plain(environment("Name: !FindInMap [Regions, a, b]", sections).name) == "? there is no mapping Regions"
    assert plain(environment("Name: !Ref P", "Parameters: {P: text}").name) == "? the parameter P has no default"


def test_a_broken_file_is_a_problem_and_the_others_are_read() -> None:
    good = "Resources:\n  Mwaa:\n    Type: AWS::MWAA::Environment\n"
    read = declarations(broken=good + "  {{ if }}: {", good=good, binary=b"AWS::MWAA::Environment\x00")
    assert [(found.primary.path, found.code) for found in read.problems] == [
        ("broken.yaml", "MW001"),
        ("binary.yaml", "MW001"),
    ]
    assert [found.location.path for found in read.environments] == ["good.yaml"]


def test_a_bomb_in_a_property_leaves_the_other_properties_alone() -> None:
    bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    bomb += [
        f"{name}: &{name} [{', '.join([f'*{last}'] * 9)}]" for last, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    found = environment("Tags: *i\nAirflowConfigurationOptions: *i\nMaxWorkers: 5", "\n".join(bomb))
    assert (type(found.tags), found.max_workers) == (Known, Known(5, found.where("max_workers")))


def test_text_that_doubles_with_every_step_is_not_followed() -> None:
    steps = ["s0: &s0 !Sub xxxxxxxxxxxxxxxx"]
    steps += [f"s{n}: &s{n} !Join ['', [*s{n - 1}, *s{n - 1}]]" for n in range(1, 90)]
    found = environment("Name: *s89\nDagS3Path: *s3", "\n".join(steps))
    assert isinstance(found.name, Unresolved)
    assert plain(found.dag_s3_path) == "x" * 128


def test_a_very_long_text_is_not_followed() -> None:
    assert plain(environment(f"Name: {'x' * 10_001}").name) == "? it is too long to follow"


def test_a_chain_of_a_thousand_conditions_is_undecided_and_not_an_error() -> None:
    chain = "\n".join(f"  C{n}: !Not [!Condition C{n + 1}]" for n in range(1_000))
    found = environment("Name: !If [C0, a, b]", f"Conditions:\n{chain}\n  C1000: !Equals [a, a]")
    assert plain(found.name) == {"a", "b"}


@pytest.mark.parametrize(
    ("body", "heading"),
    [
        ("    Type: AWS::MWAA::Environment\n    Properties: {}\n", "Etl:\n    Type: AWS::MWAA::Environment"),
        ("    Properties: {}\n    Type: AWS::MWAA::Environment\n", "Etl"),
        ("    <<: *common\n    Properties: {}\n", "Etl"),
    ],
)
def test_the_heading_of_a_resource_is_what_tells_what_it_is(body: str, heading: str) -> None:
    text = f"Common: &common\n  Type: AWS::MWAA::Environment\nResources:\n  Etl:\n{body}"
    file = SourceFile("environment.yaml", Path("environment.yaml"), text.encode())
    (found,) = cloudformation.read([file], discover(FIXTURES)).environments
    assert file.slice(found.location.span) == heading
