"""Run one benchmark, or all of them: `python -m benchmarks [NAME]`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

NOT_BENCHMARKS = {"__init__", "__main__", "figure", "polnear", "studio_line"}


def main(wanted: list[str]) -> int:
    here = Path(__file__).parent
    names = sorted({path.stem for path in here.glob("*.py")} - NOT_BENCHMARKS)
    unknown = set(wanted) - set(names)
    if unknown:
        print(
            f"There is no benchmark {', '.join(unknown)}; there are {', '.join(names)}.",
            file=sys.stderr,
        )
        return 2
    for name in wanted or names:
        for figure in import_module(f"benchmarks.{name}").measure():
            print(figure.line(), flush=True)
    return 0


sys.exit(main(sys.argv[1:]))
