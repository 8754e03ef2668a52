"""What batches of before did not say: which requests the draft already missed, and when the delivery was approved."""

from django.db import migrations
from django.db.models import F


def tell(apps, schema_editor):
    """While a batch waits for approval, whatever it left out was left out of the draft."""
    apps.get_model('requests_app', 'BatchItem').objects.filter(
        batch__status='in-approval', result='left-out'
    ).update(was_drafted=False)
    apps.get_model('requests_app', 'ReplyBatch').objects.filter(status='delivered').update(approved_at=F('ended_at'))


def forget(apps, schema_editor):
    """A batch that is being delivered waits for approval again: what was delivered stays delivered."""
    apps.get_model('requests_app', 'ReplyBatch').objects.filter(status='delivering').update(
        status='in-approval', ended_by=None, approved_at=None, seen_at=None
    )


class Migration(migrations.Migration):

    dependencies = [
        ('requests_app', '0007_delivering_one_by_one'),
    ]

    operations = [migrations.RunPython(tell, forget)]
