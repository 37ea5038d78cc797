"""Every limit on files, of every mode at both providers, with a real file on either side of it.

The figures are the specification's, written out here once more, and nothing is read from the catalog but the names of
its sources: a catalog that says otherwise fails. Every file goes the page's way, into the vault and through the checks,
and then to the sandbox's own reader, which has to come to the same end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image

from studio.catalog.models import CATALOG
from studio.catalog.requests import REQUESTS, Asset
from studio.errors import InvalidRequest
from studio.jobs.rows.store import Store
from studio.media.checks import Verdict
from studio.media.vault import Vault, VaultFile
from studio.sandbox.media import read_film, read_picture, widest
from studio.sandbox.tasks import TaskFailed
from studio.web.form.file_views import file_view
from studio.web.text import Translation
from tests.media.accounts import account_at
from tests.media.videos import make_video

pytestmark = pytest.mark.process

MB = 1 << 20
PASS, ADVICE, DISPUTED, REFUSED = Verdict

SKILL, REFERENCE = "skill", "API reference"
"""What the name of a source says of it: the skill of the mode, or the provider's own reference."""


@dataclass(frozen=True)
class Picture:
    """An image to make."""

    width: int = 800
    height: int = 800
    format: str = "JPEG"
    bytes: int = 0
    """What the file is filled up to."""

    def make(self, path: Path) -> None:
        Image.linear_gradient("L").resize((self.width, self.height)).convert("RGB").save(path, self.format)
        if self.bytes:
            with path.open("r+b") as file:  # what comes after its end is no part of the picture
                file.truncate(self.bytes)


@dataclass(frozen=True)
class Clip:
    """A video to make."""

    width: int = 640
    height: int = 640
    seconds: float = 3
    rate: str = "10"
    container: str = "mp4"
    bytes: int = 0

    def make(self, path: Path) -> None:
        named = path.with_suffix(f".{self.container}")
        size = f"{self.width}x{self.height}"
        make_video(named, size=size, rate=self.rate, seconds=self.seconds, picture="color")
        if self.bytes:
            length = named.stat().st_size
            with named.open("r+b") as file:  # a box of free space fills it up
                file.seek(length)
                file.write((self.bytes - length).to_bytes(4, "big") + b"free")
                file.truncate(self.bytes)
        named.rename(path)


TOO_SHORT = Clip(seconds=2.9)
"""What no fix can mend."""


class Case(NamedTuple):
    """A file and what the page must say of it by one rule."""

    rule: str
    file: Picture | Clip
    verdict: Verdict
    allowed_by: str = ""
    """The source that a disputed limit must name."""


def sizes(*bounds: tuple[int, Verdict, str]) -> list[Case]:
    return [Case("bytes", Picture(bytes=size), verdict, by) for size, verdict, by in bounds]


# The skill allows 10 MB, the reference 20; AIVideoAPI allows 20.
TEN_OR_TWENTY = sizes(
    (10 * MB, PASS, ""), (10 * MB + 1, DISPUTED, REFERENCE), (20 * MB, DISPUTED, REFERENCE), (20 * MB + 1, REFUSED, "")
)
TWENTY = sizes((20 * MB, PASS, ""), (20 * MB + 1, REFUSED, ""))

FORMATS = [
    *(Case("format", Picture(format=name), PASS) for name in ("JPEG", "PNG", "WEBP")),
    *(Case("format", Picture(format=name), REFUSED) for name in ("GIF", "BMP", "TIFF")),
]
# Width and height 300 or more, 1:2.5 to 2.5:1.
FRAME = [
    *FORMATS,
    Case("side", Picture(300, 300), PASS),
    Case("side", Picture(299, 300), REFUSED),
    Case("side", Picture(300, 299), REFUSED),
    Case("ratio", Picture(1000, 400), PASS),
    Case("ratio", Picture(1001, 400), REFUSED),
    Case("ratio", Picture(400, 1000), PASS),
    Case("ratio", Picture(400, 1001), REFUSED),
]
# Short side 400 or more, better 720; any ratio.
SUBJECT = [
    *FORMATS,
    Case("side", Picture(400, 500), PASS),
    Case("side", Picture(399, 500), REFUSED),
    Case("side", Picture(500, 399), REFUSED),
    Case("side", Picture(4000, 400), PASS),
    Case("ratio", Picture(4000, 400), PASS),
    Case("advised_side", Picture(720, 720), PASS),
    Case("advised_side", Picture(720, 719), ADVICE),
]
# MP4 or MOV, 3 to 60 s, 1:2.5 to 2.5:1, 100 MB.
FILM = [
    Case("format", Clip(container="mp4"), PASS),
    Case("format", Clip(container="mov"), PASS),
    Case("format", Clip(container="mkv"), REFUSED),
    Case("format", Clip(container="avi"), REFUSED),
    Case("seconds", Clip(seconds=3), PASS),
    Case("seconds", TOO_SHORT, REFUSED),
    Case("seconds", Clip(360, 360, seconds=60), PASS),
    Case("seconds", Clip(360, 360, seconds=60.1), REFUSED),
    Case("ratio", Clip(900, 360), PASS),
    Case("ratio", Clip(902, 360), REFUSED),
    Case("ratio", Clip(360, 900), PASS),
    Case("ratio", Clip(360, 902), REFUSED),
    Case("bytes", Clip(bytes=100 * MB), PASS),
    Case("bytes", Clip(bytes=100 * MB + 1), REFUSED),
]
# The skill: sides from 320 to 2160, more than 8 frames a second. The reference: from 360 to 4096, 8 to 60 frames.
FILM_AT_DASHSCOPE = [
    *FILM,
    Case("fps", Clip(rate="799/100"), REFUSED),
    Case("fps", Clip(rate="8"), DISPUTED, REFERENCE),
    Case("fps", Clip(rate="801/100"), PASS),
    Case("fps", Clip(rate="60"), PASS),
    Case("fps", Clip(rate="61"), DISPUTED, SKILL),
    Case("fps", Clip(rate="120"), DISPUTED, SKILL),
    Case("side", Clip(640, 360), PASS),
    Case("side", Clip(640, 358), DISPUTED, SKILL),
    Case("side", Clip(358, 640), DISPUTED, SKILL),
    Case("side", Clip(640, 320), DISPUTED, SKILL),
    Case("side", Clip(640, 318), REFUSED),
    Case("side", Clip(318, 640), REFUSED),
    Case("max_side", Clip(2160, 1080), PASS),
    Case("max_side", Clip(2162, 1080), DISPUTED, REFERENCE),
    Case("max_side", Clip(1080, 2162), DISPUTED, REFERENCE),
    Case("max_side", Clip(4096, 1640), DISPUTED, REFERENCE),
    Case("max_side", Clip(4098, 1640), REFUSED),
]
# More than 8 frames a second.
FILM_AT_AIVIDEOAPI = [
    *FILM,
    Case("fps", Clip(rate="8"), REFUSED),
    Case("fps", Clip(rate="801/100"), PASS),
    Case("fps", Clip(rate="120"), PASS),
    Case("side", Clip(640, 320), PASS),
    Case("side", Clip(640, 318), REFUSED),
    Case("side", Clip(318, 640), REFUSED),
    Case("max_side", Clip(2160, 1080), PASS),
    Case("max_side", Clip(2162, 1080), REFUSED),
    Case("max_side", Clip(1080, 2162), REFUSED),
]
SPECIFICATION: dict[tuple[str, str, str], list[Case]] = {
    ("dashscope", "image-to-video", "first_frame"): FRAME + TEN_OR_TWENTY,
    ("dashscope", "reference-to-video", "references"): SUBJECT + TEN_OR_TWENTY,
    ("dashscope", "video-edit", "video"): FILM_AT_DASHSCOPE,
    ("dashscope", "video-edit", "references"): FRAME + TEN_OR_TWENTY,
    ("aivideoapi", "image-to-video", "first_frame"): FRAME + TWENTY,
    ("aivideoapi", "reference-to-video", "references"): SUBJECT + TWENTY,
    ("aivideoapi", "video-edit", "video"): FILM_AT_AIVIDEOAPI,
    ("aivideoapi", "video-edit", "references"): FRAME + TWENTY,
}


class Shelf:
    """A vault with the files of the table, each made once."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.vault = vault
        self._folder = folder
        self._given: dict[Picture | Clip, VaultFile] = {}
        self._accepted: dict[tuple[str, str], bool] = {}

    def give(self, file: Picture | Clip) -> VaultFile:
        if file not in self._given:
            path = self._folder / "given"
            file.make(path)
            self._given[file] = self.vault.keep("ada", "image" if isinstance(file, Picture) else "video", "file", path)
        return self._given[file]

    def is_accepted_there(self, held: VaultFile, limits: str) -> bool:
        """Whether the sandbox takes the file within the limits of that name; each file is read once for each."""
        key = held.sha256, limits
        if key not in self._accepted:
            read: Any = read_film if held.kind == "video" else read_picture
            try:
                read(self.vault.path(held.sha256), widest(CATALOG.limits[limits]), "")
                self._accepted[key] = True
            except TaskFailed:
                self._accepted[key] = False
        return self._accepted[key]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp("limits")
    store = Store(f"sqlite:///{folder / 'studio.db'}")
    vault = Vault(folder / "media", store.engine)
    yield Shelf(folder, vault)
    vault.close()
    store.close()


def test_every_input_of_every_mode_stands_in_the_table() -> None:
    inputs = {
        (model.provider, model.mode, field)
        for provider in CATALOG.providers
        for mode in REQUESTS
        for model in CATALOG.models(provider, mode)
        for field in model.inputs
    }
    assert inputs == SPECIFICATION.keys()


@pytest.mark.parametrize(
    ("place", "case"),
    [
        pytest.param(place, case, id="-".join((*place, case.rule, case.verdict, str(index))))
        for place, cases in SPECIFICATION.items()
        for index, case in enumerate(cases)
    ],
)
def test_a_file_is_judged_as_the_specification_says(shelf: Shelf, place: tuple[str, str, str], case: Case) -> None:
    provider, mode, field = place
    held = shelf.give(case.file)
    for model in CATALOG.models(provider, mode):
        view = file_view(held, model, field, Translation(), account_at(provider))
        told = [finding for finding in view["findings"] if finding["rule"] == case.rule]
        if told or case.verdict is not PASS:  # what no source limits is not spoken of
            assert [finding["verdict"] for finding in told] == [case.verdict]
        assert (view["verdict"] == REFUSED) == (case.verdict is REFUSED)
        assert bool(view["fixes"]) == (view["verdict"] != PASS and case.file != TOO_SHORT)
        if case.allowed_by:
            assert re.search(rf"sources disagree: .*\(.*{case.allowed_by}", told[0]["text"])
        accepted = shelf.is_accepted_there(held, model.inputs[field].limits)
        assert accepted == (case.verdict is not REFUSED)


def files(count: int) -> tuple[Asset, ...]:
    return tuple(Asset(f"{number:064x}", f"{number}.png") for number in range(count))


@pytest.mark.parametrize("provider", ["dashscope", "aivideoapi"])
@pytest.mark.parametrize(
    ("mode", "within", "beyond"), [("reference-to-video", (1, 9), (0, 10)), ("video-edit", (0, 5), (6,))]
)
def test_the_number_of_references(provider: str, mode: str, within: tuple[int, ...], beyond: tuple[int, ...]) -> None:
    (model, *_) = CATALOG.models(provider, mode)
    more: dict[str, Any] = {"video": Asset("0" * 64, "clip.mp4")} if mode == "video-edit" else {}

    def ask(count: int) -> None:
        REQUESTS[mode](provider=provider, model=model.id, prompt="A horse", references=files(count), **more)

    for count in within:
        ask(count)
    for count in beyond:
        with pytest.raises(InvalidRequest, match=f"references|{count} images"):
            ask(count)
