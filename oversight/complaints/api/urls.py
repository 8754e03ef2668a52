"""Addresses of complaints under ``/api/v1/complaints/``."""

from __future__ import annotations

from django.urls import path

from oversight.complaints.api import handling, public

receipt = "complaints/receipts/<int:pk>/"

urlpatterns = [
    path("complaints/", public.Filing.as_view(), name="complaints"),
    path("complaints/receivers/", public.ReceiverList.as_view(), name="complaint-receivers"),
    path("complaints/statistics/", public.Statistics.as_view(), name="complaint-statistics"),
    path("complaints/statements/", handling.StatementList.as_view(), name="statements"),
    path("complaints/statements/<int:pk>/", handling.GiveStatement.as_view(), name="statement"),
    path("complaints/receipts/", handling.ReceiptList.as_view(), name="receipts"),
    path(receipt, handling.ReceiptDetail.as_view(), name="receipt"),
    path(f"{receipt}receive/", handling.Receive.as_view(), name="receipt-receive"),
    path(f"{receipt}ask-question/", handling.AskQuestion.as_view(), name="receipt-ask-question"),
    path(f"{receipt}ask-statement/", handling.AskStatement.as_view(), name="receipt-ask-statement"),
    path(f"{receipt}add-note/", handling.AddNote.as_view(), name="receipt-add-note"),
    path(f"{receipt}answer/", handling.Answer.as_view(), name="receipt-answer"),
    path(f"{receipt}decline/", handling.Decline.as_view(), name="receipt-decline"),
    path(f"{receipt}draft-finding/", handling.DraftFinding.as_view(), name="receipt-draft-finding"),
    path(f"{receipt}transfer/", handling.Transfer.as_view(), name="receipt-transfer"),
    path(f"{receipt}hand-off/", handling.HandOff.as_view(), name="receipt-hand-off"),
    path(f"{receipt}record-answer/", handling.RecordAnswer.as_view(), name="receipt-record-answer"),
    path("complaints/<str:number>/", public.Own.as_view(), name="complaint"),
    path("complaints/<str:number>/withdraw/", public.Withdraw.as_view(), name="complaint-withdraw"),
    path("complaints/<str:number>/answer-question/", public.AnswerQuestion.as_view(), name="complaint-answer"),
]
