# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are."""

from __future__ import annotations

import sys
from pathlib import Path

if sys.version_info < (3, 10):  # noqa: UP036  (started with whatever the machine calls python3)
    sys.exit("Python 3.10 or newer is needed; try: make PYTHON=python3.12 ...")

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
LOGS = CACHE / "logs"
REQUIREMENTS = ROOT / "tests" / "requirements"
# HOME of everything that is started here, so that nobody's own home is touched.
HOME = CACHE / "home"
# The development environment.
VENV = CACHE / "venv"

NAMESPACE, NAME = "stackgate", "stacksets"
