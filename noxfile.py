# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the targets of the Makefile run. Everything is set up below .cache; nothing outside the checkout is touched.

The sessions share environments, which uv makes, so they have none of nox's own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from fnmatch import fnmatch
from itertools import takewhile
from pathlib import Path
from typing import Any

import nox
from filelock import FileLock
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tests" / "tools"))

import checkout  # noqa: E402
import packages  # noqa: E402
import sanity_tests  # noqa: E402

CACHE = ROOT / ".cache"
HOME = CACHE / "home"
ENVIRONMENTS = CACHE / "environments"
DEVELOPMENT = ENVIRONMENTS / "development"
REQUIREMENTS = ROOT / "tests" / "requirements"
UV = str(Path(sys.executable).with_name("uv"))

# The one table of what is supported and tested: lines of ansible-core; the bundle on PyPI that carries the amazon.aws
# of each; and the oldest boto3 and botocore of that amazon.aws, for the first of the Pythons. The first line has
# amazon.aws 8.0.0, the lower bound in galaxy.yml, and the others have their newest bundle.
LINES = {
    "2.17": {"core": "2.17.14", "bundle": "10.0.1", "boto3": ("1.26.0", "1.29.0"), "pythons": ("3.10", "3.11", "3.12")},
    "2.18": {
        "core": "2.18.19",
        "bundle": "11.13.0",
        "boto3": ("1.28.0", "1.31.0"),
        "pythons": ("3.11", "3.12", "3.13"),
    },
    "2.19": {"core": "2.19.14", "bundle": "12.3.0", "boto3": ("1.34.0", "1.34.0"), "pythons": ("3.11", "3.12", "3.13")},
    "2.20": {"core": "2.20.10", "bundle": "13.8.0", "boto3": ("1.34.0", "1.34.0"), "pythons": ("3.12", "3.13")},
    "2.21": {"core": "2.21.5", "bundle": "14.5.0", "boto3": ("1.35.0", "1.35.0"), "pythons": ("3.12", "3.13")},
}
CORNERS = ("2.17-3.10", "2.19-3.12", "2.21-3.13")
# The order of preference for the development environment.
PYTHONS = ("3.13", "3.12", "3.11", "3.10")

# Words and phrases to avoid, each with a better one. codespell finds words by itself, and phrases by a pattern.
WORDS = "tests/tools/words.txt"
AVOIDED = [line.partition("->")[0] for line in (ROOT / WORDS).read_text(encoding="utf-8").splitlines()]
PHRASES = "".join(rf"\b{phrase}\b|" for phrase in AVOIDED if " " in phrase).replace(" ", r"\s")
SCHEMA = "check-jsonschema --builtin-schema vendor"
LINTERS = {
    "ruff": "ruff check",
    "ruff-format": "ruff format --check",
    "mypy": "mypy",
    "ansible-lint": "ansible-lint --profile production --offline",
    # As users have them: outside the collection, and without our configuration of the linter.
    "ansible-lint-examples": "ansible-lint --offline",
    "antsibull-docs": "antsibull-docs lint-collection-docs --plugin-docs --check-extra-docs-refs"
    " --validate-collection-refs=dependent .",
    "antsibull-changelog": "antsibull-changelog lint",
    "shellcheck": "shellcheck",
    "codespell": f"codespell --dictionary=- --dictionary={WORDS} --regex=(?i){PHRASES}[\\w'\\u2019-]+",
    "proselint": "proselint check",
    "github-workflows": f"{SCHEMA}.github-workflows",
    "github-issue-forms": f"{SCHEMA}.github-issue-forms",
    "github-issue-config": f"{SCHEMA}.github-issue-config",
    "gitlab-ci": f"{SCHEMA}.gitlab-ci --data-transform gitlab-ci",
}
# Patterns of the files for a linter. Those that are not listed find their files by themselves.
TEXTS = ["*.md", "docs/docsite/*.rst", "roles/*", "playbooks/*", "examples/*", "plugins/doc_fragments/*"]
TEXTS += [f"plugins/{folder}/*" for folder in ("modules", "lookup", "inventory", "filter")]
LINTED = {
    "codespell": [*TEXTS, "plugins/*", ".github/*", "Makefile", "noxfile.py"],
    "proselint": TEXTS,
    "github-workflows": [".github/workflows/*", "examples/ci/github-actions.yml"],
    "github-issue-forms": [".github/ISSUE_TEMPLATE/[!c]*"],
    "github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
    "gitlab-ci": ["examples/ci/gitlab-ci.yml"],
}
CACHE.mkdir(exist_ok=True)
# Where it is set, each of the many processes that import Ansible compiles it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.update(UV_CACHE_DIR=os.environ.get("STACKGATE_UV_CACHE") or str(CACHE / "uv"), UV_PYTHON_DOWNLOADS="never")
nox.options.default_venv_backend = "none"
nox.options.envdir = str(CACHE / "sessions")
nox.options.sessions = ["unit", "integration", "sanity", "lint"]

# Words such as 2.17 and 3.12 choose cells of the matrix; the arguments from the first option on go to pytest.
_ARGUMENTS = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
CHOSEN = list(takewhile(lambda word: word in LINES or word in PYTHONS, _ARGUMENTS))
CELLS = [
    nox.param(line, python, id=f"{line}-{python}", tags=["corners"] if f"{line}-{python}" in CORNERS else [])
    for line, row in LINES.items()
    for python in row["pythons"]
    if line in CHOSEN or not set(CHOSEN) & set(LINES)
    if python in CHOSEN or not set(CHOSEN) & set(PYTHONS)
]
if not CELLS:
    sys.exit(f"No supported pair of ansible-core and Python: {' '.join(CHOSEN)}")


def interpreter(version: str) -> str | None:
    """The path of a Python of this version that this machine has."""
    # The shims of pyenv are there for versions that do not run.
    folders = [folder for folder in os.get_exec_path() if Path(folder).name != "shims"]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    path = os.pathsep.join([*map(str, sorted(pyenv.glob(f"versions/{version}.*/bin"), reverse=True)), *folders])
    command = [UV, "python", "find", "--system", "--no-project", version]
    found = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def install(session: nox.Session, name: str, pythons: Sequence[str], *wanted: str, free: Sequence[str] = ()) -> Path:
    """See that an environment has what is wanted: the first Python found, the lock's versions but for what is free."""
    folder = ENVIRONMENTS / name
    # uv has the caller's own variables, whatever the session's commands have.
    variables = {**os.environ, **packages.uv_variables()}
    # Sessions that run side by side make one environment after the other.
    with FileLock(CACHE / "set-up.lock"):
        if not (folder / "bin" / "python").exists():
            session.log(f"Making the environment {name}: the first time it may take a minute")
            python = next(filter(None, map(interpreter, pythons)), sys.executable)
            # Relocatable, for its scripts run after the checkout was moved.
            session.run(UV, "venv", "--quiet", "--clear", "--relocatable", "--python", python, folder, env=variables)
        locked = (REQUIREMENTS / "constraints.txt").read_text(encoding="utf-8").splitlines(keepends=True)
        limits = folder / "constraints.txt"
        limits.write_text("".join(line for line in locked if line.partition("==")[0] not in free), encoding="utf-8")
        words = [REQUIREMENTS / word if word.endswith(".txt") else word for word in wanted]
        command = [UV, "pip", "install", "--python", folder / "bin" / "python", "-c", limits, *words]
        session.run(*command, env=variables, silent=True, log=False)
    return folder


def use(session: nox.Session, folder: Path, keep_home: bool = False) -> None:
    """Let the session's commands run in an environment, with the amazon.aws that belongs to its ansible-core."""
    (core,) = folder.glob("lib/python*/site-packages/ansible_core-*.dist-info")
    line = ".".join(core.name.removeprefix("ansible_core-").split(".")[:2])
    with FileLock(CACHE / "set-up.lock"):
        # An ansible-core that is newer than the table gets the newest amazon.aws.
        tree = checkout.tree_of(LINES.get(line, LINES[list(LINES)[-1]])["bundle"], CACHE)
    temporary = HOME / ".ansible" / "tmp"
    for path in (temporary, CACHE / "tmp"):
        path.mkdir(parents=True, exist_ok=True)
    if not keep_home:
        # A test must not depend on how the caller likes Ansible's output. None takes a variable away.
        session.env.update(dict.fromkeys(name for name in os.environ if name.startswith(("ANSIBLE_", "XDG_"))))
        session.env["HOME"] = str(HOME)
    session.env.update(
        PYTHONHOME=None,
        PATH=os.pathsep.join([str(folder / "bin"), os.environ.get("PATH", os.defpath)]),
        VIRTUAL_ENV=str(folder),
        PYTHONPATH=str(ROOT / "tests"),
        ANSIBLE_COLLECTIONS_PATH=str(tree),
        ANSIBLE_HOME=str(HOME / ".ansible"),
        ANSIBLE_LOCAL_TEMP=str(temporary),
        # Ansible does not quote this one for the shell: it may not be below a checkout whose name has a quote.
        ANSIBLE_REMOTE_TMP=tempfile.gettempdir(),
        PIP_CACHE_DIR=str(CACHE / "pip"),
        # Tools that ask git for the files of amazon.aws must not hear that our repository ignores them all.
        GIT_CEILING_DIRECTORIES=str(CACHE),
        PYTEST_DEBUG_TEMPROOT=str(CACHE / "tmp"),
        STACKGATE_EMULATOR_PYTHON=str(DEVELOPMENT / "bin" / "python"),
    )


def develop(session: nox.Session, requirements: str = "dev", keep_home: bool = False) -> None:
    """See that the development environment is there, and use it."""
    use(session, install(session, DEVELOPMENT.name, PYTHONS, "-r", f"{requirements}.txt"), keep_home)


def run(session: nox.Session, command: str, *arguments: str | Path, **options: Any) -> None:
    """Run a command of the environment in use. It keeps its own stderr, and has time to end by itself after Ctrl-C."""
    path = Path(session.env["VIRTUAL_ENV"]) / "bin" / command
    session.run(path, *arguments, stderr=sys.stderr, interrupt_timeout=60, **options)


def plain(name: str, requirements: str, about: str, *commands: str) -> None:
    """Register a session of nothing but commands, each with the caller's arguments at its end."""

    def commands_only(session: nox.Session) -> None:
        # The demo may run against the real service, with the caller's own profile of AWS and settings of Ansible.
        develop(session, requirements, keep_home=name == "demo")
        for command in commands:
            run(session, *command.split(), *session.posargs)

    commands_only.__doc__ = f"{about}."
    nox.session(commands_only, name=name)


def pytest(session: nox.Session, arguments: Sequence[str], *options: str, default: Sequence[str]) -> None:
    """Run pytest over the default, unless the arguments name files or folders of tests."""
    named = any(word.startswith("tests/") for word in arguments)
    run(session, "pytest", *options, *([] if named else default), *arguments)


SPREAD = "-n auto --dist worksteal"
HISTORIES = f"pytest {SPREAD} -rP tests/unit/plugins/module_utils/_wait/test_gate_histories.py"
FIGURES = [f"python tests/benchmarks/{name}.py --write" for name in ("load", "report")]
RELEASE = "antsibull-changelog release --update-existing --reload-plugins"
ARCHIVE = "ansible-galaxy collection build --force --output-path .cache/build"
plain("demo", "demo", "A playbook reads an operation and holds back a later task", "python examples/demo/run.py")
plain("emulator", "demo", "The emulator alone, on a free port", "python -m emulator --foreground")
plain("histories", "dev", "The gate against generated histories, as many as STACKGATE_HISTORIES says", HISTORIES)
plain("hostile", "dev", "Every parser against hostile inputs", f"pytest {SPREAD} -rP tests/unit -k hostile")
plain("load", "dev", "100,000 rows, 200 gates at once, throttled", "pytest -n 2 --dist worksteal tests/load")
plain("faults", "dev", "Every fault through module, lookup and gate", "python -m fault_matrix")
plain("mutants", "mutants", "Mutation testing of the modules that need no network", "python tests/tools/mutants.py")
plain("bench", "dev", "Speed beside what one would use without it", "python tests/benchmarks/speed.py --write")
plain("figures", "dev", "Time and memory under load", *FIGURES)
plain("format", "dev", "Let ruff fix and format the Python files", "ruff check --fix --exit-zero", "ruff format")
plain("docs", "dev", "The pages in docs/reference, and the site without dead links", "python tests/tools/docs.py")
plain("pictures", "dev", "The pictures of the README and the guides", "python tests/tools/pictures.py")
plain("changelog", "dev", "Put the fragments into CHANGELOG.md", RELEASE)
plain("build", "dev", "The collection's archive, in .cache/build", ARCHIVE)


@nox.session
def unit(session: nox.Session) -> None:
    """Unit tests (arguments go to pytest)."""
    develop(session)
    # Starting workers pays when everything is run, not for a few tests.
    pytest(session, session.posargs, *([] if session.posargs else SPREAD.split()), default=["tests/unit"])


@nox.session
def integration(session: nox.Session) -> None:
    """Real ansible-playbook and ansible against the emulator (arguments go to pytest)."""
    develop(session)
    try:
        packages.install_from_npm(REQUIREMENTS / "node", CACHE / "node")
    except (OSError, subprocess.CalledProcessError) as error:
        session.warn(f"Tests of the page's accessibility and of JUnit's schema are skipped: {error}")
    if packages.java_version() >= 17:
        # It leaves out a version that the lock has.
        rulebook = install(session, "rulebook", PYTHONS, "-r", "rulebook.txt", free=["pyparsing"])
        session.env["STACKGATE_RULEBOOK"] = str(rulebook / "bin" / "ansible-rulebook")
    else:
        session.warn("Tests of ansible-rulebook are skipped: there is no Java 17 or newer")
    with FileLock(CACHE / "set-up.lock"):
        session.env["STACKGATE_AWX"] = str(checkout.awx_modules(CACHE))
    # Three workers for each processor, for they often wait: for an operation to end, or for AWS to answer again.
    workers = 3 * (os.cpu_count() or 1)
    pytest(session, session.posargs, "-n", str(workers), "--dist", "worksteal", default=["tests/integration"])


def cell(session: nox.Session, line: str, python: str) -> None:
    """See that the environment of a cell of the matrix is there, and use it."""
    if not interpreter(python):
        session.skip(f"there is no Python {python} on this machine")
    row = LINES[line]
    pins, free = [f"ansible-core=={row['core']}", "boto3", "botocore"], ["ansible-core", "resolvelib"]
    if python == row["pythons"][0]:
        pins[1:] = [f"{name}=={version}" for name, version in zip(("boto3", "botocore"), row["boto3"], strict=True)]
        free += ["boto3", "botocore", "s3transfer", "urllib3"]
    use(session, install(session, f"{line}-{python}", [python], *pins, "-r", "cell.txt", free=free))


@nox.session(allow_parallel=True)
@nox.parametrize("line,version", CELLS)
def matrix(session: nox.Session, line: str, version: str) -> None:
    """Unit and integration tests on a supported pair (arguments: 2.17 3.12, then those of pytest)."""
    # A cell has no moto: the emulator runs from the development environment, as AWS too runs elsewhere.
    develop(session, "demo")
    cell(session, line, version)
    chosen = ["-m", "not emulator_process and not once", "-o", f"cache_dir={session.env['VIRTUAL_ENV']}/pytest"]
    # Cells that run side by side use the processors already.
    spread = [] if session.parallel else SPREAD.split()
    pytest(session, session.posargs[len(CHOSEN) :], *spread, *chosen, default=["tests/unit", "tests/integration"])


@nox.session(allow_parallel=True)
def sanity(session: nox.Session) -> None:
    """ansible-test sanity (arguments go to it; the first may be a line of ansible-core: 2.17)."""
    arguments = session.posargs[len(CHOSEN) :]
    develop(session)
    if CHOSEN:
        cell(session, CHOSEN[0], next(filter(interpreter, LINES[CHOSEN[0]]["pythons"]), "3.x"))
    variables = {name: value for name, value in {**os.environ, **session.env}.items() if value is not None}
    if not sanity_tests.run(CACHE / "sanity", variables, packages.pip_settings(), arguments):
        session.error("ansible-test found something, or ran no test at all")


def linted(name: str) -> list[str | Path]:
    """What a linter is told to look at; nothing where it finds its files by itself."""
    if name == "mypy":
        return ["--config-file", ROOT / "pyproject.toml", checkout.COLLECTION / "plugins"]
    files = checkout.files()
    if name == "shellcheck":
        # By their first lines: .ci/run has no ending that tells.
        return [file for file in files if re.match(rb"#!.*sh\n", (ROOT / file).read_bytes())]
    return [file for file in files if any(fnmatch(file, pattern) for pattern in LINTED.get(name, []))]


@nox.session(allow_parallel=True)
def lint(session: nox.Session) -> None:
    """Linters of code, documentation, prose and workflows (arguments: only these)."""
    unknown = set(session.posargs) - set(LINTERS)
    if unknown:
        session.error(f"Unknown: {', '.join(unknown)}. The linters: {', '.join(LINTERS)}")
    develop(session)
    tree, failed = Path(session.env["ANSIBLE_COLLECTIONS_PATH"]), []
    with FileLock(CACHE / "set-up.lock"):
        trees = os.pathsep.join([str(tree), str(checkout.awx_modules(CACHE))])
    with tempfile.TemporaryDirectory() as folder:
        # ansible-lint finds our plugins, and tells a collection, by the place it is started in, mypy a package.
        places = {
            "ansible-lint": tree / checkout.COLLECTION,
            "ansible-lint-examples": checkout.examples_in(Path(folder)),
            "mypy": tree,
        }
        for name in session.posargs or LINTERS:
            # ansible-lint follows the newest releases of ansible-core, of which Python 3.10 has none.
            if name.startswith("ansible-lint") and tree.name.endswith(LINES["2.17"]["bundle"]):
                session.warn(f"{name} is skipped: it does not support ansible-core 2.17, the newest for this Python")
                continue
            place = places.get(name, ROOT)
            try:
                with session.chdir(place):
                    variables = {"PWD": str(place), "ANSIBLE_COLLECTIONS_PATH": trees}
                    run(session, *LINTERS[name].split(), *linted(name), env=variables)
            except CommandFailed:
                failed.append(name)
    if failed:
        session.error(f"{len(failed)} linters failed: {', '.join(failed)}")


@nox.session
def lock(session: nox.Session) -> None:
    """Write tests/requirements/constraints.txt again: the newest versions for Python 3.10 and newer."""
    inputs = [REQUIREMENTS / f"{name}.txt" for name in ("dev", "mutants", "cell")]
    options = ["--universal", "--python-version", PYTHONS[-1], "--upgrade", "--no-annotate", "--quiet"]
    options += ["--custom-compile-command", "make lock", "--output-file", REQUIREMENTS / "constraints.txt"]
    # The lock is for every machine: what this one alone has is left out.
    session.run(UV, "pip", "compile", *options, *inputs, env=packages.uv_variables(everything=False), log=False)
