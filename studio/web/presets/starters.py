"""Starting points: for each mode a few prompts with settings that suit them, and with files of our own where the mode
needs some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.catalog.models import Mode
from studio.media.drawings import DRAWINGS, drawn
from studio.media.vault import Vault, VaultFile
from studio.web.text import Translation


@dataclass(frozen=True)
class Starter:
    """A form filled in for a start. What it does not name stays as the visitor has it."""

    id: str
    """Key of its name and its prompt among the words, behind ``starter.``."""
    mode: Mode
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of drawings by the request's fields. An empty field is emptied."""

    def prompt(self, words: Translation) -> str:
        return words(f"starter.{self.id}.prompt")

    @property
    def ratio(self) -> str:
        """Of the video's sides: what is set, else that of the file that it begins with."""
        first = next(iter(self.files.values()), ("",))[0]
        return str(self.settings.get("ratio") or DRAWINGS[first].ratio)

    @property
    def pictures(self) -> list[str]:
        """All its drawings, in order."""
        return [name for names in self.files.values() for name in names]


def _text(id: str, **settings: Any) -> Starter:
    return Starter(id, "text-to-video", settings)


def _image(id: str, picture: str, **settings: Any) -> Starter:
    return Starter(id, "image-to-video", settings, {"first_frame": (picture,)})


def _reference(id: str, pictures: tuple[str, ...], **settings: Any) -> Starter:
    return Starter(id, "reference-to-video", settings, {"references": pictures})


def _edit(id: str, *references: str, **settings: Any) -> Starter:
    return Starter(id, "video-edit", settings, {"video": ("crossing",), "references": references})


STARTERS: Mapping[str, Starter] = {
    starter.id: starter
    for starter in (
        _text("dew", ratio="16:9", duration=5),
        _text("tram", ratio="16:9", duration=8),
        _text("noodles", ratio="9:16", duration=6),
        _text("astronaut", ratio="16:9", duration=10),
        _text("ink", ratio="4:3", duration=8),
        _image("harbour", "harbour", duration=5),
        _image("valley", "valley", duration=6),
        _image("alley", "alley", duration=5),
        _image("lighthouse", "lighthouse", duration=8),
        _reference("walk", ("robot", "fox"), ratio="16:9", duration=5),
        _reference("voyage", ("robot", "boat"), ratio="16:9", duration=6),
        _reference("flight", ("fox", "balloon"), ratio="9:16", duration=6),
        _reference("friends", ("robot", "fox", "boat", "balloon"), ratio="4:3", duration=8),
        _edit("night"),
        _edit("painting"),
        _edit("swap", "balloon"),
        _edit("storm", audio_setting="origin"),
    )
}


def give(starter: Starter, vault: Vault, owner: str, words: Translation) -> dict[str, Any]:
    """Put the starter's files into the visitor's vault; the settings that fill the form in, files included. Blocks."""
    settings: dict[str, Any] = {"prompt": starter.prompt(words), **starter.settings}
    for name, pictures in starter.files.items():
        files = [_file(vault, owner, picture) for picture in pictures]
        settings[name] = [{"sha256": file.sha256, "name": file.name} for file in files]
    return settings


def _file(vault: Vault, owner: str, picture: str) -> VaultFile:
    kind = DRAWINGS[picture].kind
    suffix = "mp4" if kind == "video" else "jpg"
    return vault.made(owner, kind, f"{picture}.{suffix}", lambda target: target.write_bytes(drawn(picture)))
