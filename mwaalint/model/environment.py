"""The MWAA environment: one type for Terraform, CloudFormation, CDK, Pulumi and the API's JSON."""

from __future__ import annotations

from dataclasses import field, fields
from typing import TYPE_CHECKING

from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.findings import Finding, Location
    from mwaalint.model.deploy_commands import DeploySteps
    from mwaalint.model.local_runner import LocalRunner
    from mwaalint.model.resources import Resources

# MWAA's API documents no default class; Terraform's provider documents this one.
TERRAFORM_DEFAULT_CLASS = "mw1.small"


@record
class Environment:
    """One declared environment. The value fields are CreateEnvironment's members in snake_case.

    ``symbol`` is how its language names it (``module.mwaa.aws_mwaa_environment.main``); ``variant`` tells apart what
    one declaration becomes under several inputs (``prod.tfvars``); ``declared`` is where each argument stands;
    ``ignored_changes`` are the arguments the tool leaves to somebody else (Terraform's ``lifecycle.ignore_changes``);
    ``depends_on`` the addresses of the resources that exist before it is made, since it waits for them or refers to
    them, directly or through others (``related.comes_before`` asks); None where that is not known. ``stack`` names what
    is deployed together with it (a root module with its variables, a template, an app): the key of
    ``Declarations.resources``. ``timeouts`` are how long the tool waits ("create": "60m"); ``provider`` are the
    constraints, all of which hold, on the version of the tool's AWS provider; ``made_before_destroyed`` says that the
    tool makes a replacement while the old one is still there (Terraform's ``create_before_destroy``).
    """

    symbol: str
    dialect: str
    location: Location
    variant: str = ""
    declared: Mapping[str, Location] = field(default_factory=dict)
    ignored_changes: frozenset[str] = frozenset()
    depends_on: frozenset[str] | None = None
    stack: str = ""
    timeouts: Mapping[str, Value] = field(default_factory=dict)
    provider: tuple[Known, ...] = ()
    made_before_destroyed: Known | None = None

    name: Value = ABSENT
    airflow_version: Value = ABSENT
    environment_class: Value = ABSENT
    min_workers: Value = ABSENT
    max_workers: Value = ABSENT
    schedulers: Value = ABSENT
    min_webservers: Value = ABSENT
    max_webservers: Value = ABSENT
    webserver_access_mode: Value = ABSENT
    source_bucket_arn: Value = ABSENT
    dag_s3_path: Value = ABSENT
    requirements_s3_path: Value = ABSENT
    requirements_s3_object_version: Value = ABSENT
    plugins_s3_path: Value = ABSENT
    plugins_s3_object_version: Value = ABSENT
    startup_script_s3_path: Value = ABSENT
    startup_script_s3_object_version: Value = ABSENT
    airflow_configuration_options: Value = ABSENT
    execution_role_arn: Value = ABSENT
    kms_key: Value = ABSENT
    endpoint_management: Value = ABSENT
    network_configuration: Value = ABSENT
    logging_configuration: Value = ABSENT
    weekly_maintenance_window_start: Value = ABSENT
    worker_replacement_strategy: Value = ABSENT
    tags: Value = ABSENT

    @property
    def label(self) -> str:
        """How a person would call it: its name when known, else its symbol, with the variant."""
        name = self.name.value if isinstance(self.name, Known) and isinstance(self.name.value, str) else self.symbol
        return f"{name} ({self.variant})" if self.variant else name

    @property
    def by_terraform(self) -> bool:
        """Whether Terraform makes it, however its configuration was read: then the provider's defaults apply."""
        return self.dialect.startswith("terra")

    def get(self, argument: str) -> Value:
        """The value of an argument by its snake_case name."""
        value = getattr(self, argument)
        assert isinstance(value, Known | OneOf | Unresolved | Absent)
        return value

    def where(self, argument: str) -> Location:
        """Where a person would change an argument: where its value is written, else the argument, else the resource."""
        value = self.get(argument)
        if isinstance(value, Known):
            return value.origin
        return self.declared.get(argument, self.location)


ARGUMENTS = tuple(f.name for f in fields(Environment) if f.type == "Value")


@record
class Upload:
    """A file of the repository that something copies to the bucket: an ``aws_s3_object``, ``aws s3 cp`` or ``sync``.

    ``source`` is the path in the repository (a folder when ``recursive``), ``key`` the key or prefix in the bucket, ""
    when not known. ``address`` is the resource's own (``aws_s3_object.requirements``), "" for a command. ``watched`` is
    False where a later deployment does not notice that the file has changed; ``rendered`` is True where the file is a
    template whose placeholders are filled in, ``archived`` where the source is a folder whose content is packed first.
    """

    source: str
    key: str
    location: Location
    address: str = ""
    recursive: bool = False
    watched: bool = True
    rendered: bool = False
    archived: bool = False


@record
class Declarations:
    """What the files of one dialect declare, and what could not be read of them (as MW001 findings).

    ``updated_versions`` names the arguments (``requirements_s3_object_version``) that a deploy step passes to
    UpdateEnvironment. ``resources`` are what each stack declares beside its environments. ``steps`` are the commands
    that deploy, ``local`` what runs Airflow on a laptop.
    """

    environments: tuple[Environment, ...] = ()
    uploads: tuple[Upload, ...] = ()
    problems: tuple[Finding, ...] = ()
    updated_versions: frozenset[str] = frozenset()
    resources: Mapping[str, Resources] = field(default_factory=dict)
    steps: DeploySteps | None = None
    local: LocalRunner | None = None
