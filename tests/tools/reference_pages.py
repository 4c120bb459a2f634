# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the plugins' reference pages from their documentation (inside the project's environment).

python3 tests/tools/run.py python tests/tools/reference_pages.py
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from places import NAME, NAMESPACE, ROOT

# Where antsibull-docs links to pages that it does not make: those of other collections beside ours, and ours in HTML.
_MENDED = (
    (
        rf"(?<=`)((?!{NAMESPACE}\.{NAME}\.)(\w+)\.(\w+)\.\S+) <(\w+)\.rst>",
        r"\1 <https://docs.ansible.com/ansible/latest/collections/\2/\3/\4.html>",
    ),
    (rf'(?<=href=")\.\./\.\./{NAMESPACE}/{NAME}/(\w+)\.html', r"\1.rst"),
)


def write(directory: Path) -> None:
    """Make a page for each plugin in ``directory``, with antsibull-docs."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(
            [
                str(Path(sys.executable).parent / "antsibull-docs"), "collection", "--use-current",
                "--squash-hierarchy", "--no-indexes", "--fail-on-error", "--output-format", "simplified-rst",
                "--dest-dir", place, f"{NAMESPACE}.{NAME}",
            ],
            check=True,
        )  # fmt: skip
        for page in sorted(Path(place).glob("*_*.rst")):
            # Its first line names the version of the tool, which would change the pages with every lock.
            lines = page.read_text().splitlines(keepends=True)[1:]
            text = "".join(line.rstrip() + "\n" for line in lines)
            for dead, mended in _MENDED:
                text = re.sub(dead, mended, text)
            (directory / page.name).write_text(text.strip("\n") + "\n")


if __name__ == "__main__":
    write(ROOT / "docs" / "reference")
