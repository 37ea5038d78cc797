"""The form of a mode: what can be chosen in it, what it costs, and what of earlier settings it can have."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, InputRule, Mode, Model, Options, Parameter, ProviderName, Range
from studio.catalog.pricing import quote
from studio.catalog.requests import REQUESTS, Asset, ParameterField, Request, parameters_of
from studio.errors import InvalidRequest, NoSuchFile, Problem
from studio.message import Message
from studio.service import Studio
from studio.system.parsing import text, whole
from studio.web.faults import sentence, shortened
from studio.web.form.estimate import Estimate, Line, disputes, priced
from studio.web.form.file_views import FileView, file_view
from studio.web.form.offers import models_sold, not_sold, offer_lines
from studio.web.form.preview import fact_lines, files_of, missing_lines, output_of
from studio.web.form.values import LONGEST_PROMPT, Values, read, read_files, reader_of
from studio.web.form.variants import CHOICES, MOST, MOST_BATCH, count_of, prompts_of, variants_of
from studio.web.form.views import (
    FormInputView,
    FormView,
    ModelView,
    NamingView,
    ParameterView,
    ProviderView,
    SettledView,
)
from studio.web.money.accounts import account_name
from studio.web.money.amounts import rate_words
from studio.web.money.limits import Note
from studio.web.text import Translation

STAND_IN = Asset("0" * 64, "…")
"""Stands for a file that is still to be added, so that the price is known before."""
_OF_SOME_MODE = frozenset(name for kind in REQUESTS.values() for name in parameters_of(kind))
"""Parameters that have a name on the page."""


class Form:
    """One mode's form, as ``accounts`` offer it: those of one moment, for an account may come or go at any time.

    Its inputs follow the catalog: what the mode does not take is not there. LookupError where no account has the mode.
    """

    def __init__(self, mode: Mode, studio: Studio, accounts: Mapping[ProviderName, Account]) -> None:
        self.mode = mode
        self._accounts = accounts
        self._credits = studio.engine.credits
        self._vault = studio.vault
        self._models = models_sold(accounts, mode)
        self._every = [model for models in self._models.values() for model in models]
        self._inputs: Mapping[str, InputRule] = self._every[0].inputs
        self._leading = next(
            (field for field, rule in self._inputs.items() if rule.leads and rule.kind == "image"), None
        )
        """The input whose file the video begins with; of several pictures each takes its place."""
        self._parameters: Mapping[str, ParameterField] = {
            name: one
            for name, one in parameters_of(REQUESTS[mode]).items()
            if name != "seed" and any(name in model.parameters for model in self._every)
        }
        """Those that any of its models has, in the order of the form; the seed is typed."""

    def _parameter(self, name: str, model: Model) -> Parameter:
        """What ``model`` says of a parameter, or the first of the others that has it."""
        return next(one.parameters[name] for one in (model, *self._every) if name in one.parameters)

    def _defaults(self, model: Model) -> dict[str, Any]:
        values: dict[str, Any] = {field: [] for field in model.inputs}
        values |= {"prompt": "", "provider": model.provider, "model": model.id, "seed": "", "variants": 1}
        return values | {name: self._parameter(name, model).default for name in self._parameters}

    # What can be chosen

    def view(self, words: Translation, notes: Sequence[Note] = ()) -> FormView:
        """The form as it is offered now, with what the studio's limits say of it."""
        first = self.read({})
        return {
            "mode": self.mode,
            "prefix": REQUESTS[self.mode].short,
            "providers": [self._provider(name, models, words) for name, models in self._models.items()],
            "inputs": [_input_view(field, rule) for field, rule in self._inputs.items()],
            "variants": list(CHOICES),
            "most": MOST,
            "most_batch": MOST_BATCH,
            "estimate": self.estimate(words, "", first).with_notes(notes).view(),
        }

    def _provider(self, name: ProviderName, models: Sequence[Model], words: Translation) -> ProviderView:
        account = self._accounts[name]
        return {
            "id": name,
            "name": CATALOG.providers[name].name,
            "account": account_name(account, words),
            "models": [self._model_view(model, account.region, words) for model in models],
        }

    def _model_view(self, model: Model, region: str, words: Translation) -> ModelView:
        rates = {one: CATALOG.rate(model, region, one) for one in model.resolution.all}
        return {
            "id": model.id,
            "version": model.version,
            "parameters": {
                name: _parameter_view(declared.look, model.parameters[name], words)
                for name, declared in self._parameters.items()
                if name in model.parameters
            },
            "seed_max": model.seed.max,
            "prompt": {
                "required": model.prompt_required,
                "max_units": model.prompt.max_units,
                "cjk_units": model.prompt.cjk_units,
                "over": model.prompt.over,
            },
            "naming": next((_naming_view(rule) for rule in model.inputs.values() if rule.token), None),
            "rates": {name: rate_words(rate.amount, rate.currency, words) for name, rate in rates.items() if rate},
        }

    # What the values mean

    def read(self, data: Mapping[str, Any]) -> Values:
        """The form's values as they came; of what is not named it has the default."""
        defaults = self._defaults(self._every[0])
        named = {name: data.get(name, default) for name, default in defaults.items()}
        return read(named, self._models, defaults, data.get("batch"))

    def requests(self, values: Values) -> list[Request]:
        """What one press of the button submits."""
        values.require()
        prompts = prompts_of(values.prompt)
        count_of(values.prompt, values.variants, len(values.batch))
        pictures: list[Asset | None] = list(values.batch)
        return [
            request
            for picture in pictures or [None]
            for request in variants_of(self._request(values, prompts[0], batch=picture), prompts, values.variants)
        ]

    def _request(
        self, values: Values, prompt: str, stand_in: Asset | None = None, batch: Asset | None = None
    ) -> Request:
        """The request for one prompt; ``stand_in`` takes the place of files that are still to be added, and ``batch``
        that of the file that leads."""
        model = self._model(values)
        fields: dict[str, Any] = {name: value for name, value in values.settings.items() if name in model.parameters}
        fields |= {"provider": model.provider, "model": model.id, "prompt": prompt}
        fields["seed"] = _seed(values.seed, model)
        for field, rule in model.inputs.items():
            assets = values.files[field]
            if batch is not None and field == self._leading:
                assets = (batch,)
            if stand_in is not None and rule.count[0] and not assets:
                assets = (stand_in,)
            if rule.single:
                if len(assets) != 1:
                    raise InvalidRequest(Problem(field, len(assets), "one file"))
                fields[field] = assets[0]
            else:
                fields[field] = assets
        return REQUESTS[self.mode](**fields)

    def _model(self, values: Values) -> Model:
        models = self._models.get(values.provider, ())
        for model in models:
            if model.id == values.model:
                return model
        names = ", ".join(one.id for one in models)
        raise InvalidRequest(Problem("model", values.model, Message("one of {names}", names=names)))

    # What it costs

    def estimate(self, words: Translation, visitor: str, values: Values) -> Estimate:
        """What is known of the form before it is sent. Blocks."""
        try:
            values.require()
            # The price does not depend on what is written or shown, so it is known before anything is.
            request = self._request(values, "…", STAND_IN, STAND_IN if values.batch else None)
            count = count_of(values.prompt, values.variants, len(values.batch))
        except InvalidRequest as error:
            fields = [problem.field for problem in error.problems]
            return Estimate(lines=(Line("error", sentence(error, words), fields[0] if fields else ""),))
        model, account = request.catalog_model, self._accounts[request.provider]
        if values.batch and self._leading:
            values = replace(values, files={**values.files, self._leading: values.batch})
        files, gone = files_of(values, visitor, self._vault, words)
        missing = [*not_sold(model, account, words), *gone, *missing_lines(files, model, account, words)]
        made = output_of(values, files, model, account)
        cost = quote(request, account.region, input_seconds=made.billed_input)
        if made.billed_input is None and any(rule.billed for rule in model.inputs.values()):
            cost = None  # a price of nothing would be none of what comes
        resolution = str(values.settings["resolution"])
        price = priced(cost, count, account, words, self._credits(account.name))
        lines = [
            *missing,
            *price.lines,
            *disputes(values.settings, model, words),
            *([] if values.batch else fact_lines(made, model, account, words)),
            *offer_lines(model, self._models[model.provider], resolution, cost, count, account, words),
        ]
        return price.with_lines(lines)

    # What of earlier settings it can have

    def settle(self, visitor: str, settings: Mapping[str, Any], words: Translation) -> SettledView:
        """The form filled in with settings that may be of any time, program or person, as far as they can be had; of
        files those that the visitor still has. Blocks."""
        model, values, sentences = self._settled(settings, words)
        files = {field: self._file_views(visitor, settings.get(field), model, field, words) for field in self._inputs}
        return {"values": values, "files": files, "sentences": sentences}

    def _settled(self, settings: Mapping[str, Any], words: Translation) -> tuple[Model, dict[str, Any], list[str]]:
        named = [models for provider, models in self._models.items() if provider == settings.get("provider")]
        models = next(iter(named or self._models.values()))
        model = next((one for one in models if one.id == settings.get("model")), models[0])
        defaults = self._defaults(model)
        values = {name: value for name, value in defaults.items() if name not in self._inputs}
        sentences = []
        if settings.get("model") not in (None, model.id):
            sentences.append(words("filled.model", before=shortened(settings["model"]), after=model.id))
        readers: dict[str, Callable[[Any], Any]] = {
            "prompt": lambda value: text("prompt", value, LONGEST_PROMPT),
            "seed": lambda value: str(whole("seed", value, model.seed.min, model.seed.max)),
            "variants": lambda value: whole("variants", value, min(CHOICES), max(CHOICES)),
        }
        readers |= {name: reader_of(name, [model]) for name in self._parameters if name in model.parameters}
        known = {"mode", "provider", "model", "sent_prompt", "batch", *model.inputs}
        for name, value in settings.items():
            if value in (None, "") or name in known or (name == "seed" and value == -1):
                continue
            if name not in readers:
                # One that another model of the mode has is told when that model is left.
                if name not in self._parameters:
                    label = words(name) if name in _OF_SOME_MODE else shortened(name)
                    sentences.append(words("filled.unknown", model=model.id, name=label))
                continue
            try:
                values[name] = readers[name](value)
            except InvalidRequest:
                about = {"name": words(name), "before": _shown(name, value, words)}
                after = values[name]
                sentences.append(
                    words("filled.dropped", **about)
                    if after in (None, "")
                    else words("filled.left", **about, after=_shown(name, after, words))
                )
        return model, values, sentences

    def _file_views(self, visitor: str, value: Any, model: Model, field: str, words: Translation) -> list[FileView]:
        """The files that a request or a form named, of those that the visitor still has."""
        found: list[FileView] = []
        with contextlib.suppress(InvalidRequest):
            for file in read_files(field, value, self._inputs[field].count[1]):
                with contextlib.suppress(NoSuchFile):
                    vault_file = self._vault.file(visitor, file.sha256)
                    found.append(file_view(vault_file, model, field, words, self._accounts[model.provider]))
        return found


def _shown(name: str, value: Any, words: Translation) -> str:
    """What a setting is or was, as part of a sentence; it may be anyone's."""
    return shortened(value if isinstance(value, (list, dict)) else words.value(name, value))


def _seed(typed: str, model: Model) -> int | None:
    """The seed that was typed, or None for an empty field; raises InvalidRequest for what is none."""
    cleaned = typed.strip()
    return whole("seed", cleaned, model.seed.min, model.seed.max) if cleaned else None


def _input_view(field: str, rule: InputRule) -> FormInputView:
    return {
        "field": field,
        "kind": rule.kind,
        "least": rule.count[0],
        "most": rule.count[1],
        "token": rule.token or "",
    }


def _naming_view(rule: InputRule) -> NamingView:
    return {"token": rule.token or "", "rewrites": rule.rewrites, "required": rule.count[0] > 0}


def _parameter_view(look: str, parameter: Parameter, words: Translation) -> ParameterView:
    if isinstance(parameter, Options):
        disputed = dict(_disputed(parameter, words))
        return {"look": look, "default": parameter.default, "options": list(parameter.all), "disputed": disputed}
    if isinstance(parameter, Range):
        return {"look": "slider", "default": parameter.default, "min": parameter.min, "max": parameter.max}
    return {"look": "switch", "default": parameter.default}


def _disputed(options: Options, words: Translation) -> Iterator[tuple[str, str]]:
    for value in options.all:
        if source := options.disputed(value):
            yield value, words.said(CATALOG.sources[source])
