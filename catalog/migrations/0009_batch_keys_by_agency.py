from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('catalog', '0008_defaulted_entries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='load',
            name='catalog_a_batch_received_once',
        ),
        migrations.AddConstraint(
            model_name='load',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('key', ''), _negated=True), ('collector', None)), fields=('entry', 'by', 'key'), name='catalog_a_batch_received_once'),
        ),
        migrations.AddConstraint(
            model_name='load',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('key', ''), _negated=True), ('collector__isnull', False)), fields=('entry', 'by', 'collector', 'key'), name='catalog_a_part_of_an_agency_once'),
        ),
    ]
