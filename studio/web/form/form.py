"""The form of a mode: laid out from the catalog's rules, and its way to the engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.events import Dependency

from studio.catalog.models import CATALOG, InputRule, Mode, Model, Options, Parameter, Range, Switch
from studio.catalog.pricing import quote
from studio.catalog.prompts import as_sent
from studio.catalog.references import renumber
from studio.catalog.requests import REQUESTS, Asset, ParameterField, Request, parameters_of
from studio.errors import InvalidRequest, NoSuchFile, Problem, StoreError, StudioError
from studio.jobs.rows.idempotency import IdempotencyKey
from studio.message import Message
from studio.service import Studio
from studio.system.parsing import listed, record, text, whole
from studio.web.faults import sentence, shortened
from studio.web.form.estimate import Estimate, meter, meter_bar, price_lines, sent_lines, summary_lines, with_notes
from studio.web.form.file_input import files_input
from studio.web.form.files import FileView, file_view, gone_view
from studio.web.form.offers import models_sold, not_sold, offer_lines
from studio.web.form.preview import advice_lines, fact_lines, files_of, missing_lines, output_of
from studio.web.form.settings import carry, labelled, number_or_none, read_seed
from studio.web.form.values import LONGEST_PROMPT, FormFile, Press, Values, detail, read, read_files, reader_of
from studio.web.form.variants import CHOICES, count_of, prompts_of, variants_of
from studio.web.money.limits import AT, LimitViews, Note, again_at
from studio.web.presets.part import presets_menu
from studio.web.text import LANGUAGES, LOCALES, Translation
from studio.web.visitors.asker import asker, visitor_of, words_of

STAND_IN = Asset("0" * 64, "…")
"""Stands for a file that is still to be added, so that the price is known before."""


class Form:
    """One mode's form. Its inputs follow the catalog: what the mode does not take is not there."""

    def __init__(self, mode: Mode, studio: Studio, i18n: gr.I18n) -> None:
        """Lay the form out; must run inside the page's Blocks."""
        self.mode = mode
        self.prefix = REQUESTS[mode].short
        self._engine = studio.engine
        self._vault = studio.vault
        self._offered = studio.engine.offered
        self._models = models_sold(self._offered, self.mode)
        self._i18n = i18n
        every = [model for models in self._models.values() for model in models]
        self._parameters: dict[str, ParameterField] = {
            name: declared
            for name, declared in parameters_of(REQUESTS[mode]).items()
            if name != "seed" and any(name in model.parameters for model in every)
        }
        """Those that any of its models has, in the order of the form; the seed is typed."""
        self._limits = LimitViews(studio)
        model = next(iter(self._models.values()))[0]
        self.components: dict[str, Any] = {}
        """The form's components by the names of the request's fields."""
        with gr.Column(elem_classes="desk"):
            self._lay_out(model)
            # Worked out for each language, since it is shown before anything is asked of the server.
            empty = self._defaults(model)
            values = self._read([empty[name] for name in self.components])
            first = {one: self._estimate(Translation(one), "", values) for one in LANGUAGES}
            first = {one: replace(it, notes=tuple(self._limits.missing(Translation(one)))) for one, it in first.items()}
            for language, estimate in first.items():
                i18n.translations[LOCALES[language]][self._id("submit")] = estimate.button
            with gr.Column(elem_classes="send"):
                self.submit = gr.Button(
                    i18n(self._id("submit")),
                    variant="primary",
                    size="lg",
                    elem_id=self._id("submit"),
                    elem_classes="f-submit",
                )
                firsts = {language: estimate.summary() for language, estimate in first.items()}
                self.summary = summary_lines(self._id("summary"), firsts, self.mode)
                self.press = gr.Textbox(visible=False, elem_id=self._id("press"))
        self._listen()

    def _id(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def _look(self, name: str) -> dict[str, Any]:
        return {"label": self._i18n(name), "elem_id": self._id(name), "elem_classes": [f"f-{name}"]}

    def _lay_out(self, model: Model) -> None:
        for field, rule in model.inputs.items():
            self.components[field] = files_input(self._id(field), self.mode, field, rule)
        presets_menu(self._id("presets"), self.mode)
        self.components["prompt"] = gr.Textbox(
            placeholder=self._placeholder(model),
            lines=5,
            max_lines=14,
            autofocus=not model.inputs,
            **self._look("prompt"),
        )
        self.meter = meter_bar(self._id("meter"), meter([""], model, Translation()))
        parameters = {name: self._parameter(name, model) for name in self._parameters}
        wide = [name for name, declared in self._parameters.items() if declared.look == "ratios"]
        switches = [name for name, parameter in parameters.items() if isinstance(parameter, Switch)]
        for name in wide:
            self._add(name, parameters[name], model)
        with gr.Row(elem_classes="pair"):
            for name in [name for name in parameters if name not in (*wide, *switches)]:
                self._add(name, parameters[name], model)
        providers = [(CATALOG.providers[name].name, name) for name in self._models]
        self.components["provider"] = self._segments("provider", providers, model.provider, visible=len(providers) > 1)
        with gr.Row(elem_classes="pair wide-first"):
            self.components["model"] = self._segments("model", self._versions(model), model.id)
            self.components["seed"] = gr.Textbox(
                placeholder=self._i18n("seed.placeholder"), max_lines=1, min_width=120, **self._look("seed")
            )
        counts = [(str(count), count) for count in CHOICES]
        self.components["variants"] = self._segments("variants", counts, 1)
        for name in switches:
            self._add(name, parameters[name], model)
        self.notice = summary_lines(self._id("notice"), {"lines": []})

    def _parameter(self, name: str, model: Model) -> Parameter:
        """What ``model`` says of a parameter, or the first of the others that has it."""
        every = [model, *(one for models in self._models.values() for one in models)]
        return next(one.parameters[name] for one in every if name in one.parameters)

    def _add(self, name: str, parameter: Parameter, model: Model) -> None:
        """The component of a parameter, which is seen while the chosen model has it."""
        visible = name in model.parameters
        if isinstance(parameter, Options):
            labels = labelled(name, parameter, self._i18n)
            look = self._parameters[name].look
            self.components[name] = self._segments(name, labels, parameter.default, look=look, visible=visible)
        elif isinstance(parameter, Range):
            self.components[name] = gr.Slider(
                parameter.min,
                parameter.max,
                value=parameter.default,
                step=1,
                min_width=140,
                visible=visible,
                **self._look(name),
            )
        else:
            self.components[name] = gr.Checkbox(parameter.default, visible=visible, **self._look(name))

    def _segments(
        self,
        name: str,
        choices: Sequence[tuple[str, str | int]],
        value: str | int,
        *,
        look: str = "segments",
        visible: bool = True,
    ) -> gr.Radio:
        style = self._look(name)
        style["elem_classes"].append(look)
        return gr.Radio(choices, value=value, min_width=140, visible=visible, **style)

    def _versions(self, model: Model) -> list[tuple[str, str]]:
        return [(one.version, one.id) for one in self._models[model.provider]]

    def _listen(self) -> None:
        parts = self.components
        shown = [self.meter, self.submit, self.summary]
        values = list(parts.values())
        # The values come as they are: Gradio would refuse one that another provider's choices had a moment before.
        raw: dict[str, Any] = {"preprocess": False, "show_progress": "hidden", "api_visibility": "private"}
        silent: dict[str, Any] = {"queue": False, **raw}
        # A textbox's ``input`` fires at key presses only, not for what is pasted, cut or dictated. One listener for all
        # asks again once it is answered, so that no answer outruns a later one.
        moves = [part.change for name, part in parts.items() if name not in ("provider", "model")]
        gr.on(moves, self.refresh, values, shown, trigger_mode="always_last", **silent)
        # What was chosen or typed meanwhile counts for the price too.
        gr.on(
            [parts["provider"].input, parts["model"].input],
            self.choose,
            values,
            [*values, self.notice],
            **silent,
        ).then(self.refresh, values, shown, **silent)
        for field, rule in self._rules.items():
            if rule.token is not None:
                ordered = parts[field].reordered(
                    self.follow_order,
                    parts["prompt"],
                    [parts["prompt"], self.notice],
                    trigger_mode="multiple",
                    **silent,
                )
                tell_arrival(ordered, self.mode)
        self.submit.click(None, None, self.notice, js="() => ({ lines: [] })", **silent)
        self.submit.click(
            self.send,
            [*values, self.press],
            [self.summary, self.press],
            js=f"(...values) => window.studio.pressed('{self.prefix}', '{self.mode}', values)",
            concurrency_limit=None,
            **raw,
        ).then(None, self.press, None, js="(key) => window.studio.answered(key)", **silent)

    @property
    def _rules(self) -> Mapping[str, InputRule]:
        return next(iter(self._models.values()))[0].inputs

    @property
    def _media(self) -> list[str]:
        return list(self._rules)

    def _defaults(self, model: Model) -> dict[str, Any]:
        values: dict[str, Any] = {field: [] for field in model.inputs}
        values |= {"prompt": "", "provider": model.provider, "model": model.id, "seed": "", "variants": 1}
        return values | {name: self._parameter(name, model).default for name in self._parameters}

    # Events

    def refresh(self, request: gr.Request, *args: Any) -> tuple[Any, ...]:
        """Meter, button and summary for the form's values."""
        words = words_of(request)
        shown, button, summary = self._shown(words, visitor_of(request), self._read(args))
        notes = [*self._limits.missing(words), *self._limits.warnings(asker(request), words)]
        return shown, button, with_notes(summary, notes)

    def _shown(self, words: Translation, visitor: str, values: Values) -> tuple[Any, ...]:
        estimate = self._estimate(words, visitor, values)
        measured = meter(self._sent(values), self._nearest_model(values), words)
        return measured, gr.update(value=estimate.button), estimate.summary()

    def choose(self, request: gr.Request, *args: Any) -> tuple[Any, ...]:
        """Keep of the form what the chosen provider or model has too, and say what changed."""
        words, visitor, values = words_of(request), visitor_of(request), self._read(args)
        model = self._nearest_model(values)
        before = values.plain()
        after, sentences = carry(before, self._defaults(model), model, words)
        after["model"] = model.id
        sentences += [sentence(InvalidRequest(problem), words) for problem in values.problems.values()]
        for field, files in values.files.items():
            after[field] = [self._judged(visitor, file, model, field, words) for file in files]
        updates = self._updates(model, after)
        for name, update in updates.items():
            # What could not be read stays as it is; what did not change the visitor may be choosing or typing.
            if name in values.problems or (name in before and after[name] == before[name]):
                update.pop("value", None)
        return *updates.values(), _notice(sentences)

    def _judged(self, visitor: str, file: FormFile, model: Model, field: str, words: Translation) -> dict[str, Any]:
        """A file of the form by the rules of another model, and so the one from which it was mended."""
        before = {"before": self._judged(visitor, file.before, model, field, words)} if file.before else {}
        try:
            vault_file = self._vault.file(visitor, file.sha256)
        except NoSuchFile as error:
            return gone_view(file.sha256, file.name, sentence(error, words))
        return {**file_view(vault_file, model, field, words, self._offered[model.provider]), **before}

    def _updates(self, model: Model, values: dict[str, Any]) -> dict[str, Any]:
        """What each component is to show for ``model``: the choices that there are, and the values."""
        updates = {name: gr.update(value=values.get(name)) for name in self.components}
        for name in self._parameters:
            parameter = model.parameters.get(name)
            if parameter is None:
                updates[name] = gr.update(visible=False)
            elif isinstance(parameter, Options):
                choices = labelled(name, parameter, self._i18n)
                updates[name] = gr.update(choices=choices, value=values[name], visible=True)
            else:
                updates[name] = gr.update(value=values[name], visible=True)
        updates["model"] = gr.update(choices=self._versions(model), value=values["model"])
        updates["prompt"] = gr.update(value=values["prompt"], placeholder=self._placeholder(model))
        return updates

    def _placeholder(self, model: Model) -> str:
        may_be_empty = "" if model.prompt_required else ".optional"
        return str(self._i18n(f"prompt.placeholder.{self.mode}{may_be_empty}"))

    def follow_order(self, prompt: Any, event: gr.EventData) -> tuple[Any, dict[str, Any]]:
        """Renumber the prompt's tokens, so that each still means its image after the images were reordered."""
        notice: dict[str, Any] = {"lines": []}
        try:
            moved = record("moved", detail(event, "moved"))
            listed("moved", list(moved), 2 * max(rule.count[1] for rule in self._rules.values()))
            numbers = {whole("moved", old, 1, 999): whole("moved", new, 1, 999) for old, new in moved.items()}
            return renumber(text("prompt", prompt or "", LONGEST_PROMPT), numbers), notice
        except InvalidRequest:
            return gr.skip(), notice

    def fill(self, request: gr.Request, event: gr.EventData) -> list[Any]:
        """The components' values for the settings of an earlier job, as far as they and their files are still there,
        with what the form says of them."""
        words, visitor = words_of(request), visitor_of(request)
        settings = detail(event, "settings")
        settings = settings if isinstance(settings, dict) else {}
        model, values, sentences = self._settled(settings, words)
        updates = self._updates(
            model,
            values
            | {field: self._file_views(visitor, settings.get(field), model, field, words) for field in self._media},
        )
        filled = {**values, **{field: updates[field]["value"] for field in self._media}}
        shown = self._shown(words, visitor, self._read([filled[name] for name in self.components]))
        return [*updates.values(), *shown, _notice(sentences)]

    def _settled(self, settings: Mapping[str, Any], words: Translation) -> tuple[Model, dict[str, Any], list[str]]:
        """The model and values of a form for settings that may be of any time, program or person; and what of them
        could not be had, in sentences."""
        named = [models for provider, models in self._models.items() if provider == settings.get("provider")]
        models = next(iter(named or self._models.values()))
        model = next((one for one in models if one.id == settings.get("model")), models[0])
        values = self._defaults(model)
        sentences = []
        if settings.get("model") not in (None, model.id):
            sentences.append(words("filled.model", before=shortened(settings["model"]), after=model.id))
        readers: dict[str, Callable[[Any], Any]] = {
            "prompt": lambda value: text("prompt", value, LONGEST_PROMPT),
            "seed": lambda value: str(whole("seed", value, model.seed.min, model.seed.max)),
            "variants": lambda value: whole("variants", value, min(CHOICES), max(CHOICES)),
        }
        readers |= {name: reader_of(name, [model]) for name in self._parameters if name in model.parameters}
        inputs = {"mode", "provider", "model", "sent_prompt", *model.inputs}
        for name, value in settings.items():
            if value in (None, "") or name in inputs or (name == "seed" and value == -1):
                continue
            if name not in readers:
                # One that another model of the mode has is told when that model is left.
                if name not in self._parameters:
                    sentences.append(words("filled.unknown", model=model.id, name=shortened(name)))
                continue
            try:
                values[name] = readers[name](value)
            except InvalidRequest:
                sentences.append(words("filled.left", name=words(name), before=shortened(value), after=values[name]))
        return model, values, sentences

    def _file_views(self, visitor: str, value: Any, model: Model, field: str, words: Translation) -> list[FileView]:
        """The files that a request or a form named, of those that the visitor still has."""
        found: list[FileView] = []
        with contextlib.suppress(InvalidRequest):
            for file in read_files(field, value, self._rules[field].count[1]):
                with contextlib.suppress(NoSuchFile):
                    vault_file = self._vault.file(visitor, file.sha256)
                    found.append(file_view(vault_file, model, field, words, self._offered[model.provider]))
        return found

    async def send(self, request: gr.Request, *args: Any) -> tuple[dict[str, Any], str]:
        """Hand the form in; the card appears by the event stream. The last value is a ``Press``.

        What it answers for good is forgotten by the browser: its key is the second output.
        """
        *filled, pressed = args
        press = Press.of(pressed)
        words, values, visitor = words_of(request), self._read(filled), asker(request)
        estimate = await asyncio.to_thread(self._estimate, words, visitor.id, values)
        outcome = Estimate(estimate.button, True, settings=estimate.settings, price=estimate.price)
        answered = press.key
        try:
            idempotency = IdempotencyKey.of(press.key, estimate.settings)
            await self._engine.accept_all(
                visitor.id, self._requests(values), network=visitor.network, idempotency=idempotency, shown=press.shown
            )
        except StoreError as error:  # whether it was written is not known: pressed again, it is the same press
            outcome, answered = replace(outcome, lines=(("error", sentence(error, words)),)), ""
        except StudioError as error:
            # What it would have cost stands beside the refusal, which may be about that.
            price = tuple(line for line in estimate.lines if line[0] == "price")
            refused: Note = ("error", sentence(error, words, at=AT), again_at(error))
            outcome = replace(outcome, first=(refused,), lines=price, wrong=_wrong(error))
        else:
            lines = (line for line in estimate.lines if line[0] != "missing")
            warnings = await asyncio.to_thread(self._limits.warnings, visitor, words)
            outcome = replace(outcome, lines=(("sent", words("submitted")), *lines), notes=tuple(warnings))
        return outcome.summary(outcome=True), answered

    # What the values mean

    def _read(self, args: Sequence[Any]) -> Values:
        named = dict(zip(self.components, args, strict=True))
        return read(named, self._models, self._defaults(next(iter(self._models.values()))[0]))

    def _requests(self, values: Values) -> list[Request]:
        """What one press of the button submits."""
        values.require()
        prompts = prompts_of(values.prompt)
        count_of(values.prompt, values.variants)
        return variants_of(self._request(values, prompts[0]), prompts, values.variants)

    def _sent(self, values: Values) -> list[str]:
        """The prompts as the provider gets them."""
        counts = {name: len(files) for name, files in values.files.items()}
        return [as_sent(one, values.provider, self.mode, counts) for one in prompts_of(values.prompt)]

    def _request(self, values: Values, prompt: str, stand_in: Asset | None = None) -> Request:
        """The request for one prompt; ``stand_in`` takes the place of files that are still to be added."""
        model = self._model(values)
        fields: dict[str, Any] = {name: value for name, value in values.settings.items() if name in model.parameters}
        fields |= {"provider": model.provider, "model": model.id, "prompt": prompt}
        fields["seed"] = read_seed(values.seed, model)
        for field, rule in model.inputs.items():
            assets = tuple(file.asset for file in values.files[field])
            if stand_in is not None and rule.count[0] and not assets:
                assets = (stand_in,)
            if rule.single:
                if len(assets) != 1:
                    raise InvalidRequest(Problem(field, len(assets), "one file"))
                fields[field] = assets[0]
            else:
                fields[field] = assets
        return REQUESTS[self.mode](**fields)

    def _estimate(self, words: Translation, visitor: str, values: Values) -> Estimate:
        settings = {**values.plain(), "seed": number_or_none(values.seed), "mode": self.mode}
        settings |= {field: [{"sha256": file.sha256} for file in files] for field, files in values.files.items()}
        settings = {name: value for name, value in settings.items() if name not in values.problems}
        try:
            values.require()
            # The price does not depend on what is written or shown, so it is known before anything is.
            request = self._request(values, "…", STAND_IN)
            count = count_of(values.prompt, values.variants)
        except InvalidRequest as error:
            return Estimate(words("generate"), False, (("error", sentence(error, words)),), settings, _wrong(error))
        model, account = request.catalog_model, self._offered[request.provider]
        files, gone = files_of(values, visitor, self._vault, words)
        missing = [*not_sold(model, account, words), *gone, *missing_lines(values, files, model, account, words)]
        made = output_of(values, files, model, account)
        cost = quote(request, account.region, input_seconds=made.billed_input)
        button, price = price_lines(cost, count, account, words, self._engine.credits(account.name))
        if made.billed_input is None and any(rule.billed for rule in model.inputs.values()):
            price = []
        name, resolution = CATALOG.providers[model.provider].name, str(values.settings["resolution"])
        lines = [
            *missing,
            *fact_lines(made, model, account, words),
            *price,
            *offer_lines(model, self._models[model.provider], resolution, cost, count, account, words),
            *sent_lines(values.prompt, self._sent(values), name, words),
            *advice_lines(values, model, words),
        ]
        paid = cost is not None and account.live
        shown = f"{cost.amount * count:f} {cost.currency}" if cost is not None and paid else "none"
        return Estimate(button, not missing, tuple(lines), settings, price=shown)

    def _model(self, values: Values) -> Model:
        models = self._models.get(values.provider, ())
        for model in models:
            if model.id == values.model:
                return model
        raise InvalidRequest(
            Problem("model", values.model, Message("one of {names}", names=", ".join(one.id for one in models)))
        )

    def _nearest_model(self, values: Values) -> Model:
        """The chosen model, or while another provider's still stands there the first of the chosen provider."""
        try:
            return self._model(values)
        except InvalidRequest:
            return self._models[values.provider][0]


def tell_arrival(event: Dependency, mode: Mode) -> None:
    """Tell the browser when an event of the form has ended, well or not. What it answers is no place for that word: of
    two values that a part gets within one frame only the later is drawn."""
    for ended in (event.then, event.failure):
        ended(
            None,
            None,
            None,
            js=f"() => window.studio.arrived('{mode}')",
            show_progress="hidden",
            api_visibility="private",
        )


def _notice(sentences: Sequence[str]) -> dict[str, Any]:
    """What the form says above its button of what it changed."""
    return {"lines": [{"kind": "warning", "text": "\n".join(sentences)}] if sentences else []}


def _wrong(error: StudioError) -> tuple[str, ...]:
    """The inputs that the error is about."""
    return tuple(problem.field for problem in error.problems) if isinstance(error, InvalidRequest) else ()
