"""What the examples show: for each starting point a scene at a ``moment`` of its loop, from 0 to 1.

Those of a picture or a video begin with just that; they are in ``studio/media/drawings.py``.
"""

from __future__ import annotations

import math
import random

from studio.media.canvas import Canvas, Point, bend, box, oval, ridge, stroke
from studio.media.drawings import turn
from studio.media.figures import Sea, balloon, boat, fox, fox_head, hull, robot, sails

# Text


def tram(canvas: Canvas, moment: float) -> None:
    """1280 × 720: it climbs a wet street at dusk."""
    canvas.shape(box(0, 0, 1280, 720), "#232a4d", "#5a4670", "#c9756a", "#f2b27c")
    canvas.glow(1130, 330, 420, "#ffd9a0", 0.9)
    chance = random.Random(5)
    x = -40.0
    while x < 1280:
        width, height = chance.uniform(120, 190), chance.uniform(250, 420)
        foot = _street(x)
        canvas.shape(box(x, foot - height, x + width, foot + 60), "#3b3355", "#2c2542")
        canvas.shape(
            [(x - 8, foot - height), (x + width / 2, foot - height - 46), (x + width + 8, foot - height)], "#282140"
        )
        for row in range(int(height // 92)):
            for column in range(int(width // 48)):
                lit = chance.random() < 0.62
                left, top = x + 18 + column * 46, foot - height + 26 + row * 82
                canvas.shape(box(left, top, left + 24, top + 42, 3), *(("#ffd58a", "#f09a4e") if lit else ("#453b62",)))
        canvas.shape(box(x + 12, foot - 66, x + width - 12, foot - 8, 4), "#ffcf7d", "#e98443")
        canvas.shape(
            box(x + 6, foot - 84, x + width - 6, foot - 62, 3),
            *chance.choice([("#b8483c",), ("#2f7f77",), ("#8f5aa0",)]),
        )
        x += width + 4
    canvas.shape(
        [(0, _street(0) - 6), (1280, _street(1280) - 6), (1280, 720), (0, 720)], "#6e5a72", "#3d3350", "#1e1a30"
    )
    chance = random.Random(8)
    for number in range(34):
        x = chance.uniform(0, 1280)
        tremble = 4 * turn(moment, number / 7) if number % 3 == 0 else 0.0
        colour = chance.choice(["#ffcf7d", "#f09a4e", "#d8705c"])
        canvas.shape(
            oval(x + tremble, _street(x) + 60 + chance.uniform(0, 80), 9, chance.uniform(28, 70)), colour, opacity=0.26
        )
    for rail in (58, 96):
        line = [(0, _street(0) + rail), (1280, _street(1280) + rail)]
        canvas.shape(stroke(line, 5), "#c9b7b4", opacity=0.8)
    place = 330 + 440 * moment
    _tram(canvas.at(place, _street(place) + 78, 1.06, turn=-7))
    canvas.shape(stroke([(0, 166), (1280, 8)], 3), "#1d1930")
    canvas.shape(box(1090, 250, 1102, 720), "#1b172a")
    canvas.glow(1096, 246, 130, "#ffe2a8", 0.95)
    canvas.shape(oval(1096, 244, 20, 24), "#fff6d8", "#ffd98c")
    chance = random.Random(2)
    for _ in range(34):
        x, y, length = chance.uniform(-60, 1340), chance.uniform(0, 720), chance.uniform(26, 60)
        fall = (y + 760 * 2 * moment) % 760 - 40
        canvas.shape(stroke([(x, fall), (x - length / 5, fall + length)], 1.8), "#dfe6ff", opacity=0.34)


def _street(x: float) -> float:
    """How high its upper edge is."""
    return 580 - 0.1228 * x


def _tram(canvas: Canvas) -> None:
    """Around the middle between its wheels."""
    canvas.shape(oval(0, 16, 250, 16), "#14111f", opacity=0.55)
    canvas.shape(stroke([(-30, -250), (30, -330)], 6), "#1d1930")
    for x in (-140, -84, 84, 140):
        canvas.shape(oval(x, 0, 24, 24), "#2a2536", "#100e18")
    canvas.shape(box(-236, -248, 236, -14, 26), "#fbe7b4", "#f3c03c", "#d9940f")
    canvas.shape(box(-236, -118, 236, -98), "#fff4d6")
    canvas.shape(box(-224, -262, 224, -240, 10), "#8a5a14", "#6d4510")
    for number in range(6):
        left = -214 + number * 72
        canvas.shape(box(left, -224, left + 58, -138, 8), "#fff3cf", "#ffcf86")
    for x, size in ((-150, 1.0), (-62, 0.9), (66, 1.05)):
        canvas.shape(oval(x, -166, 13 * size, 16 * size), "#5b4152")
        canvas.shape(oval(x, -138, 22 * size, 14 * size), "#6a4c5f")
    canvas.shape(box(-236, -30, 236, -12, 6), "#5a3a10")
    canvas.shape(oval(228, -74, 12, 14), "#fffbe6")
    canvas.glow(236, -74, 120, "#fff0b8", 0.9)


def noodles(canvas: Canvas, moment: float) -> None:
    """720 × 1280: a cook pulls them by lamp light."""
    canvas.shape(box(0, 0, 720, 1280), "#2b1712", "#5a2f1e", "#7a4426")
    for row in range(2):
        top = 268 + 170 * row
        canvas.shape(box(0, top, 720, top + 12), "#33190f")
        for number in range(6):
            x = 66 + number * 118 + 30 * row
            canvas.shape([*bend((x - 40, top - 44), (x, top + 26), (x + 40, top - 44))], "#d8a878", "#8c5a38")
    canvas.shape(box(356, 0, 364, 150), "#170c08")
    canvas.glow(360, 250, 470, "#ffcf85", 0.85)
    canvas.shape([(290, 214), (326, 140), (394, 140), (430, 214)], "#3c5a52", "#20352f")
    canvas.shape(oval(360, 214, 52, 13), "#fff3cf")
    _cook(canvas, 0.5 - 0.5 * math.cos(math.tau * moment))
    canvas.shape(box(0, 980, 720, 1280), "#b9793f", "#7b4722", "#4a2812")
    canvas.shape(box(0, 980, 720, 992), "#e2ac6c")
    for x, wide, high in ((452, 92, 30), (540, 64, 22), (392, 56, 18)):
        canvas.shape(oval(x, 1064, wide, high), "#fff6e4", "#e0c49a")
    _pot(canvas.at(150, 1010), moment)
    chance = random.Random(4)
    for _ in range(46):
        x, y = chance.uniform(200, 620), chance.uniform(560, 1000)
        rise = (y - 150 * moment - 560) % 440 + 560
        canvas.shape(oval(x + 10 * turn(moment, chance.random()), rise, 3, 3), "#fff6e4", opacity=0.5)


def _cook(canvas: Canvas, pull: float) -> None:
    """``pull`` is how far apart the hands are: from 0 to 1."""
    canvas.shape(
        [*bend((150, 1000), (170, 560), (300, 540)), (440, 540), *bend((440, 540), (560, 560), (580, 1000))],
        "#f7efe2",
        "#cfbda6",
    )
    canvas.shape([(276, 640), (454, 640), (500, 1000), (240, 1000)], "#3f5e78", "#243b50")
    canvas.shape(box(318, 470, 412, 570, 30), "#d99a6c", "#b9764a")
    canvas.shape(oval(365, 430, 84, 98), "#efb98b", "#d08f60")
    canvas.shape(bend((280, 404), (365, 190), (450, 404)), "#fbf6ec", "#d8cbb6")
    canvas.shape(box(276, 364, 454, 402, 14), "#fdfaf2", "#e0d4c0")
    for x in (332, 398):
        canvas.shape(bend((x - 16, 438), (x, 450), (x + 16, 438)), "#4a2818")
    canvas.shape(bend((340, 480), (365, 496), (390, 480)), "#8a4630")
    reach = 74 + 176 * pull
    height = 800 - 84 * pull
    strands = 7
    for number in range(strands):
        offset = number - (strands - 1) / 2
        sag = 260 - 150 * pull + (20 + 12 * pull) * offset
        line = bend((365 - reach, height + 2.6 * offset), (365, height + sag), (365 + reach, height + 2.6 * offset))
        canvas.shape(stroke(line, 11 - 3 * pull), "#fff3d8", "#f0d6a4")
    for side in (-1, 1):
        hand = (365 + side * reach, height)
        elbow = (365 + side * (196 - 16 * pull), 836 + 6 * pull)
        canvas.shape(stroke([(365 + side * 130, 620), elbow], 78), "#f2e8d8", "#c9b69e")
        canvas.shape(stroke([elbow, hand], 46), "#e6ae80", "#c98a5c")
        canvas.shape(oval(*elbow, 38, 38), "#e2d3bd")
        canvas.shape(oval(*hand, 36, 32), "#efb98b", "#d08f60")


def _pot(canvas: Canvas, moment: float) -> None:
    for number in range(7):
        part = (moment + number / 7) % 1
        canvas.shape(
            oval(26 * math.sin(number * 2 + 3 * part), -90 - 420 * part, 30 + 70 * part, 26 + 56 * part),
            "#fff4e2",
            opacity=0.22 * (1 - part) * min(1.0, part * 6),
        )
    canvas.shape(
        [
            (-140, -84),
            (140, -84),
            *bend((140, -84), (124, 110), (70, 120)),
            *bend((-70, 120), (-124, 110), (-140, -84)),
        ],
        "#5d6670",
        "#262c33",
    )
    canvas.shape(oval(0, -84, 146, 22), "#8b949d", "#4b545d")
    canvas.shape(oval(0, -82, 124, 15), "#fbe6bd")


def astronaut(canvas: Canvas, moment: float) -> None:
    """1280 × 720: a lemon on Mars is held up to the sun."""
    canvas.shape(box(0, 0, 1280, 720), "#7a3c2c", "#c06a44", "#eaa873", "#f7d2a4")
    canvas.glow(1010, 190, 300, "#fff4e2", 0.9)
    canvas.shape(oval(1010, 190, 30, 30), "#ffffff", "#f2f6ff")
    for height, swing, phase, colours in (
        (470, 44, 0.4, ("#c9825c", "#d89a70")),
        (528, 30, 2.2, ("#b2623f", "#c4754c")),
        (600, 16, 3.6, ("#98482c", "#6f3020")),
    ):
        canvas.shape(ridge(1280, 720, height, swing, phase), *colours)
    _greenhouse(canvas, moment)
    _figure(canvas.at(872, 646, 1.08), moment)
    chance = random.Random(9)
    for number in range(26):
        y, speed = chance.uniform(330, 716), chance.choice([1, 1, 2])
        x = (chance.uniform(0, 1400) - 1400 * moment * speed) % 1400 - 60
        length = chance.uniform(20, 80)
        dust = bend((x, y), (x + length / 2, y - 5 * turn(moment, number / 5)), (x + length, y))
        canvas.shape(stroke(dust, 2.4), "#ffdcae", opacity=0.42)


def _greenhouse(canvas: Canvas, moment: float) -> None:
    dome = [*bend((96, 636), (96, 176), (400, 170)), *bend((400, 170), (704, 176), (704, 636))]
    canvas.glow(400, 470, 400, "#fff0c4", 0.55)
    canvas.shape(dome, "#e9f6e8", "#cfe8cf", "#a9cfae", opacity=0.5)
    canvas.shape(box(320, 560, 480, 640, 14), "#8a5136", "#5a2f20")
    canvas.shape(stroke(bend((400, 566), (388, 490), (402, 420)), 22), "#7a5236")
    sway = 5 * turn(moment)
    for x, y, radius in ((330, 400, 74), (470, 396, 76), (400, 330, 92), (366, 440, 60), (440, 446, 58)):
        canvas.shape(oval(x + sway, y, radius, radius * 0.86), "#5d9a55", "#2c6440")
    for x, y in ((312, 430), (372, 356), (426, 300), (486, 420), (452, 372), (392, 452), (340, 340)):
        canvas.shape(oval(x + sway, y, 17, 21), "#fff2a0", "#f4c91f", "#d9a10a")
    for part in (0.2, 0.5, 0.8):
        x = 96 + 608 * part
        line = bend((400, 170), (x + (x - 400) * 0.5, 330), (x + (x - 400) * 0.1, 636))
        canvas.shape(stroke(line, 6), "#f4efe6", opacity=0.9)
    canvas.shape(stroke(bend((132, 400), (400, 440), (668, 400)), 6), "#f4efe6", opacity=0.9)
    canvas.shape(stroke(dome, 12), "#fdf8ee", "#d9cdbd")
    canvas.shape(box(70, 628, 730, 652, 10), "#e9dfd0", "#a99885")
    canvas.shape(bend((180, 540), (170, 330), (290, 236)), "#ffffff", opacity=0.28)


def _figure(canvas: Canvas, moment: float) -> None:
    """An astronaut, around the point between the feet."""
    lift = min(1.0, max(0.0, moment / 0.55))
    lift = lift * lift * (3 - 2 * lift)
    canvas.shape(oval(6, 4, 110, 14), "#4a1e12", opacity=0.5)
    for x in (-34, 34):
        canvas.shape(box(x - 27, -116, x + 27, 0, 18), "#f4f1ea", "#b8b2aa")
        canvas.shape(box(x - 30, -24, x + 30, 2, 10), "#8f8a86", "#5c5752")
    canvas.shape(box(-92, -262, -40, -128, 16), "#cfc8bf", "#948c84")
    canvas.shape(stroke([(-56, -232), (-84, -160), (-66, -112)], 38), "#ece7de", "#b8b0a6")
    canvas.shape(box(-68, -270, 68, -96, 36), "#fffdf8", "#cbc5bc")
    canvas.shape(box(-40, -204, 40, -150, 10), "#d8642f", "#b3481c")
    canvas.shape(oval(0, -318, 70, 68), "#ffffff", "#cfc9c0")
    canvas.shape(oval(12, -316, 52, 47), "#f9c36a", "#8d4a2c", "#3a2233")
    canvas.shape(bend((-18, -332), (-10, -358), (22, -356)), "#fff6dc", opacity=0.8)
    hand = (104 + 14 * lift, -176 - 190 * lift)
    elbow = (104, -190 - 34 * lift)
    canvas.shape(stroke([(58, -240), elbow, hand], 38), "#f6f2ea", "#c3bbb0")
    canvas.glow(hand[0] + 6, hand[1] - 34, 74, "#fff3a8", 0.9 * lift)
    canvas.shape(oval(hand[0] + 6, hand[1] - 30, 21, 25), "#fff7b8", "#f6cd22", "#dba40c")
    canvas.shape(oval(*hand, 23, 22), "#8f8a86", "#5c5752")


# References


def walk(canvas: Canvas, moment: float) -> None:
    """1280 × 720: the robot and the fox in an autumn forest."""
    canvas.shape(box(0, 0, 1280, 720), "#f6dfa4", "#f2b661", "#d9803a", "#8f4a26")
    canvas.glow(930, 300, 460, "#fff6d2", 0.95)
    for depth, colours, count, width in (
        (0.35, ("#d99a52", "#c27a3c"), 11, 26),
        (0.7, ("#a85f2e", "#7d3f20"), 8, 44),
        (1.2, ("#6d371f", "#452012"), 5, 70),
    ):
        chance = random.Random(count)
        way = 1600 / count
        for number in range(count):
            x = (number * way + chance.uniform(0, way / 2) - way * round(0.9 * depth) * moment) % 1600 - 160
            canvas.shape(
                [(x - width * 0.4, 0), (x + width * 0.4, 0), (x + width * 0.62, 640), (x - width * 0.62, 640)], *colours
            )
            for _ in range(3):
                leaf = (x + chance.uniform(-90, 90), chance.uniform(-30, 130), width * 2.1, width * 1.2)
                canvas.shape(
                    oval(*leaf),
                    *chance.choice([("#f0a03a", "#d9741f"), ("#e2662a", "#b8431c"), ("#f6c552", "#dd9426")]),
                    opacity=0.9,
                )
        if depth == 0.7:
            canvas.shape(ridge(1280, 720, 596, 9, 1.0), "#b5642c", "#6d371c")
    step = math.tau * 2 * moment
    _shadow(canvas, 500, 664, 120)
    robot(
        canvas.at(500, 660 - 9 * abs(math.sin(step)), 0.62, turn=3 * math.sin(step)),
        arms=(12 * math.sin(step), 42 + 34 * math.sin(step)),
    )
    ahead = 800 + 44 * turn(moment)
    _shadow(canvas, ahead, 676, 96)
    fox(
        canvas.at(ahead, 672 - 16 * abs(math.sin(step + 1)), 0.46, turn=4 * math.sin(step + 1)),
        tail=12 * math.sin(step),
    )
    chance = random.Random(6)
    for number in range(26):
        x, y, size = chance.uniform(0, 1280), chance.uniform(0, 720), chance.uniform(7, 13)
        fall = (y + 760 * moment) % 760 - 30
        leaf = canvas.at(x - 120 * moment + 26 * turn(moment, number / 8), fall, turn=360 * moment + number * 40)
        leaf.shape(oval(0, 0, size, size * 0.55), *chance.choice([("#f6b23e",), ("#e5622a",), ("#fbd665",)]))


def _shadow(canvas: Canvas, x: float, y: float, width: float) -> None:
    canvas.shape(oval(x, y, width, 12), "#3a1c10", opacity=0.45)


_DAWN = Sea(
    sky=("#5f86b8", "#a9bfd6", "#f2cdb8", "#ffe7c2"),
    light="#fff2d6",
    hills=("#8ba1ba", "#7d94b0"),
    water=("#f3d3bd", "#9db4c9", "#5d82a6", "#2f5378"),
    glint="#fffaf0",
    shadow="#27486b",
)


def voyage(canvas: Canvas, moment: float) -> None:
    """1280 × 720: the robot at the tiller of the boat."""
    _DAWN.paint(canvas)
    _DAWN.glitter(canvas, moment)
    for x, y, size, phase in ((250, 150, 1.0, 0.0), (350, 210, 0.7, 0.3), (1080, 130, 0.8, 0.6)):
        _gull(canvas.at(x + 90 * moment, y + 12 * turn(moment, phase), size), moment + phase)
    place = canvas.at(560 + 90 * moment, 588 + 9 * turn(moment), turn=2.4 * turn(moment, 0.2))
    place.shape(oval(20, 14, 280, 16), _DAWN.shadow, opacity=0.5)
    sails(place.at(40, 0, 1.42))
    robot(place.at(-96, 18, 0.4), arms=(30, 62 + 12 * turn(moment)))
    hull(place.at(0, 0, 1.42))
    for number in range(9):
        part = (moment * 2 + number / 9) % 1
        spray = oval(262 + 60 * part, -4 - 60 * math.sin(math.pi * part) * (0.4 + number % 3 / 3), 6, 6)
        place.shape(spray, "#ffffff", opacity=0.75 * (1 - part))


def _gull(canvas: Canvas, moment: float) -> None:
    flap = 16 * math.sin(math.tau * 2 * moment)
    for side in (-1, 1):
        canvas.shape(stroke(bend((0, 0), (side * 24, -26 - flap), (side * 56, -8 + flap)), 6), "#ffffff")


def flight(canvas: Canvas, moment: float) -> None:
    """720 × 1280: the fox in the basket of the balloon, over terraced fields."""
    canvas.shape(box(0, 0, 720, 1280), "#7fb9e0", "#c4e2ea", "#fdf0d2", "#fbe2b8")
    canvas.glow(560, 520, 360, "#fff8de", 0.95)
    for x, y, size in ((120, 210, 0.9), (600, 120, 0.7), (590, 700, 0.8)):
        for dx, dy, radius in ((-60, 8, 32), (-16, -10, 44), (40, 4, 36)):
            canvas.shape(
                oval(x + 50 * moment + size * dx, y + size * dy, size * radius * 1.5, size * radius * 0.7),
                "#ffffff",
                opacity=0.7,
            )
    terraces = ("#c9d79a", "#b4c983", "#9dbb72", "#84aa63", "#6b9856", "#54854a", "#3f703f", "#2c5934")
    for number, colour in enumerate(terraces):
        height = 838 + number * 56
        canvas.shape(ridge(720, 1280, height, 20 + 2 * number, 0.7 + number * 0.55), colour)
        canvas.shape(
            stroke(ridge(720, 1280, height, 20 + 2 * number, 0.7 + number * 0.55)[:-2], 5), "#eef2c8", opacity=0.5
        )
        if number in (1, 3, 5):
            canvas.shape(oval(140 + 130 * number / 2 + 120 * moment, height + 8, 220, 17), "#ffffff", opacity=0.42)
    place = canvas.at(350 + 16 * turn(moment), 420 - 60 * moment, 1.9, turn=2 * turn(moment, 0.25))
    balloon(place)
    fox_head(place.at(6, 176, 0.17, turn=10 * turn(moment)))
    place.shape(box(-24, 172, 24, 210, 7), "#b67a45", "#6b4124")
    for x in (-12, 0, 12):
        place.shape(box(x - 1, 174, x + 1, 208), "#5a3519", opacity=0.5)


# Edits, each of the boat that crosses the harbour

_NIGHT = Sea(
    sky=("#060a1e", "#0e1a3d", "#1f3260", "#41588a"),
    light="#dfe8ff",
    sun=("#ffffff", "#dfe5f2"),
    height=210,
    hills=("#25355f", "#1d2b52"),
    water=("#4c6394", "#243a6b", "#121f45", "#0a1230"),
    glint="#eef3ff",
    shadow="#070d22",
)
_STORM = Sea(
    sky=("#1f262d", "#39444c", "#5b6a70", "#8a9a98"),
    light="#cfd8d2",
    sun=(),
    hills=("#46535a", "#3d4a51"),
    water=("#6f8283", "#44585c", "#26383e", "#141f25"),
    glint="#c9d6d4",
    shadow="#10191e",
)
_PAPER = Sea(
    sky=("#efe9da", "#f3eee1", "#efe8d6", "#e6decb"),
    light="#fbf8ee",
    sun=("#f8f3e4", "#efe6d0"),
    hills=("#a9a79d", "#c9c5b8"),
    water=("#e0dac9", "#c9c5b8", "#b3b0a5", "#9c9a91"),
    glint="#8b8981",
    shadow="#77756d",
)


def crossing(canvas: Canvas, moment: float) -> Canvas:
    """Where the boat is."""
    return canvas.at(450 + 110 * moment, 556 + 7 * turn(moment))


def night(canvas: Canvas, moment: float) -> None:
    _NIGHT.paint(canvas)
    chance = random.Random(3)
    for number in range(80):
        x, y, radius = chance.uniform(0, 1280), 370 * chance.random() ** 1.4, chance.uniform(0.9, 2.4)
        canvas.shape(
            oval(x, y, radius, radius), "#ffffff", opacity=0.55 + 0.22 * math.sin(math.tau * (moment + number / 9))
        )
    _NIGHT.glitter(canvas, moment)
    place = crossing(canvas, moment)
    place.shape(oval(12, 10, 190, 12), _NIGHT.shadow, opacity=0.6)
    sails(place.at(0, 0, 1.05), ("#aab6d4", "#6f7ea8"), ("#98a6c8", "#5f6d98"), "#20263c", "#7a3a48")
    hull(place.at(0, 0, 1.05), "#8a4048", "#43202c")
    place.glow(0, -322, 120, "#ffdf9a", 0.95)
    place.shape(oval(0, -322, 9, 11), "#fff6d2", "#ffd480")


def painting(canvas: Canvas, moment: float) -> None:
    _PAPER.paint(canvas)
    for height, swing, phase, strength in ((330, 60, 0.2, 0.28), (384, 40, 2.0, 0.36)):
        canvas.shape(ridge(1280, 440, height, swing, phase), "#5b5a55", "#d9d3c3", opacity=strength)
    _PAPER.glitter(canvas, moment)
    place = crossing(canvas, moment)
    place.shape(oval(12, 12, 190, 12), _PAPER.shadow, opacity=0.4)
    sails(place.at(0, 0, 1.05), ("#f4efe2", "#b9b5aa"), ("#e6e0d0", "#a4a096"), "#2d2c29", "#8b8981")
    hull(place.at(0, 0, 1.05), "#d9472f", "#b2331f")
    canvas.shape(box(1040, 96, 1084, 140, 4), "#c23b2b", opacity=0.9)
    chance = random.Random(12)
    for _ in range(260):
        x, y, length = chance.uniform(0, 1280), chance.uniform(0, 720), chance.uniform(14, 60)
        canvas.shape(stroke([(x, y), (x + length, y + chance.uniform(-5, 5))], 1.4), "#b9ae94", opacity=0.16)


def swap(canvas: Canvas, moment: float) -> None:
    dusk = Sea()
    dusk.paint(canvas)
    dusk.glitter(canvas, moment)
    place = crossing(canvas, moment)
    place.shape(oval(12, 10, 130, 12), dusk.shadow, opacity=0.5)
    balloon(place.at(6, -250, 1.12))


def storm(canvas: Canvas, moment: float) -> None:
    _STORM.paint(canvas)
    for x, y, size, colour in (
        (150, 90, 1.5, "#2b343b"),
        (560, 60, 1.9, "#252e35"),
        (980, 100, 1.6, "#313b42"),
        (360, 170, 1.1, "#3d4950"),
    ):
        for dx, dy, radius in ((-90, 12, 60), (-20, -14, 84), (70, 6, 66)):
            canvas.shape(
                oval(x + 60 * moment + size * dx, y + size * dy, size * radius * 1.3, size * radius * 0.62),
                colour,
                opacity=0.85,
            )
    if 0.42 < moment < 0.52:
        canvas.shape(box(0, 0, 1280, 720), "#eef4ff", opacity=0.3)
        flash = [(1010, 150), (968, 236), (1004, 240), (950, 352)]
        canvas.shape(stroke(flash, 7), "#ffffff")
    place = crossing(canvas, moment)
    _wave(canvas, 500, moment, 20, "#4d6266", "#33474c")
    boat(place.at(0, 10 * turn(moment), 1.05, turn=9 + 5 * turn(moment, 0.1)))
    _wave(canvas, 576, moment + 0.3, 26, "#3b5055", "#1c2b31")
    _wave(canvas, 652, moment + 0.6, 30, "#2b3d43", "#10191e")
    chance = random.Random(2)
    for _ in range(44):
        x, y, length = chance.uniform(0, 1500), chance.uniform(0, 720), chance.uniform(50, 100)
        fall = (y + 800 * 3 * moment) % 800 - 60
        canvas.shape(stroke([(x, fall), (x - length * 0.45, fall + length)], 2), "#e3ecee", opacity=0.34)


def _wave(canvas: Canvas, height: float, moment: float, swing: float, *colours: str) -> None:
    """It rolls by one wavelength in a loop."""
    line: list[Point] = []
    for x in range(0, 1289, 12):
        roll = math.tau * (x / 426.7 - moment)
        line.append((float(x), height - swing * (math.sin(roll) + 0.34 * math.sin(2 * roll + 1))))
    canvas.shape([*line, (1288, 720), (0, 720)], *colours)
    canvas.shape(stroke(line, 4), "#dfe9ea", opacity=0.4)
