# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A waiting process ends when it is told to, and when nobody is left to take its answer."""

from __future__ import annotations

import os
import signal

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import Interrupted
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import process as _process
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.process import Process

LONG = 100.0


@pytest.fixture
def stdout(monkeypatch):
    """The end of whoever reads the pipe that takes the answer."""
    ends = os.pipe()
    with os.fdopen(ends[0], "rb") as reader, os.fdopen(ends[1], "wb") as writer:
        monkeypatch.setattr(_process, "_STDOUT", writer.fileno())
        yield reader


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping moves; ``naps`` has what was slept."""

    class FakeClock:
        def __init__(self):
            self.now = 5000.0
            self.naps = []

        def sleep(self, seconds):
            self.naps.append(seconds)
            self.now += seconds

    clock = FakeClock()
    monkeypatch.setattr(_process.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(_process.time, "sleep", clock.sleep)
    return clock


def test_time_is_counted_from_the_beginning_of_the_task(clock):
    process = Process()
    clock.now += 10
    assert process.elapsed() == 10


def test_it_sleeps_as_long_as_told_and_looks_up_in_between(clock, stdout):
    Process().sleep(2.5)
    assert clock.naps == [1.0, 1.0, 0.5]


@pytest.mark.parametrize("seconds", [0, -5.0])
def test_no_time_to_sleep_is_no_sleep(clock, stdout, seconds):
    Process().sleep(seconds)
    assert clock.naps == []


@pytest.mark.parametrize("seconds", [LONG, 0])
def test_it_ends_when_nobody_reads_its_answer(clock, stdout, seconds):
    process = Process()
    stdout.close()
    with pytest.raises(SystemExit) as caught:
        process.sleep(seconds)
    assert (caught.value.code, clock.naps) == (1, [])


def test_it_ends_when_its_reader_goes_while_it_sleeps(clock, stdout, monkeypatch):
    def nap(seconds):
        clock.now += seconds
        if clock.now == 5003:
            stdout.close()

    monkeypatch.setattr(_process.time, "sleep", nap)
    with pytest.raises(SystemExit):
        Process().sleep(LONG)
    assert clock.now == 5003


def test_it_ends_when_its_parent_is_another(clock, stdout, monkeypatch):
    process = Process()
    monkeypatch.setattr(_process.os, "getppid", lambda: 1)
    with pytest.raises(SystemExit):
        process.sleep(LONG)
    assert clock.naps == []


def test_an_answer_that_goes_into_a_file_always_has_a_reader(clock, monkeypatch, tmp_path):
    with open(tmp_path / "answer", "w") as file:
        monkeypatch.setattr(_process, "_STDOUT", file.fileno())
        Process().sleep(2)
    assert clock.naps == [1.0, 1.0]


@pytest.fixture
def handlers():
    """Handlers of the test's own for both signals, so that one that gets through harms nobody."""
    received = []

    def mine(number, _frame):
        received.append(number)

    before = {number: signal.signal(number, mine) for number in (signal.SIGTERM, signal.SIGINT)}
    yield received
    for number, handler in before.items():
        signal.signal(number, handler)


BOTH = (signal.SIGTERM, signal.SIGINT)


@pytest.mark.parametrize("number", BOTH)
def test_a_signal_ends_the_wait_and_says_which(handlers, number):
    received = handlers
    with pytest.raises(Interrupted, match=number.name):
        with Process().interruptible():
            signal.raise_signal(number)
    assert received == []


@pytest.mark.parametrize("first", BOTH)
@pytest.mark.parametrize("second", BOTH)
def test_a_second_signal_takes_nothing_of_what_is_told_after_the_first(handlers, first, second):
    received = handlers
    told = []
    try:
        with Process().interruptible():
            try:
                signal.raise_signal(first)
            finally:
                signal.raise_signal(second)
                told.append("while it ends")
    except Interrupted as interrupted:
        signal.raise_signal(second)
        told.append(str(interrupted))
    assert told == ["while it ends", f"The wait was interrupted by {first.name}."]
    assert received == []


@pytest.mark.parametrize("number", BOTH)
def test_what_was_decided_is_told_whatever_comes_afterwards(handlers, number):
    received = handlers
    with Process().interruptible():
        pass
    signal.raise_signal(number)
    assert received == []


def test_an_interruption_is_no_error_that_something_on_the_way_could_catch():
    assert not issubclass(Interrupted, Exception)
