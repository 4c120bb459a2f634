# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every linter, the ones after a failure too, and say at the end which of them found something.

Names of linters as arguments run only those: lint.py ruff ansible-lint
"""

from __future__ import annotations

import subprocess
import sys
import time

import collections_tree
import environment
from places import NAME, NAMESPACE, ROOT
from progress import CommandFailed

LINTERS = {
    "ruff": ["ruff", "check"],
    "ruff-format": ["ruff", "format", "--check"],
    "ansible-lint": ["ansible-lint", "--profile", "production", "--offline"],
    "antsibull-docs": [
        *("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--check-extra-docs-refs"),
        *("--validate-collection-refs=dependent", "."),
    ],
    "antsibull-changelog": ["antsibull-changelog", "lint"],
    "shellcheck": ["shellcheck"],
}


def _shell_scripts() -> list[str]:
    """By their first line too: .ci/run has no ending that tells."""
    found = []
    for name in collections_tree.files():
        with (ROOT / name).open("rb") as stream:
            first = stream.readline(80)
        if name.endswith(".sh") or (first.startswith(b"#!") and first.rstrip().endswith((b"bash", b"/sh"))):
            found.append(name)
    return found


def _why_not(linter: str) -> str | None:
    # ansible-lint follows the newest releases of ansible-core, of which Python 3.10 has none.
    if linter == "ansible-lint" and environment.core_version().startswith("2.17."):
        return "it does not support ansible-core 2.17, the newest for this Python"
    return None


def lint(wanted: list[str]) -> int:
    tree = environment.ensure()
    variables = environment.variables(tree)
    bad, skipped = [], []
    for linter in wanted:
        reason = _why_not(linter)
        if reason:
            print(f"--- {linter}: skipped, {reason}", flush=True)
            skipped.append(linter)
            continue
        command = [*LINTERS[linter], *(_shell_scripts() if linter == "shellcheck" else [])]
        print("--- " + " ".join(command), flush=True)
        start = time.monotonic()
        # ansible-lint finds our plugins, and tells a collection, by the place it is started in.
        place = tree / "ansible_collections" / NAMESPACE / NAME if linter == "ansible-lint" else ROOT
        variables["PWD"] = str(place)
        code = subprocess.run(command, cwd=place, env=variables, check=False).returncode
        outcome = f"FAILED (exit code {code})" if code else "ok"
        print(f"    {outcome}, {time.monotonic() - start:.1f} s", flush=True)
        if code:
            bad.append(linter)
    print(
        f"{len(wanted) - len(bad) - len(skipped)} linters passed, {len(bad)} failed"
        + (": " + ", ".join(bad) if bad else "")
        + (f", {len(skipped)} skipped: " + ", ".join(skipped) if skipped else "")
    )
    return 1 if bad else 0


def main() -> int:
    unknown = [name for name in sys.argv[1:] if name not in LINTERS]
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. The linters: {', '.join(LINTERS)}.", file=sys.stderr)
        return 2
    try:
        return lint(sys.argv[1:] or list(LINTERS))
    except CommandFailed as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
