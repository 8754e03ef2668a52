"""What a person may do now on an e-document: the buttons of its page and the ``actions`` of the API."""

from __future__ import annotations

import datetime as dt

from guiyang_data.accounts.policies import Principal
from guiyang_data.faces.acts import Act, acts
from sharing.edocuments.policies import EDOCUMENT_POLICY
from sharing.edocuments.workflow import EDOCUMENT_WORKFLOW
from sharing.models import EDocument


def document_acts(user: Principal, document: EDocument, *, on: dt.date) -> list[Act]:
    """Acts on a document. One that has run out is taken no more."""
    found = acts(
        user,
        document,
        status=document.status,
        workflow=EDOCUMENT_WORKFLOW,
        policy=EDOCUMENT_POLICY,
        url=lambda verb: f"{document.get_absolute_url()}{verb}/",
        hidden=["take-document"] if document.has_run_out(on) else [],
    )
    # the consequence stands on the act's own page
    return [
        Act(
            verb=act.verb,
            label=act.label,
            url=act.url,
            dangerous=act.dangerous,
            article=act.article,
            main=not act.dangerous,
        )
        for act in found
    ]
