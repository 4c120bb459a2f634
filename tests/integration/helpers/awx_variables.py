# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Extra variables as AWX writes them for a job: each text, also a key, is ``!unsafe`` and in quotes.

ansible-core 2.19 and newer give such a text the type that YAML would give it without quotes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Its texts are what a template must never be made of."""


_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


def write_extra_vars(path: Path, extra_vars: Mapping[str, Any]) -> str:
    """Write them, one document of one variable after the other without a mark between; the word for ``-e``."""
    documents = [
        yaml.dump({name: value}, Dumper=_Dumper, default_flow_style=False) for name, value in extra_vars.items()
    ]
    path.write_text("".join(documents) or "{}\n")
    return f"@{path}"
