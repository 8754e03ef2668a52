"""What a run keeps in the cache, forgotten without touching what other runs keep in the same Redis."""

from __future__ import annotations

import redis
from django.conf import settings
from django.core.cache import cache


def forget() -> None:
    """Empty this run's cache. ``cache.clear()`` would empty the whole Redis database, under the feet of the others."""
    options = settings.CACHES["default"]
    if "redis" not in options["BACKEND"]:
        cache.clear()
        return
    link = redis.Redis.from_url(options["LOCATION"])
    for key in link.scan_iter(match=f"{options['KEY_PREFIX']}:*", count=500):
        link.delete(key)
    link.close()
