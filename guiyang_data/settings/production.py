"""What a city runs: PostgreSQL, Redis, secrets from the environment only, HTTPS in front."""

from __future__ import annotations

from guiyang_data.settings.base import *  # noqa: F403
from guiyang_data.settings.base import env
from guiyang_data.settings.engines import postgres

SECRET_KEY = env.str("GUIYANG_SECRET_KEY")
PERSONAL_DATA_KEY = env.str("GUIYANG_PERSONAL_DATA_KEY")
SEAL_KEY = env.str("GUIYANG_SEAL_KEY")

DATABASES = {"default": postgres(env.db_url("GUIYANG_DATABASE_URL")) | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
CELERY_BROKER_URL = env.str("GUIYANG_REDIS_URL")
CACHES = {"default": {"BACKEND": "guiyang_data.caching.Cache", "LOCATION": CELERY_BROKER_URL}}

EMAIL_BACKEND = env.str("GUIYANG_MAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.str("GUIYANG_MAIL_HOST", default="localhost")
EMAIL_PORT = env.int("GUIYANG_MAIL_PORT", default=25)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

WHITENOISE_USE_FINDERS = False

CSRF_TRUSTED_ORIGINS = [env.str("GUIYANG_ADDRESS")]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("GUIYANG_HTTPS", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, where there is no HTTPS
SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT
CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
