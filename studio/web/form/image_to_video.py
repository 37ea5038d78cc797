"""The image-to-video tab: one first frame, whose ratio the video takes."""

from __future__ import annotations

from studio.web.form.form import Form


class ImageToVideoTab(Form):
    mode = "image-to-video"
    prefix = "i2v"
