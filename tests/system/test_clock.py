"""Time where clocks jump and machines disagree."""

from __future__ import annotations

import email.utils

from studio.system.clock import CLOCK, Clock, FarClock, PatientClock, Unchanged

NOON = 1_000_000_000


def stamp(seconds: float) -> str:
    return email.utils.formatdate(seconds, usegmt=True)


def test_another_machines_clock_is_read_from_its_answers_and_goes_on_by_itself() -> None:
    passed = [0.0]
    far = FarClock(Clock(steady=lambda: passed[0]))
    assert far.now() is None
    for nothing in (None, "", "yesterday", "Fri, 31 Dec 9999 23:59:59 GMT", "," * 99):
        far.read(nothing, 0.1)
    assert far.now() is None
    far.read(stamp(NOON), 0.2)
    passed[0] += 3600
    now = far.now()
    assert now is not None
    assert abs(now - NOON - 3600) < far.error + 0.001  # whether we slept or not
    assert far.error < 1


def test_one_answer_that_was_given_in_its_stead_does_not_set_it() -> None:
    passed = [0.0]
    far = FarClock(Clock(steady=lambda: passed[0]))
    for told in (0, 1, 90_000, 3):
        far.read(stamp(NOON + told), 0.0)
        passed[0] += 1
    now = far.now()
    assert now is not None
    assert abs(now - NOON - 4) <= 1


def test_a_slow_answer_may_be_as_wrong_as_half_its_way() -> None:
    far = FarClock(Clock(steady=lambda: 100.0))
    far.read(stamp(NOON), 20.0)
    assert far.now() == NOON + 10.5
    assert far.error == 10.5


def test_how_long_a_thing_has_not_changed_is_told_by_our_own_clock() -> None:
    passed, shown = [0.0], [5000.0]
    unchanged = Unchanged(Clock(lambda: shown[0], lambda: passed[0]))
    assert unchanged.seconds("old", 1, since=4990.0) == 10, "what is written counts at the first sight"
    assert unchanged.seconds("new", 1, since=8600.0) == 0, "written by a clock that has been put back since"
    for jump in (3600, -7200):
        passed[0] += 1
        shown[0] += jump
        unchanged.seconds("new", passed[0], since=4999.0)
    assert unchanged.seconds("old", 1, since=4990.0) == 12
    assert unchanged.seconds("new", 2.0, since=4999.0) == 0
    unchanged.forget_but(["new"])
    assert unchanged.seconds("old", 1, since=shown[0]) == 0


def test_what_is_to_last_for_a_while_is_not_over_when_a_clock_is_put_forward() -> None:
    passed, shown = [0.0], [NOON]
    patient = PatientClock(Clock(wall=lambda: shown[0] + passed[0], steady=lambda: passed[0]))
    passed[0] += 10
    assert patient.now() == NOON + 10
    shown[0] += 3600
    assert patient.now() == NOON + 10
    shown[0] -= 7200
    assert patient.now() == NOON + 10 - 3600


def test_the_steady_clock_goes_on() -> None:
    before = CLOCK.steady()
    assert CLOCK.steady() >= before > 0
