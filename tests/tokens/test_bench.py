"""The benchmark runs, and says what it is there to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_benchmark_prints_a_ratio_for_each_size_and_the_cost_of_sealing() -> None:
    given = ["10", "20", "--on", "sqlite", "--rounds", "1"]
    command = [sys.executable, "bench/connections.py", *given]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in printed.splitlines()]
    assert [(each[1], each[2]) for each in lines if each[0] == "sqlite"] == [
        ("10", "get_connection()"),
        ("10", "get_api()"),
        ("20", "get_connection()"),
        ("20", "get_api()"),
    ]
    sealing = [" ".join(each[:3]) for each in lines if each[0] in ("seal", "open")]
    assert sealing == [
        f"{way} {size}" for size in ("64 B", "2 KiB", "60 kB") for way in ("seal", "open")
    ]
    assert all("x" in line or "%" in line for line in printed.splitlines())
