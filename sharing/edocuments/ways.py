"""By which ways an e-document is read: one word in the log, and how those concerned are told of each."""

from __future__ import annotations

KIND = "edocument"
"""What the log calls every reading of documents."""
ISSUE, OWN, FIND, TAKE = "edocument-issue", "edocument-own", "edocument-find", "edocument-take"
TOLD = {
    ISSUE: "签发您的电子文书",
    OWN: "查看本机关签发的您的电子文书",
    FIND: "查找您的电子文书",
    TAKE: "取用您的电子文书",
}
