"""Who probably holds the data somebody asks for, and why we think so, in words."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.selectors import open_catalogue, sharing_catalogue
from guiyang_data.accounts.models import Agency
from guiyang_data.search.like import like, telling
from guiyang_data.search.selectors import Hit
from requests_app.models import OpenRequest
from requests_app.selectors import DATA_KINDS, REQUEST_KINDS, agencies_asked

ENTRY_KINDS = ("catalog-entry",)
CORE_OF_NAME = re.compile(r"^(贵阳市|市|县|区)|(发展管理局|管理委员会|管理局|委员会|监督局|局|委|办|厅|中心|人民政府)$")
NAMED, PARTLY_NAMED, ENTRY, DATASET, ANSWERED, ASKED = 20.0, 5.0, 3.0, 3.0, 2.0, 1.0
"""What each kind of reason weighs."""
LOOKED_AT = 10
"""How many entries, data sets and requests like the text are looked at, of each."""
MOST_REASONS = 2
TOLD_SIGNS = 4
"""Characters of the question in a title from which it counts in full; one common word, or none, says little."""


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """An agency to ask, with the reasons why, the strongest first."""

    agency: Agency
    reasons: tuple[str, ...]


class Votes:
    """Reasons by agency code, with their weight."""

    def __init__(self) -> None:
        self.reasons: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)

    def add(self, code: str, weight: float, reason: str, place: int = 0) -> None:
        """One reason; what was found further down weighs less."""
        self.reasons[code].append((weight * (1 - place / (2 * LOOKED_AT)), reason))

    def ranked(self, limit: int, agencies: dict[str, Agency]) -> list[Suggested]:
        """The agencies with most weight that can be asked."""
        able = [(code, found) for code, found in self.reasons.items() if code in agencies]
        able.sort(key=lambda pair: (-sum(weight for weight, _reason in pair[1]), pair[0]))
        return [
            Suggested(
                agency=agencies[code],
                reasons=tuple(reason for _weight, reason in sorted(found, key=lambda one: -one[0])[:MOST_REASONS]),
            )
            for code, found in able[:limit]
        ]


def suggested_agencies(text: str, *, limit: int = 4) -> list[Suggested]:
    """Agencies that probably hold the data: named in the words, or holding or having answered what is like it.

    Read from the words, the public catalogues with their information items, open data, and past requests.
    """
    agencies = {agency.code: agency for agency in agencies_asked()}
    votes = Votes()
    _by_name(votes, agencies, text)
    if len(text.strip()) >= 2:
        _by_catalogue(votes, text)
        for place, hit in enumerate(like(text, kinds=DATA_KINDS, limit=LOOKED_AT)):
            reason = _("开放数据《%(title)s》由该机关提供") % {"title": hit.title}
            votes.add(hit.agency_code, DATASET * _told(hit), reason, place)
        _by_requests(votes, like(text, kinds=REQUEST_KINDS, limit=LOOKED_AT))
    return votes.ranked(limit, agencies)


def _told(hit: Hit) -> float:
    """0.25 to 1.25: how much of what is asked for stands in the title of what was found."""
    signs = sum(len(piece.text) for piece in hit.title_pieces if piece.is_marked)
    return 0.25 + min(signs, TOLD_SIGNS) / TOLD_SIGNS


def _by_name(votes: Votes, agencies: dict[str, Agency], text: str) -> None:
    for agency in agencies.values():
        core = CORE_OF_NAME.sub("", CORE_OF_NAME.sub("", agency.short_name))
        if agency.name in text or agency.short_name in text:
            votes.add(agency.code, NAMED, _("您写的内容提到了该机关"))
        elif len(core) >= 2 and core in text:
            votes.add(agency.code, PARTLY_NAMED, _("您写的内容与该机关的名称相近（%(core)s）") % {"core": core})


def _by_catalogue(votes: Votes, text: str) -> None:
    """The index holds entries for staff; only what the municipal catalogues publish is told here (第十一条第三款)."""
    hits = like(text, kinds=ENTRY_KINDS, limit=LOOKED_AT, public_only=False)
    keys = [int(hit.key) for hit in hits]
    told = {int(hit.key): _told(hit) for hit in hits}
    public = (sharing_catalogue() | open_catalogue()).filter(pk__in=keys).prefetch_related("in_force__items")
    entries = {entry.pk: entry for entry in public}
    words = [term.word for term in telling(text)]
    for place, key in enumerate(keys):
        entry = entries.get(key)
        if entry is None or entry.in_force is None:
            continue
        title = entry.in_force.title
        items = [item.name for item in entry.in_force.items.all() if any(word in item.name for word in words)]
        if items and not any(word in title for word in words):
            given = {"title": title, "items": "、".join(items[:2])}
            reason = _("目录条目《%(title)s》含信息项「%(items)s」，由该机关提供") % given
        else:
            reason = _("目录条目《%(title)s》由该机关提供") % {"title": title}
        votes.add(entry.provider.code, ENTRY * told[key], reason, place)


def _by_requests(votes: Votes, hits: tuple[Hit, ...]) -> None:
    rows = OpenRequest.objects.filter(number__in=[hit.key for hit in hits]).select_related("agency")
    requests = {request.number: request for request in rows}
    for place, hit in enumerate(hits):
        request = requests.get(hit.key)
        if request is None:
            continue
        words = _("答复过类似申请 %(number)s") if request.is_replied else _("正在办理类似申请 %(number)s")
        weight = ANSWERED if request.is_replied else ASKED
        votes.add(request.agency.code, weight * _told(hit), words % {"number": request.number}, place)
