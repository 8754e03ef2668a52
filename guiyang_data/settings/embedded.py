"""The default of ``make run``: SQLite, Celery over folders, everything under the data folder."""

from __future__ import annotations

from guiyang_data.settings.base import *  # noqa: F403
from guiyang_data.settings.base import DATA_DIR, env
from guiyang_data.settings.engines import embedded_broker, embedded_cache, embedded_secret, sqlite

DEMONSTRATION = env.bool("GUIYANG_DEMONSTRATION", default=True)
SECOND_FACTOR_REQUIRED = env.bool("GUIYANG_SECOND_FACTOR_REQUIRED", default=False)

SECRET_KEY = embedded_secret(DATA_DIR, "django")
PERSONAL_DATA_KEY = embedded_secret(DATA_DIR, "personal-data")
SEAL_KEY = embedded_secret(DATA_DIR, "seal")

DATABASES = {"default": sqlite(DATA_DIR / "portal.sqlite3")}
CACHES = embedded_cache()
globals().update(embedded_broker(DATA_DIR))

EMAIL_BACKEND = "guiyang_data.notices.gateways.DemonstrationMail"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
