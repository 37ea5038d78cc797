"""Starting points: for each mode a few prompts with settings that suit them, and with files of our own where the mode
needs some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.catalog import Mode
from studio.media.drawings import DRAWINGS, drawn
from studio.media.vault import Held, Vault


@dataclass(frozen=True)
class Starter:
    """A form filled in for a start. What it does not name stays as the visitor has it."""

    id: str
    """Key of its name in the text table, behind ``starter.``."""
    mode: Mode
    prompt: str
    """In the language it was written in: a prompt is not translated."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of drawings by the request's fields. An empty field is emptied."""

    @property
    def pictures(self) -> list[str]:
        """All its drawings, in order."""
        return [name for names in self.files.values() for name in names]


def _text(id: str, prompt: str, **settings: Any) -> Starter:
    return Starter(id, "text-to-video", prompt, settings)


def _image(id: str, picture: str, prompt: str, **settings: Any) -> Starter:
    return Starter(id, "image-to-video", prompt, settings, {"first_frame": (picture,)})


def _reference(id: str, pictures: tuple[str, ...], prompt: str, **settings: Any) -> Starter:
    return Starter(id, "reference-to-video", prompt, settings, {"references": pictures})


def _edit(id: str, prompt: str, *references: str, **settings: Any) -> Starter:
    return Starter(id, "video-edit", prompt, settings, {"video": ("crossing",), "references": references})


STARTERS: Mapping[str, Starter] = {
    starter.id: starter
    for starter in (
        _text(
            "dew",
            "Extreme macro: a drop of dew slides along a blade of grass at sunrise and falls. Inside the drop the "
            "whole meadow hangs upside down. Shallow depth of field, warm back light, the camera follows the drop.",
            ratio="16:9",
            duration=5,
        ),
        _text(
            "tram",
            "An old yellow tram climbs a steep cobbled street in light rain at dusk. Reflections of shop signs tremble "
            "on the wet stones. The camera stands still at the kerb, then pans as the tram passes close by.",
            ratio="16:9",
            duration=8,
        ),
        _text(
            "noodles",
            "深夜的面馆里，师傅把面团反复拉开、对折、再拉开，面粉在灯下扬起，蒸汽从大锅里升腾。手部特写，镜头缓缓上移到他专注的脸，暖色调，真实质感。",
            ratio="9:16",
            duration=6,
        ),
        _text(
            "astronaut",
            "An astronaut opens a greenhouse door on Mars. Red dust blows in and settles on the leaves of a single "
            "lemon tree. She picks one lemon and holds it up against the small sun. One slow shot, wide to close.",
            ratio="16:9",
            duration=10,
        ),
        _text(
            "ink",
            "水墨动画：一滴墨落入清水，慢慢晕开成远山、松树与一叶小舟，白鹭掠过江面，留白构图，镜头自左向右如展开长卷。",
            ratio="4:3",
            duration=8,
        ),
        _image(
            "harbour",
            "harbour",
            "The boat sails slowly to the right across the path of light, its sails filling with wind. The water "
            "glitters, the sun sinks behind the hills. The camera drifts along with the boat.",
            duration=5,
        ),
        _image(
            "valley",
            "valley",
            "The large balloon rises gently, its burner flaring once, while mist flows through the valley below. "
            "The camera rises with it until the clouds are level.",
            duration=6,
        ),
        _image(
            "alley",
            "alley",
            "夜风吹过，一串红灯笼轻轻摇晃，暖光在石板路上流动，远处升起几点萤火，镜头缓缓向巷子深处推进。",
            duration=5,
        ),
        _image(
            "lighthouse",
            "lighthouse",
            "The beam of the lighthouse sweeps over the sea in a slow full turn, stars twinkle, waves break softly at "
            "the foot of the cliff. A ship's light answers from the horizon. Locked camera.",
            duration=8,
        ),
        _reference(
            "walk",
            ("robot", "fox"),
            "[Image 1] and [Image 2] walk side by side through an autumn forest. [Image 2] runs ahead, stops and looks "
            "back; [Image 1] waves. Leaves fall, low sun between the trunks, gentle tracking shot.",
            ratio="16:9",
            duration=5,
        ),
        _reference(
            "voyage",
            ("robot", "boat"),
            "[Image 1] stands at the tiller of [Image 2] and crosses a calm sea at dawn. Spray, gulls, slow dolly "
            "around the boat.",
            ratio="16:9",
            duration=6,
        ),
        _reference(
            "flight",
            ("fox", "balloon"),
            "[Image 1] 坐在 [Image 2] 的吊篮里，慢慢飞过清晨的梯田，它好奇地探出头张望，"
            "云雾从下方流过，镜头环绕上升，童话绘本风格。",
            ratio="9:16",
            duration=6,
        ),
        _reference(
            "friends",
            ("robot", "fox", "boat", "balloon"),
            "A toy shop window at night comes alive: [Image 1] winds up [Image 3], [Image 2] watches, and [Image 4] "
            "lifts off above them. Warm lamp light, snow outside, stop-motion look.",
            ratio="4:3",
            duration=8,
        ),
        _edit(
            "night",
            "Make it a clear night: a full moon in place of the sun, stars in the sky, silver light on the water, a "
            "small lamp at the mast. Keep the boat and its movement as they are.",
        ),
        _edit(
            "painting", "把整段画面变成水墨画：宣纸质感，淡墨晕染的海面与远山，只保留船身一抹朱红，船的运动保持不变。"
        ),
        _edit(
            "swap",
            "Replace the sailing boat with [Image 1], floating just above the water along the same path. "
            "Leave the sea and the sky unchanged.",
            "balloon",
        ),
        _edit(
            "storm",
            "A storm gathers: dark clouds, higher waves, rain across the picture, the sails straining. "
            "Keep the boat's path and the sound of the sea.",
            audio_setting="origin",
        ),
    )
}


def give(starter: Starter, vault: Vault, owner: str) -> dict[str, Any]:
    """Put the starter's files into the visitor's vault; the settings that fill the form in, files included. Blocks."""
    settings: dict[str, Any] = {"prompt": starter.prompt, **starter.settings}
    for name, pictures in starter.files.items():
        given = [_given(vault, owner, picture) for picture in pictures]
        settings[name] = [{"sha256": held.sha256, "name": held.name} for held in given]
    return settings


def _given(vault: Vault, owner: str, picture: str) -> Held:
    kind = DRAWINGS[picture].kind
    suffix = "mp4" if kind == "video" else "jpg"
    return vault.made(owner, kind, f"{picture}.{suffix}", lambda target: target.write_bytes(drawn(picture)))
