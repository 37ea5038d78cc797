from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from studio.errors import MediaUnreadable
from studio.media.facts import VideoFacts, probe_video
from tests.media.videos import cut, make_video, run, turn

pytestmark = pytest.mark.usefixtures("system_ffmpeg")


def test_the_facts_of_a_plain_video(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", sound=True)
    assert probe_video(path) == VideoFacts(
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
    )


@pytest.mark.parametrize(
    ("name", "container", "codec"),
    [
        ("clip.mov", "MOV", "libx264"),
        ("clip.mkv", "Matroska", "libx264"),
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
    assert facts.codec == {"libx264": "h264"}.get(codec, codec)
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


def test_a_file_cut_off_behind_its_index_is_truncated(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", "-movflags", "+faststart", seconds=3)
    cut(path, 0.6)
    facts = probe_video(path)
    assert facts.truncated
    assert facts.frames == 72
    assert 0 < facts.packets < 72
    assert facts.seconds == 3  # what its index promises


def test_a_file_cut_off_before_its_index_is_unreadable(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4")
    cut(path, 0.9)
    with pytest.raises(MediaUnreadable, match="not a video of a known format"):
        probe_video(path)


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
        with pytest.raises(MediaUnreadable, match="no video in it"):
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
        (b"Dear diary, " * 500, "not a video of a known format"),
        (b"\x00" * 5000, "not a video of a known format"),
        (b"\x00\x00\x00\x18ftypmp42", "not a video of a known format"),
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
        with pytest.raises(MediaUnreadable, match="not a video of a known format"):
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
    with pytest.raises(MediaUnreadable, match="could not be read within"):
        probe_video(path, seconds=0.0001)
