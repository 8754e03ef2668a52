"""Addresses of accounts."""

from __future__ import annotations

from django.urls import path

from guiyang_data.accounts.views import agency, entrance, me

app_name = "accounts"

urlpatterns = [
    path("privacy/", me.PrivacyPage.as_view(), name="privacy"),
    path("demo/outbox/", me.OutboxPage.as_view(), name="outbox"),
    path("accounts/phone/", entrance.PhonePage.as_view(), name="phone-sign-in"),
    path("accounts/phone/code/", entrance.CodePage.as_view(), name="phone-sign-in-code"),
    path("accounts/phone/new/", entrance.NewAccountPage.as_view(), name="phone-sign-up"),
    path("me/", me.HomePage.as_view(), name="home"),
    path("me/identity/", me.IdentityPage.as_view(), name="identity"),
    path("me/phone/", me.PhonePage.as_view(), name="phone"),
    path("me/phone/code/", me.PhoneCodePage.as_view(), name="phone-code"),
    path("me/consent/", me.ConsentPage.as_view(), name="consent"),
    path("me/sessions/", me.SessionsPage.as_view(), name="sessions"),
    path("me/sessions/end-others/", me.EndOtherSessionsPage.as_view(), name="sessions-end-others"),
    path("me/sessions/<int:pk>/end/", me.EndSessionPage.as_view(), name="session-end"),
    path("me/agency/", agency.AgencyPage.as_view(), name="agency"),
    path("me/agency/<str:code>/", agency.AgencyPage.as_view(), name="agency-of"),
    path("me/agency/<str:code>/accounts/new/", agency.OpenStaffAccountPage.as_view(), name="staff-open"),
    path("me/agency/<str:code>/roles/new/", agency.AssignRolePage.as_view(), name="role-assign"),
    path("me/roles/<int:pk>/end/", agency.EndRolePage.as_view(), name="role-end"),
    path("me/systems/", agency.SystemsPage.as_view(), name="systems"),
    path("me/systems/new/", agency.CreateSystemPage.as_view(), name="system-create"),
    path("me/systems/<int:pk>/credentials/", agency.IssueCredentialsPage.as_view(), name="credentials-issue"),
    path("me/credentials/<int:pk>/revoke/", agency.RevokeCredentialsPage.as_view(), name="credentials-revoke"),
]
