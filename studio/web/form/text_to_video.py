"""The text-to-video tab: a prompt and nothing else."""

from __future__ import annotations

from studio.web.form.form import Form


class TextToVideoTab(Form):
    mode = "text-to-video"
    prefix = "t2v"
