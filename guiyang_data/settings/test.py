"""For the suite: the embedded engines, or PostgreSQL and Redis where their addresses are set."""

from __future__ import annotations

import tempfile
from pathlib import Path

from guiyang_data.settings.base import *  # noqa: F403
from guiyang_data.settings.base import STORAGES_LOCAL, env
from guiyang_data.settings.engines import embedded_broker, embedded_cache, postgres, sqlite

DATA_DIR = Path(env.str("GUIYANG_DATA_DIR", default="") or tempfile.mkdtemp(prefix="guiyang-test-"))
ROWS_DIR = DATA_DIR / "rows"
MEDIA_ROOT = DATA_DIR / "files"
SEAL_DIR = DATA_DIR / "seals"
DOCUMENT_CERTIFICATE = str(DATA_DIR / "secrets" / "documents.pem")
STATIC_ROOT = DATA_DIR / "staticfiles"
TIME_SHIFT_FILE = DATA_DIR / "time-shift"

SECRET_KEY = "only-for-tests-" * 4
PERSONAL_DATA_KEY = "only-for-tests-personal-data-" * 2
SEAL_KEY = "only-for-tests-seal-" * 3
READINGS_STOP_UNSEALED_SECONDS = 0
"""Rules are tried on days far apart; the tests of sealing set it."""
DEMONSTRATION = env.bool("GUIYANG_DEMONSTRATION", default=True)
SECOND_FACTOR_REQUIRED = env.bool("GUIYANG_SECOND_FACTOR_REQUIRED", default=False)

if env.str("GUIYANG_TEST_DATABASE_URL", default=""):
    DATABASES = {"default": postgres(env.db_url("GUIYANG_TEST_DATABASE_URL"))}
else:
    DATABASES = {"default": sqlite(DATA_DIR / "test.sqlite3")}
if env.str("GUIYANG_TEST_REDIS_URL", default=""):
    CELERY_BROKER_URL = env.str("GUIYANG_TEST_REDIS_URL")
    # runs side by side share one Redis and must not see one another's keys
    CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{DATA_DIR.name}:"}
    CACHES = {
        "default": {
            "BACKEND": "guiyang_data.caching.Cache",
            "LOCATION": CELERY_BROKER_URL,
            "KEY_PREFIX": DATA_DIR.name,
        }
    }
else:
    CACHES = embedded_cache()
    globals().update(embedded_broker(DATA_DIR))

EMAIL_BACKEND = "guiyang_data.notices.gateways.DemonstrationMail"
STORAGES = STORAGES_LOCAL
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
