"""Pages of oversight, from the root."""

from __future__ import annotations

from django.urls import path

from oversight.agencies.urls import urlpatterns as agencies
from oversight.complaints.urls import urlpatterns as complaints
from oversight.exports.urls import urlpatterns as exports
from oversight.rulebook.urls import urlpatterns as rulebook
from oversight.views import acting, pages

app_name = "oversight"

WORK = "desk/oversight/"

urlpatterns = [
    *complaints,
    *rulebook,
    *exports,
    *agencies,
    path("publicity/", pages.Publicity.as_view(), name="publicity"),
    path(WORK, pages.Board.as_view(), name="board"),
    path(f"{WORK}escalations/", pages.Escalations.as_view(), name="escalations"),
    path(f"{WORK}escalations/<int:pk>/", pages.EscalationPage.as_view(), name="escalation"),
    path(f"{WORK}escalations/<int:pk>/urge/", acting.Urge.as_view(), name="urge"),
    path(f"{WORK}escalations/<int:pk>/conclude/", acting.Conclude.as_view(), name="conclude"),
    path(f"{WORK}escalations/<int:pk>/find-ignored/", acting.FindIgnored.as_view(), name="find-ignored"),
    path(f"{WORK}findings/", pages.Findings.as_view(), name="findings"),
    path(f"{WORK}findings/<int:pk>/", pages.FindingPage.as_view(), name="finding"),
    path(f"{WORK}findings/<int:pk>/confirm/", acting.Confirm.as_view(), name="confirm"),
    path(f"{WORK}findings/<int:pk>/dismiss/", acting.Dismiss.as_view(), name="dismiss"),
    path(f"{WORK}findings/<int:pk>/order/", acting.Order.as_view(), name="order-rectification"),
    path(f"{WORK}orders/", pages.Orders.as_view(), name="orders"),
    path(f"{WORK}orders/<str:number>/", pages.OrderPage.as_view(), name="order"),
    path(f"{WORK}orders/<str:number>/report/", acting.Report.as_view(), name="report"),
    path(f"{WORK}orders/<str:number>/accept/", acting.Accept.as_view(), name="accept"),
    path(f"{WORK}orders/<str:number>/reject/", acting.Reject.as_view(), name="reject"),
    path(f"{WORK}orders/<str:number>/recommend-discipline/", acting.Recommend.as_view(), name="recommend-discipline"),
    path(f"{WORK}orders/<str:number>/drop-discipline/", acting.Drop.as_view(), name="drop-discipline"),
]
