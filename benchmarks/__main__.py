"""``python -m benchmarks [cold-start] [in-flight] [download]``"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time

import gradio

from benchmarks import cold_start, download, in_flight

BENCHMARKS = {"cold-start": cold_start.run, "in-flight": in_flight.run, "download": download.run}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the studio.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}; all when left out")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := set(names) - BENCHMARKS.keys():
        parser.error(f"there is no benchmark {min(unknown)}; there are {', '.join(BENCHMARKS)}")
    print(
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, Gradio {gradio.__version__}"
    )
    for name in names:
        begun = time.monotonic()
        print(f"\n{BENCHMARKS[name]()}\n\n({name} took {time.monotonic() - begun:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
