"""The board: cards of the visitor's jobs, kept up to date by server-sent events."""

from __future__ import annotations

import gradio as gr

from studio.web.shell.assets import draw

IDEAS = ("idea.1", "idea.2", "idea.3")


def board(elem_id: str, prefixes: dict[str, str], keep_days: int | None, keep_unused_seconds: float) -> gr.HTML:
    """Draws itself in the browser from ``/studio/events``; triggers ``use_<prefix>`` with a job's settings.

    ``prefixes`` are those of the forms' ids, by mode: each form listens to an event of its own. ``keep_days`` is the
    age at which videos are deleted, ``keep_unused_seconds`` that of files that were given and not used.

    Its nodes are made by script with ``textContent``: a prompt is never read as HTML.
    """
    # A function and not a subclass: Gradio would write a stub file beside the module of a subclass.
    return gr.HTML(
        html_template='<section class="board" aria-labelledby="board-title"></section>',
        js_on_load=draw("board", *(f"use_{prefix}" for prefix in prefixes.values())),
        apply_default_css=False,
        elem_id=elem_id,
        ideas=list(IDEAS),
        prefixes=prefixes,
        keep={"days": keep_days, "hours": round(keep_unused_seconds / 3600)},
    )
