"""What a person may do with an entry now; the same list draws the buttons and the API's ``actions``."""

from __future__ import annotations

from dataclasses import replace

from catalog import policies, selectors
from catalog.collecting import is_shared, not_confirmed
from catalog.models import CatalogEntry, EntryRevision, SharingType
from catalog.workflow import WORKFLOW
from guiyang_data.accounts.models import User
from guiyang_data.faces.acts import Act, acts

ENTRY_VERBS = {"revise", "gather", "adjust", "withdraw", "delegate"}
"""Acts on the entry as a whole; the others are on one revision."""


def acts_on(
    user: User, entry: CatalogEntry, revision: EntryRevision, *, under_way: EntryRevision | None, complete: bool
) -> list[Act]:
    """The acts this person may do on the revision now; the next step of its way is the main one."""
    # restoring starts from a version of the data, correcting a day from a declared event
    hidden = {"supersede", "restore-data", "correct-event-day"}
    if under_way is not None:
        hidden |= {"revise", "withdraw"}
    if not complete:
        hidden.add("submit")
    if not _confidentiality_needed(revision):
        hidden.add("ask-confidentiality")
    if entry.in_force_id and entry.in_force_id != revision.pk:
        hidden |= {"adjust", "delegate"}
    shared = is_shared(revision)
    if not shared or not not_confirmed(revision):
        hidden.add("ask-co-collection")
    if shared and entry.in_force_id != revision.pk:
        hidden.add("gather")
    found = acts(
        user,
        revision,
        status=revision.status,
        workflow=WORKFLOW,
        policy=policies.POLICY,
        url=lambda verb: act_url(entry, revision, verb),
        hidden=hidden,
    )
    return _with_next_step_first(found)


def _confidentiality_needed(revision: EntryRevision) -> bool:
    if revision.sharing_type == SharingType.WITHHELD or not revision.items.exists():
        return False
    waiting = selectors.waiting_review(revision, "sharing")
    return waiting is None and not selectors.confidentiality_passed(revision, "sharing")


NEXT_STEPS = ("submit", "pass-review", "approve", "ask-co-collection", "ask-confidentiality", "edit", "gather")


def _with_next_step_first(found: list[Act]) -> list[Act]:
    verbs = {act.verb for act in found}
    main = next((verb for verb in NEXT_STEPS if verb in verbs), "")
    marked = [replace(act, main=act.verb == main) for act in found]
    return sorted(marked, key=lambda act: (act.dangerous, not act.main))


def act_url(entry: CatalogEntry, revision: EntryRevision, verb: str) -> str:
    """Where an act is done."""
    if verb == "gather":
        return f"{entry.get_absolute_url()}gather/?revision={revision.number}"
    if verb in ENTRY_VERBS:
        return f"{entry.get_absolute_url()}{verb}/"
    return f"{revision.get_absolute_url()}{verb}/"
