from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from studio.errors import MediaUnreadable
from studio.media.poster import make_poster
from tests.media.videos import cut, make_video, turn

pytestmark = [pytest.mark.usefixtures("system_ffmpeg"), pytest.mark.process]


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        image.load()
        assert image.format == "JPEG"
        return image.size


@pytest.mark.parametrize(
    ("video", "poster"),
    [("1280x720", (960, 540)), ("360x640", (540, 960)), ("960x960", (960, 960)), ("1920x820", (960, 410))],
)
def test_a_poster_has_the_videos_shape(tmp_path: Path, video: str, poster: tuple[int, int]) -> None:
    target = tmp_path / "poster.jpg"
    make_poster(make_video(tmp_path / "clip.mp4", size=video), target)
    assert size(target) == poster
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", "poster.jpg"}


def test_a_poster_is_as_small_as_asked(tmp_path: Path) -> None:
    target = tmp_path / "poster.jpg"
    make_poster(make_video(tmp_path / "clip.mp4", size="1280x720"), target, max_side=320)
    assert size(target) == (320, 180)


def test_a_turned_video_has_an_upright_poster(tmp_path: Path) -> None:
    clip, target = make_video(tmp_path / "clip.mp4"), tmp_path / "poster.jpg"
    turn(clip)
    make_poster(clip, target)
    assert size(target) == (540, 960)


def test_a_fade_from_black_is_passed_over(tmp_path: Path) -> None:
    target = tmp_path / "poster.jpg"
    make_poster(make_video(tmp_path / "clip.mp4", "-vf", "fade=in:0:30", seconds=2), target)
    with Image.open(target) as image:
        low, high = image.convert("L").getextrema()
    assert high - low > 100


def test_a_video_cut_off_behind_its_start_still_has_a_poster(tmp_path: Path) -> None:
    clip, target = make_video(tmp_path / "clip.mp4", "-movflags", "+faststart", seconds=3), tmp_path / "poster.jpg"
    cut(clip, 0.6)
    make_poster(clip, target)
    assert size(target) == (960, 540)


@pytest.mark.parametrize("content", [b"", b"no video at all" * 100])
def test_without_a_frame_there_is_a_reason_and_no_file(tmp_path: Path, content: bytes) -> None:
    clip, target = tmp_path / "clip.mp4", tmp_path / "poster.jpg"
    clip.write_bytes(content)
    with pytest.raises(MediaUnreadable, match="No frame can be shown"):
        make_poster(clip, target)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_failure_leaves_an_older_poster_alone(tmp_path: Path) -> None:
    target = tmp_path / "poster.jpg"
    make_poster(make_video(tmp_path / "clip.mp4"), target)
    before = target.read_bytes()
    with pytest.raises(MediaUnreadable):
        make_poster(tmp_path / "missing.mp4", target)
    assert target.read_bytes() == before


def test_no_poster_is_drawn_from_the_file_of_another(tmp_path: Path) -> None:
    private, playlist = make_video(tmp_path / "private.ts"), tmp_path / "clip.mp4"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{private}\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaUnreadable):
        make_poster(playlist, tmp_path / "poster.jpg")


def test_drawing_ends_in_time(tmp_path: Path) -> None:
    with pytest.raises(MediaUnreadable, match="timed out"):
        make_poster(make_video(tmp_path / "clip.mp4"), tmp_path / "poster.jpg", seconds=0.0001)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
