"""What the commands that bring in files have in common: who acts, for whom, and the report that is always written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError

from guiyang_data.accounts.models import Agency, User
from guiyang_data.accounts.selectors import agency_by_code
from guiyang_data.ledger.services import PLATFORM, NamedActor

WRONG_FILE, WRONG_PERSON = 1, 2
STOPPED = "命令中途停止，没有改变任何内容。"


class Report:
    """A JSON file that tells what became of a command, also where it failed."""

    def __init__(self, path: Path, **content: Any) -> None:
        self._path = path
        self.content: dict[str, Any] = {"state": "failed", "message": STOPPED, **content}

    def add(self, **content: Any) -> None:
        """Tell more."""
        self.content |= content

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Write the report at the end, whatever the end is. One that cannot be written stops the command at once."""
        self._write()
        try:
            yield
        except CommandError as error:
            self.content["message"] = str(error)
            raise
        finally:
            self._write()

    def _write(self) -> None:
        text = json.dumps(self.content, ensure_ascii=False, indent=1)
        try:
            self._path.write_text(text, encoding="utf-8")
        except OSError as error:
            message = f"不能写入报告 {self._path}：{error.strerror}。"
            raise CommandError(message, returncode=WRONG_FILE) from error


def agency_of(code: str) -> Agency:
    """The agency with a unified social credit code."""
    agency = agency_by_code(code.strip().upper())
    if agency is None:
        raise CommandError(f"没有统一社会信用代码为 {code} 的机关。请核对代码。", returncode=WRONG_PERSON)
    return agency


def acting(username: str | None) -> User | NamedActor:
    """The account that was named, or the operator."""
    if not username:
        return PLATFORM
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"没有账号 {username}。请核对用户名。", returncode=WRONG_PERSON)
    return user


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read, or one line that tells why not."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise CommandError(f"不能读取 {path}：{error.strerror}。", returncode=WRONG_FILE) from error
    with stream:
        yield stream
