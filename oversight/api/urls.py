"""Addresses of oversight under ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from oversight.agencies.api.urls import urlpatterns as agencies
from oversight.api import views
from oversight.complaints.api.urls import urlpatterns as complaints
from oversight.rulebook.api.urls import urlpatterns as rulebook

app_name = "oversight-api"

urlpatterns = [
    *complaints,
    *rulebook,
    *agencies,
    path("oversight/overdue/", views.OverdueList.as_view(), name="overdue"),
    path("oversight/escalations/", views.EscalationList.as_view(), name="escalations"),
    path("oversight/escalations/<int:pk>/", views.EscalationDetail.as_view(), name="escalation"),
    path("oversight/escalations/<int:pk>/urge/", views.Urge.as_view(), name="urge"),
    path("oversight/escalations/<int:pk>/conclude/", views.Conclude.as_view(), name="conclude"),
    path("oversight/escalations/<int:pk>/find-ignored/", views.FindIgnored.as_view(), name="find-ignored"),
    path("oversight/findings/", views.FindingList.as_view(), name="findings"),
    path("oversight/findings/<int:pk>/", views.FindingDetail.as_view(), name="finding"),
    path("oversight/findings/<int:pk>/confirm/", views.Confirm.as_view(), name="confirm"),
    path("oversight/findings/<int:pk>/dismiss/", views.Dismiss.as_view(), name="dismiss"),
    path("oversight/findings/<int:pk>/order/", views.Order.as_view(), name="order-rectification"),
    path("oversight/orders/", views.OrderList.as_view(), name="orders"),
    path("oversight/orders/<str:number>/", views.OrderDetail.as_view(), name="order"),
    path("oversight/orders/<str:number>/report/", views.Report.as_view(), name="report"),
    path("oversight/orders/<str:number>/accept/", views.Accept.as_view(), name="accept"),
    path("oversight/orders/<str:number>/reject/", views.Reject.as_view(), name="reject"),
    path("oversight/orders/<str:number>/recommend-discipline/", views.Recommend.as_view(), name="recommend-discipline"),
    path("oversight/orders/<str:number>/drop-discipline/", views.Drop.as_view(), name="drop-discipline"),
]
