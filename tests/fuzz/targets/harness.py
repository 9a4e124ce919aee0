"""The part of the targets that searches: atheris, which is libFuzzer for Python."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

PLANTED = "SOCIAL_FUZZ_PLANTED"
"""With this in the environment a reader has a bug, to see that it is found."""


class Planted(Exception):
    """Nobody's typed error."""


def atheris() -> Any:
    """The module, which not every platform has."""
    return importlib.import_module("atheris")


def search(argv: list[str], judge: Callable[[bytes], None], seeds: Iterable[bytes]) -> None:
    """Feed *judge* until the options in *argv* say stop, from the inputs in its directories on.

    A directory that does not exist yet is made, with *seeds* in it.
    """
    begun = list(seeds)
    for place in (Path(each) for each in argv[1:] if not each.startswith("-")):
        if not place.exists():
            place.mkdir(parents=True)
            for number, seed in enumerate(begun):
                (place / f"seed-{number}").write_bytes(seed)
    searcher = atheris()
    searcher.Setup(argv, planted(judge, begun) if os.environ.get(PLANTED) else judge)
    searcher.Fuzz()


def planted(judge: Callable[[bytes], None], seeds: list[bytes]) -> Callable[[bytes], None]:
    """*judge* with a bug in a corner: what begins like one of the *seeds* and is none of them."""

    def judge_badly(octets: bytes) -> None:
        judge(octets)
        if octets[:1] in b"jx{" and octets.endswith(b"]") and octets not in seeds:
            raise Planted("a reader raised what it may not")

    return judge_badly
