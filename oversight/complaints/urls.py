"""Addresses of complaints, public and at the desk; ``oversight.urls`` takes them in."""

from __future__ import annotations

from django.urls import path

from oversight.complaints.views import filing, handling, own, papers, public, repeated, staff

public_pages = [
    path("complaints/", public.about, name="complaints"),
    path("complaints/new/", filing.MatterPage.as_view(), name="complaint-new"),
    path("complaints/new/receivers/", filing.ReceiversPage.as_view(), name="complaint-new-receivers"),
    path("complaints/new/you/", filing.YouPage.as_view(), name="complaint-new-you"),
    path("complaints/new/check/", filing.CheckPage.as_view(), name="complaint-new-check"),
    path("complaints/track/", public.TrackPage.as_view(), name="complaint-track"),
    path("complaints/papers/<uuid:pk>/", papers.paper, name="complaint-paper"),
    path("complaints/repeated/<int:pk>/", repeated.RepeatedDemandPage.as_view(), name="repeated-demand"),
    path("complaints/<str:number>/", public.ComplaintPage.as_view(), name="complaint"),
    path("complaints/<str:number>/receipt/", own.receipt, name="complaint-receipt"),
    path("complaints/<str:number>/receipt.pdf", own.receipt_pdf, name="complaint-receipt-pdf"),
    path("complaints/<str:number>/due-day.ics", own.due_day_file, name="complaint-due-day"),
    path("complaints/<str:number>/withdraw/", own.WithdrawPage.as_view(), name="complaint-withdraw"),
    path("complaints/<str:number>/questions/<int:pk>/", own.AnswerQuestionPage.as_view(), name="complaint-answer"),
]

case = "desk/complaints/<int:pk>/"

staff_pages = [
    path("desk/complaints/", staff.WorkListPage.as_view(), name="work-complaints"),
    path("desk/complaints/statements/", staff.StatementListPage.as_view(), name="statements"),
    path("desk/complaints/statements/<int:pk>/", handling.GiveStatement.as_view(), name="statement"),
    path(case, staff.WorkCasePage.as_view(), name="receipt"),
    path(f"{case}receive/", handling.Receive.as_view(), name="receipt-receive"),
    path(f"{case}ask-question/", handling.AskQuestion.as_view(), name="receipt-ask-question"),
    path(f"{case}ask-statement/", handling.AskStatement.as_view(), name="receipt-ask-statement"),
    path(f"{case}add-note/", handling.AddNote.as_view(), name="receipt-add-note"),
    path(f"{case}answer/", handling.Answer.as_view(), name="receipt-answer"),
    path(f"{case}decline/", handling.Decline.as_view(), name="receipt-decline"),
    path(f"{case}draft-finding/", handling.DraftFinding.as_view(), name="receipt-draft-finding"),
    path(f"{case}transfer/", handling.Transfer.as_view(), name="receipt-transfer"),
    path(f"{case}hand-off/", handling.HandOff.as_view(), name="receipt-hand-off"),
    path(f"{case}record-answer/", handling.RecordAnswer.as_view(), name="receipt-record-answer"),
    path(f"{case}letter.pdf", handling.letter, name="receipt-letter"),
]

urlpatterns = [*public_pages, *staff_pages]
