"""``python -m benchmarks [name …]``: those that are named, or all."""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import gradio

from benchmarks import cold_start, database_files, download, files, history, in_flight, outage, page
from studio.providers.base import TaskStatus

BENCHMARKS: Mapping[str, Callable[[], str]] = {
    "cold-start": cold_start.run,
    "page": page.run,
    "in-flight": partial(in_flight.run, jobs=500, seconds=100.0, end=TaskStatus.SUCCEEDED),
    "crowd": partial(in_flight.run, jobs=2000, seconds=150.0, end=TaskStatus.FAILED),
    "outage": outage.run,
    "download": download.run,
    "files": files.run,
    "history": history.run,
    "database-files": partial(database_files.run, jobs=150, rounds=5),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the studio.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}; all when left out")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - BENCHMARKS.keys():
        parser.error(f"there is no benchmark {min(unknown)}; there are {', '.join(BENCHMARKS)}")
    logging.getLogger("studio").addHandler(logging.NullHandler())  # its warnings of an outage are no figures
    print(
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, Gradio {gradio.__version__}"
    )
    for name in names:
        begun = time.monotonic()
        print(f"\n{BENCHMARKS[name]()}\n\n({name} took {time.monotonic() - begun:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
