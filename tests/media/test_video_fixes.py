from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from studio.catalog.models import CATALOG
from studio.errors import FixFailed
from studio.media.checks import Verdict, check_video, verdict
from studio.media.facts import VideoFacts, probe_video
from studio.media.fixes import Compress, Crop, Downscale, Fix, Framerate, Pad, Reencode, Trim, Upscale
from studio.media.plan import plan
from studio.media.video_fixes import LEAST_SECONDS, SECONDS, apply_video, patience
from tests.media.videos import cut, make_video, run, turn
from tests.processes import running

pytestmark = pytest.mark.process

SYSTEM = pytest.mark.usefixtures("system_ffmpeg")
"""A test that is tried with the system's ffmpeg, since what it asks is most likely to hang on the version."""

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
CLIP = CATALOG.limits["dashscope-video"]
CLOCK = r"geq=lum=16+2*N:cb=128:cr=128"
"""Every frame two shades brighter than the one before: a frame tells its number."""


def mend(original: Path, fixes: Sequence[Fix], **options: float) -> VideoFacts:
    """Fix the file, see that the original is as it was and nothing else is left, and read what came out."""
    before, beside = original.read_bytes(), set(original.parent.iterdir())
    target = original.with_name("mended.mp4")
    shares: list[float] = []
    apply_video(original, fixes, target, progress=shares.append, cancelled=threading.Event(), **options)
    assert original.read_bytes() == before
    assert set(original.parent.iterdir()) == beside | {target}
    assert shares == sorted(shares)
    assert shares[-1] == 1
    return probe_video(target)


def colors(path: Path, size: tuple[int, int], *at: tuple[int, int]) -> list[tuple[int, ...]]:
    """The colours of some pixels of the first frame, as RGB."""
    whole = decoded(path, "-frames:v", "1")
    assert len(whole) == size[0] * size[1] * 3
    return [tuple(whole[(y * size[0] + x) * 3 :][:3]) for x, y in at]


def clock(path: Path) -> list[int]:
    """The numbers that the clock shows in the frames of a copy of 64 by 64 pixels."""
    frames = decoded(path)
    return [round(shade * 219 / 255 / 2) for shade in frames[(32 * 64 + 32) * 3 :: 64 * 64 * 3]]


def decoded(path: Path, *options: str) -> bytes:
    """Frames as RGB bytes, row by row."""
    command = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        "-i",
        str(path),
        *options,
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def container(path: Path) -> dict[str, Any]:
    return probed(path)["format"]


def streams(path: Path) -> dict[str, dict[str, Any]]:
    return {stream["codec_type"]: stream for stream in probed(path)["streams"]}


def probed(path: Path) -> dict[str, Any]:
    ask = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    return json.loads(subprocess.run(ask, capture_output=True, check=True, timeout=60).stdout)


def tone_begins(path: Path) -> int:
    """Milliseconds of near silence at the beginning."""
    raw = ["-ac", "1", "-ar", "1000", "-f", "s16le", "-"]
    heard = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), *raw], capture_output=True, check=True, timeout=60
    ).stdout
    return next(number for number, sample in enumerate(memoryview(heard).cast("h")) if abs(sample) > 1000)


@pytest.mark.parametrize(
    ("start", "length", "rate", "frames", "first"),
    [
        ("0", "1", "24", 24, 0),
        ("0.5", "1", "24", 24, 12),
        ("1.25", "0.5", "24", 12, 30),
        ("1", "1", "30000/1001", 30, 30),
        ("0", "1.0344", "30000/1001", 31, 0),
        ("2.5", "9", "24", 12, 60),
    ],
)
def test_a_trim_keeps_exactly_the_frames_of_its_range(
    tmp_path: Path, start: str, length: str, rate: str, frames: int, first: int
) -> None:
    original = make_video(tmp_path / "clip.mp4", "-vf", CLOCK, "-g", "250", size="64x64", rate=rate, seconds=3)
    facts = mend(original, [Trim(Decimal(start), Decimal(length))])
    assert facts.packets == frames
    assert facts.fps == Fraction(rate)
    assert clock(tmp_path / "mended.mp4") == list(range(first, first + frames))


@pytest.mark.parametrize(
    ("length", "rate", "frames"), [("1", "12.4", 13), ("2", "12.4", 24), ("2", "30000/1001", 59), ("1", "24", 24)]
)
def test_a_trim_that_is_no_whole_number_of_frames_keeps_within_its_bounds(
    tmp_path: Path, length: str, rate: str, frames: int
) -> None:
    original = make_video(tmp_path / "clip.mp4", size="64x64", rate=rate, seconds=3, sound=True)
    facts = mend(original, [Trim(Decimal("0.5"), Decimal(length), (Decimal(1), Decimal(2)))])
    assert facts.packets == frames
    assert 1 <= facts.seconds <= 2
    assert 1 <= Decimal(container(tmp_path / "mended.mp4")["duration"]) <= 2, "the sound does not stand out"


def test_a_trim_behind_the_end_is_refused(tmp_path: Path) -> None:
    original = make_video(tmp_path / "clip.mp4", size="64x64")
    with pytest.raises(FixFailed, match=r"ends before 1.5 s"):
        mend(original, [Trim(Decimal("1.5"), Decimal(1))])


@SYSTEM
def test_sound_stays_with_its_picture(tmp_path: Path) -> None:
    """One second of silence, then a tone; the trim begins half a second before the tone."""
    original = tmp_path / "clip.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=24:duration=3"]
    sound = ["-f", "lavfi", "-i", r"aevalsrc=sin(2000*t)*gt(t\,1):d=3:s=48000"]
    run(
        *picture, *sound, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(original)
    )
    facts = mend(original, [Trim(Decimal("0.5"), Decimal(2))])
    assert facts.audio_codec == "aac"
    assert tone_begins(tmp_path / "mended.mp4") == pytest.approx(500, abs=30)


@SYSTEM
def test_sound_that_begins_late_is_silent_until_then(tmp_path: Path) -> None:
    """Not everyone who reads an MP4 heeds that one of its streams begins later."""
    clip, original = make_video(tmp_path / "silent.mp4", size="64x64", seconds=3), tmp_path / "clip.mkv"
    tone = ["-itsoffset", "1", "-f", "lavfi", "-i", "sine=duration=2"]
    run("-i", str(clip), *tone, "-c:v", "copy", "-c:a", "aac", str(original))
    mend(original, [Reencode()])
    copy = tmp_path / "mended.mp4"
    assert streams(copy)["audio"]["start_time"] == "0.000000"
    assert tone_begins(copy) == pytest.approx(1000, abs=30)


@pytest.mark.parametrize(("rate", "wanted"), [("6", 12), ("30", 24)])
def test_a_frame_rate_changes_and_the_length_does_not(tmp_path: Path, rate: str, wanted: int) -> None:
    facts = mend(make_video(tmp_path / "clip.mp4", size="64x64", rate=rate, seconds=2), [Framerate(Fraction(wanted))])
    assert (facts.fps, facts.seconds, facts.packets, facts.variable) == (wanted, 2, 2 * wanted, False)


@SYSTEM
def test_uneven_frame_times_become_even(tmp_path: Path) -> None:
    select = r"select=lt(n\,12)+not(mod(n\,4))"
    original = make_video(tmp_path / "clip.mp4", "-vf", select, "-vsync", "vfr", size="64x64", seconds=3)
    assert probe_video(original).variable
    facts = mend(original, plan(probe_video(original), check_video(probe_video(original), CLIP), CLIP)[:1])
    assert not facts.variable
    assert facts.fps.denominator == 1
    assert abs(facts.seconds - 3) < Decimal("0.2")


@SYSTEM
def test_a_turned_video_is_stored_upright(tmp_path: Path) -> None:
    original = tmp_path / "clip.mp4"
    halves = "drawbox=w=iw/2:h=ih:color=red:t=fill,drawbox=x=iw/2:w=iw/2:h=ih:color=blue:t=fill"
    make_video(original, "-vf", halves, size="320x200")
    turn(original)
    facts = mend(original, [Reencode()])
    assert (facts.width, facts.height, facts.turned) == (200, 320, False)
    (expected,), (upper,) = (colors(path, (200, 320), (100, 40)) for path in (original, tmp_path / "mended.mp4"))
    assert all(abs(one - other) < 12 for one, other in zip(upper, expected, strict=True))


@SYSTEM
def test_pixels_become_square(tmp_path: Path) -> None:
    facts = mend(make_video(tmp_path / "clip.mp4", "-vf", "setsar=4/3", size="360x270"), [Reencode()])
    assert (facts.width, facts.height, facts.turned) == (480, 270, False)


@pytest.mark.parametrize("name", ["clip.mkv", "clip.ts", "clip.avi", "clip.mov", "clip.webm"])
def test_any_container_becomes_an_mp4_that_starts_fast(tmp_path: Path, name: str) -> None:
    codec = {"avi": "mpeg4", "webm": "libvpx"}.get(name[-3:].lstrip("."), "libvpx" if "webm" in name else "libx264")
    original = make_video(tmp_path / name, size="64x64", codec=codec)
    facts = mend(original, [Reencode()])
    assert (facts.format, facts.codec, facts.pixel_format) == ("MP4", "h264", "yuv420p")
    assert (facts.packets, facts.fps) == (24, 24)
    data = (tmp_path / "mended.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_of_several_streams_the_picture_and_the_sound_are_kept(tmp_path: Path) -> None:
    clip, cover = make_video(tmp_path / "clip.mp4", size="64x64", sound=True), tmp_path / "cover.png"
    run("-f", "lavfi", "-i", "color=red:size=32x32:duration=1", "-frames:v", "1", str(cover))
    both = tmp_path / "both.mp4"
    inputs = ["-i", str(cover), "-i", str(clip), "-map", "0", "-map", "1:v", "-map", "1:v", "-map", "1:a"]
    run(*inputs, "-c", "copy", "-disposition:v:0", "attached_pic", "-metadata", "location=+1+2", str(both))
    facts = mend(both, [Reencode()])
    assert (facts.streams, facts.width, facts.audio_codec, facts.packets) == (1, 64, "aac", 24)
    assert "location" not in container(tmp_path / "mended.mp4").get("tags", {})


@pytest.mark.parametrize(("anchor", "seen"), [(0.0, (255, 0, 0)), (1.0, (0, 0, 255))])
def test_a_crop_keeps_the_side_that_was_chosen(tmp_path: Path, anchor: float, seen: tuple[int, int, int]) -> None:
    halves = "drawbox=w=iw/2:h=ih:color=red:t=fill,drawbox=x=iw/2:w=iw/2:h=ih:color=blue:t=fill"
    original = make_video(tmp_path / "clip.mp4", "-vf", halves, size="480x120")
    facts = mend(original, [Crop(Fraction(1), (anchor, 0.5))])
    assert (facts.width, facts.height) == (120, 120)
    (found,) = colors(tmp_path / "mended.mp4", (120, 120), (60, 60))
    assert all(abs(one - other) < 16 for one, other in zip(found, seen, strict=True))


def test_a_pad_frames_the_whole_picture(tmp_path: Path) -> None:
    original = make_video(tmp_path / "clip.mp4", "-vf", "drawbox=w=iw:h=ih:color=red:t=fill", size="480x120")
    facts = mend(original, [Pad(Fraction(2), "#0000ff")])
    assert (facts.width, facts.height) == (480, 240)
    above, below, between = colors(tmp_path / "mended.mp4", (480, 240), (240, 10), (240, 230), (240, 120))
    assert min(above[2], below[2], between[0]) > 230


def test_a_blurred_pad_goes_on_in_the_pictures_colours(tmp_path: Path) -> None:
    original = make_video(tmp_path / "clip.mp4", "-vf", "drawbox=w=iw:h=ih:color=red:t=fill", size="480x120")
    facts = mend(original, [Pad(Fraction(5, 2))])
    assert (facts.width, facts.height) == (480, 192)
    ((red, *_),) = colors(tmp_path / "mended.mp4", (480, 192), (240, 5))
    assert red > 230


@pytest.mark.parametrize(
    ("fix", "size"), [(Upscale(360), (640, 360)), (Downscale(160), (160, 90)), (Reencode(), (320, 180))]
)
def test_a_video_is_scaled_to_the_pixel(tmp_path: Path, fix: Fix, size: tuple[int, int]) -> None:
    facts = mend(make_video(tmp_path / "clip.mp4", size="320x180"), [fix])
    assert (facts.width, facts.height) == size


@pytest.mark.parametrize("limit", [400_000, 60_000])
def test_a_file_is_kept_under_its_limit(tmp_path: Path, limit: int) -> None:
    noise = "noise=alls=90:allf=t"
    original = make_video(tmp_path / "clip.mp4", "-vf", noise, size="320x180", seconds=3, sound=True)
    assert original.stat().st_size > 1_000_000
    facts = mend(original, [Compress(limit)])
    assert limit * 0.5 < facts.bytes <= limit
    assert (facts.packets, facts.audio_codec) == (72, "aac")


def test_a_byte_limit_that_nothing_meets_is_an_error(tmp_path: Path) -> None:
    original = make_video(tmp_path / "clip.mp4", size="320x180")
    with pytest.raises(FixFailed, match="does not fit into 500 bytes"):
        mend(original, [Compress(500)])
    assert list(tmp_path.iterdir()) == [original]


def long_video(folder: Path) -> Path:
    """Quickly made and slowly mended."""
    return make_video(folder / "clip.mp4", size="64x64", seconds=600, picture="color")


def test_cancelling_ends_ffmpeg_at_once_and_leaves_no_file(tmp_path: Path) -> None:
    original = long_video(tmp_path)
    cancelled, moments = threading.Event(), []

    def progress(share: float) -> None:
        moments.append(time.monotonic())
        cancelled.set()

    with pytest.raises(FixFailed, match="canceled"):
        apply_video(original, [Upscale(1080)], tmp_path / "mended.mp4", progress=progress, cancelled=cancelled)
    assert time.monotonic() - moments[0] < 30  # by itself it would end after minutes
    assert list(tmp_path.iterdir()) == [original]
    assert not running("ffmpeg")


def test_a_listener_that_breaks_ends_ffmpeg_too(tmp_path: Path) -> None:
    original = make_video(tmp_path / "clip.mp4", size="640x360", seconds=4)

    def progress(share: float) -> None:
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        apply_video(original, [], tmp_path / "mended.mp4", progress=progress, cancelled=threading.Event())
    assert list(tmp_path.iterdir()) == [original]
    assert not running("ffmpeg")


def test_the_work_is_bounded_in_time(tmp_path: Path) -> None:
    original = long_video(tmp_path)
    with pytest.raises(FixFailed, match="took too long"):
        mend(original, [Upscale(1080)], seconds=0.3)
    assert list(tmp_path.iterdir()) == [original]


def test_a_place_is_held_no_longer_than_the_size_of_the_video_explains(tmp_path: Path) -> None:
    short = probe_video(make_video(tmp_path / "clip.mp4", size="64x64", seconds=3))
    assert patience(short, []) == LEAST_SECONDS
    minute = replace(short, width=1280, height=720, fps=Fraction(30), seconds=Decimal(60))
    assert LEAST_SECONDS < patience(minute, [Trim(Decimal(0), Decimal(30))]) < patience(minute, []) < SECONDS
    assert patience(replace(minute, width=3840, height=2160), []) == SECONDS


def test_too_large_a_frame_is_refused_before_it_is_made(tmp_path: Path) -> None:
    original = make_video(tmp_path / "clip.mp4", size="320x180")
    with pytest.raises(FixFailed, match="pixels are too many"):
        mend(original, [Upscale(60_000)])


@pytest.mark.parametrize("content", [b"", b"Dear diary, " * 500])
def test_what_is_no_video_cannot_be_mended(tmp_path: Path, content: bytes) -> None:
    original = tmp_path / "clip.mp4"
    original.write_bytes(content)
    with pytest.raises(FixFailed, match="could not be fixed") as caught:
        mend(original, [Reencode()])
    assert str(tmp_path) not in str(caught.value)


def test_what_cannot_be_written_is_an_error_without_a_path(tmp_path: Path) -> None:
    original = make_video(tmp_path / "clip.mp4", size="64x64")
    target = tmp_path / "nowhere" / "mended.mp4"
    with pytest.raises(FixFailed, match="could not be fixed") as caught:
        apply_video(original, [], target, progress=lambda share: None, cancelled=threading.Event())
    assert str(tmp_path) not in str(caught.value)


def test_of_a_file_that_ends_early_the_part_that_is_there_is_kept(tmp_path: Path) -> None:
    original = make_video(tmp_path / "clip.mp4", "-movflags", "+faststart", size="320x180", seconds=3)
    cut(original, 0.6)
    facts = mend(original, [Reencode()])
    assert not facts.truncated
    assert 1 < facts.seconds < 3


def test_names_that_look_like_something_else_are_only_names(tmp_path: Path) -> None:
    clip = make_video(tmp_path / "clip.mp4", size="64x64")
    for name in ("-i.mp4", "concat:a|b.mp4", "馬 🐎.mp4", "%d.mp4", "a'b,c[d].mp4"):
        assert mend(clip.rename(tmp_path / name), [Reencode()]).packets == 24
        (tmp_path / "mended.mp4").unlink()
        (tmp_path / name).rename(clip)


@pytest.mark.matrix(2)
@pytest.mark.parametrize("pad", [False, True])
@pytest.mark.parametrize(
    ("name", "options", "rate", "size", "seconds"),
    [
        ("clip.mkv", (), "6", "900x300", 3.5),
        ("clip.mp4", ("-vf", "setsar=2/1"), "8", "400x340", 3),
        ("clip.mov", (), "30000/1001", "200x700", 3.1),
        ("clip.avi", ("-c:v", "mpeg4"), "7.99", "352x288", 4),
        ("clip.ts", (), "25", "362x902", 4),
        ("clip.mp4", (), "10", "2400x480", 3),
    ],
)
def test_whatever_is_wrong_with_a_video_the_checks_pass_afterwards(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    name: str,
    options: tuple[str, ...],
    rate: str,
    size: str,
    seconds: float,
    pad: bool,
) -> None:
    if not pad:
        request.getfixturevalue("system_ffmpeg")
    original = make_video(tmp_path / name, *options, rate=rate, size=size, seconds=seconds, sound=True)
    facts = probe_video(original)
    fixes = plan(facts, check_video(facts, CLIP), CLIP, pad=pad)
    assert fixes
    mended = mend(original, fixes)
    assert not [one for one in check_video(mended, CLIP) if one.verdict is not Verdict.PASS], (facts, fixes)
    assert abs(mended.seconds - facts.seconds) < Decimal("0.1")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample videos are not here")
def test_a_real_video_is_trimmed_and_cropped_in_one_go(tmp_path: Path) -> None:
    original = tmp_path / "clip.mp4"
    original.write_bytes((SAMPLES / "videoeditcase1input.mp4").read_bytes())
    before = probe_video(original)
    facts = mend(original, [Trim(Decimal(1), Decimal(3)), Crop(Fraction(1), (1.0, 0.5)), Compress(100 * 2**20)])
    assert (facts.width, facts.height) == (facts.height, facts.width)
    assert abs(facts.seconds - 3) < Fraction(1) / before.fps
    assert verdict(check_video(facts, CLIP)) is Verdict.PASS
