"""What is the same everywhere. The engines (database, broker, storage) are chosen in the other files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import environ
from csp.constants import NONCE, SELF

from guiyang_data.settings.rest import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

DATA_DIR = Path(env.str("GUIYANG_DATA_DIR", default="") or str(BASE_DIR / "var"))
ROWS_DIR = DATA_DIR / "rows"
MEDIA_ROOT = DATA_DIR / "files"
SEAL_DIR = DATA_DIR / "seals"
PERSONAL_DATA_KEYS_BEFORE = env.list("GUIYANG_PERSONAL_DATA_KEYS_BEFORE", default=[])
"""Earlier keys of personal data, the latest first: what was written under them stays readable."""
SEAL_ALGORITHM = env.str("GUIYANG_SEAL_ALGORITHM", default="Ed25519")
SEAL_KEY_PAIR = env.str("GUIYANG_SEAL_KEY_PAIR", default="")
"""What seals are signed with: Ed25519, or SM2 with a key of its own (``manage.py make_seal_key``)."""

DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("GUIYANG_HOSTS", default=["127.0.0.1", "localhost"])
PORTAL_HOST = env.str("GUIYANG_HOST", default="127.0.0.1")
PORTAL_PORT = env.int("GUIYANG_PORT", default=8000)
"""Where ``manage.py portal`` listens."""
PUBLIC_ADDRESS = env.str("GUIYANG_ADDRESS", default=f"http://127.0.0.1:{PORTAL_PORT}")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_htmx",
    "guiyang_data.ledger",
    "guiyang_data.accounts",
    "guiyang_data.notices",
    "guiyang_data.statute",
    "guiyang_data.search",
    "guiyang_data.attachments",
    "guiyang_data.faces",
    "catalog",
    "sharing",
    "opendata",
    "requests_app",
    "oversight",
    "guiyang_data.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "guiyang_data.faces.middleware.ZeroByteMiddleware",
    "guiyang_data.faces.middleware.EncodingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "guiyang_data.accounts.middleware.SessionEndMiddleware",
    "guiyang_data.accounts.middleware.SecondFactorMiddleware",
    "guiyang_data.faces.middleware.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "guiyang_data.urls"
WSGI_APPLICATION = "guiyang_data.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "guiyang_data.web.context.portal",
            ],
            "builtins": ["guiyang_data.faces.templatetags.portal"],
        },
    },
]

FORM_RENDERER = "guiyang_data.faces.rendering.PortalRenderer"

# --- language and time -------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- accounts ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:after-sign-in"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "guiyang_data.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_USER_DISPLAY = "guiyang_data.accounts.signin.called"
ACCOUNT_FORMS = {"signup": "guiyang_data.accounts.forms.SignUpForm"}
ACCOUNT_RATE_LIMITS = {
    "login_failed": "5/15m/key",  # wrong codes of the second factor, by account
    "phone_code": "1/m/key,10/d/key,60/h/ip",  # text messages; an address may be a whole mobile network's
    "phone_code_failed": "30/h/ip",
    "phone_change_failed": "10/h/key",  # wrong codes and proofs at a change of the telephone, by account
}
"""Wrong passwords are django-axes' (see ``AccountAdapter``)."""
USERSESSIONS_TRACK_ACTIVITY = False  # SessionEndMiddleware notes it once a minute, not at every request
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("GUIYANG_PROXIES", default=0)
"""How many proxies of ours stand before the portal; the browser's address is read from what they add."""
MFA_ADAPTER = "guiyang_data.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "贵阳市政府数据平台"
SECOND_FACTOR_REQUIRED = env.bool("GUIYANG_SECOND_FACTOR_REQUIRED", default=True)
"""Whether those who decide (approve, review, administer) must have a second factor."""
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # a quarter of an hour is a quarter of an hour
AXES_USERNAME_CALLABLE = "guiyang_data.accounts.signin.attempted_account"
AXES_CLIENT_IP_CALLABLE = "guiyang_data.accounts.signin.client_address"
AXES_SENSITIVE_PARAMETERS = ["username", "login", "email", "password", "ip_address", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True  # sign-ins are events of the ledger
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
SESSION_IDLE_END = dt.timedelta(minutes=30)
SESSION_ABSOLUTE_END = dt.timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE_END.total_seconds())
PRIVACY_NOTICE_VERSION = "2026-01"
GUARDIAN_RAISE_403 = False
ANONYMOUS_USER_NAME = None

# --- gateways to the world outside (the demonstration has its own of each) -------------------------
SMS_GATEWAY = env.str("GUIYANG_SMS_GATEWAY", default="guiyang_data.notices.gateways.DemonstrationSms")
SMS_GATEWAY_ADDRESS = env.str("GUIYANG_SMS_GATEWAY_ADDRESS", default="")
SMS_GATEWAY_TOKEN = env.str("GUIYANG_SMS_GATEWAY_TOKEN", default="")
"""Where ``guiyang_data.notices.gateways.HttpSms`` hands text messages to, and its token."""
IDENTITY_GATEWAY = env.str("GUIYANG_IDENTITY_GATEWAY", default="guiyang_data.accounts.gateways.DemonstrationIdentity")
OUTBOUND_ALLOWED_NETWORKS: list[str] = env.list("GUIYANG_OUTBOUND_ALLOWED_NETWORKS", default=[])
"""Networks (CIDR) that may be asked although they are not public, such as the city's government network."""
OUTBOUND_CA_FILE = env.str("GUIYANG_OUTBOUND_CA_FILE", default="")
"""A further certificate authority (PEM) that other systems' certificates may come from."""
DEMONSTRATION = env.bool("GUIYANG_DEMONSTRATION", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("GUIYANG_MAIL_FROM", default="no-reply@data.guiyang.example")
BOUNCE_ADDRESS = env.str("GUIYANG_BOUNCE_ADDRESS", default="")
"""Where notices that cannot be delivered come back to (``manage.py take_bounce``); empty: to the sender, unread."""

# --- REST --------------------------------------------------------------------------------------
SILENCED_SYSTEM_CHECKS = [
    "oauth2_provider.W011",  # migration accounts.0002 ties the circle of the tokens; none is ever refreshed
]
TOKEN_FAILURES_PER_HOUR = env.int("GUIYANG_TOKEN_FAILURES_PER_HOUR", default=30)
"""How often an address may fail at the token endpoint within an hour."""

# --- clocks and jobs ---------------------------------------------------------------------------
SWEEP_SECONDS = env.int("GUIYANG_SWEEP_SECONDS", default=60)
SEND_SECONDS = env.int("GUIYANG_SEND_SECONDS", default=10)
GATHER_SECONDS = env.int("GUIYANG_GATHER_SECONDS", default=3)
READY_SWEEP_AGE_SECONDS = env.int("GUIYANG_READY_SWEEP_AGE_SECONDS", default=5 * SWEEP_SECONDS + 60)
READY_SEAL_AGE_SECONDS = env.int("GUIYANG_READY_SEAL_AGE_SECONDS", default=5 * SWEEP_SECONDS + 60)
READINGS_STOP_UNSEALED_SECONDS = env.int("GUIYANG_READINGS_STOP_UNSEALED_SECONDS", default=4 * 3600)
"""After so long without a seal, or without one written outside the database, nothing is read; 0: never."""
LONGEST_READING_SECONDS = env.int("GUIYANG_LONGEST_READING_SECONDS", default=6 * 3600)
"""After so long a reading that has no end in the log is closed there as broken off; an export still running stops."""
READY_QUEUE_LENGTH = env.int("GUIYANG_READY_QUEUE_LENGTH", default=1000)
"""From when on ``/readyz`` says that sweep, seal or queue have fallen behind."""
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "oversight.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "seal": {"task": "ledger.seal", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "send": {"task": "notices.send", "schedule": SEND_SECONDS, "options": {"expires": SEND_SECONDS}},
    "gather": {"task": "catalog.gather_batches", "schedule": GATHER_SECONDS, "options": {"expires": GATHER_SECONDS}},
    "check": {"task": "catalog.check_interfaces", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "pull": {"task": "catalog.run_pulls", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "push": {"task": "notices.push", "schedule": SEND_SECONDS, "options": {"expires": SEND_SECONDS}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat" / "schedule")
CELERY_TASK_DEFAULT_QUEUE = "portal"

# --- files and pages ----------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("GUIYANG_STATIC_DIR", default=str(DATA_DIR / "staticfiles")))
STORAGES_LOCAL = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
BATCH_LIMIT_BYTES = env.int("GUIYANG_BATCH_LIMIT_BYTES", default=10 * 1024 * 1024)
UPLOAD_LIMIT_BYTES = env.int("GUIYANG_UPLOAD_LIMIT_BYTES", default=200 * 1024 * 1024)
ATTACHMENT_LIMIT_BYTES = env.int("GUIYANG_ATTACHMENT_LIMIT_BYTES", default=20 * 1024 * 1024)
DOCUMENT_CERTIFICATE = env.str("GUIYANG_DOCUMENT_CERTIFICATE", default=str(DATA_DIR / "secrets" / "documents.pem"))
"""Key and certificate that e-documents are signed with; made there, self-issued, where the file is missing."""
DOCUMENT_FONT_DIR = BASE_DIR / "static" / "vendor" / "fonts"
# The form of an entry has up to a thousand items, each with some twenty fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 25_000
FILE_UPLOAD_TEMP_DIR = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "object-src": ["'none'"],
    },
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("GUIYANG_LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}
