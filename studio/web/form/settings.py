"""A form's settings: what can be chosen, what was typed, and how they are taken over to another model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from studio.catalog.models import CATALOG, Model, Options
from studio.catalog.requests import REQUESTS, parameters_of
from studio.system.parsing import whole
from studio.web.text import Translation


def carry(
    values: Mapping[str, Any], defaults: Mapping[str, Any], model: Model, words: Translation
) -> tuple[dict[str, Any], list[str]]:
    """The values as ``model`` can have them: what it has too stays, and what does not, and is not as it is by
    ``defaults``, is told in a sentence each."""
    settings, sentences = dict(values), []
    for name in [name for name in parameters_of(REQUESTS[model.mode]) if name in values]:
        before, parameter = values[name], model.parameters.get(name)
        if parameter is None:
            if before != defaults[name]:
                provider = CATALOG.providers[model.provider].name
                sentences.append(words("changed.without", name=words(name), provider=provider))
        elif isinstance(parameter, Options) and before not in parameter.all:
            after = settings[name] = parameter.default
            sentences.append(words("changed", name=words(name), before=before, after=after, model=model.id))
    return settings, sentences


def labelled(name: str, options: Options, i18n: gr.I18n) -> list[tuple[str, str]]:
    """The values with their names, which the browser puts into its language."""
    keys = {value: f"option.{name}.{value}" for value in options.all}
    return [(str(i18n(key)) if Translation().has(key) else value, value) for value, key in keys.items()]


def read_seed(typed: str, model: Model) -> int | None:
    """The seed that was typed, or None for an empty field; raises InvalidRequest for what is none."""
    cleaned = typed.strip()
    return whole("seed", cleaned, model.seed.min, model.seed.max) if cleaned else None


def number_or_none(typed: str) -> int | None:
    """The seed that was typed, if it is a number."""
    cleaned = typed.strip()
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() else None
