"""The text-to-video tab."""

from __future__ import annotations

from typing import Any

import gradio as gr

from studio.catalog import CATALOG, Model
from studio.errors import InvalidRequest, Problem, StudioError
from studio.jobs.accounts import Account
from studio.pricing import quote
from studio.requests import TextToVideo, with_seed
from studio.service import Studio
from studio.web.identity import visitor_of
from studio.web.parts.estimate import Estimate, disputes, meter, meter_bar, price_lines, summary_lines
from studio.web.text import Words, words_for
from studio.web.views import sentence

MODE = TextToVideo.mode
FIELDS = ("prompt", "model", "resolution", "ratio", "duration", "watermark", "seed")


class TextToVideoTab:
    """The form, and its way to the engine."""

    def __init__(self, studio: Studio, i18n: gr.I18n) -> None:
        """Lay the form out; must run inside the page's Blocks."""
        self._engine = studio.engine
        self._account: Account = studio.engine.accounts[studio.engine.default_account]
        models = CATALOG.models(self._account.provider.name, MODE)
        model = models[0]
        ratio, duration = model.rules.ratio, model.rules.duration
        assert ratio is not None
        assert duration is not None
        with gr.Column(elem_id="desk", elem_classes="desk"):
            self.prompt = gr.Textbox(
                label=i18n("prompt"),
                placeholder=i18n("prompt.placeholder"),
                lines=5,
                max_lines=14,
                autofocus=True,
                elem_id="t2v-prompt",
            )
            self.meter = meter_bar("t2v-meter", meter("", model, Words()))
            self.ratio = gr.Radio(
                ratio.all, value=ratio.default, label=i18n("ratio"), elem_id="t2v-ratio", elem_classes="ratios"
            )
            with gr.Row(elem_classes="pair"):
                self.resolution = gr.Radio(
                    model.resolution.all,
                    value=model.resolution.default,
                    label=i18n("resolution"),
                    elem_id="t2v-resolution",
                    elem_classes="segments",
                    min_width=140,
                )
                self.duration = gr.Slider(
                    duration.min,
                    duration.max,
                    value=duration.default,
                    step=1,
                    label=i18n("duration"),
                    elem_id="t2v-duration",
                    min_width=140,
                )
            with gr.Row(elem_classes="pair wide-first"):
                self.model = gr.Dropdown(
                    [one.id for one in models],
                    value=model.id,
                    label=i18n("model"),
                    elem_id="t2v-model",
                    filterable=False,
                    min_width=140,
                )
                self.seed = gr.Textbox(
                    label=i18n("seed"),
                    placeholder=i18n("seed.placeholder"),
                    max_lines=1,
                    elem_id="t2v-seed",
                    min_width=120,
                )
            self.watermark = gr.Checkbox(
                model.watermark is not None and model.watermark.default,
                label=i18n("watermark"),
                visible=model.watermark is not None,
                elem_id="t2v-watermark",
            )
            first = self._estimate(
                Words(), "", model.id, model.resolution.default, ratio.default, duration.default, True, ""
            )
            self.submit = gr.Button(first.button, variant="primary", size="lg", elem_id="t2v-submit")
            self.summary = summary_lines("t2v-summary", first.summary())
        self._listen()

    @property
    def fields(self) -> list[Any]:
        """The form's components in the order of ``FIELDS``."""
        return [getattr(self, name) for name in FIELDS]

    def _listen(self) -> None:
        shown = [self.meter, self.submit, self.summary]
        silent: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        typed = [self.prompt.input, self.seed.input]
        chosen = [self.resolution.change, self.ratio.change, self.duration.change, self.watermark.change]
        gr.on([*typed, *chosen], self.refresh, self.fields, shown, trigger_mode="always_last", **silent)
        self.model.change(self.choose_model, self.fields, [self.resolution, *shown], **silent)
        self.submit.click(
            self.send,
            self.fields,
            self.summary,
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=None,
        )

    def refresh(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Meter, button and summary for the form's values."""
        words = words_for(request.headers.get("accept-language"))
        prompt, model = values[0], self._model(values[1])
        estimate = self._estimate(words, *values)
        return meter(prompt, model, words), gr.update(value=estimate.button), estimate.summary()

    def choose_model(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """Keep of the settings what the other model has too."""
        given = dict(zip(FIELDS, values, strict=True))
        options = self._model(given["model"]).resolution
        if given["resolution"] not in options.all:
            given["resolution"] = options.default
        kept = gr.update(choices=list(options.all), value=given["resolution"])
        return kept, *self.refresh(request, *given.values())

    def fill(self, settings: dict[str, Any]) -> tuple[Any, ...]:
        """The components' values for the settings of an earlier job, as far as they are still valid."""
        model_id = settings.get("model")
        models = [one.id for one in CATALOG.models(self._account.provider.name, MODE)]
        model = self._model(model_id if model_id in models else models[0])
        ratio, duration = model.rules.ratio, model.rules.duration
        assert ratio is not None
        assert duration is not None
        chosen = {
            "resolution": settings.get("resolution") if settings.get("resolution") in model.resolution.all else None,
            "ratio": settings.get("ratio") if settings.get("ratio") in ratio.all else None,
        }
        length = settings.get("duration")
        known_length = isinstance(length, int) and duration.min <= length <= duration.max
        seed = settings.get("seed")
        return (
            str(settings.get("prompt") or ""),
            model.id,
            gr.update(choices=list(model.resolution.all), value=chosen["resolution"] or model.resolution.default),
            chosen["ratio"] or ratio.default,
            length if known_length else duration.default,
            settings.get("watermark", True) is not False,
            "" if seed is None else str(seed),
        )

    async def send(self, request: gr.Request, *values: Any) -> dict[str, Any]:
        """Hand the form in; the card appears by the event stream."""
        words = words_for(request.headers.get("accept-language"))
        estimate = self._estimate(words, *values)
        try:
            await self._engine.accept(visitor_of(request), with_seed(self._request(*values)), self._account.name)
        except StudioError as error:
            lines: tuple[tuple[str, str], ...] = (("error", sentence(error, words)),)
        else:
            lines = (("sent", words("submitted")), *estimate.lines)
        return Estimate(estimate.button, True, lines, estimate.settings).summary()

    def _request(
        self, prompt: str, model: str, resolution: str, ratio: str, duration: float, watermark: bool, seed: str
    ) -> TextToVideo:
        chosen = self._model(model)
        return TextToVideo(
            provider=self._account.provider.name,
            model=model,
            prompt=prompt or "",
            resolution=resolution,
            ratio=ratio,
            duration=int(duration) if float(duration).is_integer() else duration,  # type: ignore[arg-type]
            watermark=watermark if chosen.watermark is not None else None,
            seed=read_seed(seed, chosen),
        )

    def _estimate(self, words: Words, *values: Any) -> Estimate:
        settings = dict(zip(FIELDS, values, strict=True))
        model = self._model(settings["model"])
        kept = settings | {"seed": _number_or_none(settings["seed"])}
        try:
            # The price does not depend on what is written, so it is known before anything is.
            request = self._request("…", *values[1:])
        except InvalidRequest as error:
            return Estimate(words("generate"), False, (("error", sentence(error, words)),), kept)
        button, lines = price_lines(quote(request, self._account.region), self._account, words)
        lines += disputes(
            {
                "resolution": (settings["resolution"], model.resolution),
                "ratio": (settings["ratio"], model.rules.ratio),
            },
            words,
        )
        ready = bool(settings["prompt"].strip()) or not model.rules.prompt_required
        if not ready:
            lines.insert(0, ("missing", words("missing.prompt")))
        return Estimate(button, ready, tuple(lines), kept)

    def _model(self, model_id: str) -> Model:
        try:
            return CATALOG.model(self._account.provider.name, model_id)
        except KeyError:
            known = ", ".join(one.id for one in CATALOG.models(self._account.provider.name, MODE))
            raise InvalidRequest(Problem("model", model_id, f"one of {known}")) from None


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
