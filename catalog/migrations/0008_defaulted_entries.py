from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_writers'),
    ]

    operations = [
        migrations.AddField(
            model_name='catalogimport',
            name='defaulted',
            field=models.JSONField(default=dict, verbose_name='按缺省值的条目数'),
        ),
    ]
