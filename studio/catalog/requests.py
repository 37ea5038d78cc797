"""What a visitor asks for: one frozen class per mode.

A request that exists is well-formed: every field was checked against the catalog when it was made, and a field that a
mode does not take is not there to be filled in (no ``ratio`` on image-to-video, no ``duration`` on video-edit)::

    TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt="A horse at dawn")

Sources: the four DashScope skills and the AIVideoAPI page, section "Request"; figures stand in ``catalog.toml``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from typing import Any, ClassVar

from studio.catalog.models import CATALOG, Mode, Model, Options, ProviderName, Range
from studio.catalog.prompts import as_sent, cleaned, is_blank, measure
from studio.errors import InvalidRequest, Problem
from studio.message import Told


@dataclass(frozen=True)
class Asset:
    """A file of the visitor's, kept bit for bit in the media vault."""

    sha256: str
    """Digest of the bytes, lower-case hex; the vault's key."""
    name: str
    """The file's name as the visitor gave it."""
    url: str | None = None
    """The public http(s) address it was given by, if it was. Of a job's file: the provider fetches it from there, since
    its account has no way for our bytes."""


@dataclass(frozen=True, kw_only=True)
class _Request:
    """Fields of every mode. None means: the provider's default."""

    mode: ClassVar[Mode]

    provider: ProviderName
    model: str
    """A model id of the catalog."""
    prompt: str = ""
    resolution: str | None = None
    """``480P``, ``720P`` or ``1080P``; None becomes the model's default."""
    watermark: bool | None = None
    """Whether "Happy Horse" is set into the lower right corner; None becomes the provider's default."""
    seed: int | None = None
    """0 to 2147483647; None lets the provider choose one."""
    sent_prompt: str = field(default="", init=False, repr=False)
    """The prompt as the provider gets it; its limits count in this."""

    def __post_init__(self) -> None:
        model = self._catalog_model()
        if isinstance(self.prompt, str):
            object.__setattr__(self, "prompt", cleaned(self.prompt))
            object.__setattr__(self, "sent_prompt", self._as_sent())
        defaults: dict[str, Any] = {"resolution": model.resolution.default}
        if model.watermark is not None:
            defaults["watermark"] = model.watermark.default
        rules = model.rules
        if rules.ratio is not None:
            defaults["ratio"] = rules.ratio.default
        if rules.duration is not None:
            defaults["duration"] = rules.duration.default
        if rules.audio_setting is not None:
            defaults["audio_setting"] = rules.audio_setting.default
        for name, value in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        if problems := tuple(self._problems(model)):
            raise InvalidRequest(*problems)

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Every file of the request, in the order in which the provider gets them."""
        return ()

    def _as_sent(self) -> str:
        if is_blank(self.prompt):
            return ""
        references = getattr(self, "references", ())
        return as_sent(self.prompt, self.provider, self.mode, len(references) if isinstance(references, tuple) else 0)

    @property
    def rules(self) -> Model:
        """The catalog's entry of this request's model."""
        return CATALOG.model(self.provider, self.model)

    def _catalog_model(self) -> Model:
        try:
            model = CATALOG.model(self.provider, self.model)
        except (KeyError, TypeError):  # from JSON it may be a list, which no table takes for a key
            model = None
        if model is None or model.mode != self.mode:
            known = ", ".join(m.id for m in CATALOG.models(self.provider, self.mode))
            other = Told("a model of a known provider ({names})", names=", ".join(CATALOG.providers))
            raise InvalidRequest(Problem("model", self.model, Told("one of {names}", names=known) if known else other))
        return model

    def _problems(self, model: Model) -> Iterable[Problem]:
        yield from _prompt_problems(self, model)
        yield from _option_problems("resolution", self.resolution, model.resolution)
        if self.seed is not None:
            yield from _range_problems("seed", self.seed, model.seed)
        if model.watermark is None and self.watermark is not None:
            yield Problem(
                "watermark", self.watermark, Told("left out: {provider} has no such parameter", provider=model.provider)
            )
        if model.watermark is not None and not isinstance(self.watermark, bool):
            yield Problem("watermark", self.watermark, "true or false")

    def to_json(self) -> dict[str, Any]:
        """A JSON object that ``read_request`` turns back into this request."""
        fields = {"mode": self.mode, **asdict(self)}
        if self.sent_prompt == self.prompt:
            del fields["sent_prompt"]
        return fields


@dataclass(frozen=True, kw_only=True)
class TextToVideo(_Request):
    """A video from a prompt alone."""

    mode: ClassVar[Mode] = "text-to-video"

    ratio: str | None = None
    """Aspect ratio, width to height (``16:9``)."""
    duration: int | None = None
    """Seconds, 3 to 15."""

    def _problems(self, model: Model) -> Iterable[Problem]:
        yield from super()._problems(model)
        yield from _option_problems("ratio", self.ratio, model.rules.ratio)
        yield from _range_problems("duration", self.duration, model.rules.duration)


@dataclass(frozen=True, kw_only=True)
class ImageToVideo(_Request):
    """A video that starts with a given first frame and follows its aspect ratio."""

    mode: ClassVar[Mode] = "image-to-video"

    first_frame: Asset
    duration: int | None = None
    """Seconds, 3 to 15."""

    @property
    def assets(self) -> tuple[Asset, ...]:
        return (self.first_frame,)

    def _problems(self, model: Model) -> Iterable[Problem]:
        yield from super()._problems(model)
        yield from _range_problems("duration", self.duration, model.rules.duration)


@dataclass(frozen=True, kw_only=True)
class ReferenceToVideo(_Request):
    """A video of the subjects of 1 to 9 reference images, which the prompt names by number."""

    mode: ClassVar[Mode] = "reference-to-video"

    references: tuple[Asset, ...]
    """In the order in which the prompt counts them."""
    ratio: str | None = None
    duration: int | None = None
    """Seconds, 3 to 15."""

    @property
    def assets(self) -> tuple[Asset, ...]:
        return self.references

    def _problems(self, model: Model) -> Iterable[Problem]:
        yield from super()._problems(model)
        yield from _count_problems("references", self.references, model)
        yield from _option_problems("ratio", self.ratio, model.rules.ratio)
        yield from _range_problems("duration", self.duration, model.rules.duration)


@dataclass(frozen=True, kw_only=True)
class VideoEdit(_Request):
    """A given video changed by an instruction and up to 5 reference images; ratio and length follow the input."""

    mode: ClassVar[Mode] = "video-edit"

    video: Asset
    references: tuple[Asset, ...] = ()
    audio_setting: str | None = None
    """``auto``: the model decides; ``origin``: the input's sound is kept."""

    @property
    def assets(self) -> tuple[Asset, ...]:
        return (self.video, *self.references)

    def _problems(self, model: Model) -> Iterable[Problem]:
        yield from super()._problems(model)
        yield from _count_problems("references", self.references, model)
        yield from _option_problems("audio_setting", self.audio_setting, model.rules.audio_setting)


@dataclass(frozen=True, kw_only=True)
class LostRequest(_Request):
    """A request of the store that cannot be read any more: what its row says besides. It is shown, and never sent."""

    mode: ClassVar[Mode]

    def to_json(self) -> dict[str, Any]:
        """What is known of it."""
        return {"mode": self.mode, "provider": self.provider, "model": self.model, "prompt": self.prompt}


Request = TextToVideo | ImageToVideo | ReferenceToVideo | VideoEdit | LostRequest
REQUESTS: Mapping[str, type[Request]] = {
    cls.mode: cls for cls in (TextToVideo, ImageToVideo, ReferenceToVideo, VideoEdit)
}


def with_seed(request: Request) -> Request:
    """The request with a seed: its own, else one drawn here and not by the provider, so that it is known afterwards."""
    if request.seed is not None:
        return request
    allowed = request.rules.seed
    return replace(request, seed=allowed.min + secrets.randbelow(allowed.max - allowed.min + 1))


def read_request(data: Mapping[str, Any]) -> Request:
    """The request that ``to_json`` wrote. Raises InvalidRequest for a mode, field or value that does not exist, and for
    a field that is missing or of another shape."""
    mode = data.get("mode")
    kind = REQUESTS.get(mode) if isinstance(mode, str) else None
    if kind is None:
        raise InvalidRequest(Problem("mode", mode, Told("one of {names}", names=", ".join(REQUESTS))))
    data = {name: value for name, value in data.items() if name != "sent_prompt"}  # worked out anew
    if problems := tuple(_shape_problems(data, kind)):
        raise InvalidRequest(*problems)
    return kind(**_with_assets(data))


def lost_request(mode: str, provider: str, model: str, prompt: str) -> Request:
    """What is known of a request that ``restore_request`` cannot restore."""
    request = object.__new__(LostRequest)
    values = {one.name: one.default for one in fields(LostRequest)}
    known = {"mode": mode, "provider": provider, "model": model, "prompt": prompt, "sent_prompt": prompt}
    for name, value in (values | known).items():
        object.__setattr__(request, name, value)
    return request


def restore_request(data: Mapping[str, Any]) -> Request:
    """A request from the store, as it was accepted: today's catalog does not judge it again.

    Raises ValueError, TypeError or LookupError for what is no request.
    """
    kind = REQUESTS[data["mode"]]
    files = {"first_frame", "video", "references"}
    if any(one.field in files or one.rule == "given" for one in _shape_problems(data, kind)):
        raise ValueError("parts of it are missing")
    if not all(isinstance(data.get(name), str) for name in ("provider", "model", "prompt")):
        raise TypeError("parts of it are of another shape")
    request = object.__new__(kind)
    values = {f.name: f.default for f in fields(kind)} | {"sent_prompt": data.get("prompt", "")} | _with_assets(data)
    for name, value in values.items():
        object.__setattr__(request, name, value)
    return request


def _shape_problems(data: Mapping[str, Any], kind: type[Request]) -> Iterable[Problem]:
    known = {one.name: one for one in fields(kind) if one.init}
    for name in data.keys() - known.keys() - {"mode"}:
        yield Problem(name, data[name], Told("left out: {mode} has no such field", mode=kind.mode))
    for name in [name for name, one in known.items() if one.default is MISSING and name not in data]:
        yield Problem(name, None, "given")
    for name in data.keys() & {"first_frame", "video"}:
        if not _is_asset(data[name]):
            yield Problem(name, data[name], "a file of the media vault")
    references = data.get("references", [])
    if not isinstance(references, (list, tuple)) or not all(map(_is_asset, references)):
        yield Problem("references", references, "a list of files of the media vault")


def _is_asset(value: object) -> bool:
    """Whether ``value`` is an ``Asset`` as JSON. The digest becomes part of a path, so it must be one."""
    if not isinstance(value, Mapping) or not {"sha256", "name"} <= value.keys() <= {"sha256", "name", "url"}:
        return False
    texts = all(isinstance(text, str) for key, text in value.items() if key != "url" or text is not None)
    return texts and re.fullmatch("[0-9a-f]{64}", value["sha256"]) is not None


def _with_assets(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without the mode, files as ``Asset``."""
    given = {name: value for name, value in data.items() if name != "mode"}
    for name in ("first_frame", "video"):
        if name in given:
            given[name] = Asset(**given[name])
    if "references" in given:
        given["references"] = tuple(Asset(**asset) for asset in given["references"])
    return given


def _prompt_problems(request: _Request, model: Model) -> Iterable[Problem]:
    if not isinstance(request.prompt, str) or re.search("[\ud800-\udfff]", request.prompt):
        yield Problem("prompt", request.prompt, "text")
        return
    if model.rules.prompt_required and is_blank(request.prompt):
        yield Problem("prompt", request.prompt, "a description of the video")
    length = measure(request.sent_prompt, model.prompt)
    if length.over:
        rule = Told(
            "at most {most:,} characters, a CJK character counting {units}: shorten it by {over:,}",
            most=length.max_units,
            units=model.prompt.cjk_units,
            over=length.over,
        )
        yield Problem("prompt", f"{length.units:,}", rule)


def _option_problems(name: str, value: object, options: Options | None) -> Iterable[Problem]:
    if options is not None and value not in options.all:
        yield Problem(name, value, Told("one of {names}", names=", ".join(options.all)))


def _range_problems(name: str, value: object, allowed: Range | None) -> Iterable[Problem]:
    if allowed is None:
        return
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not allowed.min <= value <= allowed.max:  # type: ignore[operator]
        yield Problem(name, value, Told("a whole number from {min} to {max}", min=allowed.min, max=allowed.max))


def _count_problems(name: str, assets: tuple[Asset, ...], model: Model) -> Iterable[Problem]:
    least, most = model.rules.media[name].count
    if not least <= len(assets) <= most:
        yield Problem(name, len(assets), Told("{least} to {most} images", least=least, most=most))
