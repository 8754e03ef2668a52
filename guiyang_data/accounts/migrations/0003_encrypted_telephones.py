from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns for telephones that are stored encrypted, beside the clear ones."""

    dependencies = [("accounts", "0002_token_links")]

    operations = [
        migrations.AddField("user", "phone_encrypted", models.TextField("手机号码（加密）", blank=True, default=""), preserve_default=False),
        migrations.AddField("user", "phone_index", models.CharField("手机号码索引", blank=True, default="", max_length=64), preserve_default=False),
        migrations.AddField("phonecode", "phone_encrypted", models.TextField("手机号码（加密）", default=""), preserve_default=False),
        migrations.AddField("phonecode", "proved_at", models.DateTimeField(null=True)),
        migrations.AlterField("phonecode", "expires_at", models.DateTimeField(db_index=True)),
        migrations.AlterField(
            "phonecode",
            "user",
            models.OneToOneField(null=True, on_delete=models.deletion.CASCADE, related_name="phone_code", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField("user", "phone", models.CharField("手机号码", blank=True, default="", max_length=20)),
        migrations.AlterField("phonecode", "phone", models.CharField("手机号码", default="", max_length=20)),
    ]
