"""What was sent under a key is kept as a checksum, so that the key is not taken for another content."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("faces", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="content",
            field=models.CharField(blank=True, default="", max_length=64),
        )
    ]
