from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from studio.errors import MediaUnreadable
from studio.media.comment_tag import read_comment, write_comment
from studio.media.facts import probe_video
from tests.media.videos import cut, make_video, run

pytestmark = [pytest.mark.usefixtures("system_ffmpeg"), pytest.mark.process]

TEXT = '{"prompt": "一位老木匠 \\"planes\\" wood"}'
LAYOUTS = {
    "index last": [],
    "index first": ["-movflags", "+faststart"],
    "fragments": ["-g", "8", "-movflags", "frag_keyframe+empty_moov+default_base_moof+skip_trailer"],
    "without tags": ["-fflags", "+bitexact", "-map_metadata", "-1"],
    "named tags": ["-movflags", "+faststart+use_metadata_tags", "-metadata", "AIGC=a label"],
}


def tags(path: Path) -> dict[str, str]:
    command = ["ffprobe", "-v", "error", "-show_entries", "format_tags", "-of", "json", str(path)]
    told: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    found: dict[str, str] = told["format"].get("tags", {})
    return found


def decoded(path: Path) -> bytes:
    """A digest of every picture and sound as a player sees it."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0", "-f", "framemd5", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.mark.matrix(2)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_video_takes_a_comment_and_is_otherwise_the_same(tmp_path: Path, layout: str) -> None:
    plain = make_video(tmp_path / "plain.mp4", *LAYOUTS[layout], sound=True)
    marked = tmp_path / "marked.mp4"
    write_comment(plain, marked, TEXT)
    assert tags(marked) == tags(plain) | {"comment": TEXT}
    assert read_comment(marked.read_bytes()) == TEXT
    assert read_comment(plain.read_bytes()) is None
    size = marked.stat().st_size
    assert vars(probe_video(marked)) == vars(probe_video(plain)) | {"bytes": size, "announced": size}
    assert decoded(marked) == decoded(plain)


def test_only_the_index_changes(tmp_path: Path) -> None:
    plain, marked = make_video(tmp_path / "plain.mp4"), tmp_path / "marked.mp4"
    write_comment(plain, marked, TEXT)
    before, after = plain.read_bytes(), marked.read_bytes()
    index = before.index(b"moov") - 4
    assert after[:index] == before[:index]


def test_the_index_alone_is_enough_to_read_the_comment(tmp_path: Path) -> None:
    plain, marked = make_video(tmp_path / "plain.mp4"), tmp_path / "marked.mp4"
    write_comment(plain, marked, TEXT)
    whole = marked.read_bytes()
    assert read_comment(whole[whole.index(b"moov") - 4 :]) == TEXT


@pytest.mark.parametrize("tagging", [[], ["-movflags", "use_metadata_tags"]], ids=["ilst", "keys"])
def test_a_comment_of_someone_elses_is_not_overwritten(tmp_path: Path, tagging: list[str]) -> None:
    plain = make_video(tmp_path / "plain.mp4", *tagging, "-metadata", "comment=theirs")
    assert read_comment(plain.read_bytes()) == "theirs"
    with pytest.raises(MediaUnreadable, match="comment already"):
        write_comment(plain, tmp_path / "marked.mp4", TEXT)


def test_what_is_laid_out_otherwise_is_refused(tmp_path: Path) -> None:
    fragments = make_video(tmp_path / "fragments.mp4", "-movflags", "frag_keyframe")
    with pytest.raises(MediaUnreadable, match="second index"):
        write_comment(fragments, tmp_path / "marked.mp4", TEXT)
    doubled = make_video(tmp_path / "doubled.mp4")
    index = doubled.read_bytes().index(b"moov") - 4
    doubled.write_bytes(doubled.read_bytes() + doubled.read_bytes()[index:])
    with pytest.raises(MediaUnreadable, match="second index"):
        write_comment(doubled, tmp_path / "marked.mp4", TEXT)
    with pytest.raises(MediaUnreadable):
        write_comment(make_video(tmp_path / "clip.mkv"), tmp_path / "marked.mp4", TEXT)


def test_a_copy_that_is_not_the_same_video_is_refused(tmp_path: Path) -> None:
    # Fragments of the older kind say where in the file they stand, which is not followed here.
    plain = make_video(tmp_path / "plain.mp4", "-g", "8", "-movflags", "frag_keyframe+skip_trailer")
    before = plain.read_bytes()
    with pytest.raises(MediaUnreadable, match=r"not the same|cannot be compared"):
        write_comment(plain, tmp_path / "marked.mp4", TEXT)
    assert plain.read_bytes() == before


def test_damaged_files_are_refused_or_said_to_have_no_comment(tmp_path: Path) -> None:
    video = make_video(tmp_path / "whole.mp4", "-movflags", "+faststart")
    run("-y", "-i", str(video), "-c", "copy", "-metadata", f"comment={TEXT}", str(tmp_path / "with.mp4"))
    whole = (tmp_path / "with.mp4").read_bytes()
    index = whole.index(b"moov") - 4
    for length in range(0, len(whole) - index, 7):
        assert read_comment(whole[index : index + length]) is None
    cut(video, 0.5)
    with pytest.raises(MediaUnreadable):
        write_comment(video, tmp_path / "marked.mp4", TEXT)
