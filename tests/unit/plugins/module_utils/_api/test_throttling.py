# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passes by itself is asked again: how long, what ends it, and that nothing else is."""

from __future__ import annotations

import math
import threading
from itertools import chain, repeat

import boto3
import pytest
from botocore.config import Config

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.deadline import Deadline
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.throttling import (
    RETRY_SECONDS,
    ThrottleRetry,
    retry_seconds,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import (
    ErrorKind,
    ReadError,
    Transient,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import FakeClock

BUSY = ReadError("busy", "Throttling", ErrorKind("", Transient.ALWAYS))
GONE = ReadError("gone", "EndpointConnectionError", ErrorKind("", Transient.IF_REACHED))


def asked(clock, outcomes, retry=None, deadline=None, takes=0.0):
    """Ask for what comes in turn: an error is raised, anything else is the answer."""
    outcomes = iter(outcomes)

    def call():
        clock.now += takes
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return (retry or ThrottleRetry(clock)).call(call, deadline or Deadline())


def test_an_answer_is_taken_at_once():
    clock = FakeClock()
    assert asked(clock, ["answer"]) == "answer"
    assert clock.slept == []


def test_a_throttled_call_is_asked_again_after_pauses_that_grow_to_ten_seconds():
    clock = FakeClock()
    assert asked(clock, [BUSY] * 10 + ["answer"]) == "answer"
    assert clock.slept == [0.5, 0.75, 1.12, 1.69, 2.53, 3.8, 5.7, 8.54, 10.0, 10.0]


def test_pauses_have_jitter_so_that_readings_at_once_spread():
    clock = FakeClock(random=0.5)
    assert asked(clock, [BUSY] * 2 + ["answer"]) == "answer"
    assert clock.slept == pytest.approx([0.55, 0.825], abs=0.01)


def test_where_one_is_throttled_all_who_share_the_retries_pause():
    order = []

    class Shared(FakeClock):
        def sleep(self, seconds):
            order.append(f"sleeps {seconds:.2f}")
            if len(order) == 2:
                # In another thread, while the first one sleeps: half of its pause is over.
                self.now += seconds / 2
                asked_too = retry.call(lambda: order.append("asks") or "other", Deadline())
                assert asked_too == "other"
                self.now -= seconds / 2
            self.now += seconds

    clock = Shared()
    retry = ThrottleRetry(clock)
    outcomes = iter([BUSY, "answer"])

    def call():
        order.append("is refused" if not order else "is answered")
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert retry.call(call, Deadline()) == "answer"
    assert order == ["is refused", "sleeps 0.50", "sleeps 0.25", "asks", "is answered"]
    assert asked(clock, ["at once"], retry) == "at once", "a pause that is over holds nobody back"
    assert len(order) == 5


def test_a_pause_of_others_is_no_longer_than_there_is_time():
    clock = FakeClock()
    retry = ThrottleRetry(clock)
    with pytest.raises(ReadError):
        asked(clock, [BUSY, ReadError("denied", "AccessDenied")], retry)
    retry._paused_until = clock.now + 50
    assert asked(clock, ["answer"], retry, Deadline(3, lambda: clock.now)) == "answer"
    assert clock.slept == [0.5, 3]


@pytest.mark.parametrize("error", [ReadError("denied", "AccessDenied"), ReadError("cut"), KeyError("ours")])
def test_other_errors_are_not_asked_again(error):
    clock = FakeClock()
    with pytest.raises(type(error)) as caught:
        asked(clock, [error, "answer"])
    assert caught.value is error
    assert clock.slept == []


def test_what_comes_after_throttling_is_raised_as_it_is():
    with pytest.raises(ReadError, match="denied"):
        asked(FakeClock(), [BUSY, ReadError("denied", "AccessDenied")])


@pytest.mark.parametrize("takes", [0.0, 55.0])
def test_throttling_for_ever_is_an_error_after_five_minutes_of_it(takes):
    clock = FakeClock()
    with pytest.raises(ReadError, match="busy"):
        asked(clock, repeat(BUSY), takes=takes)
    since_the_first_refusal = clock.now - takes
    assert RETRY_SECONDS - 10 < since_the_first_refusal <= RETRY_SECONDS + takes
    assert RETRY_SECONDS == 300


@pytest.mark.parametrize(
    ("seconds", "slept"), [(3, [0.5, 0.75, 0.88, 0.44]), (1.25, [0.5, 0.38]), (1, [0.5, 0.25]), (0.4, []), (0, [])]
)
def test_there_can_be_less_of_it(seconds, slept):
    clock = FakeClock()
    with pytest.raises(ReadError, match="busy"):
        asked(clock, repeat(BUSY), ThrottleRetry(clock, seconds))
    assert clock.slept == slept


def test_each_call_has_time_of_its_own():
    clock = FakeClock()
    retry = ThrottleRetry(clock)
    for _page in range(20):
        assert asked(clock, chain([BUSY] * 20, ["answer"]), retry) == "answer"
    assert clock.now > 5 * RETRY_SECONDS


def test_where_the_reading_has_no_time_for_a_pause_throttling_is_the_error():
    clock = FakeClock()
    deadline = Deadline(2.5, lambda: clock.now)
    with pytest.raises(ReadError, match="busy"):
        asked(clock, repeat(BUSY), deadline=deadline)
    assert clock.slept == [0.5, 0.75, 0.62, 0.31], "half of the time left at most, and none where it is too short"


def test_the_time_of_the_wait_bounds_it_as_that_of_the_reading_does():
    clock = FakeClock()
    with pytest.raises(ReadError, match="busy"):
        asked(clock, repeat(BUSY), deadline=Deadline(1000, lambda: clock.now, lambda: 2.5 - clock.now))
    assert clock.slept == [0.5, 0.75, 0.62, 0.31]


def test_it_may_last_for_ever():
    clock = FakeClock()
    assert asked(clock, chain([BUSY] * 1000, ["answer"]), ThrottleRetry(clock, math.inf)) == "answer"


def test_what_cannot_be_reached_is_asked_again_once_it_could_be():
    clock = FakeClock()
    with pytest.raises(ReadError, match="gone"):
        asked(clock, [GONE])
    assert asked(clock, [BUSY, GONE, GONE, "answer"]) == "answer"
    retry = ThrottleRetry(clock)
    asked(clock, ["answer"], retry)
    assert asked(clock, [GONE, "answer"], retry) == "answer"


def test_the_last_refusal_is_kept_until_aws_answers_anybody():
    clock = FakeClock()
    retry, seen = ThrottleRetry(clock), []
    outcomes = iter([BUSY, BUSY, "answer"])

    def call():
        seen.append(retry.last_error)
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    retry.call(call, Deadline())
    assert (seen, retry.last_error) == ([None, BUSY, BUSY], None)


@pytest.mark.parametrize("code", ["ReadingTimeout", "NoAnswer"])
def test_where_the_time_ends_within_a_call_throttling_is_the_error_if_it_came_before(code):
    late = ReadError("late", code)
    with pytest.raises(ReadError, match="busy"):
        asked(FakeClock(), [BUSY, late])
    with pytest.raises(ReadError, match="late"):
        asked(FakeClock(), [late])


def test_a_reading_that_is_over_does_not_ask_again():
    clock = FakeClock()
    retry = ThrottleRetry(clock)
    retry.cancelled.set()
    with pytest.raises(ReadError, match="busy"):
        asked(clock, [BUSY, "answer"], retry)
    assert clock.slept == []


def test_the_end_of_the_reading_wakes_who_pauses():
    retry, refused = ThrottleRetry(), threading.Event()
    raised = []

    def call():
        refused.set()
        raise BUSY

    def ask():
        # Its first pauses alone would take longer than anybody waits here for the thread.
        try:
            retry.call(call, Deadline())
        except ReadError as error:
            raised.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    assert refused.wait(10)
    retry.cancelled.set()
    thread.join(60)
    assert raised == [BUSY]


@pytest.fixture
def connected(monkeypatch, tmp_path):
    """A client as the environment, a profile and aws_config make it."""

    def made(profile="", config=None, **environment):
        path = tmp_path / "config"
        path.write_text(f"[default]\n{profile}\n", encoding="utf-8")
        for name, value in {"AWS_CONFIG_FILE": str(path), **environment}.items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"):
            if name not in environment:
                monkeypatch.delenv(name, raising=False)
        session = boto3.session.Session(region_name="eu-west-1")
        return session.client("cloudformation", config=Config(**(config or {})))

    return made


def test_where_nothing_is_said_of_attempts_a_reading_asks_again(connected):
    assert retry_seconds(connected()) == RETRY_SECONDS
    assert retry_seconds(connected(config={"read_timeout": 5})) == RETRY_SECONDS


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_mode_alone_says_nothing_of_how_often(connected, mode):
    assert retry_seconds(connected(AWS_RETRY_MODE=mode)) == RETRY_SECONDS
    assert retry_seconds(connected(f"retry_mode = {mode}")) == RETRY_SECONDS


@pytest.mark.parametrize(
    "said",
    [
        {"AWS_MAX_ATTEMPTS": "2"},
        {"profile": "max_attempts = 2"},
        {"config": {"retries": {"total_max_attempts": 2}}},
        {"config": {"retries": {"max_attempts": 1, "mode": "standard"}}},
    ],
    ids=str,
)
def test_who_says_how_often_is_obeyed_and_nothing_is_tried_above_that(connected, said):
    assert retry_seconds(connected(**said)) == 0
