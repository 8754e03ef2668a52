"""Files of what was never filed: nobody reads them any more, so they are kept no longer."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from guiyang_data.attachments.models import DRAFT, Attachment
from guiyang_data.attachments.services.inspecting import remove

KEPT = dt.timedelta(days=1)
"""Longer than any session lasts in which something is written."""
MOST = 200
"""Files of one run; the next one goes on."""


@transaction.atomic
def forget_drafts(*, at: dt.datetime) -> int:
    """Remove files that were uploaded for something nobody filed within a day; returns how many."""
    old = Attachment.objects.filter(subject__startswith=DRAFT, uploaded_at__lt=at - KEPT).order_by("uploaded_at")
    rows = list(old.select_for_update(skip_locked=True, of=("self",))[:MOST])
    for row in rows:
        remove(row)
    return len(rows)
