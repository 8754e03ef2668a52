from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('requests_app', '0005_next_due_days'),
    ]

    operations = [
        migrations.AddField(
            model_name='reply',
            name='why_still_closed',
            field=models.TextField(blank=True, max_length=2000, verbose_name='为什么脱敏、脱密后仍不能开放'),
        ),
        migrations.AddField(
            model_name='replybatch',
            name='why_still_closed',
            field=models.TextField(blank=True, max_length=2000, verbose_name='为什么脱敏、脱密后仍不能开放'),
        ),
    ]
