"""A form's settings: what can be chosen, what was typed, and how they are taken over to another model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from studio.catalog.models import CATALOG, Model, Options
from studio.system.parsing import whole
from studio.web.text import Words


def options_of(model: Model) -> Iterator[tuple[str, Options]]:
    """The settings of the model that have a fixed set of values."""
    every = {
        "resolution": model.resolution,
        "ratio": model.rules.ratio,
        "audio_setting": model.rules.audio_setting,
    }
    return ((name, options) for name, options in every.items() if options is not None)


def carry(values: Mapping[str, Any], model: Model, words: Words) -> tuple[dict[str, Any], list[str]]:
    """The values as ``model`` can have them: what it has too stays, and what does not is told in a sentence each."""
    kept, told = dict(values), []
    for name, options in options_of(model):
        before = kept[name]
        if before not in options.all:
            kept[name] = options.default
            told.append(words("changed", name=words(name), before=before, after=options.default, model=model.id))
    provider = CATALOG.providers[model.provider].name
    if model.watermark is None and kept.get("watermark") is False:
        told.append(words("changed.without", name=words("watermark"), provider=provider))
    return kept, told


def labelled(name: str, options: Options, i18n: gr.I18n) -> list[tuple[str, str]]:
    """The values with their names, which the browser puts into its language."""
    keys = {value: f"option.{name}.{value}" for value in options.all}
    return [(str(i18n(key)) if Words().has(key) else value, value) for value, key in keys.items()]


def read_seed(typed: str, model: Model) -> int | None:
    """The seed that was typed, or None for an empty field; raises InvalidRequest for what is none."""
    cleaned = typed.strip()
    return whole("seed", cleaned, model.seed.min, model.seed.max) if cleaned else None


def number_or_none(typed: str) -> int | None:
    """The seed that was typed, if it is a number."""
    cleaned = typed.strip()
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() else None
