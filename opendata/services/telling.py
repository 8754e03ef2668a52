"""Telling whoever follows a data set that it has a new version, or that it was taken back."""

from __future__ import annotations

import datetime as dt

from guiyang_data.ledger.models import Event
from guiyang_data.notices.following import tell_followers
from opendata.models import OpenDataset

TOLD = {"publish", "withdraw-dataset"}


def tell_of(event: Event, at: dt.datetime) -> int:
    """Called for each such event; returns how many were told."""
    dataset = OpenDataset.objects.filter(slug=str(event.payload.get("dataset", ""))).first()
    if dataset is None:
        return 0
    if event.verb == "publish":
        number = int(event.payload.get("version", 0))
        title, body = f"您关注的数据集有了新的版本：{dataset.title}", f"现在可以取得第 {number} 版。"
    else:
        title, body = f"您关注的数据集已撤回：{dataset.title}", "撤回的理由见数据集的页面。"
    return tell_followers(
        dataset,
        occasion=f"{event.verb}:{event.pk}",
        title=title,
        body=body,
        path=dataset.get_absolute_url(),
        happened_at=event.at,
        at=at,
        basis=event.basis,
    )
