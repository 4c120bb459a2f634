# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkout's files, and the trees of collections that they stand in."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = Path("ansible_collections", "stackgate", "stacksets")
_AMAZON = Path("ansible_collections", "amazon")


def files() -> list[str]:
    """The project's files: tracked, or not yet tracked and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in dict.fromkeys(listed) if name and (ROOT / name).is_file()]


def copy_to(root: Path, tree: Path) -> Path:
    """A real copy in a tree of its own, as ansible-test wants it, beside the amazon.aws of another tree."""
    target = root / COLLECTION
    shutil.rmtree(target, ignore_errors=True)
    for name in files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    (root / _AMAZON).unlink(missing_ok=True)
    (root / _AMAZON).symlink_to(tree / _AMAZON, target_is_directory=True)
    return target


def examples_in(folder: Path) -> Path:
    """A copy of the examples as a user has them: in a project of their own, without our configuration of the linter."""
    return Path(shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__")))


def tree_of(bundle: str, cache: Path) -> Path:
    """A tree of the checkout itself and the amazon.aws of an `ansible` bundle, which is downloaded once."""
    root = cache / f"collections-{bundle}"
    _unpack(bundle, "amazon.aws", root)
    link = root / COLLECTION
    link.parent.mkdir(parents=True, exist_ok=True)
    # The checkout may have been moved. Whoever runs from here must not miss the link for a moment otherwise.
    if not link.exists() or link.resolve() != ROOT:
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT, target_is_directory=True)
    return root


def awx_modules(cache: Path) -> Path:
    """A tree of awx.awx alone, which is downloaded once. No bundle after this one has it."""
    root = cache / "collections-awx"
    _unpack("10.7.0", "awx.awx", root)
    return root


def _unpack(bundle: str, collection: str, root: Path) -> None:
    """See that a tree has a collection of an `ansible` bundle."""
    folder = Path("ansible_collections", *collection.split("."))
    if (root / folder).is_dir():
        return
    scratch = root.with_name(f"{root.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    print(f"Downloading {collection}, in the bundle ansible {bundle}: about 50 MB", file=sys.stderr, flush=True)
    # A bundle for another Python than the running one is only data here: the newest Python may have them all.
    command = [sys.executable, "-m", "pip", "-qq", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-version", "3.13", "--no-cache-dir", "--dest", scratch, f"ansible=={bundle}"]
    subprocess.run(command, check=True)
    # Three quarters of amazon.aws's files, and nothing that runs.
    unwanted = tuple(f"{folder}/{name}/" for name in ("tests", "docs", "changelogs"))
    with zipfile.ZipFile(next(scratch.glob("ansible-*.whl"))) as wheel:
        for name in wheel.namelist():
            if name.startswith(f"{folder}/") and not name.startswith(unwanted):
                wheel.extract(name, scratch)
    (root / folder.parent).mkdir(parents=True, exist_ok=True)
    # The last step, at once: a tree that was half unpacked must never look like a whole one.
    (scratch / folder).replace(root / folder)
    shutil.rmtree(scratch)
