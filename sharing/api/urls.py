"""Addresses of sharing under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from sharing.api.views import (
    access,
    applications,
    changes,
    coordinations,
    deferrals,
    edocuments,
    flags,
    grants,
    lists,
    rows,
    standing,
    subscriptions,
    verifying,
)
from sharing.materials.api.urls import urlpatterns as materials
from sharing.needs.api.urls import urlpatterns as needs

app_name = "sharing-api"
APPLICATION = "sharing/applications/<str:number>/"
COORDINATION = "sharing/coordinations/<str:number>/"
DEFERRAL = "sharing/deferrals/<int:pk>/"
AUTHORISATION = "sharing/authorisations/<int:pk>/"
GRANT = "sharing/grants/<int:pk>/"
SUBSCRIPTION = "sharing/subscriptions/<int:pk>/"
ENTRY = "sharing/entries/<path:code>/"
EDOCUMENT = "sharing/edocuments/<str:number>/"
DELIVERY = "sharing/edocument-deliveries/<str:number>/"

urlpatterns = [
    # what systems call all day stands first: addresses are tried one after another
    path(f"{GRANT}rows/", rows.GrantRowsView.as_view(), name="grant-rows"),
    path("sharing/applications/", applications.ApplicationsView.as_view(), name="applications"),
    path("sharing/applications/together/", applications.ApplyTogetherView.as_view(), name="apply-together"),
    path("sharing/papers/", applications.PapersView.as_view(), name="papers"),
    path("sharing/papers/<uuid:pk>/", applications.PaperView.as_view(), name="paper"),
    path(APPLICATION, applications.ApplicationView.as_view(), name="application"),
    path(f"{APPLICATION}reply/", applications.ReplyView.as_view(), name="reply"),
    path(f"{APPLICATION}draft-reply/", applications.DraftReplyView.as_view(), name="draft-reply"),
    path(f"{APPLICATION}withdraw/", applications.WithdrawView.as_view(), name="withdraw"),
    path(
        f"{APPLICATION}request-coordination/",
        applications.RequestCoordinationView.as_view(),
        name="request-coordination",
    ),
    path(f"{APPLICATION}grant-on-opinion/", applications.GrantOnOpinionView.as_view(), name="grant-on-opinion"),
    path("sharing/grants/", grants.GrantsView.as_view(), name="grants"),
    path(GRANT, grants.GrantView.as_view(), name="grant"),
    path(f"{GRANT}suspend/", grants.SuspendView.as_view(), name="suspend"),
    path(f"{GRANT}resume/", grants.ResumeView.as_view(), name="resume"),
    path(f"{GRANT}change/", grants.ChangeView.as_view(), name="change"),
    path(f"{GRANT}end/", grants.EndView.as_view(), name="end"),
    path(f"{GRANT}export.csv", rows.GrantFileView.as_view(), {"kind": "csv"}, name="grant-csv"),
    path(f"{GRANT}export.json", rows.GrantFileView.as_view(), {"kind": "json"}, name="grant-json"),
    path(f"{GRANT}changes/", changes.GrantChangesView.as_view(), name="grant-changes"),
    path(f"{GRANT}changes.csv", changes.GrantChangesFileView.as_view(), {"kind": "csv"}, name="grant-changes-csv"),
    path(f"{GRANT}changes.json", changes.GrantChangesFileView.as_view(), {"kind": "json"}, name="grant-changes-json"),
    path(f"{GRANT}verify/", verifying.GrantVerifyView.as_view(), name="grant-verify"),
    path(f"{GRANT}permit-verification/", verifying.PermitVerificationView.as_view(), name="permit-verification"),
    path(f"{ENTRY}verify/", verifying.EntryVerifyView.as_view(), name="entry-verify"),
    path("sharing/authorisations/", standing.AuthorisationsView.as_view(), name="authorisations"),
    path(AUTHORISATION, standing.AuthorisationView.as_view(), name="authorisation"),
    path(
        f"{AUTHORISATION}preview-change/",
        standing.PreviewAuthorisationChangeView.as_view(),
        name="preview-authorisation-change",
    ),
    path(f"{AUTHORISATION}change/", standing.ChangeAuthorisationView.as_view(), name="change-authorisation"),
    path(f"{AUTHORISATION}suspend/", standing.SuspendAuthorisationView.as_view(), name="suspend-authorisation"),
    path(f"{AUTHORISATION}resume/", standing.ResumeAuthorisationView.as_view(), name="resume-authorisation"),
    path(f"{AUTHORISATION}end/", standing.EndAuthorisationView.as_view(), name="end-authorisation"),
    *[path(f"sharing/lists/{which}/", view.as_view(), name=f"list-{which}") for which, view in lists.VIEWS.items()],
    path("sharing/takings/", grants.TakingsView.as_view(), name="takings"),
    path(f"{ENTRY}rows/", rows.EntryRowsView.as_view(), name="entry-rows"),
    path(f"{ENTRY}export.csv", rows.EntryFileView.as_view(), {"kind": "csv"}, name="entry-csv"),
    path(f"{ENTRY}export.json", rows.EntryFileView.as_view(), {"kind": "json"}, name="entry-json"),
    path(f"{ENTRY}changes/", changes.EntryChangesView.as_view(), name="entry-changes"),
    path(f"{ENTRY}changes.csv", changes.EntryChangesFileView.as_view(), {"kind": "csv"}, name="entry-changes-csv"),
    path(f"{ENTRY}changes.json", changes.EntryChangesFileView.as_view(), {"kind": "json"}, name="entry-changes-json"),
    path("sharing/subscriptions/", subscriptions.SubscriptionsView.as_view(), name="subscriptions"),
    path(SUBSCRIPTION, subscriptions.SubscriptionView.as_view(), name="subscription"),
    path(f"{SUBSCRIPTION}unsubscribe/", subscriptions.UnsubscribeView.as_view(), name="unsubscribe"),
    path(f"{SUBSCRIPTION}events/", subscriptions.SubscriptionEventsView.as_view(), name="subscription-events"),
    path(f"{GRANT}propose-deferral/", deferrals.ProposeDeferralView.as_view(), name="propose-deferral"),
    path(
        "sharing/takings/<int:pk>/propose-deferral/",
        deferrals.ProposeTakingDeferralView.as_view(),
        name="taking-propose-deferral",
    ),
    path("sharing/deferrals/", deferrals.DeferralsView.as_view(), name="deferrals"),
    path(DEFERRAL, deferrals.DeferralView.as_view(), name="deferral"),
    path(f"{DEFERRAL}confirm/", deferrals.ConfirmDeferralView.as_view(), name="confirm-deferral"),
    path(f"{DEFERRAL}decline/", deferrals.DeclineDeferralView.as_view(), name="decline-deferral"),
    path(f"{DEFERRAL}lift/", deferrals.LiftDeferralView.as_view(), name="lift-deferral"),
    path("sharing/readings/", access.ReadingsView.as_view(), name="readings"),
    path(f"{ENTRY}readings/", access.EntryReadingsView.as_view(), name="entry-readings"),
    path(f"{GRANT}readings/", access.GrantReadingsView.as_view(), name="grant-readings"),
    path("sharing/flags/", flags.FlagsView.as_view(), name="flags"),
    path("sharing/flags/<int:pk>/", flags.FlagView.as_view(), name="flag"),
    path("sharing/flags/<int:pk>/explain/", flags.ExplainView.as_view(), name="explain-flag"),
    path("sharing/flags/<int:pk>/suspend/", flags.SuspendView.as_view(), name="suspend-on-flag"),
    path("sharing/flags/<int:pk>/question/", flags.QuestionView.as_view(), name="question-on-flag"),
    path("sharing/coordinations/", coordinations.CoordinationsView.as_view(), name="coordinations"),
    path(COORDINATION, coordinations.CoordinationView.as_view(), name="coordination"),
    path(f"{COORDINATION}submit-statement/", coordinations.StatementView.as_view(), name="submit-statement"),
    path(f"{COORDINATION}conclude/", coordinations.ConcludeView.as_view(), name="conclude"),
    path(f"{COORDINATION}escalate/", coordinations.EscalateView.as_view(), name="escalate"),
    path(f"{COORDINATION}decide/", coordinations.DecideView.as_view(), name="decide"),
    path(
        f"{COORDINATION}withdraw-coordination/",
        coordinations.WithdrawCoordinationView.as_view(),
        name="withdraw-coordination",
    ),
    *materials,
    *needs,
    path("sharing/edocument-templates/", edocuments.TemplatesView.as_view(), name="document-templates"),
    path(
        "sharing/edocument-templates/<int:pk>/end/",
        edocuments.EndTemplateView.as_view(),
        name="end-document-template",
    ),
    path("sharing/edocuments/", edocuments.EDocumentsView.as_view(), name="edocuments"),
    path("sharing/edocuments/register/", edocuments.RegisterDocumentView.as_view(), name="register-document"),
    path("sharing/edocuments/find/", edocuments.FindDocumentsView.as_view(), name="find-documents"),
    path(EDOCUMENT, edocuments.EDocumentDetailView.as_view(), name="edocument"),
    path(f"{EDOCUMENT}file/", edocuments.EDocumentFileView.as_view(), name="edocument-file"),
    path(f"{EDOCUMENT}revoke/", edocuments.RevokeDocumentView.as_view(), name="revoke-document"),
    path(f"{EDOCUMENT}take/", edocuments.TakeDocumentView.as_view(), name="take-document"),
    path("sharing/edocument-deliveries/", edocuments.DeliveriesView.as_view(), name="deliveries"),
    path(DELIVERY, edocuments.DeliveryView.as_view(), name="delivery"),
    path(f"{DELIVERY}file/", edocuments.DeliveryFileView.as_view(), name="delivery-file"),
    path(f"{DELIVERY}certificate.pdf", edocuments.DeliveryCertificateView.as_view(), name="delivery-certificate"),
    path("edocuments/verify/", edocuments.VerifyDocumentView.as_view(), name="verify-document"),
]
