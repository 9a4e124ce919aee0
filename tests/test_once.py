"""A value that is made when somebody first needs it."""

from __future__ import annotations

import threading

import pytest

from flask_social.once import Once


def test_a_value_is_made_when_it_is_first_asked_for_and_then_kept() -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    once = Once(make)
    assert not once.is_made
    assert once.get() is once.get() is made[0]
    assert (once.is_made, len(made)) == (True, 1)


def test_what_cannot_be_made_is_tried_again() -> None:
    tries: list[int] = []

    def make() -> int:
        tries.append(7)
        if len(tries) == 1:
            raise ValueError("not yet")
        return tries[-1]

    once = Once(make)
    with pytest.raises(ValueError, match="not yet"):
        once.get()
    assert not once.is_made
    assert once.get() == 7


def test_threads_that_come_at_once_get_the_same_value_and_one_is_told() -> None:
    both = threading.Barrier(2)
    told: list[object] = []
    got: list[object] = []

    def make() -> object:
        both.wait(timeout=60)  # neither has a value before both began to make one
        return object()

    once = Once(make)
    once.when_made(told.append)
    threads = [threading.Thread(target=lambda: got.append(once.get())) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert got[0] is got[1] is once.get()
    assert told == [once.get()]


def test_who_asks_to_be_told_later_is_told_at_once() -> None:
    once = Once(lambda: 7)
    once.get()
    told: list[int] = []
    once.when_made(told.append)
    assert told == [7]
