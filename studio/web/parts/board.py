"""The board: cards of the visitor's jobs, kept up to date by server-sent events."""

from __future__ import annotations

import gradio as gr

from studio.web.assets import asset
from studio.web.text import for_scripts

IDEAS = ("idea.1", "idea.2", "idea.3")


def board(elem_id: str) -> gr.HTML:
    """Draws itself in the browser from ``/studio/events``; triggers ``use`` with a job's settings.

    Its nodes are made by script with ``textContent``: a prompt is never read as HTML.
    """
    # A function and not a subclass: Gradio would write a stub file beside the module of a subclass.
    return gr.HTML(
        html_template='<section class="board" aria-labelledby="board-title"></section>',
        js_on_load=asset("board.js"),
        apply_default_css=False,
        elem_id=elem_id,
        words=for_scripts(),
        ideas=list(IDEAS),
    )
