"""A form's values as JSON brings them, read once at the door.

They come from the page, from an older page, from earlier settings, or from anyone who posts to the same address. Here
each gets its type and bounds; what the catalog allows of them is for the request to judge, which is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from studio.catalog.models import Model, Options, ProviderName, Range
from studio.catalog.requests import Asset
from studio.errors import InvalidRequest, Problem
from studio.system.parsing import choice, digest, flag, listed, record, text, whole
from studio.web.form.variants import CHOICES, MOST, MOST_BATCH

LONGEST_PROMPT = 120_000
"""Characters of the whole field: as many prompts as one press makes videos of, each of the greatest length."""
LONGEST_NAME = 200
LONGEST_SEED = 40

Setting = str | int | bool | None


@dataclass(frozen=True)
class Values:
    """What is in the form. Of an input with a problem it has the default."""

    provider: ProviderName
    model: str
    """As it stands in the form: right after another provider was chosen it is not one of its models."""
    prompt: str
    seed: str
    """As it is typed."""
    variants: int
    settings: Mapping[str, Setting]
    """The others by the names of the request's fields: resolution, ratio, duration …"""
    files: Mapping[str, tuple[Asset, ...]]
    batch: tuple[Asset, ...]
    """Pictures of which each makes a video of its own, in the place of the file that leads."""
    problems: Mapping[str, Problem]
    """What could not be read, by the name of the input."""

    def require(self) -> None:
        """Raise InvalidRequest when something could not be read."""
        if self.problems:
            raise InvalidRequest(*self.problems.values())


def read(
    data: Mapping[str, Any],
    models: Mapping[Any, Sequence[Model]],
    defaults: Mapping[str, Any],
    batch: Any = None,
) -> Values:
    """The values of a form for ``models``, by provider; ``defaults`` stand in for what cannot be read."""
    problems: dict[str, Problem] = {}
    every = [model for several in models.values() for model in several]

    def parsed(name: str, reader: Callable[[Any], Any]) -> Any:
        try:
            return reader(data[name])
        except InvalidRequest as error:
            problems[name] = error.problems[0]
            return defaults[name]

    inputs = every[0].inputs
    pictures: tuple[Asset, ...] = ()
    try:
        pictures = tuple(_file("batch", one) for one in listed("batch", batch or [], MOST_BATCH))
    except InvalidRequest as error:
        problems["batch"] = error.problems[0]
    read_already = {"provider", "model", "prompt", "seed", "variants", *inputs}
    return Values(
        provider=parsed("provider", lambda value: choice("provider", value, models)),
        model=parsed("model", lambda value: text("model", value, LONGEST_NAME)),
        prompt=parsed("prompt", lambda value: text("prompt", "" if value is None else value, LONGEST_PROMPT)),
        seed=parsed("seed", _seed),
        variants=parsed("variants", lambda value: whole("variants", value, min(CHOICES), max(CHOICES))),
        settings={name: parsed(name, reader_of(name, every)) for name in data if name not in read_already},
        files={field: parsed(field, partial(read_files, field, most=rule.count[1])) for field, rule in inputs.items()},
        batch=pictures,
        problems=problems,
    )


def reader_of(name: str, models: Sequence[Model]) -> Callable[[Any], Any]:
    """What reads the value of a parameter that any of ``models`` has; it raises InvalidRequest.

    Another provider's values may still stand in the form, so what any of them takes is read.
    """
    parameters = [model.parameters[name] for model in models if name in model.parameters]
    options = dict.fromkeys(
        value for parameter in parameters if isinstance(parameter, Options) for value in parameter.all
    )
    ranges = [parameter for parameter in parameters if isinstance(parameter, Range)]
    if options:
        return lambda value: choice(name, value, list(options))
    if ranges:
        least, most = min(one.min for one in ranges), max(one.max for one in ranges)
        return lambda value: whole(name, value, least, most)
    return lambda value: flag(name, value)


def _seed(value: Any) -> str:
    """As it was typed, or the number that a request's settings hold; which numbers are seeds the catalog knows."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 10**15:
        value = str(value)
    return text("seed", "" if value is None else value, LONGEST_SEED)


def read_files(field: str, value: Any, most: int) -> tuple[Asset, ...]:
    """The files of an input, or the one file that a request's settings name; raises InvalidRequest.

    More than the input takes may be there for a moment: the request says how many it takes, in better words.
    """
    if isinstance(value, dict):
        value = [value]
    return tuple(_file(field, one) for one in listed(field, value or [], 2 * most + MOST))


def _file(field: str, value: Any) -> Asset:
    data = record(field, value)
    return Asset(digest(field, data.get("sha256")), text(field, data.get("name") or "file", LONGEST_NAME))
