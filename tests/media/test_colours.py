"""Videos beyond a plain screen: HDR, BT.2020, more than 8 bits, whole chroma; and rates that vary."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from studio.catalog.models import CATALOG
from studio.errors import FixFailed
from studio.jobs.rows.store import Store
from studio.media.checks import Finding, Verdict, check_video
from studio.media.facts import VideoFacts, probe_video
from studio.media.fixes import Compress, Fix, Pad, Trim
from studio.media.plan import plan
from studio.media.rates import rates
from studio.media.vault import Vault
from studio.media.video_fixes import apply_video, filters
from studio.system.ffmpeg import program
from tests.media.videos import run

pytestmark = [pytest.mark.usefixtures("system_ffmpeg"), pytest.mark.process]

LIMITS = CATALOG.limits["dashscope-video"]
PLAIN = ("bt709", "bt709", "bt709")


def clip(path: Path, pixels: str, colours: Sequence[str] = (), codec: str = "libx265", source: str = "") -> Path:
    """``colours`` are primaries, transfer and matrix."""
    named = zip(("color_primaries", "color_trc", "colorspace"), colours, strict=False)
    tags = [word for name, value in named for word in (f"-{name}", value)]
    fine = ["-preset", "ultrafast"] if codec.startswith("lib") else []
    quiet = ["-x265-params", "log-level=none"] if codec == "libx265" else []
    picture = source or "testsrc2=size=360x360:rate=24:duration=1"
    run("-f", "lavfi", "-i", picture, "-c:v", codec, *fine, *quiet, "-pix_fmt", pixels, *tags, str(path))
    return path


def told(facts: VideoFacts, rule: str) -> list[Finding]:
    return [one for one in check_video(facts, LIMITS) if one.rule == rule and one.verdict is not Verdict.PASS]


def mended(path: Path, fixes: Sequence[Fix]) -> VideoFacts:
    target = path.with_name("mended.mp4")
    apply_video(path, fixes, target, progress=lambda _: None, cancelled=threading.Event())
    return probe_video(target)


def colours(facts: VideoFacts) -> tuple[str | None, ...]:
    return facts.primaries, facts.transfer, facts.matrix


@pytest.mark.matrix
@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_is_told_and_brought_to_a_plain_screen(tmp_path: Path, transfer: str) -> None:
    path = clip(tmp_path / "clip.mp4", "yuv420p10le", ("bt2020", transfer, "bt2020nc"))
    facts = probe_video(path)
    (finding,) = told(facts, "hdr")
    assert finding.verdict is Verdict.ADVICE
    assert "10 bit HDR" in finding.measured
    assert not told(facts, "pixels")
    after = mended(path, plan(facts, [finding], LIMITS))
    assert (after.pixel_format, *colours(after)) == ("yuv420p", *PLAIN)
    assert not told(after, "hdr")
    assert b"colrnclx\x00\x01\x00\x01\x00\x01" in path.with_name("mended.mp4").read_bytes()


@pytest.mark.parametrize(
    "fixes",
    [
        pytest.param([Trim(Decimal(0), Decimal("0.5"))], id="trim"),
        pytest.param([Pad(Fraction(2), "#ffffff")], id="pad", marks=pytest.mark.slow),
        pytest.param([Pad(Fraction(2))], id="blur", marks=pytest.mark.slow),
        pytest.param([Compress(200_000)], id="compress", marks=pytest.mark.slow),
    ],
)
def test_no_copy_claims_what_it_is_not(tmp_path: Path, fixes: list[Fix]) -> None:
    path = clip(tmp_path / "clip.mp4", "yuv420p10le", ("bt2020", "smpte2084", "bt2020nc"))
    after = mended(path, fixes)
    assert (after.pixel_format, *colours(after)) == ("yuv420p", *PLAIN)


def test_wide_colours_without_hdr_are_brought_over_too(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", "yuv420p10le", ("bt2020", "bt2020-10", "bt2020nc"))
    facts = probe_video(path)
    assert told(facts, "pixels")
    assert not told(facts, "hdr")
    assert colours(mended(path, plan(facts, told(facts, "pixels"), LIMITS))) == PLAIN


def test_an_hdr_video_that_says_nothing_but_its_transfer_is_mended(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", "yuv420p10le", ("unknown", "smpte2084", "unknown"))
    facts = probe_video(path)
    assert colours(mended(path, plan(facts, told(facts, "hdr"), LIMITS))) == PLAIN


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "measured"),
    [
        ("clip.mp4", "libx264", "yuv420p10le", "10 bit 4:2:0"),
        pytest.param("clip.mp4", "libx264", "yuv422p", "8 bit 4:2:2", marks=pytest.mark.slow),
        pytest.param("clip.mp4", "libx264", "yuv444p", "8 bit 4:4:4", marks=pytest.mark.slow),
        ("clip.mp4", "libx264rgb", "rgb24", "8 bit RGB"),
        ("clip.mov", "prores_ks", "yuv422p10le", "10 bit 4:2:2"),
    ],
)
def test_pixels_that_few_readers_take_are_told_and_mended(
    tmp_path: Path, name: str, codec: str, pixels: str, measured: str
) -> None:
    path = clip(tmp_path / name, pixels, codec=codec)
    facts = probe_video(path)
    (finding,) = told(facts, "pixels")
    assert (finding.verdict, finding.measured) == (Verdict.ADVICE, measured)
    after = mended(path, plan(facts, [finding], LIMITS))
    assert (after.codec, after.pixel_format, after.matrix in (None, "bt709")) == ("h264", "yuv420p", True)
    assert not told(after, "pixels")


def test_colours_of_rgb_stay_what_they_are(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", "rgb24", codec="libx264rgb", source="color=c=0x20c040:size=64x64:duration=1")
    facts = probe_video(path)
    mended(path, plan(facts, told(facts, "pixels"), LIMITS))
    still = tmp_path / "still.ppm"
    run("-i", str(tmp_path / "mended.mp4"), "-frames:v", "1", "-pix_fmt", "rgb24", str(still))
    assert all(abs(a - b) < 6 for a, b in zip(still.read_bytes()[-3:], (0x20, 0xC0, 0x40), strict=True))


@pytest.mark.skipif(os.name != "posix", reason="a script of the shell stands for ffmpeg")
def test_an_ffmpeg_that_could_not_be_asked_is_asked_again(tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o700)
    with pytest.raises(FixFailed):
        filters(str(program))
    program.write_text("#!/bin/sh\necho ' ... zscale V->V scales'\n")
    assert filters(str(program)) == {"zscale"}


def test_the_ffmpeg_here_can_bring_hdr_over() -> None:
    assert {"zscale", "tonemap"} <= filters(program("ffmpeg"))


@pytest.mark.parametrize(
    ("times", "least", "most"),
    [
        ([n / 30 for n in range(60)], 30, 30),
        ([*[n / 90 for n in range(90)], *[1 + n / 5 for n in range(10)]], 5, 90),
        ([0, 1 / 30, 2 / 30, 1], 1.07, 30),
    ],
)
def test_the_least_and_the_greatest_rate(times: list[float], least: float, most: float) -> None:
    found = rates([Fraction(time).limit_denominator(90_000) for time in times])
    assert found is not None
    assert float(found[0]) == pytest.approx(least, rel=0.01)
    if len(times) > 4:
        assert float(found[1]) == pytest.approx(most, rel=0.01)


def test_a_rate_that_leaves_its_limits_inside_its_average_is_told_and_made_even(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    uneven = r"testsrc2=size=360x360:rate=90:duration=4,select=lt(t\,1)+not(mod(n\,18))"
    run("-f", "lavfi", "-i", uneven, "-c:v", "libx264", "-preset", "ultrafast", "-fps_mode", "vfr", str(path))
    store = Store(f"sqlite:///{tmp_path / 'studio.db'}")
    vault = Vault(tmp_path / "media", store.engine)
    facts = vault.file(
        "ada", vault.keep("ada", "video", "clip", Path(shutil.copy(path, tmp_path / "given"))).sha256
    ).facts
    vault.close()
    store.close()
    assert facts == probe_video(path)
    assert isinstance(facts, VideoFacts)
    assert 8 < facts.fps < 60
    (finding,) = told(facts, "fps_parts")
    assert (finding.measured, finding.limit) == ("5 – 90 fps", "8 – 60 fps")
    assert finding.verdict is Verdict.DISPUTED  # the other source speaks of the average alone
    after = mended(path, plan(facts, [finding], LIMITS))
    assert not told(after, "fps_parts")
    assert not after.variable


def test_an_even_rate_at_the_limit_is_not_told(tmp_path: Path) -> None:
    for rate in ("60", "801/100"):
        path = clip(
            tmp_path / "clip.mp4", "yuv420p", codec="libx264", source=f"color=rate={rate}:duration=2:size=64x64"
        )
        assert not told(probe_video(path), "fps_parts")
        path.unlink()
