"""A form as the page draws it: what can be chosen, what stands in it, and what it would cost."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from studio.web.form.file_views import FileView


class ParameterView(TypedDict):
    """A parameter of a model. Which of the keys there are follows its kind."""

    look: str
    """How its values are shown: ratios, segments, slider, switch."""
    default: str | int | bool | None
    options: NotRequired[list[str]]
    min: NotRequired[int]
    max: NotRequired[int]
    disputed: NotRequired[dict[str, str]]
    """For a value that not all sources list, the one that does."""


class PromptView(TypedDict):
    """What a provider takes as a prompt."""

    required: bool
    max_units: int
    cjk_units: int
    """How many of these units a CJK character is."""
    over: Literal["cut", "refused"]
    """What becomes of one that is longer."""


class NamingView(TypedDict):
    """How a prompt names the images that go with it."""

    token: str
    """What is written, with # for the number."""
    rewrites: Literal["nothing", "marked", "all"]
    """Which names become ``[Image 1]`` in the prompt that is sent."""
    required: bool
    """Whether there must be images, and so names of them."""


class ModelView(TypedDict):
    """A model that the form can send to."""

    id: str
    version: str
    parameters: dict[str, ParameterView]
    seed_max: int
    prompt: PromptView
    naming: NamingView | None
    rates: dict[str, str]
    """The price of a second by resolution, in words."""


class ProviderView(TypedDict):
    """A provider, and what its account sells for the mode, the newest model first."""

    id: str
    name: str
    account: str
    """Its account in words: the provider and its region."""
    models: list[ModelView]


class FormInputView(TypedDict):
    """An input of files."""

    field: str
    kind: Literal["image", "video"]
    least: int
    most: int
    token: str
    """How the prompt names one of them, with # for its number; empty where it names none."""


class LineView(TypedDict):
    """Something that the form says."""

    kind: Literal["missing", "error", "warning", "facts"]
    text: str
    about: str
    """The input that it is about, or empty."""
    at: NotRequired[float]
    """The moment that stands for a blank in the text, in seconds since 1970."""


class EstimateView(TypedDict):
    """What is known of a form before it is sent."""

    price: str
    """As a press brings it along: ``8.00 CNY``, or none."""
    amount: str
    """In words: ``¥8.00``; empty where no price is known."""
    sum: str
    """How it comes about."""
    live: bool
    """Whether it is charged."""
    count: int
    """Videos."""
    lines: list[LineView]


class FormView(TypedDict):
    """A form as it is offered to a visitor."""

    mode: str
    prefix: str
    """Begins the ids of its elements."""
    providers: list[ProviderView]
    inputs: list[FormInputView]
    variants: list[int]
    most: int
    """Videos of one press."""
    most_batch: int
    """Videos of one press that makes one of each of several pictures."""
    estimate: EstimateView
    """Of the form as it is at first."""


class SettledView(TypedDict):
    """A form filled in from settings of any time, program or person."""

    values: dict[str, str | int | bool | None]
    files: dict[str, list[FileView]]
    sentences: list[str]
    """What of the settings could not be had."""
