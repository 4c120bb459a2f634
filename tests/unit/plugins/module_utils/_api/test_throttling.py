# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passes by itself is asked again: how long, what ends it, and that nothing else is."""

from __future__ import annotations

import math
import threading
from itertools import chain, repeat

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.deadline import Deadline
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.throttling import PATIENCE, Patience
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import (
    PASSES,
    PASSES_IF_REACHED,
    Kind,
    ReadError,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import Clock

BUSY = ReadError("busy", "Throttling", Kind("", PASSES))
GONE = ReadError("gone", "EndpointConnectionError", Kind("", PASSES_IF_REACHED))


def asked(clock, outcomes, patience=None, deadline=None, takes=0.0):
    """Ask for what comes in turn: an error is raised, anything else is the answer."""
    outcomes = iter(outcomes)

    def call():
        clock.now += takes
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return (patience or Patience(clock.surroundings)).ask(call, deadline or Deadline())


def test_an_answer_is_taken_at_once():
    clock = Clock()
    assert asked(clock, ["answer"]) == "answer"
    assert clock.slept == []


def test_a_throttled_call_is_asked_again_after_pauses_that_grow_to_ten_seconds():
    clock = Clock()
    assert asked(clock, [BUSY] * 10 + ["answer"]) == "answer"
    assert clock.slept == [0.5, 0.75, 1.12, 1.69, 2.53, 3.8, 5.7, 8.54, 10.0, 10.0]


def test_pauses_have_jitter_so_that_readings_at_once_spread():
    clock = Clock(random=0.5)
    assert asked(clock, [BUSY] * 2 + ["answer"]) == "answer"
    assert clock.slept == pytest.approx([0.55, 0.825], abs=0.01)


def test_where_one_is_throttled_all_who_share_the_patience_pause():
    order = []

    class Shared(Clock):
        def sleep(self, seconds):
            order.append(f"sleeps {seconds:.2f}")
            if len(order) == 2:
                # In another thread, while the first one sleeps: half of its pause is over.
                self.now += seconds / 2
                asked_too = patience.ask(lambda: order.append("asks") or "other", Deadline())
                assert asked_too == "other"
                self.now -= seconds / 2
            self.now += seconds

    clock = Shared()
    patience = Patience(clock.surroundings)
    outcomes = iter([BUSY, "answer"])

    def call():
        order.append("is refused" if not order else "is answered")
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    assert patience.ask(call, Deadline()) == "answer"
    assert order == ["is refused", "sleeps 0.50", "sleeps 0.25", "asks", "is answered"]
    assert asked(clock, ["at once"], patience) == "at once", "a pause that is over holds nobody back"
    assert len(order) == 5


def test_a_pause_of_others_is_no_longer_than_there_is_time():
    clock = Clock()
    patience = Patience(clock.surroundings)
    with pytest.raises(ReadError):
        asked(clock, [BUSY, ReadError("denied", "AccessDenied")], patience)
    patience._pause_until = clock.now + 50
    assert asked(clock, ["answer"], patience, Deadline(3, lambda: clock.now)) == "answer"
    assert clock.slept == [0.5, 3]


@pytest.mark.parametrize("error", [ReadError("denied", "AccessDenied"), ReadError("cut"), KeyError("ours")])
def test_other_errors_are_not_asked_again(error):
    clock = Clock()
    with pytest.raises(type(error)) as caught:
        asked(clock, [error, "answer"])
    assert caught.value is error
    assert clock.slept == []


def test_what_comes_after_throttling_is_raised_as_it_is():
    with pytest.raises(ReadError, match="denied"):
        asked(Clock(), [BUSY, ReadError("denied", "AccessDenied")])


@pytest.mark.parametrize("takes", [0.0, 55.0])
def test_throttling_for_ever_is_an_error_after_five_minutes_of_it(takes):
    clock = Clock()
    with pytest.raises(ReadError, match="busy"):
        asked(clock, repeat(BUSY), takes=takes)
    since_the_first_refusal = clock.now - takes
    assert PATIENCE - 10 < since_the_first_refusal <= PATIENCE + takes
    assert PATIENCE == 300


@pytest.mark.parametrize(
    ("seconds", "slept"), [(3, [0.5, 0.75, 0.88, 0.44]), (1.25, [0.5, 0.38]), (1, [0.5, 0.25]), (0.4, []), (0, [])]
)
def test_there_can_be_less_of_it(seconds, slept):
    clock = Clock()
    with pytest.raises(ReadError, match="busy"):
        asked(clock, repeat(BUSY), Patience(clock.surroundings, seconds))
    assert clock.slept == slept


def test_each_call_has_patience_of_its_own():
    clock = Clock()
    patience = Patience(clock.surroundings)
    for _page in range(20):
        assert asked(clock, chain([BUSY] * 20, ["answer"]), patience) == "answer"
    assert clock.now > 5 * PATIENCE


def test_where_the_reading_has_no_time_for_a_pause_throttling_is_the_error():
    clock = Clock()
    deadline = Deadline(2.5, lambda: clock.now)
    with pytest.raises(ReadError, match="busy"):
        asked(clock, repeat(BUSY), deadline=deadline)
    assert clock.slept == [0.5, 0.75, 0.62, 0.31], "half of the time left at most, and none where it is too short"


def test_the_time_of_the_wait_bounds_it_as_that_of_the_reading_does():
    clock = Clock()
    with pytest.raises(ReadError, match="busy"):
        asked(clock, repeat(BUSY), deadline=Deadline(1000, lambda: clock.now, lambda: 2.5 - clock.now))
    assert clock.slept == [0.5, 0.75, 0.62, 0.31]


def test_it_may_last_for_ever():
    clock = Clock()
    assert asked(clock, chain([BUSY] * 1000, ["answer"]), Patience(clock.surroundings, math.inf)) == "answer"


def test_what_cannot_be_reached_is_asked_again_once_it_could_be():
    clock = Clock()
    with pytest.raises(ReadError, match="gone"):
        asked(clock, [GONE])
    assert asked(clock, [BUSY, GONE, GONE, "answer"]) == "answer"
    patience = Patience(clock.surroundings)
    asked(clock, ["answer"], patience)
    assert asked(clock, [GONE, "answer"], patience) == "answer"


def test_the_last_refusal_is_kept_until_aws_answers_anybody():
    clock = Clock()
    patience, seen = Patience(clock.surroundings), []
    outcomes = iter([BUSY, BUSY, "answer"])

    def call():
        seen.append(patience.refused)
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    patience.ask(call, Deadline())
    assert (seen, patience.refused) == ([None, BUSY, BUSY], None)


@pytest.mark.parametrize("code", ["ReadingTimeout", "NoAnswer"])
def test_where_the_time_ends_within_a_call_throttling_is_the_error_if_it_came_before(code):
    late = ReadError("late", code)
    with pytest.raises(ReadError, match="busy"):
        asked(Clock(), [BUSY, late])
    with pytest.raises(ReadError, match="late"):
        asked(Clock(), [late])


def test_a_reading_that_is_over_does_not_ask_again():
    clock = Clock()
    patience = Patience(clock.surroundings)
    patience.over.set()
    with pytest.raises(ReadError, match="busy"):
        asked(clock, [BUSY, "answer"], patience)
    assert clock.slept == []


def test_the_end_of_the_reading_wakes_who_pauses():
    patience, refused = Patience(), threading.Event()
    raised = []

    def call():
        refused.set()
        raise BUSY

    def ask():
        # Its first pauses alone would take longer than anybody waits here for the thread.
        try:
            patience.ask(call, Deadline())
        except ReadError as error:
            raised.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    assert refused.wait(10)
    patience.over.set()
    thread.join(60)
    assert raised == [BUSY]
