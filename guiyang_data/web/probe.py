"""Asks this machine's own web process one address, as a container's health check: exit 0 for 200, else 1.

    python -m guiyang_data.web.probe /healthz

Speaks as the first of the allowed hosts and as if over HTTPS, since a request for any other host is refused.
"""

from __future__ import annotations

import http.client
import os
import sys


def ask(path: str, *, port: int, host_name: str, seconds: float = 5.0) -> tuple[int, str]:
    """Status and body of ``path`` on this machine; status 0 where nothing answers."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        link.request("GET", path, headers={"Host": host_name, "X-Forwarded-Proto": "https"})
        answer = link.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as failure:
        return 0, f"{type(failure).__name__}: {failure}"
    finally:
        link.close()


def main() -> int:
    host_name = os.environ.get("GUIYANG_HOSTS", "127.0.0.1").split(",")[0].strip()
    path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    status, body = ask(path, port=int(os.environ.get("PORT", "8000")), host_name=host_name)
    sys.stdout.write(f"{status} {body[:2000]}\n")
    return 0 if status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
