"""Environments and uploads in TypeScript CDK apps: what the code says and where, and nothing that only a run tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from mwaalint.discover import Project
from mwaalint.model.adapters import typescript
from mwaalint.model.environment import Declarations, Environment
from mwaalint.model.values import Unresolved
from mwaalint.source import SourceFile
from tests.test_cloudformation import plain, stated

IMPORT = "import { aws_mwaa as mwaa } from 'aws-cdk-lib';\n"
RUN = "it is only known when the app runs"


def declarations(contents: dict[str, str | bytes]) -> Declarations:
    files = {
        path: SourceFile(path, Path(path), content.encode() if isinstance(content, str) else content)
        for path, content in contents.items()
    }
    programs = [file for path, file in files.items() if path.endswith((".ts", ".tsx", ".js", ".mjs"))]
    return typescript.read(programs, Project(Path(), files))


def environment(code: str, others: dict[str, str] | None = None) -> Environment:
    """The environment of lib/stack.ts with this code; others are files by path."""
    contents: dict[str, str | bytes] = {"lib/stack.ts": IMPORT + code, **(others or {})}
    (only,) = declarations(contents).environments
    return only


def the_class(expression: str, before: str = "", others: dict[str, str] | None = None) -> object:
    """What ``environmentClass`` comes to."""
    code = f"{before}\nnew mwaa.CfnEnvironment(app, 'e', {{ environmentClass: {expression} }});"
    return plain(environment(code, others).environment_class)


@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("import { aws_mwaa } from 'aws-cdk-lib';", "aws_mwaa.CfnEnvironment"),
        ("import { aws_mwaa as m } from 'aws-cdk-lib';", "m.CfnEnvironment"),
        ("import * as mwaa from 'aws-cdk-lib/aws-mwaa';", "mwaa.CfnEnvironment"),
        ("import mwaa from 'aws-cdk-lib/aws-mwaa';", "mwaa.CfnEnvironment"),
        ("import mwaa = require('@aws-cdk/aws-mwaa');", "mwaa.CfnEnvironment"),
        ("import { CfnEnvironment } from 'aws-cdk-lib/aws-mwaa';", "CfnEnvironment"),
        ("import { CfnEnvironment as Env } from '@aws-cdk/aws-mwaa';", "Env"),
        ("import * as cdk from 'aws-cdk-lib';", "cdk.aws_mwaa.CfnEnvironment"),
        ("import * as cdk from 'aws-cdk-lib'; const { CfnEnvironment: E } = cdk.aws_mwaa;", "E"),
        ("const mwaa = require('aws-cdk-lib/aws-mwaa');", "mwaa.CfnEnvironment"),
        ("const { aws_mwaa: m } = require('aws-cdk-lib');", "m.CfnEnvironment"),
        ("const m = __importStar(require('aws-cdk-lib/aws-mwaa'));", "m.CfnEnvironment"),
        ("import { mwaa } from '@acme/infrastructure';", "mwaa.CfnEnvironment"),
    ],
)
@pytest.mark.parametrize("path", ["stack.ts", "stack.tsx", "stack.js", "stack.mjs"])
def test_the_construct_is_found_under_every_import(imports: str, name: str, path: str) -> None:
    if "import mwaa = require" in imports and path.endswith("js"):
        pytest.skip("that is no JavaScript")
    (found,) = declarations({path: f"{imports}\nnew {name}(app, 'etl', {{ maxWorkers: 5 }});"}).environments
    assert (found.symbol, found.dialect, plain(found.max_workers)) == ("mwaa.CfnEnvironment.etl", "cdk-typescript", 5)


def test_the_construct_is_found_through_a_file_of_the_repository() -> None:
    files: dict[str, str | bytes] = {
        "aws.ts": "export { aws_mwaa as flow } from 'aws-cdk-lib';\nexport * from './more';",
        "more.ts": "import { CfnEnvironment } from 'aws-cdk-lib/aws-mwaa';\nexport const Env = CfnEnvironment;",
        "stack.ts": "import { flow, Env } from './aws';\nnew flow.CfnEnvironment(a, 'x', {});\nnew Env(a, 'y', {});",
    }
    assert [found.symbol for found in declarations(files).environments] == [
        "mwaa.CfnEnvironment.x",
        "mwaa.CfnEnvironment.y",
    ]


def test_a_class_of_its_own_that_is_one_makes_one() -> None:
    code = (
        "class Etl extends mwaa.CfnEnvironment {\n"
        "  constructor(scope: Construct, id: string) { super(scope, 'etl', { maxWorkers: 5 }); }\n}\n"
    )
    assert stated(environment(code)) == {"max_workers": 5}


@pytest.mark.parametrize(
    "code",
    [
        "import { aws_m2 as m2 } from 'aws-cdk-lib';\nnew m2.CfnEnvironment(a, 'x', { maxWorkers: 1 }); // mwaa",
        "import { CfnEnvironment } from 'aws-cdk-lib/aws-appconfig';\nnew CfnEnvironment(a, 'mwaa', {});",
        "import * as mwaa from 'aws-cdk-lib/aws-mwaa';\nmwaa.CfnEnvironment(a, 'x', {});",
        "import * as mwaa from 'aws-cdk-lib/aws-mwaa';\n// new mwaa.CfnEnvironment(a, 'x', {});",
        "import * as mwaa from 'aws-cdk-lib/aws-mwaa';\nlet x: mwaa.CfnEnvironment;",
        "import * as mwaa from 'aws-cdk-lib/aws-mwaa';\nconst text = `new mwaa.CfnEnvironment(a, 'x', {})`;",
        "class CfnEnvironment {}\nconst mwaa = { CfnEnvironment };\nnew mwaa.CfnEnvironment(a, 'x', {});",
    ],
)
def test_what_only_looks_like_the_construct_declares_nothing(code: str) -> None:
    assert declarations({"stack.ts": code}) == Declarations()


@pytest.mark.parametrize(
    "path",
    [
        "test/stack.ts",
        "tests/stack.ts",
        "lib/stack.test.ts",
        "lib/stack.spec.tsx",
        "lib/__tests__/stack.ts",
        "node_modules/x/stack.js",
        "lib/stack.d.ts",
        "cdk.out/asset.1/stack.js",
        "web/app.min.js",
    ],
)
def test_tests_packages_and_declarations_declare_nothing(path: str) -> None:
    assert declarations({path: IMPORT + "new mwaa.CfnEnvironment(a, 'x', { maxWorkers: 5 });"}) == Declarations()


def test_what_is_compiled_from_a_program_beside_it_is_not_read_again() -> None:
    code = IMPORT + "new mwaa.CfnEnvironment(a, 'x', {});"
    assert [e.location.path for e in declarations({"a.js": code, "a.ts": code}).environments] == ["a.ts"]


BEFORE = """
const SIZE = 'small';
const ANNOTATED: string = 'large';
const NUMBER = 7;
let TWICE = 'a';
TWICE = 'b';
let LATER;
LATER = 'c';
let PICKED;
if (unknown()) { PICKED = 'a'; } else { PICKED = 'b'; }
let MAYBE;
if (unknown()) { MAYBE = 'a'; }
let DEFAULTED = 'a';
if (unknown()) DEFAULTED = 'b';
const SELF = SELF;
const TABLE = { a: 'x', 'b-c': 'y', [SIZE]: 'z' };
const CHANGED = { a: 'x' };
CHANGED.a = 'y';
const ASSIGNED = { a: 'x' };
Object.assign(ASSIGNED, { a: 'y' });
const FROZEN = Object.freeze({ a: 'x' });
const LIST = ['p', 'q'];
const PUSHED = ['p'];
PUSHED.push('q');
enum Size { Small = 'mw1.small', Number = 3 }
enum Level { Low, High }
class Config { static readonly SIZE = 'medium'; static get kind() { return 'mw1'; } }
function named() { return 'mw1.large'; }
const arrow = () => 'mw1.large';
function perhaps() { if (unknown()) { return 'a'; } }
function either() { if (unknown()) { return 'a'; } return 'b'; }
async function awaited() { return 'a'; }
const sized = (size: string) => `mw1.${size}`;
for (const LOOP of LIST) {}
const { a: TAKEN, missing: GIVEN = 'given', ...REST } = TABLE;
const [FIRST] = LIST;
"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'mw1.small'", "mw1.small"),
        ('"mw1.small"', "mw1.small"),
        ("'a\\'b\\u0041\\x42\\u{43}\\n'", "a'bABC\n"),
        ("`mw1.small`", "mw1.small"),
        ("('mw1.small')", "mw1.small"),
        ("'mw1.small' as string", "mw1.small"),
        ("<string>'mw1.small'", "mw1.small"),
        ("'mw1.small' satisfies string", "mw1.small"),
        ("SIZE!", "small"),
        ("5", 5),
        ("1_000", 1000),
        ("0x10", 16),
        ("1.5", 1.5),
        ("-1", -1),
        ("5n", "? it is no plain number"),
        ("9" * 40, "? it is no plain number"),
        ("true", True),
        ("!true", False),
        ("!unknown()", f"? {RUN}"),
        ("null", None),
        ("undefined", None),
        ("'mw1.' + 'small'", "mw1.small"),
        ("2 + 3", 5),
        ("2 * 3 - 1", 5),
        ("'n' + 3", "n3"),
        ("true + 1", "? a part of it is only known when it is deployed"),
        ("'a' - 'b'", "? a part of it is only known when it is deployed"),
        ("`mw1.${SIZE}`", "mw1.small"),
        ("`${NUMBER}-${true}-${SIZE}`", "7-true-small"),
        ("`${unknown()}`", "? a part of it is only known when it is deployed"),
        ("String(5)", "5"),
        ("Number('5')", 5),
        ("parseInt('5', 10)", 5),
        ("Number('five')", "? a part of it is only known when it is deployed"),
        ("SIZE", "small"),
        ("ANNOTATED", "large"),
        ("TWICE", "? TWICE is not bound to one expression"),
        ("LATER", "c"),
        ("PICKED", {"a", "b"}),
        ("MAYBE", "? MAYBE is not bound to one expression"),
        ("DEFAULTED", {"a", "b"}),
        ("SELF", "? it is too large to follow"),
        ("LOOP", f"? {RUN}"),
        ("TABLE.nothing.deeper", f"? {RUN}"),
        ("TABLE.nothing?.deeper", None),
        ("missing", f"? {RUN}"),
        ("TABLE.a", "x"),
        ("TABLE['b-c']", "y"),
        ("TABLE[SIZE]", "z"),
        ("TABLE.nothing", None),
        ("TABLE[unknown()]", "? which of its members is meant is not known"),
        ("TABLE.nothing ?? 'default'", "default"),
        ("CHANGED.a", "? CHANGED is changed after it is made"),
        ("ASSIGNED.a", "? ASSIGNED is changed after it is made"),
        ("FROZEN.a", "x"),
        ("LIST[1]", "q"),
        ("LIST[2]", f"? {RUN}"),
        ("PUSHED[0]", "? PUSHED is changed after it is made"),
        ("[...LIST, 'r']", ["p", "q", "r"]),
        ("[...unknown(), 'r']", "? what is spread into it is not known"),
        ("({ ...TABLE, a: 'k' }).a", "k"),
        ("({ a: 'k', ...TABLE }).a", "x"),
        ("({ ...unknown(), a: 'k' }).a", "k"),
        ("({ a: 'k', ...unknown() }).a", f"? {RUN}"),
        ("({ ...(true && { a: 'k' }) }).a", "k"),
        ("({ a: 'k', ...(false && { a: 'x' }) }).a", "k"),
        ("({ a: 'k', ...(unknown() && { a: 'x' }) }).a", {"k", "x"}),
        ("({ a: 'k', ...(unknown() ? { a: 'x' } : {}) }).a", {"k", "x"}),
        ("({ [unknown()]: 'x' }).a", "? one of its keys is not known"),
        ("({ get a() { return 'x'; } }).a", "x"),
        ("Size.Small", "mw1.small"),
        ("Size.Number", 3),
        ("Level.Low", 0),
        ("Level.High", "? it is numbered by its place"),
        ("Config.SIZE", "medium"),
        ("Config.kind", "mw1"),
        ("Config.missing", f"? {RUN}"),
        ("TAKEN", "x"),
        ("GIVEN", "given"),
        ("REST", "? it is one of several that the app goes through"),
        ("FIRST", "? it is one of several that the app goes through"),
        ("FIRST ?? 'default'", "? it is one of several that the app goes through"),
        ("named()", "mw1.large"),
        ("arrow()", "mw1.large"),
        ("perhaps()", f"? {RUN}"),
        ("either()", {"a", "b"}),
        ("awaited()", f"? {RUN}"),
        ("sized('large')", "mw1.large"),
        ("(() => 'x')()", "x"),
        ("unknown() ?? 'default'", "default"),
        ("unknown() || 'default'", "default"),
        ("unknown() || ''", f"? {RUN}"),
        ("SIZE ?? 'default'", "small"),
        ("SIZE || 'default'", "small"),
        ("'' || 'default'", "default"),
        ("'' ?? 'default'", ""),
        ("null ?? 'default'", "default"),
        ("PICKED ?? 'default'", {"a", "b"}),
        ("MAYBE ?? 'default'", "? MAYBE is not bound to one expression"),
        ("process.env.SIZE || 'default'", "default"),
        ("process.env.SIZE ?? 'default'", "default"),
        ("process.env['SIZE'] ?? 'default'", "default"),
        ("process.env.SIZE", f"? {RUN}"),
        ("process.env.SIZE!", f"? {RUN}"),
        ("unknown() ? 'a' : 'b'", {"a", "b"}),
        ("SIZE === 'small' ? 'a' : 'b'", "a"),
        ("SIZE !== 'small' ? 'a' : 'b'", "b"),
        ("TABLE.nothing === undefined ? 'a' : 'b'", "a"),
        ("unknown() ? 'a' : undefined", "? the repository does not decide between its values"),
        ("unknown() ? 'a' : other()", "? the repository does not decide between its values"),
        ("cdk.Aws.REGION", f"? {RUN}"),
        ("await unknown()", f"? {RUN}"),
        ("LIST.map(x => x)", f"? {RUN}"),
        ("new Date()", f"? {RUN}"),
    ],
)
def test_an_expression_comes_to_what_the_code_decides(expression: str, value: object) -> None:
    assert the_class(expression, BEFORE) == value
    if not isinstance(value, set | list):
        assert type(the_class(expression, BEFORE)) is type(value)


def test_a_function_called_in_several_places_is_not_followed() -> None:
    before = "const sized = (size: string) => `mw1.${size}`;\nsized('small');"
    assert the_class("sized('large')", before) == "? what it returns may differ from call to call"


def test_a_name_is_that_of_the_nearest_scope() -> None:
    code = (
        "const SIZE = 'outer';\nfunction make() {\n  const SIZE = 'inner';\n"
        "  if (true) { const SIZE = 'elsewhere'; }\n"
        "  new mwaa.CfnEnvironment(app, 'e', { environmentClass: SIZE });\n}\n"
    )
    assert plain(environment(code).environment_class) == "inner"


def test_fields_of_the_class_are_followed_when_set_once() -> None:
    code = (
        "class S extends Stack {\n  private readonly kind = 'mw1';\n  size: string;\n"
        "  twice = 1;\n  options = { a: 'x' };\n  maybe: string;\n"
        "  constructor(scope: Construct, private readonly dags: string = 'dags') {\n    super(scope);\n"
        "    this.size = 'small';\n    this.twice = 2;\n    if (unknown()) this.maybe = 'm';\n"
        "    this.options.a = 'y';\n  }\n  get key() { return 'arn'; }\n"
        "  build() {\n    new mwaa.CfnEnvironment(this, 'e', {\n"
        "      name: `${this.kind}.${this.size}`, maxWorkers: this.twice, dagS3Path: this.dags,\n"
        "      pluginsS3Path: this.options.a, startupScriptS3Path: this.maybe, kmsKey: this.key,\n"
        "      sourceBucketArn: this.bucket.arn });\n  }\n}\n"
    )
    assert stated(environment(code)) == {
        "name": "mw1.small",
        "max_workers": "? twice is not bound to one expression",
        "dag_s3_path": "dags",
        "plugins_s3_path": "? options is changed after it is made",
        "startup_script_s3_path": "? maybe is not bound to one expression",
        "kms_key": "arn",
        "source_bucket_arn": f"? {RUN}",
    }


def test_constants_come_from_other_files_of_the_repository() -> None:
    others = {
        "lib/config.ts": "export const WORKERS = 9;\nexport default { name: 'etl' };\n"
        "const own = 3;\nexport { own as LOW };",
        "lib/index.ts": "export * from './sizes';\nexport { Names } from './names';",
        "lib/sizes.ts": "export const SIZE = 'mw1.medium';",
        "lib/names.ts": "export class Names { static readonly PATH = 'dags'; }",
        "lib/data.json": '{"plugins": "plugins.zip", "none": null, "deep": {"list": ["a"]}}',
        "lib/old.js": "exports.HIGH = 4;\nmodule.exports.HIGHER = 5;",
    }
    code = (
        "import defaults, { WORKERS, LOW, missing } from './config';\nimport * as all from '.';\n"
        "import data from './data.json';\nimport { plugins } from './data.json';\nimport { HIGH } from './old.js';\n"
        "const old = require('./old');\nimport { away } from '../away';\n"
        "new mwaa.CfnEnvironment(app, 'e', { name: defaults.name, environmentClass: all.SIZE, maxWorkers: WORKERS,\n"
        "  minWorkers: LOW, dagS3Path: all.Names.PATH, pluginsS3Path: plugins, requirementsS3Path: data.deep.list[0],\n"
        "  kmsKey: data.none, schedulers: HIGH, maxWebservers: old.HIGHER, minWebservers: missing, tags: away });"
    )
    found = environment(code, others)
    assert stated(found) == {
        "name": "etl",
        "environment_class": "mw1.medium",
        "max_workers": 9,
        "min_workers": 3,
        "dag_s3_path": "dags",
        "plugins_s3_path": "plugins.zip",
        "requirements_s3_path": "a",
        "schedulers": 4,
        "max_webservers": 5,
        "min_webservers": "? missing is not exported by lib/config.ts",
        "tags": f"? {RUN}",
    }
    assert found.where("environment_class").path == "lib/sizes.ts"
    assert found.where("plugins_s3_path").path == "lib/data.json"


def test_files_that_export_each_other_in_a_circle_are_no_constants() -> None:
    others = {
        "lib/a.ts": "export { SIZE } from './b';\nexport * from './b';",
        "lib/b.ts": "export { SIZE } from './a';\nexport * from './a';",
    }
    assert the_class("SIZE", "import { SIZE } from './a';", others) == "? it is too large to follow"
    assert the_class("OTHER", "import { OTHER } from './a';", others) == "? OTHER is not exported by lib/a.ts"


STACK = (
    "export class S extends Stack {\n  constructor(scope: Construct, id: string, props?: SProps) {\n"
    "    super(scope, id, props);\n"
    "    new mwaa.CfnEnvironment(this, 'e', { environmentClass: props?.size ?? 'mw1.small',\n"
    "      airflowVersion: props.version, name: id });\n  }\n}\n"
)


def of_stack(app: str, **others: str) -> dict[str, object]:
    files = {"bin/app.ts": f"import {{ S }} from '../lib/stack';\n{app}"}
    return stated(environment(STACK, files | {f"lib/{name}.ts": text for name, text in others.items()}))


def test_properties_without_callers_have_their_defaults() -> None:
    assert stated(environment(STACK)) == {
        "environment_class": "mw1.small",
        "airflow_version": f"? {RUN}",
        "name": f"? {RUN}",
    }


def test_a_property_is_what_the_app_passes() -> None:
    app = "const config = { version: '2.9.2' };\nnew S(app, 'etl', { ...config, size: 'mw1.large', env });"
    assert of_stack(app) == {"environment_class": "mw1.large", "airflow_version": "2.9.2", "name": "etl"}


def test_the_place_of_a_property_is_where_the_app_writes_it() -> None:
    files = {"bin/app.ts": "import { S } from '../lib/stack';\nnew S(app, 'etl', { version: '2.9.2' });"}
    found = environment(STACK, files)
    place = found.where("airflow_version")
    text = files["bin/app.ts"].encode()[place.span.start : place.span.end].decode()
    assert (place.path, text, place.symbol) == ("bin/app.ts", "'2.9.2'", "props.version")
    assert found.where("environment_class").path == "lib/stack.ts"


def test_several_callers_give_several_possible_values() -> None:
    app = "new S(app, 'dev', { version: '2.9.2' });\nnew S(app, 'prod', { version: '2.10.3', size: 'mw1.large' });"
    assert of_stack(app) == {
        "environment_class": {"mw1.small", "mw1.large"},
        "airflow_version": {"2.9.2", "2.10.3"},
        "name": {"dev", "prod"},
    }


def test_a_caller_that_leaves_a_property_out_leaves_it_undecided() -> None:
    app = "new S(app, 'dev');\nnew S(app, 'prod', { version: '2.10.3' });"
    assert of_stack(app)["airflow_version"] == "? the repository does not decide between its values"


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("new S(...args);", "? props is passed in a way that the repository does not tell"),
        ("class T extends S {}", "? what is passed for props is not known"),
        ("new S(app, 'x', { version: args.version });", f"? {RUN}"),
        (
            "for (const version of versions) new S(app, version, { version });",
            "? it is one of several that the app goes through",
        ),
        ("versions.forEach((version) => new S(app, 'x', { version }));", "? what is passed for version is not known"),
        ("const p = { version: 'a' };\np.version = 'b';\nnew S(app, 'x', p);", "? p is changed after it is made"),
    ],
)
def test_callers_that_hide_what_they_pass_leave_it_open(app: str, reason: str) -> None:
    assert of_stack(app)["airflow_version"] == reason


def test_a_class_under_another_name_is_still_called() -> None:
    files = {"bin/app.ts": "import { S as Flow } from '../lib/stack';\nnew Flow(app, 'x', { version: '2.9.2' });"}
    assert plain(environment(STACK, files).airflow_version) == "2.9.2"
    files = {"bin/app.ts": "import * as lib from '../lib/stack';\nnew lib.S(app, 'x', { version: '2.9.2' });"}
    assert plain(environment(STACK, files).airflow_version) == "2.9.2"


def test_another_class_of_the_same_name_and_tests_are_no_callers() -> None:
    others = {
        "bin/app.ts": "import { S } from './elsewhere';\nnew S(app, 'x', { version: '2.9.2' });",
        "bin/elsewhere.ts": "export class S {}",
        "test/app.test.ts": "import { S } from '../lib/stack';\nnew S(app, 'x', { version: '2.8.1' });",
    }
    assert plain(environment(STACK, others).airflow_version) == f"? {RUN}"


def test_parameters_of_functions_and_methods_come_from_their_calls() -> None:
    function = (
        "function build(size: string, workers = 3) {\n"
        "  new mwaa.CfnEnvironment(app, 'e', { environmentClass: size, maxWorkers: workers });\n}\n"
        "build('mw1.large');\n"
    )
    assert stated(environment(function)) == {"environment_class": "mw1.large", "max_workers": 3}
    method = (
        "class S {\n  constructor() { this.build({ size: 'mw1.medium' }); }\n"
        "  build({ size, workers = 4 }: P) {\n"
        "    new mwaa.CfnEnvironment(this, 'e', { environmentClass: size, maxWorkers: workers });\n  }\n}\n"
    )
    assert stated(environment(method)) == {"environment_class": "mw1.medium", "max_workers": 4}


def test_a_field_of_another_stack_is_what_that_stack_sets() -> None:
    app = "const other = new Other(app, 'o');\nnew S(app, 'x', { version: other.version });"
    other = "export class Other { readonly version = '2.9.2'; }"
    files = {
        "bin/app.ts": f"import {{ S }} from '../lib/stack';\nimport {{ Other }} from '../lib/other';\n{app}",
        "lib/other.ts": other,
    }
    assert plain(environment(STACK, files).airflow_version) == "2.9.2"


@pytest.mark.parametrize(
    "body", ["  size = size ?? 'x';\n", "  size += 'x';\n", "  size ||= 'x';\n", "  size++;\n", "  delete size.x;\n"]
)
def test_a_parameter_that_is_changed_is_not_followed(body: str) -> None:
    code = (
        f"function build(size = 'mw1.small') {{\n{body}"
        "  new mwaa.CfnEnvironment(app, 'e', { environmentClass: size });\n}\n"
    )
    assert plain(environment(code).environment_class) in (
        "? size is not bound to one expression",
        "? size is changed after it is made",
    )


def test_a_default_says_nothing_where_a_settings_file_of_the_app_names_the_key() -> None:
    code = (
        "new mwaa.CfnEnvironment(app, 'e', { environmentClass: process.env.SIZE ?? 'mw1.small',\n"
        "  dagS3Path: process.env.DAGS ?? 'dags' });"
    )
    assert stated(environment(code, {".env": "SIZE=mw1.large\n"})) == {
        "environment_class": "? the repository does not decide between its values",
        "dag_s3_path": "dags",
    }


@pytest.mark.parametrize(
    ("context", "value"),
    [
        ('{"context": {"size": "mw1.large"}}', "mw1.large"),
        ('{"context": {"other": 1}}', "mw1.small"),
        ("{", "mw1.small"),
        ("[]", "mw1.small"),
    ],
)
def test_context_comes_from_cdk_json_before_the_default(context: str, value: str) -> None:
    code = "app.node.tryGetContext('size') || 'mw1.small'"
    assert the_class(code, others={"cdk.json": context}) == value


def test_context_may_be_an_object_of_stages() -> None:
    others = {"cdk.json": '{"context": {"stage": "prod", "prod": {"size": "mw1.large"}}}'}
    before = "const stage = this.node.tryGetContext('stage');\nconst config = this.node.tryGetContext(stage);"
    assert the_class("config.size", before, others) == "mw1.large"
    assert the_class("config.other ?? 'x'", before, others) == "x"
    assert the_class("config['size']", before, others) == "mw1.large"
    assert the_class("this.node.tryGetContext('away')", before, others) == f"? {RUN}"


@pytest.mark.parametrize("properties", ["options", "{ ...options }", "{ ...options, ...{} }"])
def test_properties_may_stand_in_a_constant_and_be_spread(properties: str) -> None:
    code = (
        "const base = { maxWorkers: 5, dagS3Path: 'dags' };\nconst options = { ...base, maxWorkers: 6 };\n"
        f"new mwaa.CfnEnvironment(app, 'e', {properties});"
    )
    assert stated(environment(code)) == {"max_workers": 6, "dag_s3_path": "dags"}


def test_unknown_properties_leave_every_argument_open_but_those_written_after_them() -> None:
    found = environment("new mwaa.CfnEnvironment(app, 'e', { ...props(), dagS3Path: 'dags' });")
    assert (plain(found.dag_s3_path), plain(found.airflow_version)) == ("dags", f"? {RUN}")
    assert plain(environment("new mwaa.CfnEnvironment(app, 'e', props());").airflow_version) == f"? {RUN}"


def test_without_properties_nothing_is_set() -> None:
    assert stated(environment("new mwaa.CfnEnvironment(app, 'e');")) == {}
    assert environment("new mwaa.CfnEnvironment;").symbol == "mwaa.CfnEnvironment"
    assert environment("new mwaa.CfnEnvironment(app, name(), {});").symbol == "mwaa.CfnEnvironment"


MADE = "const env = new mwaa.CfnEnvironment(app, 'e', { maxWorkers: 5, airflowConfigurationOptions: { a: '1' } });\n"


@pytest.mark.parametrize(
    ("change", "workers", "options"),
    [
        ("env.addOverride('Properties.MaxWorkers', 10);", 10, {"a": "1"}),
        ("env.addPropertyOverride('MaxWorkers', 10);", 10, {"a": "1"}),
        ("env.maxWorkers = 10;", 10, {"a": "1"}),
        ("env.maxWorkers = 10;\nenv.maxWorkers = 11;", 11, {"a": "1"}),
        ("env.maxWorkers += 1;", "? it is changed in place", {"a": "1"}),
        ("env.addPropertyDeletionOverride('MaxWorkers');", None, {"a": "1"}),
        ("env.addDeletionOverride('Properties.MaxWorkers');", None, {"a": "1"}),
        ("env.addOverride('DependsOn', 'x');", 5, {"a": "1"}),
        ("env.other = 1;", 5, {"a": "1"}),
        ("env.addPropertyOverride('AirflowConfigurationOptions', { b: '2' });", 5, {"a": "1", "b": "2"}),
        ("env.addPropertyOverride('AirflowConfigurationOptions.core\\\\.x', '3');", 5, {"a": "1", "core.x": "3"}),
        ("env.addPropertyDeletionOverride('AirflowConfigurationOptions.a');", 5, {}),
        ("if (unknown()) env.maxWorkers = 10;", "? it is changed under a condition or elsewhere", {"a": "1"}),
        ("unknown() && (env.maxWorkers = 10);", "? it is changed under a condition or elsewhere", {"a": "1"}),
        (
            "env.addPropertyOverride(path(), 10);",
            "? what is overridden is not known",
            "? what is overridden is not known",
        ),
        ("function f() { const env = other(); env.maxWorkers = 10; }", 5, {"a": "1"}),
    ],
)
def test_what_is_changed_afterwards_counts(change: str, workers: object, options: object) -> None:
    found = environment(MADE + change)
    assert (plain(found.max_workers), plain(found.airflow_configuration_options)) == (workers, options)


def test_an_environment_in_a_field_is_changed_through_this() -> None:
    code = (
        "class S {\n  env: mwaa.CfnEnvironment;\n  constructor() {\n"
        "    this.env = new mwaa.CfnEnvironment(this, 'e', {\n"
        "      loggingConfiguration: { taskLogs: { enabled: true, logLevel: 'INFO' } } });\n"
        "    this.env.addPropertyOverride('LoggingConfiguration.TaskLogs.LogLevel', 'ERROR');\n  }\n}\n"
    )
    assert stated(environment(code)) == {
        "logging_configuration": {"task_logs": {"enabled": True, "log_level": "ERROR"}}
    }


def test_places_are_right_after_characters_of_several_bytes_and_in_any_encoding() -> None:
    code = (
        "// Grüße 🙂\r\n"
        + IMPORT
        + "new mwaa.CfnEnvironment(a, 'e', { name: 'größe', tags: { ü: '🙂' }, maxWorkers: 5 });"
    )
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        file = SourceFile("stack.ts", Path("stack.ts"), code.encode(encoding))
        (found,) = typescript.read([file], Project(Path(), {"stack.ts": file})).environments
        written = [file.slice(found.where(argument).span) for argument in ("name", "max_workers")]
        assert written == ["'größe'", "5"]
        assert file.slice(found.declared["max_workers"].span) == "maxWorkers"
        assert file.slice(found.location.span) == "mwaa.CfnEnvironment"
        assert plain(found.tags) == {"ü": "🙂"}


def test_what_is_not_resolved_keeps_its_expression() -> None:
    found = environment("new mwaa.CfnEnvironment(app, 'e', { kmsKey: key(\n    'x'\n) });")
    assert isinstance(found.kms_key, Unresolved)
    assert found.kms_key.expression == "key( 'x' )"
    assert found.declared["kms_key"].symbol == "mwaa.CfnEnvironment.e.kmsKey"


DEPLOY = (
    "import * as path from 'path';\nimport { readFileSync } from 'node:fs';\n"
    "import { BucketDeployment, Source } from 'aws-cdk-lib/aws-s3-deployment';\n"
    "const ROOT = path.join(__dirname, '..', '..');\n"
)


def uploaded(source: str, rest: str = ", destinationKeyPrefix: 'to'") -> list[tuple[str, str, bool]]:
    deployment = f"new BucketDeployment(this, 'Copy', {{ sources: [{source}]{rest} }});\n"
    read = declarations(
        {
            "infra/cdk.json": "{}",
            "infra/lib/stack.ts": IMPORT + "new mwaa.CfnEnvironment(this, 'e', {});",
            "infra/lib/copy.ts": DEPLOY + deployment,
            "infra/local/x.py": "",
            "dags/x.py": "",
            "reqs/requirements.txt": "boto3\n",
            "requirements.txt": "boto3\n",
        }
    )
    assert {upload.address for upload in read.uploads} <= {"BucketDeployment.Copy"}
    return [(upload.source, upload.key, upload.recursive) for upload in read.uploads]


@pytest.mark.parametrize(
    ("source", "upload"),
    [
        ("Source.asset('local')", ("infra/local", "to", True)),
        ("Source.asset('./local/')", ("infra/local", "to", True)),
        ("Source.asset('dags')", ("dags", "to", True)),
        ("Source.asset('../dags')", ("dags", "to", True)),
        ("Source.asset(path.join(__dirname, '../../dags'))", ("dags", "to", True)),
        ("Source.asset(path.resolve(ROOT, 'dags'), { exclude: ['*.pyc'] })", ("dags", "to", True)),
        ("Source.asset(`${__dirname}/../../dags`)", ("dags", "to", True)),
        ("Source.asset(__dirname + '/../../dags')", ("dags", "to", True)),
        ("Source.asset(path.join(path.dirname(__filename), '../local'))", ("infra/local", "to", True)),
        ("Source.asset(path.join(process.cwd(), '../reqs'))", ("reqs", "to", True)),
        (
            "Source.asset('../reqs', { exclude: ['**', '!requirements.txt'] })",
            ("reqs/requirements.txt", "to/requirements.txt", False),
        ),
        (
            "Source.data('requirements.txt', readFileSync(path.join(ROOT, 'requirements.txt'), 'utf8'))",
            ("requirements.txt", "to/requirements.txt", False),
        ),
        (
            "Source.data('r.txt', readFileSync('../requirements.txt').toString())",
            ("requirements.txt", "to/r.txt", False),
        ),
    ],
)
def test_a_bucket_deployment_is_an_upload_of_a_folder_of_the_repository(
    source: str, upload: tuple[str, str, bool]
) -> None:
    assert uploaded(source) == [upload]


@pytest.mark.parametrize(
    "source",
    [
        "Source.asset('nowhere')",
        "Source.asset('../../etc')",
        "Source.asset('/etc')",
        "Source.asset(name())",
        "Source.asset('../requirements.txt')",
        "Source.asset('..' + name())",
        "Source.asset('dags', { exclude: ['*'] })",
        "Source.bucket(bucket, 'x.zip')",
        "Source.data('x.txt', 'text')",
        "Source.data('x.txt', readFileSync('nowhere.txt', 'utf8'))",
        "Source.data(name(), readFileSync('../requirements.txt', 'utf8'))",
        "marker",
    ],
)
def test_what_is_not_a_folder_of_the_repository_is_no_upload(source: str) -> None:
    assert uploaded(source) == []


def test_the_prefix_may_be_the_root_or_a_constant_but_not_unknown() -> None:
    assert uploaded("Source.asset('dags')", "") == [("dags", "", True)]
    assert uploaded("Source.asset('dags')", ", destinationKeyPrefix: 'a/b/'") == [("dags", "a/b", True)]
    assert uploaded("Source.asset('dags')", ", destinationKeyPrefix: prefix()") == []


def test_a_deployment_that_takes_single_files_uploads_these() -> None:
    assert uploaded("Source.asset('../reqs')", ", exclude: ['*'], include: ['requirements.txt', '*.zip']") == [
        ("reqs/requirements.txt", "requirements.txt", False)
    ]


def test_an_app_without_an_environment_uploads_nothing_that_concerns_mwaa() -> None:
    files: dict[str, str | bytes] = {
        "lib/site.ts": DEPLOY + "new BucketDeployment(this, 'Site', { sources: [Source.asset('dags')] }); // mwaa",
        "dags/x.py": "",
    }
    assert declarations(files) == Declarations()


@pytest.mark.parametrize(
    "content",
    [
        b"\x00 mwaa CfnEnvironment",
        b"\xff\xfe mwaa CfnEnvironment",
        b"import * as mwaa from 'aws-cdk-lib/aws-mwaa';\nx = " + b"(" * 999 + b"new mwaa.CfnEnvironment()" + b")" * 999,
        b"import * as mwaa from 'aws-cdk-lib/aws-mwaa';\nx = " + b"[" * 999 + b"new mwaa.CfnEnvironment()" + b"]" * 999,
        b"import * as mwaa from 'aws-cdk-lib/aws-mwaa';\nx = " + b"a?b:" * 20_000 + b"new mwaa.CfnEnvironment()",
        b"// mwaa\n" + b"x;" * 300_000 + IMPORT.encode() + b"new mwaa.CfnEnvironment(a, 'b', {});",
        b"class { constructor( } export { default as } from; import from; enum { mwaa",
    ],
)
def test_files_that_nobody_writes_are_passed_over(content: bytes) -> None:
    assert declarations({"stack.ts": content}) == Declarations()


@pytest.mark.parametrize("opening", ["(", "{a:", "[", "`${", "f(", "function () {", "class { a = ", "x ? "])
def test_what_never_ends_hides_nothing_but_itself(opening: str) -> None:
    code = f"{IMPORT}new mwaa.CfnEnvironment(a, 'e', {{ maxWorkers: 5 }});\n{opening * 20_000}"
    found = declarations({"stack.ts": code}).environments
    assert [plain(each.max_workers) for each in found] in ([5], [])


@pytest.mark.parametrize(
    "properties",
    [
        "{ maxWorkers: 5, ...}",
        "{ maxWorkers: 5, , }",
        "{ maxWorkers }",
        "{ maxWorkers: , }",
        "{ [",
        "{ maxWorkers: `${",
        "{ maxWorkers: 'x",
        "{ get maxWorkers() { }, set maxWorkers(v) { } }",
        "{ maxWorkers() { return 5; } }",
        "{ '\\u{110000}': 5, maxWorkers: '\\u{110000}' }",
    ],
)
def test_properties_that_are_not_valid_set_nothing_wrong(properties: str) -> None:
    for found in declarations({"s.ts": f"{IMPORT}new mwaa.CfnEnvironment(a, 'e', {properties});"}).environments:
        assert plain(found.max_workers) in (5, None) or str(plain(found.max_workers)).startswith(("? ", "\\u"))


def test_very_long_expressions_and_chains_are_not_followed() -> None:
    assert str(the_class("+".join(["'x'"] * 500))).startswith("? ")
    chain = "\n".join(f"const N{n + 1} = N{n};" for n in range(500))
    assert str(the_class("N500", f"const N0 = 'x';\n{chain}")).startswith("? ")
    doubling = "\n".join(f"const N{n + 1} = `${{N{n}}}${{N{n}}}`;" for n in range(30))
    assert str(the_class("N30", f"const N0 = 'xxxxxxxx';\n{doubling}")).startswith("? ")
    objects = "\n".join(f"const O{n + 1} = {{ ...O{n}, ...O{n} }};" for n in range(40))
    assert str(the_class("O40.missing ?? 'x'", f"const O0 = {{ a: 1 }};\n{objects}")) in (
        "x",
        "? it is too large to follow",
    )
    members = ".a" * 300
    assert str(the_class(f"x{members}")).startswith("? ")
