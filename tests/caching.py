"""What a run keeps in the cache, forgotten without touching what other runs keep in the same Redis."""

from __future__ import annotations

import redis
from django.conf import settings
from django.core.cache import cache


def is_redis() -> bool:
    """Whether the run keeps its cache in Redis."""
    return str(settings.CACHES["default"]["LOCATION"]).startswith("redis")


def forget() -> None:
    """Empty this run's cache. ``cache.clear()`` would empty the whole Redis database, under the feet of the others."""
    if not is_redis():
        cache.clear()
        return
    options = settings.CACHES["default"]
    link = redis.Redis.from_url(options["LOCATION"])
    for key in link.scan_iter(match=f"{options['KEY_PREFIX']}:*", count=500):
        link.delete(key)
    link.close()
