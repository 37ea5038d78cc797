"""The looks that a page has: its width, its colours and its language."""

from __future__ import annotations

from typing import Any

WIDE = {"viewport": {"width": 1440, "height": 1000}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
MIDDLE = {"viewport": {"width": 720, "height": 1000}}
NARROW = {"viewport": {"width": 320, "height": 640}}
"""A window of 1280 px enlarged to 400 %."""

LIGHT_ENGLISH = {"color_scheme": "light", "locale": "en-US"}
DARK_CHINESE = {"color_scheme": "dark", "locale": "zh-CN"}
FORCED = {"forced_colors": "active"}

LOOKS: dict[str, dict[str, Any]] = {
    "light, English, 1440": LIGHT_ENGLISH | WIDE,
    "dark, Chinese, 1440": DARK_CHINESE | WIDE,
    "light, English, 390": LIGHT_ENGLISH | PHONE,
    "dark, Chinese, 390": DARK_CHINESE | PHONE,
    # Pairwise: each two of the properties meet once.
    "light, English, 320, forced colours": LIGHT_ENGLISH | NARROW | FORCED,
    "light, English, 720": LIGHT_ENGLISH | MIDDLE,
    "dark, Chinese, 320": DARK_CHINESE | NARROW,
    "dark, Chinese, 720, forced colours": DARK_CHINESE | MIDDLE | FORCED,
}
"""By their names, what Playwright's ``new_context`` wants."""
