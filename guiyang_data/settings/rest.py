"""The interface for systems: REST, its document, and OAuth2 client credentials."""

from __future__ import annotations

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "guiyang_data.accounts.api.authentication.SystemAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "guiyang_data.faces.api.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PARSER_CLASSES": [
        "guiyang_data.faces.api.ReasonableJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "guiyang_data.faces.api.exception_handler",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "贵阳市政府数据平台 API",
    "VERSION": "1",
    "DESCRIPTION": "依据《贵阳市政府数据共享开放条例》的目录、共享、开放、申请与监督接口。",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {  # choices that several shapes name alike, told apart
        "ApplicantKindEnum": "requests_app.models.ApplicantKind",
        "ReplyDraftOutcomeEnum": "requests_app.api.serializers.DRAFT_OUTCOMES",
        "ReplyOutcomeEnum": "sharing.models.ApplicationOutcome",
        "ReviewOutcomeEnum": "requests_app.models.ReviewApplication.Outcome",
        "SharingApplicationStatusEnum": "sharing.workflow.ApplicationStatus",
        "SharingGrantStatusEnum": "sharing.workflow.GrantStatus",
        "ComplaintOutcomeEnum": "oversight.complaints.models.Outcome",
        "ComplaintReceiptStatusEnum": "oversight.workflow.ReceiptStatus",
        "AdjustmentKindEnum": "catalog.models.CatalogAdjustment.EventKind",
        "CorrectionStatusEnum": "requests_app.corrections.workflow.CorrectionStatus",
        "CorrectionTargetEnum": "requests_app.corrections.models.Target",
        "UsageFlagStatusEnum": "sharing.workflow.FlagStatus",
        "UsageFlagKindEnum": "sharing.models.FlagKind",
        "CoordinationStatusEnum": "sharing.workflow.CoordinationStatus",
        "OpeningPlanStatusEnum": "opendata.workflow.PlanStatus",
        "CalendarScopeEnum": "oversight.models.CalendarProposal.Scope",
        "RulebookProposalStatusEnum": "oversight.workflow.ProposalStatus",
        "PushStateEnum": "guiyang_data.notices.sendings.Sending.State",
        "InformationSystemStatusEnum": "catalog.workflow.SystemStatus",
        "InterfaceStatusEnum": "catalog.workflow.InterfaceStatus",
        "InterfaceDocumentSourceEnum": "catalog.models.InterfaceDocument.Source",
        "InterfaceIntervalEnum": "catalog.deadlines.INTERVALS",
        "PullIntervalEnum": "catalog.deadlines.PULL_INTERVALS",
        "PullStatusEnum": "catalog.workflow.PullStatus",
        "PublicationStatusEnum": "catalog.workflow.DecisionStatus",
        "PublishedCatalogueEnum": "catalog.models.PublicationDecision.Catalogue",
        "CoCollectionStatusEnum": "catalog.workflow.CoCollectionStatus",
        "PullRunStateEnum": "catalog.models.PullRun.State",
        "PullPagingEnum": "catalog.models.Pull.Paging",
        "LoadStateEnum": "catalog.models.Load.State",
        "LoadSourceEnum": "catalog.models.Load.Source",
        "LoadModeEnum": "catalog.models.Load.Mode",
        "InterfaceOutcomeEnum": "catalog.models.Interface.Outcome",
        "WebhookStateEnum": "guiyang_data.notices.webhooks.receivers.Receiver.State",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.SystemApplication"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "accounts.SystemAccessToken"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oauth2_provider.IDToken"
OAUTH2_PROVIDER_GRANT_MODEL = "oauth2_provider.Grant"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauth2_provider.RefreshToken"
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "SCOPES": {
        "catalog:read": "读取目录",
        "catalog:write": "编制目录、汇聚数据",
        "systems:read": "查看信息系统和接口状态",
        "systems:write": "登记信息系统、报送接口文档",
        "sharing:read": "经授权读取共享数据",
        "sharing:apply": "提出共享申请",
        "sharing:reply": "答复共享申请",
        "opendata:write": "开放数据",
        "requests:write": "提出、答复开放需求申请与复核",
        "corrections:write": "反馈、校核数据疑义",
        "complaints:file": "提出、查询投诉举报",
        "complaints:handle": "办理投诉举报",
        "oversight:read": "查看监督事项",
        "notices:receive": "接收通知、登记推送地址",
    },
    "DEFAULT_SCOPES": ["catalog:read"],
    "SCOPES_BACKEND_CLASS": "guiyang_data.accounts.api.scopes.GivenScopes",
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",  # client credentials and no other grant
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # only the checksum of a token is stored
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
}
