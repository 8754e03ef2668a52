import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_token_links'),
        ('catalog', '0003_item_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='catalogadjustment',
            name='collector',
            field=models.ForeignKey(blank=True, help_text='涉及哪一机关采集的信息项；为空的，是提供机关自己的', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency', verbose_name='涉及的采集机关'),
        ),
        migrations.AddField(
            model_name='informationitem',
            name='collector',
            field=models.ForeignKey(blank=True, help_text='为空的，由提供机关采集', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency', verbose_name='采集机关'),
        ),
        migrations.AddField(
            model_name='load',
            name='collector',
            field=models.ForeignKey(blank=True, help_text='为空的，由提供机关报送', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency', verbose_name='采集机关'),
        ),
        migrations.CreateModel(
            name='CoCollection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('items', models.JSONField(default=list, verbose_name='负责的信息项')),
                ('substance', models.CharField(max_length=64, verbose_name='提请的内容')),
                ('status', models.CharField(choices=[('waiting', '待确认'), ('confirmed', '已确认'), ('declined', '不同意'), ('voided', '内容已变动，不再有效')], default='waiting', max_length=9, verbose_name='状态')),
                ('reasons', models.TextField(blank=True, max_length=2000, verbose_name='不同意的理由')),
                ('asked_at', models.DateTimeField(verbose_name='提请时间')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='答复时间')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='co_collections', to='accounts.agency', verbose_name='采集机关')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提请人')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='答复人')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='co_collections', to='catalog.entryrevision', verbose_name='目录版本')),
            ],
            options={
                'verbose_name': '共同采集',
                'verbose_name_plural': '共同采集',
                'ordering': ['-asked_at', '-id'],
                'indexes': [models.Index(fields=['agency', 'status'], name='catalog_co_collection_agency')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'waiting')), fields=('revision', 'agency'), name='catalog_one_co_collection_waiting'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'declined'), _negated=True), models.Q(('reasons', ''), _negated=True), _connector='OR'), name='catalog_declined_with_reasons')],
            },
        ),
    ]
