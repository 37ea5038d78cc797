from __future__ import annotations

import struct
import subprocess
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from threading import Event

import pytest

from studio.catalog.models import CATALOG
from studio.errors import MediaUnreadable
from studio.media.checks import Verdict, check_video
from studio.media.facts import VideoFacts, probe_video
from studio.media.fixes import Reencode
from studio.media.video_fixes import apply_video
from studio.system.ffmpeg import program
from tests.media.videos import cut, make_video, run, turn

pytestmark = [pytest.mark.usefixtures("system_ffmpeg"), pytest.mark.process]


def test_the_facts_of_a_plain_video(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", sound=True)
    facts = probe_video(path)
    assert [round(float(rate or 0)) for rate in (facts.slowest, facts.fastest)] == [24, 24]
    assert replace(facts, slowest=None, fastest=None) == VideoFacts(
        format="MP4",
        bytes=path.stat().st_size,
        width=640,
        height=360,
        seconds=Decimal("1.000000"),
        fps=Fraction(24),
        variable=False,
        codec="h264",
        pixel_format="yuv420p",
        audio_codec="aac",
        streams=1,
        turned=False,
        frames=24,
        packets=24,
        announced=path.stat().st_size,
    )


@pytest.mark.slow
def test_the_longest_that_a_reader_may_find_is_what_may_have_to_be_paid(tmp_path: Path) -> None:
    """Sound that goes on, a second picture, frames that an edit list leaves out: a provider may count them all."""
    picture, more = (["-f", "lavfi", "-i", f"testsrc=s=320x180:r=24:d={seconds}"] for seconds in (3, 9))
    sound = ["-f", "lavfi", "-i", "sine=d=20"]
    encode = ["-map", "0", "-map", "1", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-shortest"]
    ways: dict[str, tuple[list[str], float]] = {
        "sound": ([*picture, *sound, *encode[:-1]], 20),
        "picture": ([*picture, *more, *encode[:-1]], 9),
        "alike": ([*picture, *sound, *encode], 3),
        "edited": (["-ss", "8", "-i", str(tmp_path / "picture.mp4"), "-map", "0:v:1", "-c", "copy"], 9),
    }
    for name, (arguments, longest) in ways.items():
        path = tmp_path / f"{name}.mp4"
        subprocess.run([program("ffmpeg"), "-v", "error", *arguments, str(path)], check=True)
        facts = probe_video(path)
        assert float(facts.seconds) <= 3.1, name
        assert float(facts.longer) == pytest.approx(longest, abs=0.3), name
        warned = [
            finding.fix
            for finding in check_video(facts, CATALOG.limits["dashscope-video"])
            if finding.rule == "longest"
        ]
        assert warned == (["reencode"] if longest > 4 else []), name
        apply_video(path, [Reencode()], tmp_path / "mended.mp4", progress=lambda part: None, cancelled=Event())
        assert probe_video(tmp_path / "mended.mp4").longest is None, name


@pytest.mark.parametrize(
    ("name", "container", "codec"),
    [
        ("clip.mov", "MOV", "libx264"),
        ("clip.mkv", "Matroska", "libx264"),
        ("clip.webm", "WEBM", "libvpx"),
        ("clip.ts", "MPEG-TS", "libx264"),
        ("clip.avi", "AVI", "mpeg4"),
        ("clip.mp4", "MP4", "mpeg4"),
    ],
)
def test_the_container_is_judged_by_its_content(tmp_path: Path, name: str, container: str, codec: str) -> None:
    path = make_video(tmp_path / name, codec=codec)
    disguised = path.rename(tmp_path / "disguised.mp4")
    facts = probe_video(disguised)
    assert facts.format == container
    assert facts.codec == {"libx264": "h264", "libvpx": "vp8"}.get(codec, codec)
    assert not facts.truncated


@pytest.mark.parametrize(
    ("beginning", "container"), [(b"ftyp", "MP4"), (b"free", "MOV"), (b"wide", "MOV"), (b"fty`", "damaged MP4")]
)
def test_an_mp4_is_known_by_its_first_box(tmp_path: Path, beginning: bytes, container: str) -> None:
    """Old QuickTime files have none that names the type; ffprobe alone would take anything in its place."""
    path = make_video(tmp_path / "clip.mp4")
    data = path.read_bytes()
    path.write_bytes(data[:4] + beginning + data[8:])
    assert probe_video(path).format == container


def test_a_broken_frame_rate_is_exact(tmp_path: Path) -> None:
    facts = probe_video(make_video(tmp_path / "clip.mp4", rate="24000/1001"))
    assert facts.fps == Fraction(24000, 1001)
    assert not facts.variable


def test_a_turned_video_has_the_size_that_is_shown(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4")
    turn(path)
    facts = probe_video(path)
    assert (facts.width, facts.height, facts.turned) == (360, 640, True)


def test_pixels_that_are_not_square_are_counted_as_shown(tmp_path: Path) -> None:
    facts = probe_video(make_video(tmp_path / "clip.mp4", "-vf", "setsar=4/3", size="720x540"))
    assert (facts.width, facts.height, facts.turned) == (960, 540, True)


def test_uneven_frame_times_are_noticed(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", "-vf", r"select=lt(n\,12)+not(mod(n\,4))", "-fps_mode", "vfr", seconds=2)
    facts = probe_video(path)
    assert facts.variable
    assert facts.fps < 20


def test_a_video_is_as_long_as_it_plays_whatever_it_announces(tmp_path: Path) -> None:
    """It is billed by its length: who writes another number into it must not pay for that one."""
    path = make_video(tmp_path / "clip.mp4", seconds=9, rate="8", picture="color")
    whole = probe_video(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"mdhd") + 16
    data[at + 4 : at + 8] = struct.pack(">I", 2 * struct.unpack_from(">I", data, at)[0])
    path.write_bytes(data)
    facts = probe_video(path)
    assert facts.seconds == whole.seconds - Decimal("0.125")  # to the last frame's beginning
    assert facts.longer == facts.seconds


@pytest.mark.parametrize("keyframes", [250, 4], ids=["read on to its end", "not read at all"])
def test_what_an_edit_list_leaves_out_is_not_part_of_the_length(tmp_path: Path, keyframes: int) -> None:
    path = make_video(tmp_path / "clip.mp4", "-g", f"{keyframes}", seconds=9, rate="8", picture="color")
    data = bytearray(path.read_bytes())
    (scale,) = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)
    struct.pack_into(">I", data, data.index(b"elst") + 12, 3 * scale)
    path.write_bytes(data)
    facts = probe_video(path)
    assert facts.seconds == 3
    assert facts.packets == facts.frames == 72
    assert facts.longer == 9


def test_a_file_cut_off_behind_its_index_is_truncated(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", "-movflags", "+faststart", seconds=3)
    cut(path, 0.6)
    facts = probe_video(path)
    assert facts.truncated
    assert facts.frames == 72
    assert 0 < facts.packets < 72
    assert facts.seconds == 3  # what its index promises


def test_a_file_cut_off_right_behind_its_index_has_no_frame_at_all(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", "-movflags", "+faststart", seconds=3)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    facts = probe_video(path)
    assert (facts.truncated, facts.frames, facts.packets) == (True, 72, 0)


def test_a_file_cut_off_before_its_index_is_unreadable(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4")
    cut(path, 0.9)
    with pytest.raises(MediaUnreadable, match=r"incomplete: it should have at least [\d,]+ bytes, but"):
        probe_video(path)
    path = make_video(tmp_path / "clip.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    with pytest.raises(MediaUnreadable, match=r"the MP4 ends after [\d,]+ bytes, and the index.* is missing"):
        probe_video(path)


def test_a_film_that_loses_less_than_a_frame_is_cut_too(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", "-movflags", "+faststart")
    whole = path.stat().st_size
    cut(path, 1 - 5 / whole)
    facts = probe_video(path)
    assert facts.announced == whole > facts.bytes
    (finding,) = [one for one in check_video(facts, CATALOG.limits["dashscope-video"]) if one.rule == "complete"]
    assert finding.verdict is Verdict.REFUSED
    assert (finding.measured, finding.limit) == (f"{facts.bytes:,} bytes", f"{whole:,} bytes")


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mov", "clip.mkv", "clip.avi"])
@pytest.mark.parametrize("more", [b"", b"garbage after the end of it", bytes(64)])
def test_a_whole_film_is_not_cut_whatever_follows_it(tmp_path: Path, name: str, more: bytes) -> None:
    path = make_video(tmp_path / name)
    path.write_bytes(path.read_bytes() + more)
    facts = probe_video(path)
    assert facts.announced is None or facts.announced <= facts.bytes
    assert not facts.truncated


def test_sound_alone_is_no_video_not_even_with_a_cover(tmp_path: Path) -> None:
    sound, cover, both = tmp_path / "sound.m4a", tmp_path / "cover.png", tmp_path / "both.m4a"
    run("-f", "lavfi", "-i", "sine=duration=1", str(sound))
    run("-f", "lavfi", "-i", "testsrc2=size=320x320:duration=1", "-frames:v", "1", str(cover))
    run(
        "-i",
        str(sound),
        "-i",
        str(cover),
        "-map",
        "0",
        "-map",
        "1",
        "-c",
        "copy",
        "-disposition:v",
        "attached_pic",
        str(both),
    )
    for path in (sound, both):
        with pytest.raises(MediaUnreadable, match="contains no video"):
            probe_video(path)


def test_a_cover_beside_the_video_is_left_aside_but_a_second_video_is_counted(tmp_path: Path) -> None:
    clip, cover = make_video(tmp_path / "clip.mp4"), tmp_path / "cover.png"
    run("-f", "lavfi", "-i", "testsrc2=size=320x320:duration=1", "-frames:v", "1", str(cover))
    covered, double = tmp_path / "covered.mp4", tmp_path / "double.mp4"
    inputs = ["-i", str(clip), "-i", str(cover), "-map", "0", "-map", "1", "-c", "copy"]
    run(*inputs, "-disposition:v:1", "attached_pic", str(covered))
    run("-i", str(clip), "-map", "0", "-map", "0", "-c", "copy", str(double))
    assert probe_video(covered).streams == 1
    assert probe_video(double).streams == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"Dear diary, " * 500, "The video format is not supported"),
        (b"\x00" * 5000, "The video format is not supported"),
        (b"\x00\x00\x00\x18ftypmp42", "incomplete: the MP4 ends after 12 bytes, and the index"),
        (b"\n<!DOCTYPE html><html><body>Log in", "The file is a web page"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, r"The file is an image \(PNG\), not a video"),
        (b"%PDF-1.7\n" + b"\x00" * 99, "This is a PDF file"),
    ],
)
def test_what_is_no_video_is_refused_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaUnreadable, match=reason) as caught:
        probe_video(path)
    assert str(tmp_path) not in str(caught.value)


def test_a_playlist_leads_to_no_other_file(tmp_path: Path) -> None:
    """It would show one visitor what another one, or the machine, keeps in a file."""
    private = make_video(tmp_path / "private.ts")
    playlist = tmp_path / "clip.mp4"
    for target in (private, private.name):
        playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n")
        with pytest.raises(MediaUnreadable, match="The video format is not supported"):
            probe_video(playlist)
    playlist.write_text(f"ffconcat version 1.0\nfile {private.name}\n")
    with pytest.raises(MediaUnreadable):
        probe_video(playlist)


def test_names_that_look_like_something_else_are_only_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = make_video(tmp_path / "clip.mp4")
    monkeypatch.chdir(tmp_path)
    for name in ("-i.mp4", "concat:a|b.mp4", "馬 🐎.mp4", "%d.mp4"):
        assert probe_video(clip.rename(name)).packets == 24
        Path(name).rename(clip)


def test_reading_ends_in_time(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4")
    with pytest.raises(MediaUnreadable, match="Reading the video took longer than"):
        probe_video(path, seconds=0.0001)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_more_tracks_than_anyone_needs_are_refused_unopened(tmp_path: Path, name: str) -> None:
    source = make_video(tmp_path / "source.mp4", size="64x64", sound=True)
    for tracks, opened in ((7, True), (8, False)):
        path = tmp_path / f"{tracks}-{name}"
        run("-i", str(source), "-map", "0:v", *["-map", "0:a"] * tracks, "-c", "copy", str(path))
        if opened:
            assert probe_video(path).audio_codec == "aac"
        else:
            with pytest.raises(MediaUnreadable, match=r"more than 8 tracks.*one video track and one audio track"):
                probe_video(path)
