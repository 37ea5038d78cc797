"""The video-edit tab: one video, an instruction, up to five reference images."""

from __future__ import annotations

from studio.web.form.form import Form


class VideoEditTab(Form):
    mode = "video-edit"
    prefix = "edit"
