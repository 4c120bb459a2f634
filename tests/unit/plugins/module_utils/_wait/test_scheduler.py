# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several waits at once: each comes to its end, in its place, whatever becomes of the others."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from itertools import pairwise
from types import SimpleNamespace

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.deadline import Deadline
from ansible_collections.stackgate.stacksets.plugins.module_utils._backoff import Interrupted, Surroundings
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.scheduler import run_all, stoppable
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import Clock

SOON = 0.002


class Scripted:
    """A wait whose polls give these, one after another: None for one more, an error to raise, or a function to call."""

    def __init__(self, *answers, pause=SOON):
        self._answers = list(answers)
        self._pause = pause
        self.polls = 0

    def poll(self):
        self.polls += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if callable(answer):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def pause(self):
        return self._pause


def decision(name="passed"):
    return SimpleNamespace(verdict=name)


def conclude(number, wait, ending):
    assert wait.polls >= 0, "it is concluded from the wait itself"
    return number, str(ending) if isinstance(ending, BaseException) else ending.verdict


def surroundings():
    began = time.monotonic()
    return stoppable(Surroundings(lambda: time.monotonic() - began, time.sleep, lambda: 0.0))


def ran(*waits, threads=3, glance=lambda: None, about=None):
    return run_all(list(waits), conclude, threads, about or surroundings(), glance)


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

    late, soon = Scripted(answer("late", None), pause=1e9), Scripted(answer("soon", None))

    def glance():
        if soon.polls >= 3:
            raise Interrupted("ended")

    ran(late, soon, threads=1, glance=glance)
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
    waits = [Scripted(ReadError("denied")), Scripted(decision())]
    run_all(waits, conclude, 2, surroundings(), lambda: None)
    assert waits == [None, None]


def test_a_fault_of_our_own_is_raised_and_nobody_waits_for_the_others():
    with pytest.raises(KeyError):
        ran(Scripted(KeyError("ours")), Scripted(None, pause=60))


def test_a_wait_is_polled_again_when_its_pause_is_over_and_not_before():
    times = []

    def answer(value):
        return lambda: (times.append(time.monotonic()), value)[1]

    ran(Scripted(answer(None), answer(None), answer(decision()), pause=0.05), Scripted(None, decision()))
    assert [later - earlier >= 0.05 for earlier, later in pairwise(times)] == [True, True]


def test_an_interruption_ends_those_that_have_not_ended():
    def glance():
        if ended.polls and waiting.polls:
            raise Interrupted("The wait was ended by SIGTERM.")

    ended, waiting = Scripted(decision()), Scripted(None, pause=60)
    assert ran(ended, waiting, glance=glance) == [(0, "passed"), (1, "The wait was ended by SIGTERM.")]


def test_an_interruption_waits_for_no_call_that_is_in_flight():
    about = surroundings()
    hangs, never, answered = threading.Event(), threading.Event(), []

    def call():
        hangs.set()
        never.wait(60)
        answered.append(True)

    def hang():
        Deadline(3600, about.elapsed, stop=about.stop).call(call)

    def glance():
        if hangs.is_set():
            raise Interrupted("The wait was ended by SIGINT.")

    wait = Scripted(hang)
    assert ran(wait, glance=glance, about=about) == [(0, "The wait was ended by SIGINT.")]
    assert answered == []
    never.set()


def test_after_an_interruption_no_further_call_is_made():
    about, calls = surroundings(), []
    about.stop.set_result(None)
    with pytest.raises(Interrupted):
        Deadline(None, about.elapsed, stop=about.stop).call(lambda: calls.append(1))
    assert calls == []


def test_nobody_sleeps_on_after_an_interruption():
    about, asleep = surroundings(), threading.Event()

    def poll():
        asleep.set()
        about.sleep(60)

    def glance():
        if asleep.is_set():
            raise Interrupted("ended")

    assert ran(Scripted(poll), glance=glance, about=about) == [(0, "ended")]
    with pytest.raises(Interrupted):
        about.sleep(60)


def test_all_are_due_at_once_and_again_when_their_pause_is_over():
    about = surroundings()._replace(elapsed=lambda: 0.0)
    assert ran(Scripted(None, decision(), pause=0.0), about=about) == [(0, "passed")]


@pytest.mark.parametrize(("pause", "slept"), [(0.4, [0.4, 0.4]), (2.5, [1, 1, 0.5] * 2)])
def test_between_two_polls_it_sleeps_with_a_glance_now_and_then(pause, slept):
    clock, glances = Clock(), []
    about = clock.surroundings._replace(stop=Future())
    clock.now = 100.0
    assert ran(Scripted(None, None, decision(), pause=pause), about=about, glance=lambda: glances.append(1)) == [
        (0, "passed")
    ]
    assert clock.slept == slept
    assert len(glances) >= len(slept)


def test_a_sleep_that_nobody_ends_is_slept():
    assert surroundings().sleep(0.001) is None


def test_nobody_left_to_tell_ends_everything():
    def glance():
        raise SystemExit(1)

    about = surroundings()
    with pytest.raises(SystemExit):
        ran(Scripted(None), glance=glance, about=about)
    assert about.stop.done()
