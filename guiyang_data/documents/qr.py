"""QR codes, as a picture that stays sharp on screen and paper."""

from __future__ import annotations

import io

import segno


def svg(text: str) -> str:
    """The text (an address, a tracking number) as an SVG drawing: dark on transparent, scaled by whoever shows it.

    Error correction M: still readable with a fold or a stamp over a small part.
    """
    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawing, kind="svg", border=0, dark="#16202b", xmldecl=False, omitsize=True, title=None
    )
    return drawing.getvalue().decode("utf-8").strip()
