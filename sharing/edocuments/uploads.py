"""A file that is only held against a checksum: hashed as it arrives, and never stored, not even for a moment."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from sharing.edocuments.verification import Sent


class HashedUpload(UploadedFile):
    """What is left of a file: its name and what was reckoned from its bytes."""

    def __init__(self, sent: Sent, *, name: str, field: str) -> None:
        super().__init__(io.BytesIO(), name, None, sent.size)
        self.sent, self.field_name = sent, field


class HashingHandler(FileUploadHandler):
    """Takes every file of a request and keeps its SHA-256 and size. ``most``: bytes after which it stops."""

    def __init__(self, *, most: int) -> None:
        super().__init__()
        self._most = most
        self.is_too_large = False

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super().new_file(*arguments, **named)
        self._digest, self._size = hashlib.sha256(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._size += len(raw_data)
        if self._size > self._most:
            self.is_too_large = True
            raise StopUpload(connection_reset=False)
        self._digest.update(raw_data)
        return None

    def file_complete(self, file_size: int) -> HashedUpload:
        sent = Sent(sha256=self._digest.hexdigest(), size=self._size)
        return HashedUpload(sent, name=self.file_name or "", field=self.field_name or "")
