"""Addresses of requests and reviews, public and for staff."""

from __future__ import annotations

from django.urls import path

from requests_app.corrections.urls import urlpatterns as corrections
from requests_app.views import (
    applicant,
    batches,
    filing,
    following,
    lists,
    own,
    papers,
    public,
    receipts,
    reply_papers,
    replying,
    staff,
    staff_reviews,
    statistics,
    together,
)

app_name = "requests_app"

public_pages = [
    path("requests/", lists.request_list, name="list"),
    path("requests/feed/", lists.RequestFeed(), name="feed"),
    path("requests/export.<str:kind>", lists.export, name="export"),
    path("requests/statistics/", statistics.statistics_page, name="statistics"),
    path("requests/statistics.csv", statistics.statistics_file, name="statistics-file"),
    path("requests/new/", filing.WhatPage.as_view(), name="new"),
    path("requests/new/agency/", filing.AgencyPage.as_view(), name="new-agency"),
    path("requests/new/you/", filing.YouPage.as_view(), name="new-you"),
    path("requests/new/check/", filing.CheckPage.as_view(), name="new-check"),
    path("requests/new/similar/", filing.similar, name="new-similar"),
    path("requests/track/", public.TrackPage.as_view(), name="track"),
    path("requests/papers/<uuid:pk>/", papers.paper, name="paper"),
    path("requests/<str:number>/", public.RequestPage.as_view(), name="request"),
    path("requests/<str:number>/follow/", following.FollowRequestPage.as_view(), name="follow"),
    path("data/<slug:slug>/follow/", following.FollowDatasetPage.as_view(), name="follow-dataset"),
    path("follow/confirm/<str:token>/", following.ConfirmFollowingPage.as_view(), name="confirm-following"),
    path("follow/end/<str:token>/", following.EndFollowingPage.as_view(), name="end-following"),
    path("me/requests/", own.MyRequestsPage.as_view(), name="my-requests"),
    path("me/following/", following.MyFollowingPage.as_view(), name="my-following"),
    path("me/following/<int:pk>/end/", following.UnfollowPage.as_view(), name="unfollow"),
    path("requests/<str:number>/receipt/", receipts.receipt, name="receipt"),
    path("requests/<str:number>/receipt.pdf", receipts.receipt_pdf, name="receipt-pdf"),
    path("requests/<str:number>/reply-<int:round>.pdf", receipts.reply_pdf, name="reply-pdf"),
    path("requests/<str:number>/due-day.ics", receipts.due_day_file, name="due-day"),
    path("requests/<str:number>/withdraw/", applicant.WithdrawPage.as_view(), name="withdraw"),
    path("requests/<str:number>/questions/<int:pk>/", applicant.AnswerPage.as_view(), name="answer"),
    path("requests/<str:number>/review/", applicant.ObjectPage.as_view(), name="object"),
    path("reviews/", public.review_list, name="reviews"),
    path("reviews/<str:number>/", public.ReviewPage.as_view(), name="review"),
    path("reviews/<str:number>/withdraw/", applicant.WithdrawReviewPage.as_view(), name="withdraw-review"),
]

case = "desk/requests/<str:number>/"
batch = "desk/requests/batch/<int:pk>/"
paper = f"{case}papers/<uuid:pk>/"
review = "desk/reviews/<str:number>/"

staff_pages = [
    path("desk/requests/", staff.WorkListPage.as_view(), name="work-list"),
    path("desk/requests/batch/", together.DraftTogetherPage.as_view(), name="work-draft-together"),
    path(batch, batches.BatchPage.as_view(), name="work-batch"),
    path(f"{batch}progress/", batches.BatchProgress.as_view(), name="work-batch-progress"),
    path(f"{batch}deliver/", batches.DeliverTogetherPage.as_view(), name="work-deliver-together"),
    path(f"{batch}return/", batches.ReturnTogetherPage.as_view(), name="work-return-together"),
    path(case, staff.WorkCasePage.as_view(), name="work-request"),
    path(f"{case}draft-reply/", replying.DraftReplyPage.as_view(), name="work-draft-reply"),
    path(f"{case}deliver/", replying.DeliverPage.as_view(), name="work-deliver"),
    path(f"{case}papers/", reply_papers.PapersPage.as_view(), name="work-papers"),
    path(f"{case}inspect-papers/", reply_papers.InspectPapersPage.as_view(), name="work-inspect-papers"),
    path(f"{paper}confirm/", reply_papers.ConfirmFindingsPage.as_view(), name="work-confirm-findings"),
    path(f"{paper}clean/", reply_papers.CleanPaperPage.as_view(), name="work-clean-paper"),
    path(f"{paper}remove/", reply_papers.RemovePaperPage.as_view(), name="work-remove-paper"),
    path(f"{case}return-draft/", replying.ReturnDraftPage.as_view(), name="work-return-draft"),
    path(f"{case}transfer/", replying.TransferPage.as_view(), name="work-transfer"),
    path(f"{case}ask-question/", replying.QuestionPage.as_view(), name="work-ask-question"),
    path(f"{case}assign-handler/", replying.HandlerPage.as_view(), name="work-assign-handler"),
    path(f"{case}link/", together.LinkPage.as_view(), name="work-link"),
    path(f"{case}unlink/", together.UnlinkPage.as_view(), name="work-unlink"),
    path(f"{case}fulfil/", replying.FulfilPage.as_view(), name="work-fulfil"),
    path(f"{case}reply-anew/", replying.ReplyAnewPage.as_view(), name="work-reply-anew"),
    path("desk/reviews/", staff_reviews.ReviewWorkListPage.as_view(), name="work-reviews"),
    path(review, staff_reviews.ReviewCasePage.as_view(), name="work-review"),
    path(f"{review}accept/", staff_reviews.AcceptPage.as_view(), name="work-review-accept"),
    path(f"{review}decline/", staff_reviews.DeclinePage.as_view(), name="work-review-decline"),
    path(f"{review}submit-statement/", staff_reviews.StatementPage.as_view(), name="work-review-submit-statement"),
    path(f"{review}uphold/", staff_reviews.UpholdPage.as_view(), name="work-review-uphold"),
    path(f"{review}change/", staff_reviews.ChangePage.as_view(), name="work-review-change"),
    path(f"{review}require-new-reply/", staff_reviews.NewReplyPage.as_view(), name="work-review-require-new-reply"),
]

urlpatterns = [*public_pages, *staff_pages, *corrections]
