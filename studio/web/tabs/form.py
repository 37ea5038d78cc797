"""The form of a mode: laid out from the catalog's rules, and its way to the engine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import gradio as gr

from studio.catalog import CATALOG, Mode, Model, Options
from studio.errors import InvalidRequest, NoSuchFile, Problem, StudioError
from studio.media.facts import VideoFacts
from studio.pricing import quote
from studio.references import lint, renumber
from studio.requests import REQUESTS, Asset, Request
from studio.service import Studio
from studio.sizes import output_size
from studio.told import Told
from studio.web.files import FileView, file_view
from studio.web.identity import visitor_of, words_of
from studio.web.parts.estimate import Estimate, disputes, meter, meter_bar, price_lines, summary_lines
from studio.web.parts.files import assets_of, files_input
from studio.web.parts.presets import presets_menu
from studio.web.parts.settings import carry, labelled, number_or_none, options_of, read_seed
from studio.web.tabs.variants import CHOICES, count_of, prompts_of, variants_of
from studio.web.text import LANGUAGES, LOCALES, Words
from studio.web.views import sentence

Lines = list[tuple[str, str]]


class Form:
    """One mode's form. Its inputs follow the catalog: what the mode does not take is not there."""

    mode: ClassVar[Mode]
    prefix: ClassVar[str]
    """Begins the ids of the form's elements."""

    def __init__(self, studio: Studio, i18n: gr.I18n) -> None:
        """Lay the form out; must run inside the page's Blocks."""
        self._engine = studio.engine
        self._vault = studio.vault
        self._offered = studio.engine.offered
        self._models = {provider: CATALOG.models(provider, self.mode) for provider in self._offered}
        self._i18n = i18n
        model = next(iter(self._models.values()))[0]
        self.inputs: dict[str, Any] = {}
        """The form's components by the names of the request's fields."""
        with gr.Column(elem_classes="desk"):
            self._lay_out(model)
            # Worked out for each language, since it is shown before anything is asked of the server.
            first = {one: self._estimate(Words(one), "", self._defaults(model)) for one in LANGUAGES}
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
                self.summary = summary_lines(self._id("summary"), firsts)
        self._listen()

    def _id(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def _look(self, name: str) -> dict[str, Any]:
        return {"label": self._i18n(name), "elem_id": self._id(name), "elem_classes": [f"f-{name}"]}

    def _lay_out(self, model: Model) -> None:
        rules = model.rules
        for field in rules.media:
            self.inputs[field] = files_input(self._id(field), self.mode, field, rules)
        presets_menu(self._id("presets"), self.mode)
        self.inputs["prompt"] = gr.Textbox(
            placeholder=self._placeholder(model),
            lines=5,
            max_lines=14,
            autofocus=not rules.media,
            **self._look("prompt"),
        )
        self.meter = meter_bar(self._id("meter"), meter([""], model, Words()))
        if rules.ratio is not None:
            self.inputs["ratio"] = self._choice("ratio", rules.ratio, "ratios")
        with gr.Row(elem_classes="pair"):
            self.inputs["resolution"] = self._choice("resolution", model.resolution, "segments")
            if rules.duration is not None:
                self.inputs["duration"] = gr.Slider(
                    rules.duration.min,
                    rules.duration.max,
                    value=rules.duration.default,
                    step=1,
                    min_width=140,
                    **self._look("duration"),
                )
            if rules.audio_setting is not None:
                self.inputs["audio_setting"] = self._choice("audio_setting", rules.audio_setting, "segments")
        providers = [(CATALOG.providers[name].name, name) for name in self._offered]
        self.inputs["provider"] = self._segments("provider", providers, model.provider, visible=len(providers) > 1)
        with gr.Row(elem_classes="pair wide-first"):
            self.inputs["model"] = self._segments("model", self._versions(model), model.id)
            self.inputs["seed"] = gr.Textbox(
                placeholder=self._i18n("seed.placeholder"), max_lines=1, min_width=120, **self._look("seed")
            )
        counts = [(str(count), count) for count in CHOICES]
        self.inputs["variants"] = self._segments("variants", counts, 1)
        switch = next((one[0].watermark for one in self._models.values() if one[0].watermark), None)
        if switch is not None:
            shown = model.watermark is not None
            self.inputs["watermark"] = gr.Checkbox(switch.default, visible=shown, **self._look("watermark"))
        self.notice = summary_lines(self._id("notice"), {"lines": []})

    def _choice(self, name: str, options: Options, look: str) -> gr.Radio:
        return self._segments(name, labelled(name, options, self._i18n), options.default, look=look)

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
        parts = self.inputs
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
        if "references" in parts:
            parts["references"].reordered(self.follow_order, parts["prompt"], parts["prompt"], **silent)
        self.submit.click(None, None, self.notice, js="() => ({ lines: [] })", **silent)
        self.submit.click(
            self.send,
            values,
            self.summary,
            concurrency_limit=None,
            **raw,
        )

    @property
    def _media(self) -> list[str]:
        return list(next(iter(self._models.values()))[0].rules.media)

    def _defaults(self, model: Model) -> dict[str, Any]:
        rules = model.rules
        values: dict[str, Any] = {field: [] for field in rules.media}
        values |= {"prompt": "", "provider": model.provider, "model": model.id, "seed": "", "variants": 1}
        values |= {name: options.default for name, options in options_of(model)}
        values |= {"watermark": model.watermark.default} if model.watermark else {}
        return values | ({"duration": rules.duration.default} if rules.duration else {})

    # Events

    def refresh(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Meter, button and summary for the form's values."""
        words, given = words_of(request), self._named(values)
        estimate = self._estimate(words, visitor_of(request), given)
        shown = meter(prompts_of(given["prompt"] or ""), self._model(given), words)
        return shown, gr.update(value=estimate.button), estimate.summary()

    def choose(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Keep of the form what the chosen provider or model has too, and say what changed."""
        words, given = words_of(request), self._named(values)
        models = self._models[given["provider"]]
        model = next((one for one in models if one.id == given["model"]), models[0])
        kept, told = carry(given, model, words)
        kept["model"] = model.id
        for field in self._media:
            kept[field] = [self._judged(visitor_of(request), item, model, field, words) for item in kept[field] or []]
        updates = self._updates(model, kept)
        for name, update in updates.items():
            if kept[name] == given[name]:
                update.pop("value", None)  # the visitor may be choosing or typing
        notice = {"lines": [{"kind": "warning", "text": "\n".join(told)}] if told else []}
        return *updates.values(), notice

    def _judged(self, visitor: str, item: dict[str, Any], model: Model, field: str, words: Words) -> dict[str, Any]:
        """A file of the form by the rules of another model, and so the one from which it was mended."""
        with contextlib.suppress(NoSuchFile):
            before = {"before": self._judged(visitor, item["before"], model, field, words)} if "before" in item else {}
            return {**file_view(self._vault.held(visitor, str(item["sha256"])), model, field, words), **before}
        return item

    def _updates(self, model: Model, values: dict[str, Any]) -> dict[str, Any]:
        """What each component is to show for ``model``: the choices that there are, and the values."""
        updates = {name: gr.update(value=values.get(name)) for name in self.inputs}
        for name, options in options_of(model):
            updates[name] = gr.update(choices=labelled(name, options, self._i18n), value=values[name])
        updates["model"] = gr.update(choices=self._versions(model), value=values["model"])
        updates["prompt"] = gr.update(value=values["prompt"], placeholder=self._placeholder(model))
        if "watermark" in updates:
            shown = model.watermark is not None
            updates["watermark"] = gr.update(visible=shown, **({"value": values["watermark"]} if shown else {}))
        return updates

    def _placeholder(self, model: Model) -> str:
        may_be_empty = "" if model.rules.prompt_required else ".optional"
        return str(self._i18n(f"prompt.placeholder.{self.mode}{may_be_empty}"))

    def follow_order(self, prompt: str, event: gr.EventData) -> str:
        """Renumber the prompt's tokens, so that each still means its image after the images were reordered."""
        return renumber(prompt or "", {int(old): int(new) for old, new in event.moved.items()})

    def fill(self, request: gr.Request, settings: dict[str, Any]) -> list[Any]:
        """The components' values for the settings of an earlier job, as far as they and their files are still there."""
        named = [models for provider, models in self._models.items() if provider == settings.get("provider")]
        models = next(iter(named or self._models.values()))
        model = next((one for one in models if one.id == settings.get("model")), models[0])
        values = self._defaults(model)
        values |= {name: settings[name] for name, options in options_of(model) if settings.get(name) in options.all}
        length, allowed = settings.get("duration"), model.rules.duration
        if allowed is not None and isinstance(length, int) and allowed.min <= length <= allowed.max:
            values["duration"] = length
        if isinstance(settings.get("watermark"), bool) and "watermark" in values:
            values["watermark"] = settings["watermark"]
        values["variants"] = settings["variants"] if settings.get("variants") in CHOICES else 1
        values["prompt"] = str(settings.get("prompt") or "")
        values["seed"] = "" if settings.get("seed") is None else str(settings["seed"])
        words, visitor = words_of(request), visitor_of(request)
        values |= {field: self._still_held(visitor, settings.get(field), model, field, words) for field in self._media}
        return list(self._updates(model, values).values())

    def _still_held(self, visitor: str, given: Any, model: Model, field: str, words: Words) -> list[FileView]:
        """The files that a request or a form named, of those that the visitor still has."""
        found = []
        for asset in [given] if isinstance(given, dict) else given or []:
            with contextlib.suppress(NoSuchFile):
                found.append(file_view(self._vault.held(visitor, str(asset["sha256"])), model, field, words))
        return found

    async def send(self, request: gr.Request, *values: Any) -> dict[str, Any]:
        """Hand the form in; the card appears by the event stream."""
        words, given, visitor = words_of(request), self._named(values), visitor_of(request)
        estimate = await asyncio.to_thread(self._estimate, words, visitor, given)
        lines: Lines
        try:
            await self._engine.accept_all(visitor, self._requests(given))
        except StudioError as error:
            lines = [("error", sentence(error, words))]
        else:
            lines = [("sent", words("submitted")), *(line for line in estimate.lines if line[0] != "missing")]
        return Estimate(estimate.button, True, tuple(lines), estimate.settings).summary(outcome=True)

    # What the values mean

    def _named(self, values: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip(self.inputs, values, strict=True))

    def _requests(self, given: dict[str, Any]) -> list[Request]:
        """What one press of the button submits."""
        prompts = prompts_of(given["prompt"] or "")
        count_of(given["prompt"] or "", given["variants"])
        return variants_of(self._request({**given, "prompt": prompts[0]}), prompts, given["variants"])

    def _request(self, given: dict[str, Any]) -> Request:
        model = self._model(given)
        fields = {name: value for name, value in given.items() if name not in (*self._media, "variants")}
        if model.watermark is None:
            fields.pop("watermark", None)
        if "duration" in fields and float(fields["duration"]).is_integer():
            fields["duration"] = int(fields["duration"])
        fields |= {"prompt": given["prompt"] or "", "seed": read_seed(given["seed"], model)}
        for field in self._media:
            assets = assets_of(given[field])
            if model.rules.media[field].count == (1, 1):
                if not assets:
                    raise InvalidRequest(Problem(field, 0, "one file"))
                fields[field] = assets[0]
            else:
                fields[field] = assets
        return REQUESTS[self.mode](**fields)

    def _estimate(self, words: Words, visitor: str, given: dict[str, Any]) -> Estimate:
        model, account = self._model(given), self._offered[given["provider"]]
        kept = {name: value for name, value in given.items() if name not in self._media}
        kept |= {field: [{"sha256": item["sha256"]} for item in given[field] or []] for field in self._media}
        kept |= {"seed": number_or_none(given["seed"]), "mode": self.mode}
        missing, seconds = self._missing(words, visitor, given, model)
        stand_in = Asset("0" * 64, "…")
        filled = dict(given) | {"prompt": "…"}
        for field in self._media:
            if not filled[field] and model.rules.media[field].count[0]:
                filled[field] = [{"sha256": stand_in.sha256, "name": stand_in.name}]
        try:
            # The price does not depend on what is written or shown, so it is known before anything is.
            request = self._request(filled)
            count = count_of(given["prompt"] or "", given["variants"])
        except InvalidRequest as error:
            return Estimate(words("generate"), False, (("error", sentence(error, words)),), kept)
        cost = quote(request, account.region, input_seconds=seconds)
        button, price = price_lines(cost, count, account, words, self._engine.credits(account.name))
        if "video" in self._media and seconds is None:
            price = []
        lines = [*missing, *self._facts(words, given, seconds), *price]
        lines += self._tokens(words, given)
        lines += disputes(
            {"resolution": (given["resolution"], model.resolution), "ratio": (given.get("ratio"), model.rules.ratio)},
            words,
        )
        return Estimate(button, not missing, tuple(lines), kept)

    def _missing(self, words: Words, visitor: str, given: dict[str, Any], model: Model) -> tuple[Lines, Decimal | None]:
        """What keeps the form from being sent, and the seconds of its video."""
        lines: Lines = []
        seconds: Decimal | None = None
        for field in self._media:
            items = given[field] or []
            if len(items) < model.rules.media[field].count[0]:
                lines.append(("missing", words(f"missing.{field}")))
            lines += [
                ("missing", words("missing.fix", name=item["name"]))
                for item in items
                if item.get("verdict") == "refused"
            ]
            if not self._offered[model.provider].takes_files and any(not item.get("url") for item in items):
                lines.append(("missing", words("missing.way", provider=CATALOG.providers[model.provider].name)))
            if field == "video" and items:
                try:
                    facts = self._vault.held(visitor, str(items[0]["sha256"])).facts
                except NoSuchFile as error:
                    lines.append(("error", sentence(error, words)))
                else:
                    seconds = facts.seconds if isinstance(facts, VideoFacts) else None
        if model.rules.prompt_required and not (given["prompt"] or "").strip():
            lines.append(("missing", words("missing.prompt")))
        return lines, seconds

    def _facts(self, words: Words, given: dict[str, Any], seconds: Decimal | None) -> Lines:
        """What will come out: the size where it follows a file, the lengths where they are billed."""
        source = next((given[field] for field in ("first_frame", "video") if given.get(field)), None)
        if not source:
            return []
        ratio = Fraction(int(source[0]["width"]), int(source[0]["height"]))
        width, height = output_size(given["resolution"], ratio)
        lines = [("facts", words("size.follows", width=width, height=height))]
        if seconds is not None:
            output = min(seconds, CATALOG.edit.max_output_seconds)
            billed = words(
                "edit.billed", input=f"{seconds:.1f}", output=f"{output:.1f}", billed=f"{seconds + output:.1f}"
            )
            lines.append(("facts", billed))
        return lines

    def _tokens(self, words: Words, given: dict[str, Any]) -> Lines:
        """Advice on the prompt's reference tokens."""
        if "references" not in given or not (given["prompt"] or "").strip():
            return []
        required = self._model(given).rules.media["references"].count[0] > 0
        findings = lint(given["prompt"], len(given["references"] or []))
        return [
            ("warning", words(f"tokens.{one.kind}", numbers=", ".join(map(str, one.numbers))))
            for one in findings
            if required or one.kind == "out_of_range"
        ]

    def _model(self, given: dict[str, Any]) -> Model:
        models = self._models.get(given["provider"], ())
        for model in models:
            if model.id == given["model"]:
                return model
        raise InvalidRequest(
            Problem("model", given["model"], Told("one of {names}", names=", ".join(one.id for one in models)))
        )
