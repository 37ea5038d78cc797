"""The reference-to-video tab: one to nine images that the prompt names by number."""

from __future__ import annotations

from studio.web.form.form import Form


class ReferenceToVideoTab(Form):
    mode = "reference-to-video"
    prefix = "r2v"
