"""The colours in the style sheet: text keeps the contrast of WCAG AA on its ground, and AAA in high contrast."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

CSS = settings.BASE_DIR / "static" / "css"
PAIRS = [
    ("ink", "ground"),
    ("ink", "paper"),
    ("ink", "shade"),
    ("muted", "ground"),
    ("muted", "paper"),
    ("muted", "shade"),
    ("press", "ground"),
    ("press", "paper"),
    ("press", "press-tint"),
    ("press-deep", "press-tint"),
    ("on-press", "press"),
    ("on-press", "press-deep"),
    ("on-press", "late"),
    ("on-time", "on-time-tint"),
    ("on-time", "paper"),
    ("near", "near-tint"),
    ("near", "paper"),
    ("late", "late-tint"),
    ("late", "paper"),
    ("late", "stopped-tint"),
    ("press", "on-time-tint"),
    ("press", "near-tint"),
    ("press", "late-tint"),
    ("press", "stopped-tint"),
    ("stopped", "stopped-tint"),
    ("stopped", "paper"),
]
MEASURES = {
    "ink": "#16202b",
    "muted": "#5a6877",
    "line": "#e1e7ee",
    "ground": "#f5f7fa",
    "paper": "#fff",
    "press": "#0b4f8a",
    "press-deep": "#083a66",
    "press-tint": "#eaf2fa",
    "on-time": "#17724a",
    "on-time-tint": "#e7f4ed",
    "near": "#8f5200",
    "near-tint": "#fff3de",
    "late": "#a8231b",
    "late-tint": "#fdebe9",
}


def colours(selector: str) -> dict[str, str]:
    """The custom properties a rule of the style sheet sets to a colour."""
    sheet = (CSS / "portal.css").read_text(encoding="utf-8")
    rule = sheet.split(f"{selector} {{", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})\s*;", rule))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_ratio_is_reckoned_as_the_standard_does() -> None:
    assert contrast("#fff", "#000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_colours_are_the_agreed_ones() -> None:
    assert colours(":root").items() >= MEASURES.items()


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(text: str, ground: str) -> None:
    palette = colours(":root")
    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_high_contrast_is_higher_still(text: str, ground: str) -> None:
    palette = colours(":root") | colours('html[data-contrast="high"]')
    assert contrast(palette[text], palette[ground]) >= 7


@pytest.mark.parametrize("ground", ["paper", "ground"])
def test_the_edge_of_a_field_can_be_seen(ground: str) -> None:
    palette = colours(":root")
    assert contrast(palette["field-edge"], palette[ground]) >= 3


def test_every_colour_a_part_asks_for_exists() -> None:
    palette = set(re.findall(r"--([\w-]+):", (CSS / "portal.css").read_text(encoding="utf-8")))
    used = set()
    for sheet in CSS.glob("*.css"):
        used |= set(re.findall(r"var\(--([\w-]+)", sheet.read_text(encoding="utf-8")))
    assert used <= palette


def test_nothing_is_loaded_from_another_host() -> None:
    for path in [*CSS.glob("*.css"), *(CSS.parent / "js").glob("*.js")]:
        assert not re.search(r"https?://|@import", path.read_text(encoding="utf-8")), path.name
