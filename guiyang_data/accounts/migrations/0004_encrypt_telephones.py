from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import migrations

# as guiyang_data.accounts.protection had it at this point; written out, because that code may change


def _derived(purpose):
    return hmac.new(settings.PERSONAL_DATA_KEY.encode(), purpose.encode(), hashlib.sha256).digest()


def _cipher():
    return Fernet(base64.urlsafe_b64encode(_derived("encryption")))


def _index(number):
    return hmac.new(_derived("index"), f"PHONE:{number}".encode(), hashlib.sha256).hexdigest()


def encrypt(apps, schema_editor):
    """Proved numbers are encrypted; of two public accounts with one number, the one that proved it last keeps it.

    Numbers that were never proved, and codes on their way (good for minutes), are dropped.
    """
    User = apps.get_model("accounts", "User")
    apps.get_model("accounts", "PhoneCode").objects.all().delete()
    taken = set()
    proved = User.objects.exclude(phone="").exclude(phone_verified_at=None).order_by("-phone_verified_at", "-pk")
    cipher = _cipher()
    for user in proved.iterator():
        index = _index(user.phone)
        if user.kind == "public" and index in taken:
            User.objects.filter(pk=user.pk).update(phone_verified_at=None)
            continue
        if user.kind == "public":
            taken.add(index)
        encrypted = cipher.encrypt(user.phone.encode()).decode("ascii")
        User.objects.filter(pk=user.pk).update(phone_encrypted=encrypted, phone_index=index)
    User.objects.exclude(phone="").update(phone="")


def decrypt(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    apps.get_model("accounts", "PhoneCode").objects.all().delete()
    cipher = _cipher()
    for user in User.objects.exclude(phone_encrypted="").iterator():
        User.objects.filter(pk=user.pk).update(phone=cipher.decrypt(user.phone_encrypted.encode()).decode())


class Migration(migrations.Migration):
    """Telephones in clear become encrypted ones, found by a keyed hash."""

    dependencies = [("accounts", "0003_encrypted_telephones")]

    operations = [migrations.RunPython(encrypt, decrypt)]
