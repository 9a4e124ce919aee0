"""python token_reader.py -max_total_time=60 corpus/ (libFuzzer's options; see -help=1)"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))


def main() -> None:
    """Search until told to stop."""
    from tests.fuzz.targets import harness

    with harness.atheris().instrument_imports(include=["flask_social"]):
        from tests.fuzz.targets import readers
    harness.search(sys.argv, readers.read_token_bytes, readers.token_seeds())


if __name__ == "__main__":
    main()
