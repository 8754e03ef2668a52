from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from guiyang_data.accounts import services
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import agency_by_code
from guiyang_data.errors import DomainError
from guiyang_data.ledger.services import PLATFORM
from guiyang_data.timekeeping import now, today


class Command(BaseCommand):
    help = (
        "Make somebody the system administrator of an agency: the first one of an installation, "
        "or a new one where the last has left. The account is opened where it is not there yet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agency", help="the agency's unified social credit code")
        parser.add_argument("username")
        parser.add_argument("email", help="where the link for setting the password goes")
        parser.add_argument("--name", default="", help="what to call the person")

    def handle(self, *args: Any, **options: Any) -> None:
        agency = agency_by_code(options["agency"])
        if agency is None:
            raise CommandError(f"no agency has the code {options['agency']}")
        username = options["username"]
        try:
            with transaction.atomic():
                user = User.objects.filter(username=username).first() or services.open_staff_account(
                    by=PLATFORM,
                    agency=agency,
                    username=username,
                    display_name=options["name"] or username,
                    email=options["email"],
                    at=now(),
                )
                role = Role.SYSTEM_ADMIN
                services.assign_role(by=PLATFORM, user=user, agency=agency, role=role, on=today(), at=now())
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{username} is system administrator of {agency.name}")
