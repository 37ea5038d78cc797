"""What a visitor asks for: one frozen class per mode.

A request that a form or a script made is well-formed: every field was checked against the catalog, and a field that a
mode does not take is not there to be filled in (no ``ratio`` on image-to-video, no ``duration`` on video-edit)::

    TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt="A horse at dawn")

Sources: the four DashScope skills and the AIVideoAPI page, section "Request"; figures stand in ``catalog.toml``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from typing import Any, ClassVar, NamedTuple

from studio.catalog.models import CATALOG, Mode, Model, Options, Parameter, ProviderName, Range
from studio.catalog.prompts import as_sent, cleaned, is_blank, measure
from studio.errors import InvalidRequest, Problem
from studio.message import Message


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


class ParameterField(NamedTuple):
    """A parameter as a request declares it; the catalog says which models have it, within which bounds."""

    name: str
    about: str
    """What scripts are told of it. Blanks are filled in from the catalog: ``{values}`` and ``{default}`` of a set of
    values, ``{min}`` and ``{max}`` of a number."""
    look: str
    """How the form shows its values."""


class InputField(NamedTuple):
    """An input of files as a request declares it."""

    name: str
    about: str
    """As of a parameter; the blanks are ``{least}`` and ``{most}`` files, ``{formats}``, ``{shortest}`` and
    ``{longest}`` in seconds."""
    many: bool
    required: bool


def _parameter(about: str, look: str = "segments") -> Mapping[str, tuple[str, str]]:
    return {"parameter": (about, look)}


def _input(about: str, *, many: bool = False) -> Mapping[str, tuple[str, bool]]:
    return {"input": (about, many)}


@dataclass(frozen=True, kw_only=True)
class _Request:
    """Fields of every mode. None means: the provider's default."""

    mode: ClassVar[Mode]
    short: ClassVar[str]
    """Begins the ids of the mode's elements on the page."""
    about: ClassVar[str]
    """What scripts are told of the mode."""
    prompt_about: ClassVar[str]
    """What they are told of its prompt; the blanks are ``{most}`` characters, a CJK one counting ``{cjk}``."""

    provider: ProviderName
    model: str
    """A model id of the catalog."""
    prompt: str = ""
    resolution: str | None = field(default=None, metadata=_parameter("{values}, as the model offers"))
    """None becomes the model's default."""
    watermark: bool | None = field(
        default=None, metadata=_parameter('whether "Happy Horse" is set into the lower right corner')
    )
    """None becomes the provider's default."""
    seed: int | None = field(default=None, metadata=_parameter("{min} to {max}; -1 draws one"))
    """None lets the provider choose one."""
    sent_prompt: str = field(default="", init=False, repr=False)
    """The prompt as the provider gets it; its limits count in this."""

    def __post_init__(self) -> None:
        model = self._known_model()
        if isinstance(self.prompt, str):
            object.__setattr__(self, "prompt", cleaned(self.prompt))
            object.__setattr__(self, "sent_prompt", self._as_sent(model))
        for name in parameters_of(type(self)):
            rule = model.parameters.get(name)
            if rule is not None and getattr(self, name) is None:
                object.__setattr__(self, name, rule.default)
        if problems := tuple(self._problems(model)):
            raise InvalidRequest(*problems)

    @property
    def inputs(self) -> Mapping[str, tuple[Asset, ...]]:
        """The files of each input, in the order in which the provider gets them."""
        found: dict[str, tuple[Asset, ...]] = {}
        for name, declared in inputs_of(type(self)).items():
            value = getattr(self, name)
            found[name] = tuple(value) if declared.many else (value,)
        return found

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Every file of the request, in the order in which the provider gets them."""
        return tuple(asset for assets in self.inputs.values() for asset in assets)

    @property
    def parameters(self) -> Mapping[str, str | int | bool]:
        """The values that are sent, by the names of the fields."""
        values = ((name, getattr(self, name)) for name in parameters_of(type(self)))
        return {name: value for name, value in values if value is not None}

    @property
    def catalog_model(self) -> Model:
        """The catalog's entry of this request's model; KeyError when it is no longer there."""
        return CATALOG.model(self.provider, self.model)

    def _as_sent(self, model: Model) -> str:
        if is_blank(self.prompt):
            return ""
        inputs = {name: getattr(self, name) for name in model.inputs}
        counts = {name: len(value) if isinstance(value, tuple) else 0 for name, value in inputs.items()}
        return as_sent(self.prompt, self.provider, self.mode, counts)

    def _known_model(self) -> Model:
        try:
            model = CATALOG.model(self.provider, self.model)
        except (KeyError, TypeError):  # from JSON it may be a list, which no table takes for a key
            model = None
        if model is None or model.mode != self.mode:
            known = ", ".join(m.id for m in CATALOG.models(self.provider, self.mode))
            other = Message("a model of a known provider ({names})", names=", ".join(CATALOG.providers))
            raise InvalidRequest(
                Problem("model", self.model, Message("one of {names}", names=known) if known else other)
            )
        return model

    def _problems(self, model: Model) -> Iterable[Problem]:
        yield from _prompt_problems(self, model)
        for name, declared in inputs_of(type(self)).items():
            if declared.many:
                yield from _count_problems(name, getattr(self, name), model)
        for name in parameters_of(type(self)):
            yield from _parameter_problems(name, getattr(self, name), model)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that ``read_request`` turns back into this request."""
        values = {"mode": self.mode, **asdict(self)}
        if self.sent_prompt == self.prompt:
            del values["sent_prompt"]
        return values


_RATIO = _parameter("width to height, for example {default}", look="ratios")
_DURATION = _parameter("seconds, {min} to {max}")


@dataclass(frozen=True, kw_only=True)
class TextToVideo(_Request):
    """A video from a prompt alone."""

    mode: ClassVar[Mode] = "text-to-video"
    short: ClassVar[str] = "t2v"
    about: ClassVar[str] = "Submit a text-to-video job. What is left out takes the model's default."
    prompt_about: ClassVar[str] = "what to show; at most {most:,} characters, a CJK character counting {cjk}"

    ratio: str | None = field(default=None, metadata=_RATIO)
    duration: int | None = field(default=None, metadata=_DURATION)


@dataclass(frozen=True, kw_only=True)
class ImageToVideo(_Request):
    """A video that starts with a given first frame and follows its aspect ratio."""

    mode: ClassVar[Mode] = "image-to-video"
    short: ClassVar[str] = "i2v"
    about: ClassVar[str] = "Submit an image-to-video job: the video begins with the image and has its aspect ratio."
    prompt_about: ClassVar[str] = "what happens from there on"

    first_frame: Asset = field(metadata=_input("a {formats} image, as a file or as an http(s) address"))
    duration: int | None = field(default=None, metadata=_DURATION)


@dataclass(frozen=True, kw_only=True)
class ReferenceToVideo(_Request):
    """A video of the subjects of 1 to 9 reference images, which the prompt names by number."""

    mode: ClassVar[Mode] = "reference-to-video"
    short: ClassVar[str] = "r2v"
    about: ClassVar[str] = "Submit a reference-to-video job: the subjects of the images appear in the video."
    prompt_about: ClassVar[str] = "what to show; the images are named [Image 1], [Image 2] …"

    references: tuple[Asset, ...] = field(
        metadata=_input(
            "{least} to {most} {formats} images, as files or as http(s) addresses, in the order of the prompt",
            many=True,
        )
    )
    """In the order in which the prompt counts them."""
    ratio: str | None = field(default=None, metadata=_RATIO)
    duration: int | None = field(default=None, metadata=_DURATION)


@dataclass(frozen=True, kw_only=True)
class VideoEdit(_Request):
    """A given video changed by an instruction and up to 5 reference images; ratio and length follow the input."""

    mode: ClassVar[Mode] = "video-edit"
    short: ClassVar[str] = "edit"
    about: ClassVar[str] = (
        "Submit a video-edit job: the video changed as the prompt says, with its aspect ratio and length."
    )
    prompt_about: ClassVar[str] = "what is to change and what must stay"

    video: Asset = field(
        metadata=_input("an {formats} of {shortest} to {longest} seconds, as a file or as an http(s) address")
    )
    references: tuple[Asset, ...] = field(
        default=(), metadata=_input("up to {most} {formats} images of what comes in", many=True)
    )
    audio_setting: str | None = field(default=None, metadata=_parameter("{values}, which keeps the video's sound"))
    """``auto``: the model decides; ``origin``: the input's sound is kept."""


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
"""The modes, in the order of the page's tabs."""

_FIRST = ("resolution", "ratio", "duration", "audio_setting", "watermark", "seed")
"""Scripts may send these by position, in this order; whatever is declared later stands behind them."""


def parameters_of(kind: type[Any]) -> Mapping[str, ParameterField]:
    """The parameters of a class of requests by name, in the order in which scripts may send them."""
    return _PARAMETERS[kind]


def inputs_of(kind: type[Any]) -> Mapping[str, InputField]:
    """The inputs of a class of requests by name, in the order in which the provider gets them."""
    return _INPUTS[kind]


def _parameters(kind: type[Any]) -> Mapping[str, ParameterField]:
    found = {one.name: one.metadata["parameter"] for one in fields(kind) if "parameter" in one.metadata}
    order = sorted(found, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    return {name: ParameterField(name, *found[name]) for name in order}


def _inputs(kind: type[Any]) -> Mapping[str, InputField]:
    found = {}
    for one in fields(kind):
        if "input" in one.metadata:
            about, many = one.metadata["input"]
            found[one.name] = InputField(one.name, about, many, required=one.default is MISSING)
    return found


_PARAMETERS = {kind: _parameters(kind) for kind in (*REQUESTS.values(), LostRequest)}
_INPUTS = {kind: _inputs(kind) for kind in (*REQUESTS.values(), LostRequest)}


def with_assets(request: Request, assets: Mapping[str, Asset]) -> Request:
    """The request with its files as they are in ``assets``, by sha256."""
    changed: dict[str, Any] = {}
    for name, declared in inputs_of(type(request)).items():
        files = tuple(assets[asset.sha256] for asset in request.inputs[name])
        changed[name] = files if declared.many else files[0]
    return replace(request, **changed)


def with_seed(request: Request) -> Request:
    """The request with a seed: its own, else one drawn here and not by the provider, so that it is known afterwards."""
    if request.seed is not None:
        return request
    allowed = request.catalog_model.seed
    return replace(request, seed=allowed.min + secrets.randbelow(allowed.max - allowed.min + 1))


def read_request(data: Mapping[str, Any]) -> Request:
    """The request that ``to_json`` wrote. Raises InvalidRequest for a mode, field or value that does not exist, and for
    a field that is missing or of another shape."""
    mode = data.get("mode")
    kind = REQUESTS.get(mode) if isinstance(mode, str) else None
    if kind is None:
        raise InvalidRequest(Problem("mode", mode, Message("one of {names}", names=", ".join(REQUESTS))))
    data = {name: value for name, value in data.items() if name != "sent_prompt"}  # worked out anew
    if problems := tuple(_shape_problems(data, kind)):
        raise InvalidRequest(*problems)
    return kind(**_with_assets(data, kind))


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
    if any(one.field in inputs_of(kind) or one.rule == "given" for one in _shape_problems(data, kind)):
        raise ValueError("parts of it are missing")
    if not all(isinstance(data.get(name), str) for name in ("provider", "model", "prompt")):
        raise TypeError("parts of it are of another shape")
    request = object.__new__(kind)
    values = (
        {f.name: f.default for f in fields(kind)} | {"sent_prompt": data.get("prompt", "")} | _with_assets(data, kind)
    )
    for name, value in values.items():
        object.__setattr__(request, name, value)
    return request


def _shape_problems(data: Mapping[str, Any], kind: type[Request]) -> Iterable[Problem]:
    known = {one.name: one for one in fields(kind) if one.init}
    for name in data.keys() - known.keys() - {"mode"}:
        yield Problem(name, data[name], Message("left out: {mode} does not support it", mode=kind.mode))
    for name in [name for name, one in known.items() if one.default is MISSING and name not in data]:
        yield Problem(name, None, "provided")
    for name, declared in inputs_of(kind).items():
        value = data.get(name, ())
        if not declared.many:
            if name in data and not _is_asset(value):
                yield Problem(name, value, "an uploaded file")
        elif not isinstance(value, (list, tuple)) or not all(map(_is_asset, value)):
            yield Problem(name, value, "a list of uploaded files")


def _is_asset(value: object) -> bool:
    """Whether ``value`` is an ``Asset`` as JSON. The digest becomes part of a path, so it must be one."""
    if not isinstance(value, Mapping) or not {"sha256", "name"} <= value.keys() <= {"sha256", "name", "url"}:
        return False
    texts = all(isinstance(text, str) for key, text in value.items() if key != "url" or text is not None)
    return texts and re.fullmatch("[0-9a-f]{64}", value["sha256"]) is not None


def _with_assets(data: Mapping[str, Any], kind: type[Request]) -> dict[str, Any]:
    """The fields without the mode, files as ``Asset``."""
    values = {name: value for name, value in data.items() if name != "mode"}
    for name, declared in inputs_of(kind).items():
        if name in values:
            value = values[name]
            values[name] = tuple(Asset(**asset) for asset in value) if declared.many else Asset(**value)
    return values


def _prompt_problems(request: _Request, model: Model) -> Iterable[Problem]:
    if not isinstance(request.prompt, str) or re.search("[\ud800-\udfff]", request.prompt):
        yield Problem("prompt", request.prompt, "text")
        return
    if model.prompt_required and is_blank(request.prompt):
        yield Problem("prompt", request.prompt, "a description of the video")
    length = measure(request.sent_prompt, model.prompt)
    if length.over:
        rule = Message(
            "at most {most:,} characters, where a CJK character counts as {units}: shorten it by {over:,}",
            most=length.max_units,
            units=model.prompt.cjk_units,
            over=length.over,
        )
        yield Problem("prompt", Message("{length:,} characters", length=length.units), rule)


def _parameter_problems(name: str, value: object, model: Model) -> Iterable[Problem]:
    rule: Parameter | None = model.parameters.get(name)
    if rule is None:
        if value is not None:
            provider = CATALOG.provider_name(model.provider)
            yield Problem(name, value, Message("left out: {provider} does not support it", provider=provider))
    elif isinstance(rule, Options):
        if value not in rule.all:
            yield Problem(name, value, Message("one of {names}", names=", ".join(rule.all)))
    elif isinstance(rule, Range):
        if value is None and rule.default is None:  # the provider chooses
            return
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not rule.min <= value <= rule.max:  # type: ignore[operator]
            yield Problem(name, value, Message("a whole number from {min} to {max}", min=rule.min, max=rule.max))
    elif not isinstance(value, bool):
        yield Problem(name, value, "true or false")


def _count_problems(name: str, assets: tuple[Asset, ...], model: Model) -> Iterable[Problem]:
    least, most = model.inputs[name].count
    if not least <= len(assets) <= most:
        yield Problem(name, len(assets), Message("{least} to {most} images", least=least, most=most))
