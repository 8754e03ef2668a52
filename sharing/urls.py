"""Pages of sharing between agencies."""

from __future__ import annotations

from django.urls import path

from sharing.lists.exporting import MEDIA
from sharing.lists.rows import LISTS
from sharing.materials.urls import urlpatterns as materials
from sharing.needs.urls import urlpatterns as needs
from sharing.views import (
    access,
    answering,
    application_acts,
    applications,
    changes,
    coordinations,
    data,
    deferrals,
    finding,
    flags,
    grants,
    listing,
    lists,
    own,
    standing,
    subscriptions,
    together,
    verifying,
)
from sharing.views.edocuments import issuing, taking, templates
from sharing.views.edocuments import verifying as document_verifying

app_name = "sharing"
HOME = "desk/sharing/"
ENTRY = f"{HOME}entries/<int:pk>/"
APPLICATION = f"{HOME}applications/<str:number>/"
STANDING = f"{HOME}authorisations/<int:pk>/"
GRANT = f"{HOME}grants/<int:pk>/"
TAKING = f"{HOME}takings/<int:pk>/"
SUBSCRIPTION = f"{HOME}subscriptions/<int:pk>/"
DEFERRAL = f"{HOME}deferrals/<int:pk>/"
COORDINATION = f"{HOME}coordinations/<str:number>/"
FLAG = f"{HOME}flags/<int:pk>/"
EDOCUMENTS = f"{HOME}edocuments/"
EDOCUMENT = f"{EDOCUMENTS}<str:number>/"
DOCUMENT_TEMPLATE = f"{EDOCUMENTS}templates/<int:pk>/"
DELIVERY = f"{EDOCUMENTS}taken/<str:number>/"

public_lists = [
    path(f"sharing/lists/{which}/", lists.PublicListPage.as_view(which=which), name=f"list-{which}") for which in LISTS
] + [
    path(
        f"sharing/lists/{which}.{kind}",
        lists.PublicListExport.as_view(which=which, kind=kind),
        name=f"list-{which}-{kind}",
    )
    for which in LISTS
    for kind in MEDIA
]

urlpatterns = [
    *public_lists,
    path(f"{HOME}listing/", listing.ListingPage.as_view(), name="listing"),
    path(f"{ENTRY}reserve-from-lists/", listing.ReservePage.as_view(), name="reserve-from-lists"),
    path(f"{ENTRY}release-to-lists/", listing.ReleasePage.as_view(), name="release-to-lists"),
    path(HOME, finding.FindPage.as_view(), name="home"),
    path(ENTRY, finding.EntryPage.as_view(), name="entry"),
    path(f"{ENTRY}take/", finding.TakePage.as_view(), name="take"),
    path(f"{ENTRY}apply/", application_acts.ApplyPage.as_view(), name="apply"),
    path(f"{HOME}apply/", together.ApplyTogetherPage.as_view(), name="apply-together"),
    path(f"{HOME}answering/", answering.AnsweringPage.as_view(), name="answering"),
    path(f"{HOME}papers/<uuid:pk>/", answering.paper, name="paper"),
    path(f"{ENTRY}grant/", grants.GrantStandingPage.as_view(), name="grant-standing"),
    path(f"{ENTRY}access/", access.EntryAccessPage.as_view(), name="entry-access"),
    path(f"{ENTRY}access/export.csv", access.EntryLogFile.as_view(), {"kind": "csv"}, name="entry-access-csv"),
    path(f"{ENTRY}access/proof.jsonl", access.EntryLogFile.as_view(), {"kind": "proof"}, name="entry-access-proof"),
    path(f"{TAKING}data/", data.TakingDataPage.as_view(), name="taking-data"),
    path(f"{TAKING}verify/", verifying.TakingVerifyPage.as_view(), name="taking-verify"),
    path(f"{TAKING}export.csv", data.TakingExportView.as_view(), {"kind": "csv"}, name="taking-csv"),
    path(f"{TAKING}export.excel.csv", data.TakingExportView.as_view(), {"kind": "excel"}, name="taking-excel"),
    path(f"{TAKING}export.json", data.TakingExportView.as_view(), {"kind": "json"}, name="taking-json"),
    path(f"{TAKING}changes/", changes.TakingChangesPage.as_view(), name="taking-changes"),
    path(f"{TAKING}changes.csv", changes.TakingChangesExportView.as_view(), {"kind": "csv"}, name="taking-changes-csv"),
    path(
        f"{TAKING}changes.excel.csv",
        changes.TakingChangesExportView.as_view(),
        {"kind": "excel"},
        name="taking-changes-excel",
    ),
    path(
        f"{TAKING}changes.json", changes.TakingChangesExportView.as_view(), {"kind": "json"}, name="taking-changes-json"
    ),
    path(f"{TAKING}subscribe/", subscriptions.TakingSubscribePage.as_view(), name="taking-subscribe"),
    path(f"{HOME}applications/", applications.ApplicationsPage.as_view(), name="applications"),
    path(APPLICATION, applications.ApplicationPage.as_view(), name="application"),
    path(f"{APPLICATION}draft-reply/", application_acts.DraftReplyPage.as_view(), name="draft-reply"),
    path(f"{APPLICATION}agree/", application_acts.AgreePage.as_view(), name="agree"),
    path(f"{APPLICATION}agree-in-part/", application_acts.AgreeInPartPage.as_view(), name="agree-in-part"),
    path(f"{APPLICATION}refuse/", application_acts.RefusePage.as_view(), name="refuse"),
    path(f"{APPLICATION}withdraw/", application_acts.WithdrawPage.as_view(), name="withdraw"),
    path(f"{APPLICATION}resubmit/", application_acts.ResubmitPage.as_view(), name="resubmit"),
    path(
        f"{APPLICATION}request-coordination/",
        application_acts.RequestCoordinationPage.as_view(),
        name="request-coordination",
    ),
    path(f"{APPLICATION}grant-on-opinion/", application_acts.GrantOnOpinionPage.as_view(), name="grant-on-opinion"),
    path(f"{HOME}grants/", grants.GrantsPage.as_view(), name="grants"),
    path(GRANT, grants.GrantPage.as_view(), name="grant"),
    path(f"{GRANT}data/", data.DataPage.as_view(), name="grant-data"),
    path(f"{GRANT}export.csv", data.ExportView.as_view(), {"kind": "csv"}, name="grant-csv"),
    path(f"{GRANT}export.excel.csv", data.ExportView.as_view(), {"kind": "excel"}, name="grant-excel"),
    path(f"{GRANT}export.json", data.ExportView.as_view(), {"kind": "json"}, name="grant-json"),
    path(f"{GRANT}changes/", changes.ChangesPage.as_view(), name="grant-changes"),
    path(f"{GRANT}changes.csv", changes.ChangesExportView.as_view(), {"kind": "csv"}, name="grant-changes-csv"),
    path(
        f"{GRANT}changes.excel.csv", changes.ChangesExportView.as_view(), {"kind": "excel"}, name="grant-changes-excel"
    ),
    path(f"{GRANT}changes.json", changes.ChangesExportView.as_view(), {"kind": "json"}, name="grant-changes-json"),
    path(f"{GRANT}subscribe/", subscriptions.SubscribePage.as_view(), name="grant-subscribe"),
    path(f"{GRANT}verify/", verifying.VerifyPage.as_view(), name="grant-verify"),
    path(f"{GRANT}permit-verification/", verifying.PermitVerificationPage.as_view(), name="permit-verification"),
    path(f"{GRANT}access/", access.GrantAccessPage.as_view(), name="grant-access"),
    path(f"{GRANT}access/export.csv", access.GrantLogFile.as_view(), {"kind": "csv"}, name="grant-access-csv"),
    path(f"{GRANT}access/proof.jsonl", access.GrantLogFile.as_view(), {"kind": "proof"}, name="grant-access-proof"),
    path(f"{GRANT}suspend/", grants.SuspendPage.as_view(), name="suspend"),
    path(f"{GRANT}resume/", grants.ResumePage.as_view(), name="resume"),
    path(f"{GRANT}change/", grants.ChangePage.as_view(), name="change"),
    path(f"{GRANT}end/", grants.EndPage.as_view(), name="end"),
    path(f"{HOME}subscriptions/", subscriptions.SubscriptionsPage.as_view(), name="subscriptions"),
    path(SUBSCRIPTION, subscriptions.SubscriptionPage.as_view(), name="subscription"),
    path(f"{SUBSCRIPTION}unsubscribe/", subscriptions.UnsubscribePage.as_view(), name="unsubscribe"),
    path(STANDING, standing.StandingPage.as_view(), name="standing"),
    path(f"{STANDING}change/", standing.ChangeStandingPage.as_view(), name="change-standing"),
    path(f"{STANDING}suspend/", standing.SuspendStandingPage.as_view(), name="suspend-standing"),
    path(f"{STANDING}resume/", standing.ResumeStandingPage.as_view(), name="resume-standing"),
    path(f"{STANDING}end/", standing.EndStandingPage.as_view(), name="end-standing"),
    path(f"{HOME}coordinations/", coordinations.CoordinationsPage.as_view(), name="coordinations"),
    path(COORDINATION, coordinations.CoordinationPage.as_view(), name="coordination"),
    path(f"{COORDINATION}submit-statement/", coordinations.StatementPage.as_view(), name="submit-statement"),
    path(f"{COORDINATION}conclude-provide/", coordinations.ProvidePage.as_view(), name="conclude-provide"),
    path(f"{COORDINATION}conclude-keep/", coordinations.KeepPage.as_view(), name="conclude-keep"),
    path(f"{COORDINATION}escalate/", coordinations.EscalatePage.as_view(), name="escalate"),
    path(f"{COORDINATION}decide-provide/", coordinations.DecideProvidePage.as_view(), name="decide-provide"),
    path(f"{COORDINATION}decide-keep/", coordinations.DecideKeepPage.as_view(), name="decide-keep"),
    path(
        f"{COORDINATION}withdraw-coordination/",
        coordinations.WithdrawCoordinationPage.as_view(),
        name="withdraw-coordination",
    ),
    path(f"{GRANT}propose-deferral/", deferrals.ProposeDeferralPage.as_view(), name="propose-deferral"),
    path(f"{TAKING}propose-deferral/", deferrals.ProposeTakingDeferralPage.as_view(), name="taking-propose-deferral"),
    path(f"{HOME}deferrals/", deferrals.DeferralsPage.as_view(), name="deferrals"),
    path(DEFERRAL, deferrals.DeferralPage.as_view(), name="deferral"),
    path(f"{DEFERRAL}confirm-deferral/", deferrals.ConfirmDeferralPage.as_view(), name="confirm-deferral"),
    path(f"{DEFERRAL}decline-deferral/", deferrals.DeclineDeferralPage.as_view(), name="decline-deferral"),
    path(f"{DEFERRAL}lift-deferral/", deferrals.LiftDeferralPage.as_view(), name="lift-deferral"),
    path(f"{HOME}counter/", own.CounterPage.as_view(), name="counter"),
    path("me/data-use/", own.DataUsePage.as_view(), name="data-use"),
    path("me/data-use/progress/", own.ProgressPart.as_view(), name="data-use-progress"),
    path(f"{HOME}access/", access.AccessPage.as_view(), name="access"),
    path(f"{HOME}access/export.csv", access.LogFile.as_view(), {"kind": "csv"}, name="access-csv"),
    path(f"{HOME}access/proof.jsonl", access.LogFile.as_view(), {"kind": "proof"}, name="access-proof"),
    path(f"{HOME}flags/", flags.FlagsPage.as_view(), name="flags"),
    path(f"{HOME}flags/rules/", flags.RulesPage.as_view(), name="watch-rules"),
    path(f"{HOME}flags/rules/<str:kind>/", flags.SetRulePage.as_view(), name="set-watch-rule"),
    path(FLAG, flags.FlagPage.as_view(), name="flag"),
    path(f"{FLAG}explain/", flags.ExplainPage.as_view(), name="explain-flag"),
    path(f"{FLAG}suspend/", flags.SuspendPage.as_view(), name="suspend-on-flag"),
    path(f"{FLAG}question/", flags.QuestionPage.as_view(), name="question-on-flag"),
    *materials,
    *needs,
    path(f"{ENTRY}document-template/", templates.SetTemplatePage.as_view(), name="set-document-template"),
    path(EDOCUMENTS, issuing.DocumentsPage.as_view(), name="edocuments"),
    path(f"{EDOCUMENTS}templates/", templates.TemplatesPage.as_view(), name="document-templates"),
    path(f"{DOCUMENT_TEMPLATE}issue/", issuing.IssuePage.as_view(), name="issue-document"),
    path(f"{DOCUMENT_TEMPLATE}register/", issuing.RegisterPage.as_view(), name="register-document"),
    path(f"{DOCUMENT_TEMPLATE}end/", templates.EndTemplatePage.as_view(), name="end-document-template"),
    path(f"{EDOCUMENTS}find/", taking.FindDocumentsPage.as_view(), name="find-documents"),
    path(f"{EDOCUMENTS}taken/", taking.DeliveriesPage.as_view(), name="deliveries"),
    path(DELIVERY, taking.DeliveryPage.as_view(), name="delivery"),
    path(f"{DELIVERY}file/", taking.DeliveryFileView.as_view(), name="delivery-file"),
    path(f"{DELIVERY}certificate.pdf", taking.DeliveryCertificateView.as_view(), name="delivery-certificate"),
    path(EDOCUMENT, issuing.DocumentPage.as_view(), name="edocument"),
    path(f"{EDOCUMENT}file/", issuing.DocumentFileView.as_view(), name="edocument-file"),
    path(f"{EDOCUMENT}take-document/", taking.TakePage.as_view(), name="take-document"),
    path(f"{EDOCUMENT}revoke-document/", issuing.RevokePage.as_view(), name="revoke-document"),
    path("edocuments/verify/", document_verifying.verify_page, name="verify-document"),
    path("edocuments/verify/<str:code>/", document_verifying.VerifiedPage.as_view(), name="verified-document"),
]
