"""``python -m tests.examples``: draws the page's moving examples anew into ``assets/examples``.

Each is a short animated AVIF, and its first frame beside it for who wants no motion. AVIF keeps what changes from frame
to frame: of the same scene an animated WebP was four times as large, and showed its blocks. All browsers that know the
nested styles of the page know it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from studio.media.canvas import Canvas, box
from studio.media.drawings import alley, harbour, lighthouse, turn, valley
from tests.examples import scenes
from tests.servers import ROOT

FOLDER = ROOT / "assets" / "examples"
FPS = 12
SECONDS = 2.5
MOST_BYTES = 60_000
"""Of a moving example: they are looked at before anything is made, on telephones too."""
_QUALITIES = (66, 58, 50, 42, 34)

Paint = Callable[[Canvas, float], None]


def _edit(after: Paint) -> Paint:
    """What was on the left, what became of it on the right of a line that goes to and fro."""

    def paint(canvas: Canvas, moment: float) -> None:
        line = 640 + 230 * turn(moment)
        harbour(canvas, moment)
        canvas.cover(line, lambda right: after(right, moment))
        canvas.shape(box(line - 3, 0, line + 3, 720), "#ffffff")

    return paint


WIDE, TALL = ((1280, 720), (640, 360)), ((720, 1280), (360, 640))
"""The units that a scene is drawn in, and its pixels."""
EXAMPLES: Mapping[str, tuple[Paint, tuple[tuple[int, int], tuple[int, int]]]] = {
    "tram": (scenes.tram, WIDE),
    "noodles": (scenes.noodles, TALL),
    "astronaut": (scenes.astronaut, WIDE),
    "valley": (valley, WIDE),
    "alley": (alley, TALL),
    "lighthouse": (lighthouse, WIDE),
    "walk": (scenes.walk, WIDE),
    "voyage": (scenes.voyage, WIDE),
    "flight": (scenes.flight, TALL),
    "night": (_edit(scenes.night), WIDE),
    "painting": (_edit(scenes.painting), WIDE),
    "swap": (_edit(scenes.swap), WIDE),
    "storm": (_edit(scenes.storm), WIDE),
}
"""By the ids of their starting points."""


def draw(name: str, folder: Path) -> int:
    """Write an example's two files; their bytes together."""
    paint, (units, pixels) = EXAMPLES[name]
    count = round(FPS * SECONDS)
    frames = [_frame(paint, units, pixels, number / count) for number in range(count)]
    moving, still = folder / f"{name}.avif", folder / f"{name}-still.avif"
    frames[0].save(still, "AVIF", quality=62, speed=4, max_threads=1)
    # Chromium shows a still in the range that the file says, and takes every moving one for limited.
    options = {"speed": 6, "duration": round(1000 / FPS), "range": "limited", "max_threads": 1}
    for quality in _QUALITIES:
        frames[0].save(moving, "AVIF", save_all=True, append_images=frames[1:], quality=quality, **options)
        if moving.stat().st_size <= MOST_BYTES:
            break
    return moving.stat().st_size + still.stat().st_size


def _frame(paint: Paint, units: tuple[int, int], pixels: tuple[int, int], moment: float) -> Image.Image:
    canvas = Canvas(units, pixels[0] / units[0])
    paint(canvas, moment)
    return canvas.finished()


def main(names: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    sizes = {name: draw(name, FOLDER) for name in names or EXAMPLES}
    for name, size in sizes.items():
        print(f"{name:12} {size / 1000:5.1f} kB")
    print(f"{'together':12} {sum(sizes.values()) / 1000:5.1f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
