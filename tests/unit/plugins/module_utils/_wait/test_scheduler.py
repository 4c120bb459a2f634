# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several waits at once: each comes to its end, in its place, whatever becomes of the others."""

from __future__ import annotations

import threading
import time
import weakref
from itertools import pairwise
from types import SimpleNamespace

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.deadline import Deadline
from ansible_collections.stackgate.stacksets.plugins.module_utils._backoff import Clock
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import Interrupted, ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.scheduler import PollScheduler
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import FakeClock

SOON = 0.002


class Scripted:
    """A wait whose polls give these, one after another: None for one more, an error to raise, or a function to call."""

    def __init__(self, *answers, delay=SOON):
        self._answers = list(answers)
        self._delay = delay
        self.polls = 0

    def poll(self):
        self.polls += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def delay(self):
        return self._delay


def decision(name="passed"):
    return SimpleNamespace(verdict=name)


def conclude(number, wait, ending):
    assert wait.polls >= 0, "it is concluded from the wait itself"
    return number, str(ending) if isinstance(ending, BaseException) else ending.verdict


def new_scheduler(threads=3, elapsed=time.monotonic):
    return PollScheduler(Clock(elapsed, time.sleep, lambda: 0.0), threads)


def ran(*waiters, threads=3, exit_if_abandoned=lambda: None, scheduler=None):
    return (scheduler or new_scheduler(threads)).run(list(waiters), conclude, exit_if_abandoned)


def test_each_result_is_in_the_place_of_its_wait():
    waits = [Scripted(*[None] * (9 - number), decision(str(number))) for number in range(9)]
    assert ran(*waits) == [(number, str(number)) for number in range(9)]
    assert [wait.polls for wait in waits] == [10 - number for number in range(9)]


def test_one_that_lasts_keeps_no_thread_from_the_others():
    ended = threading.Event()
    lasting = Scripted(lambda: decision() if ended.is_set() else None)
    last = Scripted(None, lambda: ended.set() or decision())
    assert ran(lasting, *[Scripted(None, decision()) for _each in range(5)], last, threads=1)[-1] == (6, "passed")
    assert lasting.polls > 1


def test_they_are_polled_in_the_order_in_which_they_are_due():
    order = []

    def answer(name, value):
        return lambda: (order.append(name), value)[1]

    late, soon = Scripted(answer("late", None), delay=1e9), Scripted(answer("soon", None))

    def exit_if_abandoned():
        if soon.polls >= 3:
            raise Interrupted("ended")

    ran(late, soon, threads=1, exit_if_abandoned=exit_if_abandoned)
    assert order[:4] == ["late", "soon", "soon", "soon"]


@pytest.mark.parametrize("threads", [3, 40])
def test_as_many_at_once_as_there_are_threads_and_no_more(threads):
    at_work, most, lock, full = 0, 0, threading.Lock(), threading.Barrier(threads)

    def poll():
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        full.wait(10)
        with lock:
            at_work -= 1
        return decision()

    ran(*[Scripted(poll) for _each in range(2 * threads)], threads=threads)
    assert most == threads


def test_an_error_ends_its_own_wait_only():
    found = ran(Scripted(ReadError("denied")), Scripted(None, None, decision()), Scripted(None, ReadError("gone")))
    assert found == [(0, "denied"), (1, "passed"), (2, "gone")]


def test_the_rows_of_what_has_ended_are_let_go():
    waiters = [Scripted(decision()), Scripted(decision())]
    known = [weakref.ref(waiter) for waiter in waiters]
    kept = []

    def conclude(number, waiter, ending):
        kept.append([one() is not None for one in known])

    new_scheduler(threads=1).run(waiters, conclude, lambda: None)
    assert waiters == []
    assert kept[-1] == [False, True], "the first has been let go when the second ends"


def test_a_fault_of_our_own_is_raised_and_nobody_waits_for_the_others():
    with pytest.raises(KeyError):
        ran(Scripted(KeyError("ours")), Scripted(None, delay=60))


def test_a_wait_is_polled_again_when_its_pause_is_over_and_not_before():
    times = []

    def answer(value):
        return lambda: (times.append(time.monotonic()), value)[1]

    ran(Scripted(answer(None), answer(None), answer(decision()), delay=0.05), Scripted(None, decision()))
    assert [later - earlier >= 0.05 for earlier, later in pairwise(times)] == [True, True]


def test_an_interruption_ends_those_that_have_not_ended():
    def exit_if_abandoned():
        if ended.polls and waiting.polls:
            raise Interrupted("The wait was interrupted by SIGTERM.")

    ended, waiting = Scripted(decision()), Scripted(None, delay=60)
    assert ran(ended, waiting, exit_if_abandoned=exit_if_abandoned) == [
        (0, "passed"),
        (1, "The wait was interrupted by SIGTERM."),
    ]


def test_an_interruption_waits_for_no_call_that_is_in_flight():
    scheduler = new_scheduler()
    clock = scheduler.clock
    hangs, never, answered = threading.Event(), threading.Event(), []

    def call():
        hangs.set()
        never.wait(60)
        answered.append(True)

    def hang():
        Deadline(3600, clock.elapsed, stop=clock.stop).call(call)

    def exit_if_abandoned():
        if hangs.is_set():
            raise Interrupted("The wait was interrupted by SIGINT.")

    wait = Scripted(hang)
    assert ran(wait, exit_if_abandoned=exit_if_abandoned, scheduler=scheduler) == [
        (0, "The wait was interrupted by SIGINT.")
    ]
    assert answered == []
    never.set()


def test_after_an_interruption_no_further_call_is_made():
    clock, calls = new_scheduler().clock, []
    clock.stop.set_result(None)
    with pytest.raises(Interrupted):
        Deadline(None, clock.elapsed, stop=clock.stop).call(lambda: calls.append(1))
    assert calls == []


def test_nobody_sleeps_on_after_an_interruption():
    scheduler, asleep = new_scheduler(), threading.Event()

    def poll():
        asleep.set()
        scheduler.clock.sleep(60)

    def exit_if_abandoned():
        if asleep.is_set():
            raise Interrupted("ended")

    assert ran(Scripted(poll), exit_if_abandoned=exit_if_abandoned, scheduler=scheduler) == [(0, "ended")]
    with pytest.raises(Interrupted):
        scheduler.clock.sleep(60)


def test_all_are_due_at_once_and_again_when_their_pause_is_over():
    scheduler = new_scheduler(elapsed=lambda: 0.0)
    assert ran(Scripted(None, decision(), delay=0.0), scheduler=scheduler) == [(0, "passed")]


@pytest.mark.parametrize(("delay", "slept"), [(0.4, [0.4, 0.4]), (2.5, [1, 1, 0.5] * 2)])
def test_between_two_polls_it_sleeps_and_checks_every_second_that_somebody_waits(delay, slept):
    clock, checks = FakeClock(), []
    scheduler = new_scheduler()
    scheduler.clock = clock
    clock.now = 100.0
    waiter = Scripted(None, None, decision(), delay=delay)
    assert ran(waiter, scheduler=scheduler, exit_if_abandoned=lambda: checks.append(1)) == [(0, "passed")]
    assert clock.slept == slept
    assert len(checks) >= len(slept)


def test_a_sleep_that_nobody_ends_is_slept():
    assert new_scheduler().clock.sleep(0.001) is None


def test_a_result_that_fails_while_an_interruption_comes_is_no_gate_left_out():
    failed = threading.Event()

    def conclude(number, waiter, ending):
        if number == 1:
            failed.set()
            raise KeyError("ours")
        return number

    def exit_if_abandoned():
        failed.wait(10)
        raise Interrupted("ended")

    with pytest.raises(KeyError):
        new_scheduler().run([Scripted(decision()), Scripted(decision())], conclude, exit_if_abandoned)


def test_nobody_left_to_tell_ends_everything():
    def exit_if_abandoned():
        raise SystemExit(1)

    scheduler = new_scheduler()
    with pytest.raises(SystemExit):
        ran(Scripted(None), exit_if_abandoned=exit_if_abandoned, scheduler=scheduler)
    assert scheduler.clock.stop.done()
