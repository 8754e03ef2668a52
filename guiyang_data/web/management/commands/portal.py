"""``manage.py portal``: web, worker and beat under one parent, until Ctrl-C."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from guiyang_data.web import probe, processes
from guiyang_data.web.demonstration.accounts import ACCOUNTS, PASSWORD


class Command(BaseCommand):
    help = "Runs web, worker and beat under one parent; GUIYANG_PORT and GUIYANG_DATA_DIR say where."
    requires_system_checks: list[str] = []  # migrate and every child run them; a refusal here is one line

    def handle(self, *args: Any, **options: Any) -> None:
        host, port, data_dir = settings.PORTAL_HOST, settings.PORTAL_PORT, settings.DATA_DIR
        programs = processes.portal_programs(host=host, port=port, data_dir=data_dir)
        supervisor = processes.Supervisor(programs, data_dir=data_dir, say=self.say)
        self.say(_("正在启动网站、后台任务与定时任务……"))
        try:
            supervisor.run(
                before=lambda: processes.require_free_port(host, port),
                ready=lambda: probe.ask("/healthz", port=port, host_name=host, seconds=1)[0] != 0,
                announce=self.announce,
            )
        except processes.CannotStart as refusal:
            raise CommandError(str(refusal)) from None
        self.say(_("平台已停止。"))

    def say(self, text: str) -> None:
        with suppress(BrokenPipeError):  # whoever read along has gone; the portal goes on
            self.stdout.write(text)
            self.stdout.flush()

    def announce(self) -> None:
        """The address and, in the demonstration, whom to sign in as."""
        self.say("")
        self.say(_("平台已就绪：%(address)s") % {"address": settings.PUBLIC_ADDRESS})
        if settings.DEMONSTRATION:
            self.say(_("演示账号（密码都是 %(password)s）：") % {"password": PASSWORD})
            for account in ACCOUNTS:
                self.say(f"  {account.text}")
        self.say(_("按 Ctrl-C 停止。"))
        self.say("")
