"""The presets of a mode: a button beside the prompt, and the menu that it opens."""

from __future__ import annotations

import gradio as gr

from studio.catalog.models import Mode
from studio.library.presets import LONGEST_NAME
from studio.web.shell.assets import draw


def presets_menu(elem_id: str, mode: Mode) -> gr.HTML:
    """Draws itself in the browser from ``/studio/presets``; what is chosen fills the form in by way of the board."""
    return gr.HTML(
        html_template='<section class="presets"></section>',
        js_on_load=draw("presets", mode=mode, longest=LONGEST_NAME),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="f-presets",
    )
