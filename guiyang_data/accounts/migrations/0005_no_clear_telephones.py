from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The clear columns go; a number signs in to one account of the public."""

    dependencies = [("accounts", "0004_encrypt_telephones")]

    operations = [
        migrations.RemoveField("user", "phone"),
        migrations.RemoveField("phonecode", "phone"),
        migrations.AddConstraint(
            "user",
            models.UniqueConstraint(
                fields=["phone_index"],
                condition=Q(("kind", "public"), ~Q(("phone_index", ""))),
                name="accounts_a_telephone_signs_in_to_one_account",
            ),
        ),
    ]
