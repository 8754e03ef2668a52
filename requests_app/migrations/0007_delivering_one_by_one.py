from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('requests_app', '0006_why_still_closed'),
    ]

    operations = [
        migrations.AddField(
            model_name='batchitem',
            name='was_drafted',
            field=models.BooleanField(default=True, verbose_name='起草过'),
        ),
        migrations.AddField(
            model_name='replybatch',
            name='approved_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='批准时间'),
        ),
        migrations.AddField(
            model_name='replybatch',
            name='seen_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='送达进程最近一次活动'),
        ),
        migrations.AddField(
            model_name='replybatch',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='尝试次数'),
        ),
        migrations.AlterField(
            model_name='replybatch',
            name='status',
            field=models.CharField(choices=[('in-approval', '待审批'), ('delivering', '正在逐件送达'), ('delivered', '已送达'), ('returned', '已退回')], default='in-approval', max_length=12, verbose_name='状态'),
        ),
        migrations.RemoveConstraint(
            model_name='replybatch',
            name='requests_batch_delivered_by_a_second_person',
        ),
        migrations.RemoveConstraint(
            model_name='replybatch',
            name='requests_batch_ended_at_a_time',
        ),
        migrations.AddIndex(
            model_name='replybatch',
            index=models.Index(condition=models.Q(('status', 'delivering')), fields=['seen_at'], name='requests_batches_delivering'),
        ),
        migrations.AddConstraint(
            model_name='replybatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['delivering', 'delivered']), _negated=True), models.Q(('ended_by__isnull', False), models.Q(('ended_by', models.F('drafted_by')), _negated=True)), _connector='OR'), name='requests_batch_delivered_by_a_second_person'),
        ),
        migrations.AddConstraint(
            model_name='replybatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('status__in', ['in-approval', 'delivering'])), models.Q(models.Q(('status__in', ['in-approval', 'delivering']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='requests_batch_ended_at_a_time'),
        ),
    ]
