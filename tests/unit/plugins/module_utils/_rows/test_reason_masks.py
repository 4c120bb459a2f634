# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reasons with one cause have one key, and others have others."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows import reason_masks
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.reason_masks import (
    Generated,
    common_parts,
    reason_key,
    shown_reason,
    split_reason,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.reasons import CAUSES, FORMS


@pytest.fixture(autouse=True)
def nothing_kept():
    """What another test has split is split again here."""
    reason_masks._split.cache_clear()
    reason_masks._split_word.cache_clear()


def key(reason):
    return reason_key(split_reason(reason))


def masked(reason):
    assert shown_reason(split_reason(reason)) == " ".join((reason or "").split()), "nothing of it is lost"
    return "".join(part if isinstance(part, str) else f"<{part.kind}>" for part in split_reason(reason))


def test_of_the_collected_reasons_those_of_one_cause_and_no_others_are_together():
    reasons = [(number, reason) for number, cause in enumerate(CAUSES) for reason in cause]
    assert len(CAUSES) >= 60
    apart, merged = [], []
    for (one, first), (other, second) in combinations(reasons, 2):
        together = key(first) == key(second)
        if one == other and not together:
            apart.append((first, second))
        if one != other and together:
            merged.append((first, second))
    assert (apart, merged) == ([], [])


def test_a_form_has_as_many_generated_parts_as_were_put_into_it():
    for form, cause in zip(FORMS, CAUSES, strict=True):
        # What is constant in these forms, a stack set's name, is inside of a stack's.
        put = [name for name in re.findall(r"\{(\w+)\}", form) if name != "stack_set"]
        found = [part for part in split_reason(cause[0]) if isinstance(part, Generated)]
        assert len(found) <= len(put)
        assert bool(found) == bool(put), form


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("Account 111122223333 is closed", "Account <account> is closed"),
        (
            "Role arn:aws-us-gov:iam::111122223333:role/x/y is invalid.",
            "Role arn:<partition>:iam::<account>:role/x/y is",
        ),
        ("no zone us-east-1a left in us-east-1", "no zone <zone> left in <region>"),
        ("us-west-2-lax-1a, us-west-2-lax-1, us-east-1-wl1-bos-wlz-1", "<zone>, <zone>, <zone>"),
        ("in eu-isoe-west-1, us-iso-east-1, eusc-de-east-1, cn-north-1", "in <region>, <region>, <region>, <region>"),
        ("Pool eu-west-1_AbCdEf123", "Pool <region>_<id>"),
        ("Zone hostedzone/Z0123456ABCDEFGHIJKL", "Zone hostedzone/<id>"),
        ("DB db-ABCDEFGHIJKLMNOPQRSTUVWXYZ, rule config-rule-abc1d2", "DB db-<id>, rule config-rule-<id>"),
        ("/restapis/a1b2c3d4e5 and /apis/f6g7h8i9j0", "/restapis/<id> and /apis/<id>"),
        ("svc vpce-svc-0123456789abcdef0", "svc vpce-svc-<id>"),
        ('{"RequestId":"4X2Z7Q9P1KJ3M5N8"}', '{"RequestId":"<id>"}'),
        ("(Host-Id=abc+/def=; x)", "(Host-Id=<id>; x)"),
        ("(Request ID: 'abc12345')", "(Request ID: '<id>')"),
        ("Request ID: 4X2Z7Q9P1KJ3M5N8", "Request ID: <id>"),
        ("RequestToken: 4X2Z7Q9P", "RequestToken: <id>"),
        (
            "Encoded authorization failure message: aB3-x_Yz (Service",
            "Encoded authorization failure message: <encoded m",
        ),
        ("HostId: abc+/def=, and", "HostId: <id>, and"),
        ("at 20261102T081500Z, 08:15:00,5 and 2026-11-02T08:15:00+0100", "at <time>, <time> and <time>"),
        ("until Mon, 02 Nov 2026 08:15:00 GMT and later", "until <time> and later"),
        ("2001:db8::1, ::1, 10.0.0.1:443, 10.0.0.0/16", "<ip>, ::1, <ip>:443, <ip>/16"),
        ("{}", "{}"),
        ("at 1::2 only", "at <ip> only"),
        ("abcdefab12345678, abcdefa12345678", "<id>, abcdefa12345678"),
        ("ab3cde4fg5hij6k, ab3cde4fg5hij67k", "<id>, ab3cde4fg5hij67k"),
        ("StackSet-a/StackSet-b-1b4e28ba-2fa1-11d2-883f-0016d3cca427", "StackSet-a/<stack>"),
        ("2026-11-02 08:15:00x", "2026-11-02 08:15:00x"),
        ("  spread\n over\t lines ", "spread over lines"),
        (None, ""),
        ("", ""),
    ],
)
def test_what_is_generated_is_told_by_its_label_or_its_form(reason, shown):
    assert masked(reason).startswith(shown)


@pytest.mark.parametrize(
    "reason",
    [
        "ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, ResourceStatusReason:Limit exceeded",
        "Cancelled since failure tolerance has exceeded",
        "12 of 20 stacks, 1.5 GB, 99999 rows, 12345678901 and 1234567890123",
        "AWSCloudFormationStackSetExecutionRole is missing",
        "org-auditlogs2025, org-datalake2026x, publicsubnet1a, privatesubnet1b, PublicSubnet1, S3AccessLogs12",
        "Prod-Network-PublicSubnet, prod-network-privatesubnet1, MyOrgVpcRole1, app-1a2b3c4d, log-20261102",
        "StackSet-1b4e-Role-PublicSubnet, MyS3AuditEuBucket, MyS3AuditLoggingEuBucket",
        "StackSet-like names, stacksets-exec, StackSet-Audit-ExecutionRole, stackset-logs",
        "key: value, id: something, message: hello, stream: x, count: 5, request something",
        "failure message: BucketPolicyNotSupported, id: something, message: something1",
        "something authorization message: BucketPolicyNotSupported",
        "Version 2012-10-17, python3.9, 5.7.38, m5.large, 1.2.3.4.5, 300.1.1.1, v1.2.3",
        "a:b:c, 12:30, ab:cd:ef, http://example.org/a/b, x=1",
        "account-111122223333x and x111122223333",
        "my-east-1, ours-north-2, east-1, use1-web1",
        "arn:something:iam, marn:aws:iam, role/x/y, secret:abc-def",
    ],
)
def test_what_tells_causes_apart_is_left_alone(reason):
    assert masked(reason) == reason


words = st.one_of(
    st.from_regex(r"[A-Z]?[a-z]{3,9}", fullmatch=True),
    st.from_regex(r"(?:[A-Z][a-z]{2,7}){2,3}", fullmatch=True),
    st.from_regex(r"[a-z]{2,8}(?:-[a-z]{3,8}){1,2}", fullmatch=True),
    st.from_regex(r"[a-z]{3,9}20[0-9]{2}[a-z]?", fullmatch=True),
    st.from_regex(r"[A-Z]{2,10}", fullmatch=True),
    st.integers(0, 9_999_999).map(str),
)


@given(st.sampled_from([reason for cause in CAUSES for reason in cause]), st.integers(0), words, words)
def test_no_two_reasons_that_differ_in_an_ordinary_word_or_number_are_one_cause(reason, place, one, other):
    """Wherever in a real reason the word stands, but for behind a label."""
    assume(one != other)
    said = reason.split(" ")
    place %= len(said) + 1
    assume(not (place and said[place - 1].endswith((":", "="))))
    made = [" ".join([*said[:place], word, *said[place:]]) for word in (one, other)]
    assert key(made[0]) != key(made[1])


@pytest.mark.parametrize("reason", [reason for cause in CAUSES for reason in cause])
def test_the_parts_of_a_reason_are_the_reason(reason):
    assert masked(reason) == masked(reason + "\n")


@given(st.text(max_size=300))
def test_the_parts_of_any_text_are_the_text_on_one_line(text):
    parts = split_reason(text)
    assert shown_reason(parts) == " ".join(text.split())
    assert all(parts)
    assert split_reason(shown_reason(parts)) == parts
    assert re.fullmatch("c[0-9a-f]{15}", reason_key(parts)), "YAML must not take it for a number"


def test_what_all_have_in_common_stays_and_what_differs_is_named():
    reasons = [f"Account 111122223333 lacks vpc-0123456789abcdef{number} in eu-west-1" for number in range(3)]
    one, other, third = map(split_reason, reasons)
    assert shown_reason(common_parts(one, one)) == reasons[0]
    both = common_parts(one, other)
    assert shown_reason(both) == "Account 111122223333 lacks vpc-<id> in eu-west-1"
    assert common_parts(both, third) == both
    assert reason_key(both) == key(reasons[0])


def test_a_kind_that_somebody_wrote_is_not_what_is_masked():
    assert key("Account <account> is closed") != key("Account 111122223333 is closed")


def test_a_cause_has_its_key_for_good():
    assert key("Account 111122223333 is closed") == "c795d762deb6e8cf"
    assert re.fullmatch("c[0-9a-f]{15}", key("a lone surrogate \ud800"))
    assert key(None) == key("") == "ce3b0c44298fc1c1"


@pytest.mark.parametrize("stack_set", ["org-baseline", "a", "AWSControlTowerBP-BASELINE-CONFIG"])
def test_a_cause_has_the_same_key_in_every_stack_set(stack_set):
    stack = f"StackSet-{stack_set}-1b4e28ba-2fa1-11d2-883f-0016d3cca427"
    assert masked(f"Role {stack}-AuditRole-tWs7cLY5ltn3 exists") == "Role <stack>-AuditRole-<id> exists"
    # A suffix may look like a word, but for where it stands.
    for begin in (stack, f"StackSet-{stack_set}-1b4e28"):
        assert masked(f"Role {begin}-AuditRole-PublicSubnet exists") == "Role <stack>-AuditRole-<id> exists"


def test_the_beginning_of_a_long_reason_counts():
    begin = "word " * 500
    assert key(begin + "one") == key(begin + "other")
    assert key("word " * 499 + "one") != key("word " * 499 + "other")
    assert key(begin) != key(begin + "more")
    assert shown_reason(split_reason(begin + "more")) == begin.rstrip() + " ..."
    assert len(shown_reason(split_reason("x" * 200_000))) == 1000


@pytest.mark.parametrize("piece", ["a", "a-", "1:", "stackset-", "Request ID: ", "2026-11-02 ", "10.0.0.1\n\n"])
def test_the_patterns_see_a_bounded_stretch_of_a_reason(piece, monkeypatch):
    seen = []
    real = reason_masks._split_word.__wrapped__
    monkeypatch.setattr(reason_masks, "_split_word", lambda word: seen.append(len(word)) or real(word))
    reason = (piece * 200_000)[:200_000]
    assert len(shown_reason(split_reason(reason))) < 10_000
    assert max(seen) <= 1000
    assert len(seen) <= 500
