"""The sandbox's videos show what they were given: a first frame, references, an edited video."""

from __future__ import annotations

import io
import json
import subprocess
from array import array
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from studio.media.facts import VideoFacts, probe_video
from studio.sandbox.footage import grade_of
from studio.sandbox.render import size_of
from tests.media.videos import make_video, turn
from tests.sandbox.media_server import MediaServer, asked
from tests.servers import ROOT, SandboxServer

COLORS = ("red", "lime", "blue")
SAMPLES = ROOT.parent / "shared" / "samples"
pytestmark = pytest.mark.slow  # it renders seventeen videos


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("given")
    scene = Image.radial_gradient("L").resize((640, 480))
    scene = Image.merge(
        "RGB", (scene, ImageOps.mirror(Image.linear_gradient("L").rotate(90)).resize(scene.size), scene)
    )
    scene.save(place / "scene.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    scene.save(place / "turned.jpg", quality=95, exif=turned)
    for color in COLORS:
        Image.new("RGB", (480, 480), color).save(place / f"{color}.png")
    make_video(place / "sounding.mp4", size="640x360", seconds=3, sound=True)
    make_video(place / "silent.mov", size="640x360", seconds=3.5, rate="30")
    make_video(place / "long.mp4", size="360x360", seconds=15.5, rate="10", sound=True, picture="color")
    turn(place / "silent.mov")
    Image.new("RGB", (640, 360), "#b07050").save(place / "plain.png")
    still = ["-loop", "1", "-i", str(place / "plain.png"), "-t", "3", "-r", "10", "-pix_fmt", "yuv420p"]
    subprocess.run(["ffmpeg", "-v", "error", *still, str(place / "plain.mp4")], check=True, timeout=60)
    return place


def orders(web: str) -> dict[str, Any]:
    """What is asked of the sandbox, by name."""

    def i2v(name: str, **parameters: Any) -> Any:
        small = {"resolution": "480P", "duration": 3, "watermark": False, "prompt": ""}
        return asked("i2v", ("first_frame", f"{web}/{name}"), version="1.1", **{**small, **parameters})

    def r2v(*colors: str, **parameters: Any) -> Any:
        references = [("reference_image", f"{web}/{color}.png") for color in colors]
        return asked("r2v", *references, version="1.1", **{"resolution": "480P", "duration": 3, **parameters})

    def edit(name: str, *references: str, **parameters: Any) -> Any:
        media = [("reference_image", f"{web}/{reference}") for reference in references]
        return asked("video-edit", ("video", f"{web}/{name}"), *media, **{"resolution": "720P", **parameters})

    return {
        "first frame": i2v("scene.png"),
        "first frame again": i2v("scene.png"),
        "first frame, other seed": i2v("scene.png", seed=8),
        "first frame, turned, 4 s": i2v("turned.jpg", duration=4),
        "references": r2v(*COLORS),
        "references again": r2v(*COLORS),
        "references, tall": r2v(*COLORS, ratio="9:16"),
        "one reference": r2v("lime", ratio="1:1"),
        "nine references": r2v(*COLORS * 3),
        "edit, origin": edit("sounding.mp4", audio_setting="origin", prompt="warm"),
        "edit, origin again": edit("sounding.mp4", audio_setting="origin", prompt="warm"),
        "edit, silent origin": edit("silent.mov", audio_setting="origin"),
        "edit, silent auto": edit("silent.mov"),
        "edit, long": edit("long.mp4", audio_setting="auto"),
        **{f"edit, {grade}": edit("plain.mp4", prompt=grade) for grade in ("cold", "vivid", "水墨")},
        "edit, warm": edit("plain.mp4", "red.png", "lime.png", prompt="warm"),
        "edit, noir": edit("plain.mp4", prompt="noir", watermark=False),
    }


@pytest.fixture(scope="module")
def results(
    sandbox_server: SandboxServer, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[dict[str, Any], Path]]]:
    """Usage and video of each order, all made at the same time."""
    place = tmp_path_factory.mktemp("made")
    sandbox_server.clear()
    sandbox_server.rules(limited=False, pending=0, running=0, running_per_model=50)
    with MediaServer(folder) as web:
        tasks = {name: sandbox_server.task(body) for name, body in orders(web.url).items()}
        made = {}
        for name, task_id in tasks.items():
            answer = sandbox_server.finished(task_id, seconds=120)
            assert answer["output"]["task_status"] == "SUCCEEDED", (name, answer["output"])
            path = place / f"{task_id}.mp4"
            path.write_bytes(sandbox_server.http.get(answer["output"]["video_url"]).content)
            made[name] = (answer["usage"], path)
    yield made
    sandbox_server.clear()


@pytest.fixture
def facts(results: dict[str, tuple[dict[str, Any], Path]], name: str) -> VideoFacts:
    return probe_video(results[name][1])


@pytest.fixture(scope="module")
def paths(results: dict[str, tuple[dict[str, Any], Path]]) -> dict[str, Path]:
    return {name: path for name, (_, path) in results.items()}


def frames(path: Path, *numbers: int) -> list[Image.Image]:
    """Frames of a video by their indices, in ascending order."""
    chosen = "+".join(f"eq(n\\,{number})" for number in numbers)
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", f"select={chosen}", "-vsync", "0"]
    command += ["-frames:v", str(len(numbers)), "-f", "image2pipe", "-c:v", "ppm", "-"]
    told = subprocess.run(command, check=True, capture_output=True).stdout
    size = len(told) // len(numbers)
    return [Image.open(io.BytesIO(told[size * index : size * (index + 1)])) for index in range(len(numbers))]


def frame(path: Path, number: int) -> Image.Image:
    (found,) = frames(path, number)
    return found


def middle(image: Image.Image) -> tuple[float, float, float]:
    """The mean colour of the middle ninth, where nothing is written."""
    width, height = image.size
    red, green, blue = ImageStat.Stat(image.crop((width // 3, height // 3, 2 * width // 3, 2 * height // 3))).mean
    return red, green, blue


def difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures of the same size, 0 to 255."""
    mean: list[float] = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return sum(mean) / 3


def pitch(path: Path) -> float:
    """The frequency of a video's sound by its zero crossings, in hertz."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vn", "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
    samples = array("h", subprocess.run(command, check=True, capture_output=True).stdout)[4000:-4000]
    crossings = sum((a < 0) != (b < 0) for a, b in pairwise(samples))
    return crossings / 2 / (len(samples) / 16000)


@pytest.mark.parametrize(
    ("name", "size", "seconds"),
    [
        ("first frame", size_of("480P", "4:3"), 3),
        ("first frame, turned, 4 s", size_of("480P", "3:4"), 4),
        ("references", size_of("480P", "16:9"), 3),
        ("references, tall", size_of("480P", "9:16"), 3),
        ("one reference", size_of("480P", "1:1"), 3),
        ("nine references", size_of("480P", "16:9"), 3),
        ("edit, origin", (1280, 720), 3),
        ("edit, silent auto", (720, 1280), 3.5),
        ("edit, long", (960, 960), 15),
    ],
)
def test_a_video_has_its_inputs_or_its_own_ratio_at_24_frames(
    facts: VideoFacts, size: tuple[int, int], seconds: float
) -> None:
    assert (facts.width, facts.height) == size
    assert (facts.format, facts.codec, facts.pixel_format, facts.fps) == ("MP4", "h264", "yuv420p", 24)
    assert facts.packets == round(24 * seconds)
    assert (facts.streams, facts.turned, facts.truncated) == (1, False, False)


def test_usage_is_whole_seconds_and_an_edits_input_counts(results: dict[str, tuple[dict[str, Any], Path]]) -> None:
    def usage(name: str) -> str:
        return json.dumps(results[name][0], sort_keys=True)

    fixed = '"input_video_duration": 0, "output_video_duration": 3'
    assert usage("first frame") == f'{{"SR": 480, "duration": 3, {fixed}, "video_count": 1}}'
    assert usage("references, tall") == f'{{"SR": 480, "duration": 3, {fixed}, "ratio": "9:16", "video_count": 1}}'
    both = '"input_video_duration": 3.5, "output_video_duration": 3.5'
    assert usage("edit, silent auto") == f'{{"SR": 720, "duration": 7.0, {both}, "video_count": 1}}'
    both = '"input_video_duration": 15.5, "output_video_duration": 15.0'
    assert usage("edit, long") == f'{{"SR": 720, "duration": 30.5, {both}, "video_count": 1}}'


def test_an_image_to_video_begins_with_its_image_and_moves(paths: dict[str, Path], folder: Path) -> None:
    first, last = frames(paths["first frame"], 0, 71)
    given = Image.open(folder / "scene.png").resize(first.size)
    badge = (0, 0, first.width // 5, first.height // 8)
    for image in (first, last, given):
        image.paste("black", badge)
    assert difference(first, given) < 2
    assert difference(last, given) > 3
    turned = frame(paths["first frame, turned, 4 s"], 0)
    upright = Image.open(folder / "scene.png").rotate(-90, expand=True).resize(turned.size)
    turned.paste("black", badge)
    upright.paste("black", badge)
    assert difference(turned, upright) < 3


def test_neighbouring_frames_differ_little(paths: dict[str, Path]) -> None:
    assert 0 < difference(*frames(paths["first frame"], 35, 36)) < 2


def test_references_come_in_turn_and_fade_into_each_other(paths: dict[str, Path]) -> None:
    def share(picture: Image.Image) -> list[float]:
        return [value / 255 for value in middle(picture)]

    first, between, second, third = map(share, frames(paths["references"], 4, 25, 36, 68))
    for color, shown in enumerate((first, second, third)):
        assert shown[color] > 0.9
        assert sum(shown) < 1.2
    assert min(between[:2]) > 0.15
    assert between[2] < 0.1


def test_nine_references_all_have_their_time(paths: dict[str, Path]) -> None:
    shown = map(middle, frames(paths["nine references"], *(round(index * 68 / 9 + 5.5) for index in range(9))))
    assert [max(range(3), key=color.__getitem__) for color in shown] == [0, 1, 2] * 3


def test_a_reference_is_shown_whole_over_a_darker_fill(paths: dict[str, Path]) -> None:
    image = frame(paths["references, tall"], 2)
    center, above = image.getpixel((image.width // 2, image.height // 2)), image.getpixel((image.width // 2, 40))
    assert isinstance(center, tuple)
    assert isinstance(above, tuple)
    assert center[0] > 240
    assert 80 < above[0] < 200


def test_origin_keeps_the_sound_and_auto_adds_one_where_there_is_none(paths: dict[str, Path]) -> None:
    assert pitch(paths["edit, origin"]) == pytest.approx(440, abs=3)
    assert pitch(paths["edit, long"]) == pytest.approx(440, abs=3)
    assert probe_video(paths["edit, silent origin"]).audio_codec is None
    assert 50 < pitch(paths["edit, silent auto"]) < 400


def test_an_edit_shows_its_input_graded_as_its_instruction_says(paths: dict[str, Path], folder: Path) -> None:
    given = middle(frame(folder / "plain.mp4", 0))
    graded = {name: middle(frame(paths[f"edit, {name}"], 10)) for name in ("warm", "cold", "noir", "vivid", "水墨")}

    def warmth(color: tuple[float, float, float]) -> float:
        return color[0] - color[2]

    assert warmth(graded["warm"]) > warmth(given) + 20
    assert warmth(graded["cold"]) < warmth(given) - 20
    assert max(graded["noir"]) - min(graded["noir"]) < 4
    assert max(graded["vivid"]) - min(graded["vivid"]) > max(given) - min(given) + 20
    assert max(graded["水墨"]) - min(graded["水墨"]) < 20
    assert difference(frame(paths["edit, origin"], 24), frame(folder / "sounding.mp4", 24).resize((1280, 720))) < 45


def test_an_instruction_without_a_known_word_always_has_the_same_grade() -> None:
    instructions = [f"Give the rider hat {number}" for number in range(40)]
    assert {grade_of(text) for text in instructions} == {"cold", "ink", "mono", "vivid", "warm"}
    assert [grade_of(text) for text in instructions] == [grade_of(text) for text in instructions]
    assert grade_of("A drink at the bar") == grade_of("A drink at the bar")
    assert grade_of("Black and white, in the snow") == "mono"


def test_references_of_an_edit_are_small_pictures_in_the_corner(paths: dict[str, Path]) -> None:
    image = frame(paths["edit, warm"], 10)
    corner = image.crop((image.width * 3 // 4, 0, image.width, image.height // 5))
    colors = [color for _, color in corner.getcolors(1 << 20) or [] if isinstance(color, tuple)]
    assert any(red > 200 and green < 60 and blue < 60 for red, green, blue in colors)
    assert any(green > 200 and red < 60 and blue < 60 for red, green, blue in colors)


def test_the_watermark_can_be_left_out(paths: dict[str, Path]) -> None:
    def corner(name: str) -> Image.Image:
        image = frame(paths[name], 10)
        return image.crop((image.width * 4 // 5, image.height * 9 // 10, image.width, image.height))

    bright = [max(corner(name).convert("L").tobytes()) for name in ("edit, warm", "edit, noir")]
    assert bright[0] > bright[1] + 30


@pytest.mark.parametrize("name", ["first frame", "references", "edit, origin"])
def test_the_same_order_gives_the_same_bytes(paths: dict[str, Path], name: str) -> None:
    digests = [sha256(paths[which].read_bytes()).digest() for which in (name, f"{name} again")]
    assert digests[0] == digests[1]


def test_another_seed_moves_another_way(paths: dict[str, Path]) -> None:
    one, other = (frame(paths[name], 71) for name in ("first frame", "first frame, other seed"))
    assert difference(one, other) > 0.5


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real inputs are not beside this repository")
def test_real_inputs_pass_and_are_rendered(sandbox: SandboxServer) -> None:
    sandbox.rules(limited=False, pending=0, running=0)
    field = {"first_frame": "first_frame", "references": "reference_image", "video": "video"}
    modes = {"image-to-video": "i2v", "reference-to-video": "r2v", "video-edit": "video-edit"}
    with MediaServer(SAMPLES) as web:
        tasks = []
        for sample in json.loads((SAMPLES / "prompts.json").read_text("utf-8")):
            if sample["mode"] not in modes:
                continue
            given = {name: sample[name] for name in ("video", "first_frame", "references") if name in sample}
            media = [
                (field[name], f"{web.url}/{file}")
                for name, files in given.items()
                for file in (files if isinstance(files, list) else [files])
            ]
            least = {"resolution": "480P", "duration": 3, "version": "1.1"}
            if sample["mode"] == "video-edit":
                least = {"resolution": "720P"}
            body = asked(modes[sample["mode"]], *media, prompt=sample["prompt"], **least)
            tasks.append(sandbox.task(body))
        answers = [sandbox.finished(task_id, seconds=60) for task_id in tasks]
    assert [answer["output"]["task_status"] for answer in answers] == ["SUCCEEDED"] * 4
    assert answers[-1]["usage"]["duration"] == 8.08
