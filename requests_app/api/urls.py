"""Addresses under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from requests_app.api import filing, papers, reviews, together, views
from requests_app.corrections.api.urls import urlpatterns as corrections

app_name = "requests_app-api"

case = "requests/<str:number>/"
batch = "reply-batches/<int:pk>/"
paper = f"{case}reply-papers/<uuid:pk>/"
review = "reviews/<str:number>/"

urlpatterns = [
    *corrections,
    path("requests/", filing.RequestListView.as_view(), name="requests"),
    path("requests/statistics/", filing.StatisticsView.as_view(), name="statistics"),
    path("follows/", filing.FollowListView.as_view(), name="follows"),
    path("follows/<int:pk>/", filing.FollowView.as_view(), name="follow"),
    path(case, views.RequestView.as_view(), name="request"),
    path(f"{case}draft-reply/", views.DraftReplyView.as_view(), name="draft-reply"),
    path(f"{case}reply-papers/", papers.PapersView.as_view(), name="reply-papers"),
    path(f"{paper}", papers.PaperView.as_view(), name="reply-paper"),
    path(f"{paper}confirm/", papers.ConfirmFindingsView.as_view(), name="confirm-findings"),
    path(f"{paper}clean/", papers.CleanPaperView.as_view(), name="clean-paper"),
    path(f"{case}deliver/", views.DeliverView.as_view(), name="deliver"),
    path(f"{case}return-draft/", views.ReturnDraftView.as_view(), name="return-draft"),
    path(f"{case}transfer/", views.TransferView.as_view(), name="transfer"),
    path(f"{case}ask-question/", views.AskQuestionView.as_view(), name="ask-question"),
    path(f"{case}answer-question/", views.AnswerView.as_view(), name="answer-question"),
    path(f"{case}fulfil/", views.FulfilView.as_view(), name="fulfil"),
    path(f"{case}reply-anew/", views.ReplyAnewView.as_view(), name="reply-anew"),
    path(f"{case}link/", together.LinkView.as_view(), name="link"),
    path(f"{case}unlink/", together.UnlinkView.as_view(), name="unlink"),
    path(f"{case}withdraw/", views.WithdrawView.as_view(), name="withdraw"),
    path(f"{case}reviews/", reviews.ApplyReviewView.as_view(), name="apply-review"),
    path("reply-batches/", together.BatchListView.as_view(), name="reply-batches"),
    path(batch, together.BatchView.as_view(), name="reply-batch"),
    path(f"{batch}deliver/", together.DeliverTogetherView.as_view(), name="deliver-together"),
    path(f"{batch}return/", together.ReturnTogetherView.as_view(), name="return-together"),
    path("reviews/", reviews.ReviewListView.as_view(), name="reviews"),
    path(review, reviews.ReviewView.as_view(), name="review"),
    path(f"{review}accept/", reviews.AcceptView.as_view(), name="accept"),
    path(f"{review}decline/", reviews.DeclineView.as_view(), name="decline"),
    path(f"{review}statements/", reviews.StatementView.as_view(), name="statements"),
    path(f"{review}decide/", reviews.DecideView.as_view(), name="decide"),
    path(f"{review}withdraw/", reviews.WithdrawReviewView.as_view(), name="withdraw-review"),
]
