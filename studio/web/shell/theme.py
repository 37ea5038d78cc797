"""Colours, type and spacing: one set of names for Gradio's own parts and for ours, light and dark.

Gradio's variables are set from ours, so that ``assets/shell/tokens.css`` is the only place where a colour stands.
"""

from __future__ import annotations

import gradio as gr

_OURS = {
    "body_background_fill": "--hh-page",
    "body_text_color": "--hh-text",
    "body_text_color_subdued": "--hh-quiet",
    "background_fill_primary": "--hh-panel",
    "background_fill_secondary": "--hh-page",
    "block_background_fill": "--hh-panel",
    "block_border_color": "--hh-line",
    "block_label_text_color": "--hh-quiet",
    "block_title_text_color": "--hh-text",
    "border_color_primary": "--hh-line",
    "border_color_accent": "--hh-accent",
    "button_primary_background_fill": "--hh-accent",
    "button_primary_background_fill_hover": "--hh-accent-strong",
    "button_primary_text_color": "--hh-on-accent",
    "button_secondary_background_fill": "--hh-panel",
    "button_secondary_text_color": "--hh-text",
    "checkbox_background_color": "--hh-field",
    "checkbox_background_color_selected": "--hh-accent",
    "checkbox_border_color": "--hh-line-strong",
    "checkbox_border_color_selected": "--hh-accent",
    "checkbox_label_background_fill": "--hh-field",
    "checkbox_label_background_fill_selected": "--hh-accent-soft",
    "checkbox_label_border_color": "--hh-line",
    "checkbox_label_border_color_selected": "--hh-accent",
    "checkbox_label_text_color": "--hh-text",
    "checkbox_label_text_color_selected": "--hh-text",
    "color_accent": "--hh-accent",
    "color_accent_soft": "--hh-accent-soft",
    "input_background_fill": "--hh-field",
    "input_background_fill_focus": "--hh-field",
    "input_border_color": "--hh-line",
    "input_border_color_focus": "--hh-accent",
    "input_placeholder_color": "--hh-faint",
    "link_text_color": "--hh-accent-text",
    "link_text_color_hover": "--hh-accent-text",
    "slider_color": "--hh-accent",
}


def theme() -> gr.themes.Base:
    """The studio's theme; system fonts only, so that nothing is fetched from anywhere."""
    base = gr.themes.Base(
        font=["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "sans-serif"],
        font_mono=["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"],
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_md,
    )
    colours = {name: f"var({ours})" for name, ours in _OURS.items()}
    # Gradio has this one colour for both; all others it would otherwise fill in from its own dark palette.
    dark = {f"{name}_dark": value for name, value in colours.items() if name != "color_accent"}
    shape = {
        "block_shadow": "none",
        "block_border_width": "0px",
        "block_padding": "0px",
        "block_label_background_fill": "transparent",
        "button_large_radius": "10px",
        "input_border_width": "1px",
        "input_shadow": "none",
        "input_shadow_focus": "0 0 0 3px var(--hh-accent-soft)",
        "checkbox_label_shadow": "none",
        "button_primary_shadow": "none",
    }
    return base.set(**colours, **dark, **shape)
