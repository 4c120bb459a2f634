# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where packages come from: pip's settings, which uv does not read by itself; npm; and the Java that is there."""

import ast
import filecmp
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

_NAMES = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
_NAMES |= {"cert": "SSL_CERT_FILE", "client-cert": "SSL_CLIENT_CERT", "trusted-host": "UV_INSECURE_HOST"}
_NAMES |= {"proxy": "ALL_PROXY", "timeout": "UV_HTTP_TIMEOUT"}


@cache
def pip_settings() -> dict[str, str]:
    """By the names of pip's options, from its files and its variables. Some may be secrets."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^(global|install|:env:)\.(?:default-)?(\S+?)=(.+)$", listed, re.MULTILINE)
    # Of one name the last is in force: a variable goes before the files.
    found.sort(key=lambda one: one[0] == ":env:")
    return {name: " ".join(str(ast.literal_eval(value)).split()) for __, name, value in found if name in _NAMES}


def uv_variables(everything: bool = True) -> dict[str, str]:
    """What the caller has set for uv itself goes first. Not everything: without packages that other machines lack."""
    settings = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # The best version of all indexes, as with pip.
    for name, value in pip_settings().items():
        if everything or name not in ("extra-index-url", "find-links"):
            settings[_NAMES[name]] = value.replace(" ", ",") if name == "find-links" else value
    return {name: os.environ.get(name) or value for name, value in settings.items()}


def install_from_npm(wanted: Path, folder: Path) -> None:
    """See that a folder has what is locked in another one."""
    # npm writes the lock below node_modules at its end.
    lock, done = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if not (lock.exists() and done.exists() and filecmp.cmp(lock, wanted / lock.name, shallow=False)):
        shutil.copytree(wanted, folder, dirs_exist_ok=True)
        options = "--legacy-peer-deps --ignore-scripts --no-audit --no-fund --cache ../npm"
        subprocess.run(["npm", "ci", *options.split()], cwd=folder, stdout=sys.stderr, check=True)


def java_version() -> int:
    """Of the Java in JAVA_HOME or on the PATH; 0 where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = (home and shutil.which("java", path=f"{home}/bin")) or shutil.which("java")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr if java else ""
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0
