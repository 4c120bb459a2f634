# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree of collections that ANSIBLE_COLLECTIONS_PATH points at: amazon.aws of one bundle, and this checkout."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import progress
import virtualenv
from places import CACHE, LOGS, NAME, NAMESPACE, ROOT, VENV
from versions import line_of

_WANTED = "ansible_collections/amazon/aws/"
# Three quarters of the collection's files, and nothing that runs.
_UNWANTED = tuple(_WANTED + folder for folder in ("tests/", "docs/", "changelogs/"))


def root_for(core_version: str) -> Path:
    return CACHE / f"collections-{line_of(core_version).bundle}"


def ensure(core_version: str, quiet: bool = False) -> Path:
    """See that the tree for this ansible-core exists, and return its root."""
    root = root_for(core_version)
    if not (root / _WANTED).is_dir():
        with virtualenv.exclusive(root.name):
            if not (root / _WANTED).is_dir():
                _download(line_of(core_version).bundle, root, quiet)
    _link_checkout(root)
    return root


def _download(bundle: str, root: Path, quiet: bool) -> None:
    scratch = CACHE / f"{root.name}.new"
    shutil.rmtree(scratch, ignore_errors=True)
    # A bundle for another Python than the running one is only data here: the newest Python may have them all.
    command = [virtualenv.python_of(VENV), "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-version", "3.13", "--progress-bar", "off", "--no-cache-dir", "--dest", scratch]
    label = f"fetching amazon.aws (in the bundle ansible {bundle}, about 50 MB)"
    log = LOGS / f"{root.name}.log"
    progress.run(label, [*command, f"ansible=={bundle}"], log, virtualenv.pip_environment(), quiet=quiet)
    with zipfile.ZipFile(next(scratch.glob("ansible-*.whl"))) as wheel:
        for name in wheel.namelist():
            if name.startswith(_WANTED) and not name.startswith(_UNWANTED):
                wheel.extract(name, scratch)
    (root / "ansible_collections").mkdir(parents=True, exist_ok=True)
    # The last step, at once: a tree that was half unpacked must never look like a whole one.
    (scratch / "ansible_collections" / "amazon").replace(root / "ansible_collections" / "amazon")
    shutil.rmtree(scratch)


def _link_checkout(root: Path) -> None:
    link = root / "ansible_collections" / NAMESPACE / NAME
    if link.is_symlink() and link.resolve() == ROOT:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(ROOT, target_is_directory=True)


def files() -> list[str]:
    """The project's files: tracked, or not yet tracked and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in dict.fromkeys(listed) if name and (ROOT / name).is_file()]


def copy_checkout(root: Path, amazon_from: Path) -> Path:
    """A real copy of the checkout in a tree of its own, as ansible-test wants it; where the copy is."""
    target = root / "ansible_collections" / NAMESPACE / NAME
    shutil.rmtree(target, ignore_errors=True)
    for name in files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    link = root / "ansible_collections" / "amazon"
    link.unlink(missing_ok=True)
    link.symlink_to(amazon_from / "ansible_collections" / "amazon", target_is_directory=True)
    return target
