"""The form of a mode: laid out from the catalog's rules, and its way to the engine."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import gradio as gr

from studio.catalog import CATALOG, Mode, Model, Options
from studio.errors import InvalidRequest, NoSuchFile, Problem, StudioError
from studio.media.facts import VideoFacts
from studio.pricing import quote
from studio.references import lint, renumber
from studio.requests import REQUESTS, Asset, Request, with_seed
from studio.service import Studio
from studio.sizes import output_size
from studio.web.files import FileView, file_view
from studio.web.identity import visitor_of
from studio.web.parts.estimate import Estimate, disputes, meter, meter_bar, price_lines, summary_lines
from studio.web.parts.files import assets_of, files_input
from studio.web.text import Words, words_for
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
        self._account = studio.engine.accounts[studio.engine.default_account]
        self._models = CATALOG.models(self._account.provider.name, self.mode)
        self._i18n = i18n
        model = self._models[0]
        self.inputs: dict[str, Any] = {}
        """The form's components by the names of the request's fields."""
        with gr.Column(elem_classes="desk"):
            self._lay_out(model)
            first = self._estimate(Words(), "", self._defaults(model))
            with gr.Column(elem_classes="send"):
                self.submit = gr.Button(
                    first.button, variant="primary", size="lg", elem_id=self._id("submit"), elem_classes="f-submit"
                )
                self.summary = summary_lines(self._id("summary"), first.summary())
        self._listen()

    def _id(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def _look(self, name: str) -> dict[str, Any]:
        return {"label": self._i18n(name), "elem_id": self._id(name), "elem_classes": [f"f-{name}"]}

    def _lay_out(self, model: Model) -> None:
        rules = model.rules
        for field in rules.media:
            self.inputs[field] = files_input(self._id(field), self.mode, field, rules)
        self.inputs["prompt"] = gr.Textbox(
            placeholder=self._i18n(f"prompt.placeholder.{self.mode}"),
            lines=5,
            max_lines=14,
            autofocus=not rules.media,
            **self._look("prompt"),
        )
        self.meter = meter_bar(self._id("meter"), meter("", model, Words()))
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
        with gr.Row(elem_classes="pair wide-first"):
            look = self._look("model")
            look["elem_classes"].append("segments")
            versions = [(one.version, one.id) for one in self._models]
            self.inputs["model"] = gr.Radio(versions, value=model.id, min_width=140, **look)
            self.inputs["seed"] = gr.Textbox(
                placeholder=self._i18n("seed.placeholder"), max_lines=1, min_width=120, **self._look("seed")
            )
        if model.watermark is not None:
            self.inputs["watermark"] = gr.Checkbox(model.watermark.default, **self._look("watermark"))

    def _choice(self, name: str, options: Options, look: str) -> gr.Radio:
        words = Words()
        keys = {value: f"option.{name}.{value}" for value in options.all}
        labels = [(words(key) if words.has(key) else value, value) for value, key in keys.items()]
        style = self._look(name)
        style["elem_classes"].append(look)
        return gr.Radio(labels, value=options.default, min_width=140, **style)

    def _listen(self) -> None:
        parts = self.inputs
        shown = [self.meter, self.submit, self.summary]
        values = list(parts.values())
        silent: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        # A textbox's ``input`` fires at key presses only, not for what is pasted, cut or dictated.
        moves = [part.change for part in self._settings()]
        for field in self._media:
            parts[field].edited(self.refresh, values, shown, **silent)
        gr.on(moves, self.refresh, values, shown, trigger_mode="always_last", **silent)
        parts["model"].input(self.choose_model, values, [parts["resolution"], *shown], **silent)
        if "references" in parts:
            parts["references"].reordered(self.follow_order, parts["prompt"], parts["prompt"], **silent).then(
                self.refresh, values, shown, **silent
            )
        self.submit.click(
            self.send,
            values,
            self.summary,
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=None,
        )

    @property
    def _media(self) -> list[str]:
        return list(self._models[0].rules.media)

    def _settings(self) -> list[Any]:
        return [part for name, part in self.inputs.items() if name not in (*self._media, "model")]

    def _defaults(self, model: Model) -> dict[str, Any]:
        rules = model.rules
        values: dict[str, Any] = {field: [] for field in rules.media}
        values |= {"prompt": "", "model": model.id, "resolution": model.resolution.default, "seed": ""}
        values |= {"watermark": model.watermark.default} if model.watermark else {}
        values |= {"ratio": rules.ratio.default} if rules.ratio else {}
        values |= {"duration": rules.duration.default} if rules.duration else {}
        return values | ({"audio_setting": rules.audio_setting.default} if rules.audio_setting else {})

    # Events

    def refresh(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Meter, button and summary for the form's values."""
        words, given = words_for(request.headers.get("accept-language")), self._named(values)
        estimate = self._estimate(words, visitor_of(request), given)
        shown = meter(given["prompt"] or "", self._model(given["model"]), words)
        return shown, gr.update(value=estimate.button), estimate.summary()

    def choose_model(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Keep of the settings what the other model has too, and say what changed."""
        given = self._named(values)
        options = self._model(given["model"]).resolution
        lost = given["resolution"] if given["resolution"] not in options.all else None
        if lost is not None:
            given["resolution"] = options.default
        kept = gr.update(choices=list(options.all), value=given["resolution"])
        shown, button, summary = self.refresh(request, *given.values())
        if lost is not None:
            words = words_for(request.headers.get("accept-language"))
            told = words("changed", name=words("resolution"), before=lost, after=options.default, model=given["model"])
            summary["lines"].insert(0, {"kind": "warning", "text": told})
        return kept, shown, button, summary

    def follow_order(self, prompt: str, event: gr.EventData) -> str:
        """Renumber the prompt's tokens, so that each still means its image after the images were reordered."""
        return renumber(prompt or "", {int(old): int(new) for old, new in event.moved.items()})

    def fill(self, request: gr.Request, settings: dict[str, Any]) -> list[Any]:
        """The components' values for the settings of an earlier job, as far as they and their files are still there."""
        known = [one.id for one in self._models]
        model = self._model(settings["model"] if settings.get("model") in known else known[0])
        values = self._defaults(model)
        rules = model.rules
        for name, options in (
            ("resolution", model.resolution),
            ("ratio", rules.ratio),
            ("audio_setting", rules.audio_setting),
        ):
            if options is not None and settings.get(name) in options.all:
                values[name] = settings[name]
        length = settings.get("duration")
        if (
            rules.duration is not None
            and isinstance(length, int)
            and rules.duration.min <= length <= rules.duration.max
        ):
            values["duration"] = length
        if isinstance(settings.get("watermark"), bool) and "watermark" in values:
            values["watermark"] = settings["watermark"]
        values["prompt"] = str(settings.get("prompt") or "")
        values["seed"] = "" if settings.get("seed") is None else str(settings["seed"])
        words, visitor = words_for(request.headers.get("accept-language")), visitor_of(request)
        values |= {field: self._still_held(visitor, settings.get(field), model, field, words) for field in self._media}
        values["resolution"] = gr.update(choices=list(model.resolution.all), value=values["resolution"])
        return [values[name] for name in self.inputs]

    def _still_held(self, visitor: str, given: Any, model: Model, field: str, words: Words) -> list[FileView]:
        """The files that a request or a form named, of those that the visitor still has."""
        found = []
        for asset in [given] if isinstance(given, dict) else given or []:
            with contextlib.suppress(NoSuchFile):
                found.append(file_view(self._vault.held(visitor, str(asset["sha256"])), model, field, words))
        return found

    async def send(self, request: gr.Request, *values: Any) -> dict[str, Any]:
        """Hand the form in; the card appears by the event stream."""
        words, given, visitor = (
            words_for(request.headers.get("accept-language")),
            self._named(values),
            visitor_of(request),
        )
        estimate = self._estimate(words, visitor, given)
        lines: Lines
        try:
            await self._engine.accept(visitor, with_seed(self._request(given)), self._account.name)
        except StudioError as error:
            lines = [("error", sentence(error, words))]
        else:
            lines = [("sent", words("submitted")), *(line for line in estimate.lines if line[0] != "missing")]
        return Estimate(estimate.button, True, tuple(lines), estimate.settings).summary()

    # What the values mean

    def _named(self, values: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip(self.inputs, values, strict=True))

    def _request(self, given: dict[str, Any]) -> Request:
        model = self._model(given["model"])
        fields = {name: value for name, value in given.items() if name not in self._media}
        if "duration" in fields and float(fields["duration"]).is_integer():
            fields["duration"] = int(fields["duration"])
        fields |= {"prompt": given["prompt"] or "", "seed": read_seed(given["seed"], model)}
        for field in self._media:
            assets = assets_of(given[field])
            if model.rules.media[field].count == (1, 1):
                if not assets:
                    raise InvalidRequest(Problem(field, "nothing", "one file"))
                fields[field] = assets[0]
            else:
                fields[field] = assets
        return REQUESTS[self.mode](provider=self._account.provider.name, **fields)

    def _estimate(self, words: Words, visitor: str, given: dict[str, Any]) -> Estimate:
        model = self._model(given["model"])
        kept = {name: value for name, value in given.items() if name not in self._media}
        kept |= {field: [{"sha256": item["sha256"]} for item in given[field] or []] for field in self._media}
        kept |= {"seed": _number_or_none(given["seed"]), "mode": self.mode}
        missing, seconds = self._missing(words, visitor, given, model)
        stand_in = Asset("0" * 64, "…")
        filled = dict(given) | {"prompt": "…"}
        for field in self._media:
            if not filled[field] and model.rules.media[field].count[0]:
                filled[field] = [{"sha256": stand_in.sha256, "name": stand_in.name}]
        try:
            # The price does not depend on what is written or shown, so it is known before anything is.
            request = self._request(filled)
        except InvalidRequest as error:
            return Estimate(words("generate"), False, (("error", sentence(error, words)),), kept)
        button, price = price_lines(quote(request, self._account.region, input_seconds=seconds), self._account, words)
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
        required = self._models[0].rules.media["references"].count[0] > 0
        findings = lint(given["prompt"], len(given["references"] or []))
        return [
            ("warning", words(f"tokens.{one.kind}", numbers=", ".join(map(str, one.numbers))))
            for one in findings
            if required or one.kind == "out_of_range"
        ]

    def _model(self, model_id: str) -> Model:
        for model in self._models:
            if model.id == model_id:
                return model
        raise InvalidRequest(Problem("model", model_id, f"one of {', '.join(one.id for one in self._models)}"))


def read_seed(text: str | int | None, model: Model) -> int | None:
    """The seed that was typed, or None for an empty field; raises InvalidRequest for what is no whole number."""
    cleaned = str(text if text is not None else "").strip()
    if not cleaned:
        return None
    if not cleaned.isascii() or not cleaned.lstrip("-").isdigit():
        raise InvalidRequest(Problem("seed", cleaned, f"a whole number from {model.seed.min} to {model.seed.max}"))
    return int(cleaned)


def _number_or_none(seed: Any) -> int | None:
    text = str(seed or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None
