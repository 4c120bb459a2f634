# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes ``ansible_collections.stackgate.stacksets`` importable from a checkout of any name."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def _provide_collection() -> None:
    try:
        # ansible-test runs the tests of modules without the controller's code, in a tree of its own.
        from ansible.plugins.loader import init_plugin_loader
        from ansible.utils.collection_loader import AnsibleCollectionConfig
    except ImportError:
        return
    if AnsibleCollectionConfig.collection_finder is not None:
        return
    root = Path(tempfile.mkdtemp(prefix="stackgate-unit-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    namespace = root / "ansible_collections" / "stackgate"
    namespace.mkdir(parents=True)
    (namespace / "stacksets").symlink_to(CHECKOUT, target_is_directory=True)
    further = [path for path in os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep) if path]
    init_plugin_loader([str(root), *further])


_provide_collection()

try:
    from hypothesis import settings
    from hypothesis.database import DirectoryBasedExampleDatabase
except ImportError:
    pass
else:
    # A slow, shared machine is no failure, so no deadline; examples are kept with the other leavings of our tools.
    settings.register_profile(
        "stackgate",
        deadline=None,
        database=DirectoryBasedExampleDatabase(CHECKOUT / ".cache" / "hypothesis"),
        print_blob=True,
    )
    settings.load_profile("stackgate")
