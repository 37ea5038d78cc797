"""The library over all jobs, the page of one job, and the comparison of several."""

from __future__ import annotations

import gradio as gr

from studio.catalog.models import CATALOG
from studio.database.states import STATES
from studio.web.shell.assets import draw


def history(elem_id: str, modes: list[str], undo_seconds: float) -> gr.HTML:
    """Draws itself in the browser from ``/studio/history``; shown when the address of the page says so."""
    models = dict.fromkeys(model.id for provider in CATALOG.providers.values() for model in provider.models)
    return gr.HTML(
        html_template='<section class="history"></section>',
        js_on_load=draw("history"),
        apply_default_css=False,
        elem_id=elem_id,
        models=list(models),
        providers={provider.id: provider.name for provider in CATALOG.providers.values()},
        modes=modes,
        states=[state for state, traits in STATES.items() if traits.ended],
        undo_seconds=undo_seconds,
    )
