"""The portal's own icons: one stroked path each on a 24 by 24 grid."""

from __future__ import annotations

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

PATHS = {
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5V12l3 2",
    "hourglass": "M6 3h12M6 21h12M7.5 3v4L12 12l4.5-5V3M7.5 21v-4L12 12l4.5 5v4",
    "alarm": "M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1",
    "done": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12.2l2.8 2.8 5.2-5.6",
    "stopped": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9.5 9.5h5v5h-5z",
    "information": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5M12 7.8v.1",
    "cross": "M6 6l12 12M18 6 6 18",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.3 15.3 20 20",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "down": "M6 9.5l6 6 6-6",
    "up": "M6 14.5l6-6 6 6",
    "lock": "M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4",
    "download": "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4.5 20h15",
    "print": "M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z",
}
CLOCK_ICONS = {
    "on_time": "clock",
    "near": "hourglass",
    "late": "alarm",
    "stopped_on_time": "done",
    "stopped_late": "stopped",
}


@cache
def icon(name: str) -> SafeString:
    """The icon as inline SVG, silent for screen readers: the words beside it carry the meaning."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>', PATHS[name]
    )
