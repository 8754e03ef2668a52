"""Papers as PDF: receipts, certificates, reports. A template says how they look, the data comes beside it as JSON."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import orjson
import typst
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

TEMPLATE_NAME = re.compile(r"[a-z][a-z0-9_]*")
CHINESE_FAMILIES = frozenset(
    {
        "Noto Sans SC",
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "WenQuanYi Micro Hei",
        "PingFang SC",
        "Microsoft YaHei",
    }
)
"""The families the templates ask for, in their order there; the first comes with the set-up."""
EPOCH = 0
"""Papers carry their own date in words; a constant stamp inside the file makes equal data give equal bytes."""
_held = threading.local()


def render(template: str, data: Mapping[str, object], *, archival: bool = False) -> bytes:
    """The paper ``templates/documents/<template>.typ`` filled with ``data``, as tagged PDF.

    ``data`` is anything JSON can carry (dates are written as ISO text); what it must hold stands at the head of
    each template. Nothing of it is ever read as code. ``archival``: as PDF/A-3a, which may carry its data inside.
    Safe in threads: each keeps a compiler of its own over the same fonts. A template that does not exist is a
    ``ValueError``, one that fails a ``typst.TypstError``.
    """
    path = _templates() / f"{template}.typ"
    if not TEMPLATE_NAME.fullmatch(template) or not path.is_file():
        raise ValueError(f"no document template {template!r}")
    content = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS).decode("utf-8")
    made = _compiler().compile(
        input=str(path),
        format="pdf",
        sys_inputs={"data": content},
        timestamp=EPOCH,
        pdf_standards=["a-3a"] if archival else [],
    )
    if not isinstance(made, bytes):
        raise TypeError("one PDF was expected")
    return made


def _templates() -> Path:
    return Path(settings.BASE_DIR) / "templates" / "documents"


def _compiler() -> typst.Compiler:
    fonts = _fonts(str(settings.DOCUMENT_FONT_DIR))
    if getattr(_held, "fonts", None) is not fonts:
        _held.compiler = typst.Compiler(root=str(_templates()), font_paths=fonts)
        _held.fonts = fonts
    return _held.compiler


@lru_cache(maxsize=4)
def _fonts(folder: str) -> typst.Fonts:
    """The fonts of the set-up, and those of the system for what they lack.

    Without any Chinese font a paper would come out empty and without an error, hence the check.
    """
    own = [folder] if Path(folder).is_dir() else []
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=own)
    if not set(fonts.families()) & CHINESE_FAMILIES:
        raise ImproperlyConfigured(f"no Chinese font, neither in DOCUMENT_FONT_DIR ({folder}) nor on this system")
    return fonts
