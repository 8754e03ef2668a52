"""Is this so? Answers about one subject at a time, through a grant or a taking that permits it (第十五条、第十七条)."""

from sharing.verifying.answering import Verified, verify
from sharing.verifying.permission import Permission, permission_of
from sharing.verifying.results import OnRecord, Result, Verdict

__all__ = ["OnRecord", "Permission", "Result", "Verdict", "Verified", "permission_of", "verify"]
