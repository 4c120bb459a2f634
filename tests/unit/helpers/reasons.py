# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Status reasons in the forms that AWS's services give them, with invented names.

Each line of reasons.txt is one cause, and each entry of CAUSES has the reasons that three targets give for it: these
belong together, and no two entries do. Lines that differ in a word, a name or a number stand beside each other.
"""

from __future__ import annotations

from pathlib import Path

_UUIDS = (
    "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    "c9a646d3-9c61-4cb7-bfcd-ee2522c8f633",
    "6fa459ea-ee8a-3ca4-894e-db77e160355e",
)
_EXTENDED = (
    "Xl0uC5Xb3Zqk0V1/9aQ+fT2mB7pR4sW6yD8hJ1nK3gE5=",
    "9wP+uO7eRt/Zk2LmQ4xV6bN8cJ0hG3fD5sA1yU7iO9pT=",
    "aB3/dE5+fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7bC9=",
)
_REQUESTS = ("4X2Z7Q9P1KJ3M5N8", "9A8B7C6D5E4F3G2H", "ZZQWERTYASDFGH12")

_COLUMNS = {
    "uuid": _UUIDS,
    "uuid2": tuple(reversed(_UUIDS)),
    "account": ("111122223333", "444455556666", "012345670123"),
    "region": ("eu-west-1", "us-gov-east-1", "ap-southeast-2"),
    "new_region": ("eusc-de-east-1", "us-isob-east-1", "mx-central-1"),
    "zone": ("us-east-1a", "eu-north-1c", "us-west-2-lax-1a"),
    "zone_id": ("use1-az1", "euw1-az3", "apse2-az2"),
    "partition": ("aws", "aws-us-gov", "aws-cn"),
    "request": _REQUESTS,
    "extended": _EXTENDED,
    "suffix": ("tWs7cLY5ltn3", "Qe0bVu8XyPzA", "mPk2rrT91WvB"),
    "old_suffix": ("1X2YPZ3QW4RT5", "TH7G1BK2DE90", "1AB2CD3EF4GH5"),
    "lower_suffix": ("1x2ypz3qw4rt5", "q8r7t6y5u4i3", "k0v1b2n3m4l5"),
    "short": ("1a2b3c4d", "deadbeef", "01234567"),
    "long": ("0123456789abcdef0", "0fedcba9876543210", "0a1b2c3d4e5f60718"),
    "hex": ("0f3a9c1d2e4b5a697887766554433221", "a3f5c7e9d1b2a4c6e8f0d2b4c6a8e0f1", "00112233445566778899aabbccddeeff"),
    "hex16": ("50dc6c495c0c9188", "73e2d6bc24d8a067", "1f2e3d4c5b6a7988"),
    "hex12": ("0f3a9c1d2e4b", "1f3a9c1d2e4b", "a0b1c2d3e4f5"),
    "mixed6": ("AbCdEf", "x9YzQ2", "Qwerty"),
    "ip": ("10.0.3.17", "172.31.255.4", "192.168.0.1"),
    "ip_name": ("10-0-3-17", "172-31-255-4", "192-168-0-1"),
    "ipv6": ("2001:db8::1", "fe80::1ff:fe23:4567:890a", "2001:db8:85a3:0:0:8a2e:370:7334"),
    "time": ("2026-11-02T08:15:00Z", "2026-11-03T19:05:59.123Z", "2026-12-31T23:59:59+00:00"),
    "spaced_time": ("2026-11-02 08:15:00", "2026-11-03 19:05:59.123", "2026-12-31 23:59:59"),
    "http_time": ("Mon, 02 Nov 2026 08:15:00 GMT", "Tue, 03 Nov 2026 19:05:59 GMT", "Thu, 31 Dec 2026 23:59:59 GMT"),
    "java_time": ("Mon Nov 02 08:15:00 UTC 2026", "Tue Nov 03 19:05:59 UTC 2026", "Thu Dec 31 23:59:59 UTC 2026"),
    "log_date": ("2026/11/02", "2026/11/03", "2026/12/31"),
    "log_version": ("$LATEST", "12", "7"),
    "encoded": ("Ab3_x-" * 40, "qW9-zT_" * 37, "0Lp_" * 90),
    "trace": (
        "1-5759e988-bd862e3fe1be46a994272793",
        "1-58406520-a006649127e371903a2de979",
        "1-" + "0a" * 4 + "-" + "1b" * 12,
    ),
    "access_key": ("AKIAIOSFODNN7EXAMPLE", "ASIAJEXAMPLEXEG2JICE", "AKIA2B3C4D5E6F7G2H3I"),
    "pointer": ("0x7f9a342eaf90", "0x7fde201eb630", "0x55d0c8a1b2c3"),
    "session": ("AWSCloudFormation", "i-0a1b2c3d4e5f60718", "1730535300123456789"),
    "attempt": ("1", "3", "2"),
    "stack_set": ("org-baseline", "org-baseline", "org-baseline"),
}

FORMS = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()


def _reasons(form: str) -> tuple[str, ...]:
    made = [form.format(**{name: values[one] for name, values in _COLUMNS.items()}) for one in range(3)]
    return tuple(dict.fromkeys(made))


CAUSES = tuple(_reasons(form) for form in FORMS)
