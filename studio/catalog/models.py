"""The catalog: models, parameters, limits, hosts and prices of every provider, read from ``catalog.toml``.

Everything a provider allows, asks or charges is data with a source. Code asks here and holds no such figure itself::

    model = CATALOG.model("dashscope", "happyhorse-1.1-t2v")
    model.range("duration").max       # 15
    model.resolution.default          # "1080P"
    CATALOG.rate(model, "beijing", "720P")   # Rate(amount=Decimal('0.9'), currency='CNY', …)
    CATALOG.models("dashscope", "text-to-video", "tokyo")   # those that are sold there, the default one first
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from importlib import resources
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Mode = Literal["text-to-video", "image-to-video", "reference-to-video", "video-edit"]
MODES: tuple[Mode, ...] = ("text-to-video", "image-to-video", "reference-to-video", "video-edit")
ProviderName = str
"""Key of a cloud in the catalog."""
Kind = Literal["image", "video"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Entry):
    """One number and where it was read."""

    value: float
    source: str


class Extra(_Entry):
    """Values that only one source lists: they pass, with a warning that names it."""

    source: str
    values: tuple[str, ...]


class Options(_Entry):
    """A parameter that is one of a set of values."""

    default: str
    values: tuple[str, ...]
    """Values that every source allows."""
    source: str
    only: Extra | None = None

    @property
    def all(self) -> tuple[str, ...]:
        """Every value that may be sent, undisputed ones first."""
        return self.values + (self.only.values if self.only else ())

    def disputed(self, value: str) -> str | None:
        """Key of the only source that lists ``value``, or None when all do."""
        return self.only.source if self.only and value in self.only.values else None


class Range(_Entry):
    """A whole-number parameter, both ends included."""

    min: int
    max: int
    source: str
    default: int | None = None


class Switch(_Entry):
    """A yes/no parameter."""

    default: bool
    source: str


class PromptLimit(_Entry):
    """How long a prompt may be; see ``studio.catalog.prompts.measure``."""

    max_units: int
    cjk_units: int
    """Units one CJK character counts; every other character counts one."""
    over: Literal["cut", "refused"]
    """What the provider does with what is too long."""
    source: str


Parameter = Options | Range | Switch
"""What a parameter may be. Which parameters there are, and what scripts are told of them, is declared with the requests
(``studio.catalog.requests``); which of them a model has, within which bounds, the catalog says."""


class InputRule(_Entry):
    """One input of files: how many of which kind, within which limits, and what hangs on them."""

    kind: Kind
    count: tuple[int, int]
    """Least and most files."""
    limits: str
    """Key of the limits table."""
    leads: bool = False
    """Whether the video takes its aspect ratio from it."""
    billed: bool = False
    """Whether its seconds are billed beside the video's, which is as long."""
    token: str | None = None
    """How the prompt names one of the files, ``#`` being its number; None: it does not."""
    rewrites: Literal["nothing", "marked", "all"] = "nothing"
    """Which of the names that people give to the files become ``[Image 1]`` in the prompt that is sent: those that can
    be nothing else, or what may be plain language too."""

    @property
    def single(self) -> bool:
        """Whether it is one file and not a list."""
        return self.count == (1, 1)


class ModeRules(_Entry):
    """What one mode takes at one provider."""

    prompt_required: bool
    parameters: Mapping[str, Parameter] = Field(default_factory=dict)
    inputs: Mapping[str, InputRule] = Field(default_factory=dict)


class MediaLimits(_Entry):
    """What one source says of one kind of file. Bytes, pixels, seconds, width/height; None: it says nothing."""

    source: str
    formats: tuple[str, ...]
    max_bytes: int
    min_side: int
    """Least width and height."""
    max_side: int | None = None
    """Greatest width and height."""
    ratio: tuple[Decimal, Decimal] | None = None
    seconds: tuple[Decimal, Decimal] | None = None
    fps_above: Decimal | None = None
    """The frame rate must be greater than this."""
    fps_min: Decimal | None = None
    """Least frame rate."""
    fps_max: Decimal | None = None
    """Greatest frame rate."""
    fps_parts: bool = False
    """Whether a variable rate must stay within these in each of its parts, not on average alone."""
    advised_side: int | None = None
    advised_codec: str | None = None

    def allows_fps(self, fps: Fraction) -> bool:
        """Whether this source allows the frame rate ``fps``."""
        above, least, most = self.fps_above, self.fps_min, self.fps_max
        return (above is None or fps > above) and (least is None or fps >= least) and (most is None or fps <= most)


class Region(_Entry):
    """Where a provider is reached, and what it sells there."""

    name: str
    host: str | None = None
    """Base address that all of the region's keys share; None: there is none, a workspace's own is needed."""
    workspace_host: str | None = None
    """Base address for the keys of one ``{workspace}``."""
    prices: str | None = None
    """Key of the price group; None: no source gives prices there."""
    sells: tuple[str, ...] | None = None
    """Ids of the models; None: all."""
    key_prefix: str | None = None
    """How the keys begin that are good here and nowhere else; None: those of no other region."""
    terms: str | None = None
    """What whoever uses it should know, in a sentence or two."""
    source: str

    def offers(self, model_id: str) -> bool:
        return self.sells is None or model_id in self.sells


class Rate(_Entry):
    """What one second of video costs."""

    amount: Decimal
    currency: str
    """ISO 4217 code, or ``credits``."""
    source: str


class Offer(_Entry):
    """A reduced price, whose end nobody knows: it is told beside the list price, with which everything reckons."""

    factor: Decimal
    """Of the list price."""
    seen: str
    """Month and year of the source."""
    source: str


class Model(_Entry):
    """One model of one provider."""

    id: str
    """The name on the wire."""
    mode: Mode
    version: str
    """Which table of prices it has, and what people call it."""
    provider: ProviderName
    prompt_required: bool
    prompt: PromptLimit
    parameters: Mapping[str, Parameter]
    """By name; one that is not here cannot be sent."""
    inputs: Mapping[str, InputRule]
    """By name, in the order in which the provider gets them."""
    offer: Offer | None = None

    @property
    def resolution(self) -> Options:
        options = self.options("resolution")
        assert options is not None, "every model has one: its price hangs on it"
        return options

    @property
    def seed(self) -> Range:
        numbers = self.range("seed")
        assert numbers is not None, "every model has one: it is drawn here"
        return numbers

    def options(self, name: str) -> Options | None:
        """The parameter of that name, if the model has it and it is one of a set of values."""
        found = self.parameters.get(name)
        return found if isinstance(found, Options) else None

    def range(self, name: str) -> Range | None:
        """The parameter of that name, if the model has it and it is a whole number."""
        found = self.parameters.get(name)
        return found if isinstance(found, Range) else None


class PriceTable(_Entry):
    """What a second of video costs with the models of one version."""

    source: str
    currency: str
    """ISO 4217 code, or ``credits``."""
    groups: Mapping[str, Mapping[str, Decimal]]
    """By the price group of a region, then by resolution."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        """In the file the groups stand beside source and currency."""
        own = ("source", "currency", "groups")
        return {"groups": {name: group for name, group in data.items() if name not in own}} | {
            name: data[name] for name in own if name in data
        }


class ProviderEntry(_Entry):
    """One cloud."""

    id: ProviderName
    name: str
    cancels: bool = False
    """Whether it takes a task back that has not started."""
    lists: bool = False
    """Whether it lists the account's tasks."""
    uploads: bool = False
    """Whether it takes files itself; else it fetches them from public addresses."""
    calls_back: bool = False
    """Whether it tells an address that a task has ended."""
    requests_per_second: Figure
    submissions_per_second: Figure
    poll_seconds: Figure
    task_hours: Figure
    running_per_model: Figure | None = None
    upload_hours: Figure | None = None
    prompt: PromptLimit
    parameters: Mapping[str, Parameter]
    """Those that all of its models have."""
    regions: Mapping[str, Region]
    modes: Mapping[Mode, ModeRules]
    models: tuple[Model, ...]
    prices: Mapping[str, PriceTable]
    """By version."""

    def region_of(self, key: str) -> str | None:
        """The region to which the key belongs by how it begins, if it does to one."""
        regions = self.regions.items()
        return next((name for name, region in regions if region.key_prefix and key.startswith(region.key_prefix)), None)

    def account(self, region: str) -> str:
        """The name of the account for ``region``, under which its jobs are kept: ``dashscope:beijing``."""
        return f"{self.id}:{region}" if len(self.regions) > 1 else self.id

    @property
    def currency(self) -> str:
        """What it charges in: an ISO 4217 code, or ``credits``."""
        return next(iter(self.prices.values())).currency

    @model_validator(mode="before")
    @classmethod
    def _complete_models(cls, data: Any) -> Any:
        """Give each model the rules of its mode and provider, so that a model is all a reader needs."""
        models = []
        for model in data["models"]:
            rules = data["modes"][model["mode"]]
            parameters = {
                name: one
                for holder in (data, rules, model)  # the nearest to the model counts
                for name, one in holder.get("parameters", {}).items()
            }
            shared = {"provider": data["id"], "prompt": data["prompt"], "prompt_required": rules.get("prompt_required")}
            models.append(shared | model | {"parameters": parameters, "inputs": rules.get("inputs", {})})
        return data | {"models": models}

    @model_validator(mode="after")
    def _priced(self) -> Self:
        wanted = {region.prices for region in self.regions.values() if region.prices is not None}
        for version, table in self.prices.items():
            if missing := wanted - table.groups.keys():
                raise ValueError(f"{self.id} has no prices of {version} for {', '.join(sorted(missing))}")
        return self


class Edit(_Entry):
    """The rule of a video edit's length."""

    max_output_seconds: Decimal
    source: str


class Catalog(_Entry):
    """The whole file."""

    sources: Mapping[str, str]
    providers: Mapping[ProviderName, ProviderEntry]
    limits: Mapping[str, tuple[MediaLimits, ...]]
    edit: Edit

    @classmethod
    def load(cls, text: str | None = None) -> Self:
        """Read the catalog; ``text`` replaces the built-in file.

        Raises ``pydantic.ValidationError`` for a file of another shape and ``tomllib.TOMLDecodeError`` for bad TOML.
        """
        if text is None:
            text = resources.files("studio.catalog").joinpath("catalog.toml").read_text("utf-8")
        data = tomllib.loads(text, parse_float=Decimal)
        data["providers"] = {key: value | {"id": key} for key, value in data["providers"].items()}
        return cls.model_validate(data)

    @cached_property
    def _models(self) -> Mapping[tuple[str, str], Model]:
        return {(p.id, m.id): m for p in self.providers.values() for m in p.models}

    def model(self, provider: str, model_id: str) -> Model:
        """The model of that name at that provider; KeyError when there is none."""
        return self._models[provider, model_id]

    def models(self, provider: str, mode: str, region: str | None = None) -> tuple[Model, ...]:
        """The models for ``mode`` at ``provider``, the default one first; those sold in ``region``, if it is given."""
        found = (m for (owner, _), m in self._models.items() if owner == provider and m.mode == mode)
        return tuple(m for m in found if region is None or self.providers[m.provider].regions[region].offers(m.id))

    def rate(self, model: Model, region: str, resolution: str) -> Rate | None:
        """List price of one second of ``resolution`` in ``region``, or None where no source gives one."""
        provider = self.providers[model.provider]
        table, sold = provider.prices[model.version], provider.regions[region]
        amount = table.groups[sold.prices].get(resolution) if sold.prices and sold.offers(model.id) else None
        return None if amount is None else Rate(amount=amount, currency=table.currency, source=table.source)

    def provider_name(self, provider: str) -> str:
        """What a provider is called; one that is not in the catalog, as rows call it."""
        known = self.providers.get(provider)
        return known.name if known else provider

    def task_seconds(self, provider: str) -> float:
        """How long a provider keeps a task and its result; of one that is not in the catalog, as long as all do."""
        known = {name: one.task_hours.value * 3600 for name, one in self.providers.items()}
        return known.get(provider, min(known.values()))

    def parameter(self, mode: str, name: str) -> Parameter:
        """What the first model of ``mode`` that has the parameter says of it; StopIteration when none has."""
        models = (model for entry in self.providers.values() for model in entry.models if model.mode == mode)
        return next(model.parameters[name] for model in models if name in model.parameters)

    def input_kind(self, mode: str, name: str) -> Kind:
        """Of what kind the files of an input are; they are of the same at every provider."""
        modes = (rules for one in self.providers.values() for key, rules in one.modes.items() if key == mode)
        return next((rules.inputs[name].kind for rules in modes if name in rules.inputs), "image")

    def media_limits(self, model: Model, field: str) -> tuple[MediaLimits, ...]:
        """What each source says of the files of input ``field`` (``first_frame``, ``references``, ``video``)."""
        return self.limits[model.inputs[field].limits]


CATALOG = Catalog.load()
