"""Files that are broken, disguised or made to break their reader: each gets a verdict, in time and in words.

What is let through has to be of use: the sandbox's own reader, which decodes for itself, has the last word on that.
"""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.catalog.models import CATALOG, Kind
from studio.errors import MediaUnreadable
from studio.jobs.rows.store import Store
from studio.media.checks import Verdict
from studio.media.vault import Vault
from studio.sandbox.media import read_film, read_picture, widest
from studio.sandbox.tasks import TaskFailed
from studio.web.form.file_views import file_view
from studio.web.text import Translation
from tests.media.accounts import account_at
from tests.media.videos import make_video, run

SEED = 20260521
INPUTS = {
    "image": (CATALOG.model("dashscope", "happyhorse-1.0-i2v"), "first_frame"),
    "video": (CATALOG.model("dashscope", "happyhorse-1.0-video-edit"), "video"),
}


@dataclass(frozen=True)
class Mutant:
    """A file, what it is given as, and whether it may pass."""

    name: str
    kind: Kind
    data: bytes
    usable: bool | None
    """None: it may pass if the sandbox can read it, too."""


@dataclass(frozen=True)
class Outcome:
    verdict: Verdict
    words: str
    accepted_there: bool
    """Asked only of what passes here."""


def picture(size: tuple[int, int] = (480, 360)) -> Image.Image:
    """Noise over a gradient: data to the last row, in every format."""
    noise = Image.frombytes("L", size, random.Random(SEED).randbytes(size[0] * size[1]))
    gradient = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (gradient, noise, Image.blend(gradient, noise, 0.5)))


def encoded(form: str, **options: Any) -> bytes:
    written = io.BytesIO()
    picture().save(written, form, **options)
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def box(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data


def truncated(name: str, kind: Kind, data: bytes, shares: list[float]) -> Iterator[Mutant]:
    for share in shares:
        yield Mutant(f"{name} cut at {share:.0%}", kind, data[: int(len(data) * share)], usable=False)


def flipped(name: str, kind: Kind, data: bytes, times: int) -> Iterator[Mutant]:
    """One bit in the head, where the sizes stand; eight anywhere; a stretch of noise; a stretch of nothing."""
    dice = random.Random(f"{SEED} {name}")
    for turn in range(times):
        broken = bytearray(data)
        match turn % 4:
            case 0:
                broken[dice.randrange(64)] ^= 1 << dice.randrange(8)
            case 1:
                for _ in range(8):
                    broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
            case 2:
                start = dice.randrange(len(broken) - 200)
                broken[start : start + 200] = dice.randbytes(200)
            case _:
                start = dice.randrange(len(broken) // 2)
                broken[start : start + len(broken) // 4] = bytes(len(broken) // 4)
        yield Mutant(f"{name} broken {turn}", kind, bytes(broken), usable=None)


def damaged_pictures(folder: Path) -> Iterator[Mutant]:
    forms = {
        "jpeg": encoded("JPEG"),
        "progressive": encoded("JPEG", progressive=True),
        "png": encoded("PNG"),
        "webp": encoded("WEBP"),
    }
    for name, data in forms.items():
        yield Mutant(f"whole {name}", "image", data, usable=True)
        yield from truncated(name, "image", data, [0.001, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97])
        yield from flipped(name, "image", data, 16)
    yield from flipped("tiff", "image", encoded("TIFF"), 8)
    yield Mutant("png without its end", "image", forms["png"][:-12], usable=None)
    yield Mutant("jpeg without its end", "image", forms["jpeg"][:-2], usable=None)


def lying_pictures(folder: Path) -> Iterator[Mutant]:
    """Headers that promise what no memory holds."""
    jpeg, png = encoded("JPEG"), encoded("PNG")
    signature, header, body = png[:8], png[8:33], png[33:]
    for width, height in ((1 << 31, 1), (0x7FFFFFFF, 0x7FFFFFFF), (60_000, 60_000), (10_000, 9_000), (0, 0)):
        lie = chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
        yield Mutant(f"png of {width} x {height}", "image", signature + lie + body, usable=False)
    at = jpeg.index(b"\xff\xc0") + 5
    for width, height in ((65_500, 65_500), (8_000, 20_000), (480, 0), (0, 360)):
        lied = jpeg[:at] + struct.pack(">2H", height, width) + jpeg[at + 4 :]
        yield Mutant(f"jpeg of {width} x {height}", "image", lied, usable=False)
    yield Mutant("gif of 65535 x 65535", "image", b"GIF89a\xff\xff\xff\xff\x00\x00\x00;", usable=False)
    bmp = (
        b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 1 << 30, 1 << 30, 1, 24, *[0] * 6)
    )
    yield Mutant("bmp of a billion columns", "image", bmp, usable=False)
    bomb = chunk(b"zTXt", b"c\0\0" + zlib.compress(bytes(200 << 20), 9))
    yield Mutant("png with 200 MB of text", "image", signature + header + bomb + body, usable=None)
    notes = chunk(b"tEXt", b"a\0b") * 20_000
    yield Mutant("png of endless chunks", "image", signature + header + notes + body, usable=None)


def strange_pictures(folder: Path) -> Iterator[Mutant]:
    jpeg, png = encoded("JPEG"), encoded("PNG")
    yield from strangers("image")
    yield Mutant("jpeg with a zip behind", "image", jpeg + zipped(), usable=True)
    yield Mutant("png with a page behind", "image", png + b"<script>alert(1)</script>", usable=True)
    yield Mutant("zip with a jpeg behind", "image", zipped() + jpeg, usable=False)
    yield Mutant("page with a png behind", "image", b"<!doctype html><p>" + png, usable=False)
    yield Mutant("jpeg behind a newline", "image", b"\n" + jpeg, usable=False)
    yield Mutant("svg", "image", b'<svg xmlns="http://www.w3.org/2000/svg" width="480" height="360"/>', usable=False)
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 480 360\n(/etc/passwd) (r) file\nshowpage\n%%EOF\n"
    yield Mutant("postscript", "image", script, usable=False)
    yield Mutant("heic", "image", box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"mdat", bytes(4000)), usable=False)
    clip = make_video(folder / "clip.mp4", size="480x360", rate="12").read_bytes()
    yield Mutant("a video as an image", "image", clip, usable=False)
    for form in ("GIF", "BMP", "TIFF", "PPM", "ICO", "TGA", "PCX", "SGI", "DDS", "IM"):
        yield Mutant(f"{form} under another name", "image", encoded(form), usable=False)
    for form in ("WEBP", "PNG", "GIF"):
        moving = encoded(form, save_all=True, append_images=[picture().rotate(90), picture().rotate(180)])
        yield Mutant(f"moving {form}", "image", moving, usable=form != "GIF")


def zipped() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("a.txt", "a")
    return written.getvalue()


def strangers(kind: Kind) -> Iterator[Mutant]:
    """What is no medium at all."""
    dice = random.Random(SEED)
    data = {
        "nothing": b"",
        "one byte": b"\0",
        "zeros": bytes(100_000),
        "noise": dice.randbytes(100_000),
        "text": "Dear diary, today 馬 ran. ".encode() * 400,
        "json": b'{"first_frame": "a.png"}',
        "page": b"<!doctype html><title>404</title>" * 40,
        "zip": zipped(),
        "program": b"\x7fELF\x02\x01\x01" + dice.randbytes(4000),
        "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        "playlist": b"#EXTM3U\n#EXTINF:3,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "list of files": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "session": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
        "manifest": b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>',
        "subtitles": b"1\n00:00:00,000 --> 00:00:03,000\nHello\n",
    }
    for name, content in data.items():
        yield Mutant(f"{name} as {kind}", kind, content, usable=False)


def clips(folder: Path) -> tuple[bytes, bytes]:
    """A video with its index at the end and one with it at the beginning."""
    small: dict[str, Any] = {"size": "480x360", "rate": "12", "seconds": 3}
    late = make_video(folder / "late.mp4", sound=True, **small)
    early = make_video(folder / "early.mp4", "-movflags", "+faststart", **small)
    return late.read_bytes(), early.read_bytes()


def damaged_videos(folder: Path) -> Iterator[Mutant]:
    for name, data in zip(("late index", "early index"), clips(folder), strict=True):
        yield Mutant(f"whole, {name}", "video", data, usable=True)
        yield from truncated(name, "video", data, [0.001, 0.01, 0.05, 0.1, 0.25, 0.4, 0.6, 0.8, 0.95])
        yield from flipped(name, "video", data, 20)


def lying_videos(folder: Path) -> Iterator[Mutant]:
    """An index that describes what is not there."""
    late, early = clips(folder)
    start = early.index(b"mdat") + 4
    noise = random.Random(SEED).randbytes(len(early) - start)
    yield Mutant("frames of zeros", "video", early[:start] + bytes(len(early) - start), usable=False)
    yield Mutant("frames of noise", "video", early[:start] + noise, usable=False)
    yield Mutant("no frames behind the index", "video", early[:start], usable=False)
    yield Mutant("no index", "video", late[: late.index(b"moov") - 4], usable=False)
    yield Mutant("the frames twice", "video", early + early[start - 8 :], usable=None)
    at = early.index(b"avc1") + 28
    for width, height in ((65_535, 65_535), (0, 0), (1, 65_535)):
        lied = early[:at] + struct.pack(">2H", width, height) + early[at + 4 :]
        yield Mutant(f"header of {width} x {height}", "video", lied, usable=None)
    for table in (b"stsz", b"stts", b"stco", b"stsc"):
        at = early.index(table) + (12 if table == b"stsz" else 8)
        for count in (0, 0x7FFFFFFF, 0xFFFFFFFF):
            lied = early[:at] + struct.pack(">I", count) + early[at + 4 :]
            yield Mutant(f"{table.decode()} of {count} entries", "video", lied, usable=None)
    at = early.index(b"moov") - 4
    for size in (0, 1, 7, 0x7FFFFFFF, 0xFFFFFFFF):
        lied = early[:at] + struct.pack(">I", size) + early[at + 4 :]
        yield Mutant(f"index of {size} bytes", "video", lied, usable=None)
    nested = b""
    for _ in range(2_000):
        nested = box(b"moov", nested)
    yield Mutant("a box in a box in a box", "video", box(b"ftyp", b"isom\0\0\2\0isom") + nested, usable=False)
    yield Mutant("only a head", "video", box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41"), usable=False)


def strange_videos(folder: Path) -> Iterator[Mutant]:
    _, early = clips(folder)
    yield from strangers("video")
    yield Mutant("a picture", "video", encoded("PNG"), usable=False)
    yield Mutant("a moving gif", "video", encoded("GIF", save_all=True, append_images=[picture()]), usable=False)
    yield Mutant("a page before the video", "video", b"<!doctype html>" + early, usable=False)
    yield Mutant("a zip behind the video", "video", early + zipped(), usable=True)
    for name in ("sound.m4a", "sound.wav", "sound.mp3"):
        run("-y", "-f", "lavfi", "-i", "sine=duration=3", str(folder / name))
        yield Mutant(name, "video", (folder / name).read_bytes(), usable=False)
    for name in ("clip.mkv", "clip.avi", "clip.ts", "clip.webm", "clip.flv"):
        codec = "libvpx" if name.endswith("webm") else "libx264"
        path = make_video(folder / name, size="480x360", rate="12", seconds=3, codec=codec)
        yield Mutant(f"{name} under another name", "video", path.read_bytes(), usable=False)


FAMILIES: Mapping[Callable[[Path], Iterator[Mutant]], int] = {
    damaged_pictures: 122,
    lying_pictures: 13,
    strange_pictures: 37,
    damaged_videos: 60,
    lying_videos: 27,
    strange_videos: 27,
}
"""How many files each of them makes."""


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    folder = tmp_path_factory.mktemp("mutated")
    store = Store(f"sqlite:///{folder / 'studio.db'}")
    opened = Vault(folder / "media", store.engine)
    yield opened
    opened.close()
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_a_broken_or_disguised_file_never_passes_for_a_good_one(
    vault: Vault, tmp_path: Path, family: Callable[[Path], Iterator[Mutant]]
) -> None:
    """Several at a time, as from several visitors, through one vault with its few readers."""
    mutants = list(family(tmp_path))

    def judge(numbered: tuple[int, Mutant]) -> Outcome:
        number, mutant = numbered
        path = tmp_path / f"{number}.part"
        path.write_bytes(mutant.data)
        verdict, words, kept = look(vault, mutant.kind, path)
        return Outcome(verdict, words, kept is not None and is_accepted_there(mutant.kind, kept))

    with ThreadPoolExecutor(4) as pool:
        outcomes = dict(zip(mutants, pool.map(judge, enumerate(mutants)), strict=True))
    assert len({mutant.name for mutant in mutants}) == len(mutants) == FAMILIES[family]
    for mutant, told in outcomes.items():
        assert "within" not in told.words, f"{mutant.name} was given up: {told.words}"
        if told.verdict is Verdict.REFUSED:
            assert not mutant.usable, f"{mutant.name}: {told.words}"
            assert re.match(r"[A-Z].{12,}", told.words), mutant.name
            assert not re.search(r"\.part|/tmp|0x|Traceback|b'", told.words), f"{mutant.name}: {told.words}"
        else:
            assert mutant.usable is not False, mutant.name
            assert told.accepted_there, mutant.name


def test_there_are_more_than_two_hundred_of_them() -> None:
    assert sum(FAMILIES.values()) > 200


def look(vault: Vault, kind: Kind, path: Path) -> tuple[Verdict, str, Path | None]:
    """The verdict of the page, the words that a refusal comes with, and where a file is that passed."""
    model, field = INPUTS[kind]
    try:
        held = vault.keep("ada", kind, "given", path)
    except MediaUnreadable as error:
        return Verdict.REFUSED, str(error), None
    view = file_view(held, model, field, Translation(), account_at(model.provider))
    verdict = Verdict(view["verdict"])
    refused = [finding["text"] for finding in view["findings"] if finding["verdict"] == Verdict.REFUSED]
    return verdict, " ".join(refused), None if verdict is Verdict.REFUSED else vault.path(held.sha256)


def is_accepted_there(kind: Kind, path: Path) -> bool:
    model, field = INPUTS[kind]
    read: Callable[..., Any] = read_film if kind == "video" else read_picture
    try:
        read(path, widest(CATALOG.media_limits(model, field)), "")
    except TaskFailed:
        return False
    return True
