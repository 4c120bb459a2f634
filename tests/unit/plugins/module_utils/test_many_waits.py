# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several waits at once: each comes to its end, in its place, whatever becomes of the others."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from types import SimpleNamespace

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._many_waits import Rest, Waits
from ansible_collections.stackgate.stacksets.plugins.module_utils._watch import Interrupted, Watch

SOON = 0.002


class Scripted:
    """A wait whose polls give these, one after another: None for one more, an error to raise, or a function to call."""

    def __init__(self, *answers, pause=SOON, due=0.0):
        self._answers = list(answers)
        self._pause = pause
        self.watch = Watch(due=due)
        self.polls = 0
        self.forgotten = False

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

    def forget_rows(self):
        self.forgotten = True


def decision(name="passed"):
    return SimpleNamespace(verdict=name)


def conclude(number, wait, ending):
    return number, str(ending) if isinstance(ending, BaseException) else ending.verdict


def ran(*waits, threads=3, glance=lambda: None, again=True, rest=None):
    began = time.monotonic()
    found = Waits(waits, conclude, lambda: time.monotonic() - began, rest or Rest(), again)
    found.run(threads, glance)
    return found.results


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


def test_as_many_at_once_as_there_are_threads_and_no_more():
    at_work, most, lock, full = 0, 0, threading.Lock(), threading.Barrier(3)

    def poll():
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        full.wait(10)
        with lock:
            at_work -= 1
        return decision()

    ran(*[Scripted(poll) for _each in range(12)], threads=3)
    assert most == 3


def test_an_error_ends_its_own_wait_only():
    found = ran(Scripted(ReadError("denied")), Scripted(None, None, decision()), Scripted(None, ReadError("gone")))
    assert found == [(0, "denied"), (1, "passed"), (2, "gone")]


def test_the_rows_of_what_has_ended_are_let_go():
    waits = [Scripted(ReadError("denied")), Scripted(decision())]
    ran(*waits)
    assert [wait.forgotten for wait in waits] == [True, True]


def test_a_fault_of_our_own_is_raised_and_nobody_waits_for_the_others():
    with pytest.raises(KeyError):
        ran(Scripted(KeyError("ours")), Scripted(None))


def test_a_wait_is_polled_again_when_its_pause_is_over_and_not_before():
    times = []

    def answer(value):
        return lambda: (times.append(time.monotonic()), value)[1]

    ran(Scripted(answer(None), answer(None), answer(decision()), pause=0.05), Scripted(None, decision()))
    assert [later - earlier >= 0.05 for earlier, later in pairwise(times)] == [True, True]


def test_an_interruption_ends_those_that_have_not_ended():
    told = []

    def glance():
        told.append(1)
        if ended.watch.due or ended.polls:
            raise Interrupted("The wait was ended by SIGTERM.")

    ended, waiting = Scripted(decision()), Scripted(None, pause=60)
    found = Waits([ended, waiting], conclude, lambda: 0.0, Rest())
    found.run(2, glance)
    assert found.results == [(0, "passed"), (1, "The wait was ended by SIGTERM.")]
    assert not waiting.forgotten, "it was between two polls"


def test_an_interruption_does_not_wait_for_a_poll_and_leaves_it_its_rows():
    hangs, goes_on, threads = threading.Event(), threading.Event(), []

    def hang():
        threads.append(threading.current_thread())
        hangs.set()
        goes_on.wait(30)
        return decision()

    def glance():
        if hangs.is_set():
            raise Interrupted("The wait was ended by SIGINT.")

    wait = Scripted(hang)
    found = Waits([wait], conclude, lambda: 0.0, Rest())
    found.run(1, glance)
    assert found.results == [(0, "The wait was ended by SIGINT.")]
    assert wait.forgotten
    goes_on.set()
    threads[0].join(10)
    assert found.results == [(0, "The wait was ended by SIGINT.")], "what comes too late changes nothing"


def test_nobody_sleeps_on_after_an_interruption():
    rest, asleep = Rest(), threading.Event()

    def poll():
        asleep.set()
        rest.sleep(60)

    def glance():
        if asleep.is_set():
            raise Interrupted("ended")

    assert ran(Scripted(poll), glance=glance, rest=rest) == [(0, "ended")]
    with pytest.raises(Interrupted):
        rest.sleep(60)


def test_a_sleep_that_nobody_ends_is_slept():
    assert Rest().sleep(0.001) is None


def test_nobody_left_to_tell_ends_everything():
    def glance():
        raise SystemExit(1)

    rest = Rest()
    with pytest.raises(SystemExit):
        ran(Scripted(None), glance=glance, rest=rest)
    assert rest.over.is_set()


def test_one_round_polls_those_that_are_due_once():
    due, later, ends = Scripted(None, pause=7), Scripted(None, due=100.0), Scripted(decision())
    assert ran(due, later, ends, again=False) == [None, None, (2, "passed")]
    assert [wait.polls for wait in (due, later, ends)] == [1, 0, 1]
    assert due.watch.due > 7
    assert later.watch.due == 100


def test_a_round_without_any_that_is_due_ends_at_once():
    assert ran(Scripted(None, due=100.0), again=False) == [None]
