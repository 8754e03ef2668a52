import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from guiyang_data.migrating import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = together([
        migrations.CreateModel(
            name='PeriodRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('catalog-update', '目录更新'), ('sharing-reply', '共享申请'), ('open-reply', '开放申请'), ('review-result', '复核'), ('rectification', '限期改正'), ('interface-repair', '接口恢复'), ('catalog-review', '目录审核'), ('catalog-approval', '目录审定'), ('confidentiality-review', '保密审查'), ('data-change', '数据更新'), ('correction', '数据校核'), ('correction-mend', '数据更正'), ('sharing-supply', '共享提供'), ('coordination', '共享协调'), ('need-confirmation', '数据需求确认'), ('need-answer', '数据需求答复'), ('need-cataloguing', '数据需求编目'), ('material-mending', '材料清理'), ('open-fulfilment', '开放落实'), ('review-acceptance', '复核受理'), ('reply-again', '重新答复'), ('complaint', '投诉举报')], max_length=30, verbose_name='期限')),
                ('unit', models.CharField(choices=[('calendar', '自然日'), ('working', '工作日')], max_length=8, verbose_name='单位')),
                ('length', models.PositiveSmallIntegerField(help_text='0 表示以文书载明的日期为准', verbose_name='长度')),
                ('statutory', models.BooleanField(verbose_name='法定期限')),
                ('instrument', models.CharField(max_length=120, verbose_name='法规')),
                ('article', models.CharField(max_length=60, verbose_name='条款')),
                ('in_force_from', models.DateField(verbose_name='施行')),
                ('in_force_to', models.DateField(blank=True, null=True, verbose_name='失效')),
            ],
            options={
                'verbose_name': '期限规则',
                'verbose_name_plural': '期限规则',
                'ordering': ['kind', 'in_force_from'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'in_force_from'), name='statute_one_rule_a_day'), models.CheckConstraint(condition=models.Q(('in_force_to', None), ('in_force_to__gt', models.F('in_force_from')), _connector='OR'), name='statute_rule_ends_later')],
            },
        ),
        migrations.CreateModel(
            name='CalendarYear',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name='年份')),
                ('document_number', models.CharField(max_length=60, verbose_name='文号')),
                ('issued_on', models.DateField(verbose_name='印发')),
                ('loaded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='录入')),
                ('loaded_at', models.DateTimeField(blank=True, null=True, verbose_name='录入时间')),
            ],
            options={
                'verbose_name': '年度放假安排',
                'verbose_name_plural': '年度放假安排',
                'ordering': ['year'],
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='日期')),
                ('year', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='statute.calendaryear')),
                ('working', models.BooleanField(verbose_name='上班')),
                ('name', models.CharField(blank=True, max_length=30, verbose_name='节日')),
            ],
            options={
                'verbose_name': '放假安排日',
                'verbose_name_plural': '放假安排日',
                'ordering': ['day'],
            },
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('catalog-update', '目录更新'), ('sharing-reply', '共享申请'), ('open-reply', '开放申请'), ('review-result', '复核'), ('rectification', '限期改正'), ('interface-repair', '接口恢复'), ('catalog-review', '目录审核'), ('catalog-approval', '目录审定'), ('confidentiality-review', '保密审查'), ('data-change', '数据更新'), ('correction', '数据校核'), ('correction-mend', '数据更正'), ('sharing-supply', '共享提供'), ('coordination', '共享协调'), ('need-confirmation', '数据需求确认'), ('need-answer', '数据需求答复'), ('need-cataloguing', '数据需求编目'), ('material-mending', '材料清理'), ('open-fulfilment', '开放落实'), ('review-acceptance', '复核受理'), ('reply-again', '重新答复'), ('complaint', '投诉举报')], max_length=30, verbose_name='期限')),
                ('subject', models.CharField(max_length=120, verbose_name='事项')),
                ('number', models.CharField(max_length=60, verbose_name='编号')),
                ('title', models.CharField(max_length=300, verbose_name='标题')),
                ('path', models.CharField(max_length=300, verbose_name='页面')),
                ('owed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clocks', to='accounts.agency', verbose_name='承办机关')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='statute.periodrule', verbose_name='规则')),
                ('statutory', models.BooleanField(verbose_name='法定期限')),
                ('started_on', models.DateField(verbose_name='起算')),
                ('due_on', models.DateField(verbose_name='到期')),
                ('provisional', models.BooleanField(default=False, verbose_name='暂定')),
                ('generation', models.PositiveSmallIntegerField(default=1, verbose_name='代次')),
                ('next_rung_on', models.DateField(null=True, verbose_name='下一提示')),
                ('stopped_on', models.DateField(blank=True, null=True, verbose_name='停止')),
                ('stopped_by', models.CharField(blank=True, choices=[('done', '已办结'), ('withdrawn', '申请人撤回'), ('superseded', '已由其他事项接续')], max_length=12, verbose_name='停止缘由')),
            ],
            options={
                'verbose_name': '期限',
                'verbose_name_plural': '期限',
                'ordering': ['due_on', 'id'],
                'indexes': [models.Index(condition=models.Q(('next_rung_on__isnull', False)), fields=['next_rung_on'], name='statute_clock_next_rung'), models.Index(fields=['owed_by', 'stopped_on', 'due_on'], name='statute_clock_owed'), models.Index(condition=models.Q(('stopped_on', None)), fields=['owed_by', 'due_on', 'id', 'kind'], name='statute_clock_running'), models.Index(fields=['subject'], name='statute_clock_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('stopped_on', None)), fields=('kind', 'subject', 'owed_by'), name='statute_one_running_clock_of_a_kind'), models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('started_on'))), name='statute_due_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('stopped_by', ''), ('stopped_on', None)), models.Q(('stopped_on__isnull', False), models.Q(('stopped_by', ''), _negated=True)), _connector='OR'), name='statute_a_stop_has_its_cause')],
            },
        ),
        migrations.CreateModel(
            name='ClockGeneration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='generations', to='statute.clock')),
                ('number', models.PositiveSmallIntegerField()),
                ('due_on', models.DateField()),
                ('provisional', models.BooleanField()),
                ('steps', models.JSONField()),
                ('cause', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['clock', 'number'],
                'constraints': [models.UniqueConstraint(fields=('clock', 'number'), name='statute_generation_counted_once')],
            },
        ),
        migrations.CreateModel(
            name='ClockHolding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holdings', to='statute.clock')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.agency')),
                ('since_on', models.DateField()),
                ('until_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['clock', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_on', None)), fields=('clock',), name='statute_a_case_in_one_pair_of_hands')],
            },
        ),
        migrations.CreateModel(
            name='Rung',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rungs', to='statute.clock')),
                ('generation', models.PositiveSmallIntegerField()),
                ('rung', models.CharField(max_length=20)),
                ('due_on', models.DateField()),
                ('told', models.BooleanField(default=True)),
                ('fired_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['clock', 'id'],
                'constraints': [models.UniqueConstraint(fields=('clock', 'generation', 'rung'), name='statute_a_rung_fires_once')],
            },
        ),
    ])
