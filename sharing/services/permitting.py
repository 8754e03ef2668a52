"""The provider says what may be verified through a grant, and whether its rows may be read besides (第十二条第三款)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from guiyang_data.accounts.models import User
from guiyang_data.ledger.services import record
from sharing.models import SharingGrant
from sharing.policies import GRANT_POLICY
from sharing.services.checks import revision_in_force
from sharing.services.locking import lock_entry, lock_grant
from sharing.services.telling import tell
from sharing.services.verification import Permitted, known_terms, set_terms
from sharing.workflow import GRANT_WORKFLOW, RIGHT


@transaction.atomic
def permit_verification(*, grant_id: int, by: User, at: dt.datetime, terms: Permitted) -> SharingGrant:
    """Let the grant's holder verify; what may be compared need not be granted. The last terms stand."""
    entry_id = SharingGrant.objects.filter(pk=grant_id).values_list("entry", flat=True).first()
    entry = lock_entry(entry_id or 0)
    grant = lock_grant(grant_id)
    GRANT_POLICY.require(by, "permit-verification", grant)
    GRANT_WORKFLOW.target("permit-verification", grant.status)
    said = known_terms(terms, revision_in_force(entry), granted=grant.items)
    set_terms(grant, said, by=by, at=at)
    record(grant, "permit-verification", by=by, at=at, basis=RIGHT, payload=said)
    title = f"可以核验：{grant.title}（{entry.provider.short_name}）"
    tell(grant.grantee, grant, "permit-verification", title=title, at=at, basis=RIGHT)
    return grant
