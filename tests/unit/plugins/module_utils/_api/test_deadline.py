# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time limit: what is done in time is as it was, and nothing waits longer than there is time."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import inf

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.deadline import Deadline, DeadlineExceeded


class FakeClock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize("seconds", [None, 60, 1e300])
def test_what_is_done_in_time_gives_its_result(seconds):
    assert Deadline(seconds).call(lambda: 7) == 7


@pytest.mark.parametrize("seconds", [None, 60])
@pytest.mark.parametrize("error", [ValueError("mine"), SystemExit(3), TimeoutError("the socket's own")])
def test_what_it_raises_is_raised(seconds, error):
    def fail():
        raise error

    with pytest.raises(type(error)) as caught:
        Deadline(seconds).call(fail)
    assert caught.value is error


def test_what_takes_longer_is_left_behind():
    never = threading.Event()
    with pytest.raises(DeadlineExceeded):
        Deadline(0.05).call(never.wait)
    never.set()


def test_what_is_left_behind_does_not_keep_the_process():
    started, never = threading.Event(), threading.Event()
    threads = []

    def hang():
        threads.append(threading.current_thread())
        started.set()
        never.wait()

    with pytest.raises(DeadlineExceeded):
        Deadline(0.05).call(hang)
    assert started.wait(10)
    assert threads[0].daemon
    never.set()


def test_the_time_is_for_all_calls_together_and_is_counted_by_the_clock():
    clock, calls = FakeClock(), []
    deadline = Deadline(10, clock)
    for _each in range(2):
        deadline.call(lambda: calls.append(clock.now))
        clock.now += 5
    with pytest.raises(DeadlineExceeded):
        deadline.call(lambda: calls.append(clock.now))
    assert calls == [100, 105], "no call is begun when the time is over"


def test_the_time_left_is_told():
    clock = FakeClock()
    limited, unlimited = Deadline(10, clock), Deadline(None, clock)
    assert (limited.remaining(), unlimited.remaining()) == (10, inf)
    clock.now += 12
    assert (limited.remaining(), unlimited.remaining()) == (-2, inf)


def test_without_a_limit_the_clock_does_not_matter():
    clock = FakeClock()
    deadline = Deadline(None, clock)
    clock.now = 1e12
    assert deadline.call(threading.current_thread) is threading.current_thread()


def test_calls_one_after_another_share_a_thread():
    deadline = Deadline(60)
    assert deadline.call(threading.current_thread) is deadline.call(threading.current_thread)


def test_calls_at_the_same_time_do_not_wait_for_each_other():
    deadline, both = Deadline(60), threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        places = list(threads.map(lambda _each: deadline.call(lambda: both.wait(10)), range(2)))
    assert sorted(places) == [0, 1]


def test_a_thread_that_was_left_behind_makes_no_further_call():
    deadline, never, started = Deadline(60), threading.Event(), threading.Event()
    threads = []

    def hang():
        threads.append(threading.current_thread())
        started.set()
        never.wait()

    deadline.seconds = 0.05
    with pytest.raises(DeadlineExceeded):
        deadline.call(hang)
    assert started.wait(10)
    deadline.seconds = 60
    assert deadline.call(threading.current_thread) is not threads[0]
    never.set()
    threads[0].join(10)
    assert not threads[0].is_alive()


@pytest.mark.parametrize("fails", [False, True])
def test_the_threads_end_with_the_deadline(fails):
    deadline, threads = Deadline(60), []

    def call():
        threads.append(threading.current_thread())
        if fails:
            raise ValueError("refused")

    with suppress(ValueError):
        deadline.call(call)
    del deadline
    gc.collect()
    threads[0].join(10)
    assert not threads[0].is_alive()
