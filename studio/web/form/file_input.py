"""The input of files: add, check, mend, order, remove; drawn in the browser, judged by the server."""

from __future__ import annotations

import gradio as gr

from studio.catalog.models import InputRule, Mode
from studio.web.shell.assets import draw


def files_input(elem_id: str, mode: Mode, field: str, rule: InputRule) -> gr.HTML:
    """A list of files; its value is a list of ``FileView``, in order. Triggers ``reordered``."""
    return gr.HTML(
        [],
        html_template='<section class="files"></section>',
        js_on_load=draw(
            "files",
            "reordered",
            mode=mode,
            field=field,
            kind=rule.kind,
            most=rule.count[1],
            # What a click on an image's number writes.
            tokens=rule.token or "",
        ),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="f-files",
    )
