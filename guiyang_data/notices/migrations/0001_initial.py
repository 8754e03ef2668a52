import datetime
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
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=120, unique=True, verbose_name='消息编号')),
                ('state', models.CharField(choices=[('waiting', '待发送'), ('sent', '已发送'), ('failed', '没有送达'), ('told', '已用其他方式告知')], default='waiting', max_length=8, verbose_name='状态')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='次数')),
                ('next_attempt_at', models.DateTimeField(verbose_name='下次')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='送出')),
                ('reason', models.CharField(blank=True, choices=[('', ''), ('refused', '对方拒收：地址不存在、已停用或者已满'), ('unreached', '多次尝试，始终没有连上对方'), ('unusable', '保存的地址或者内容无法使用')], default='', max_length=9, verbose_name='未送达原因')),
                ('last_error', models.CharField(blank=True, max_length=300, verbose_name='上次错误')),
                ('channel', models.CharField(choices=[('mail', '邮件'), ('sms', '短信')], max_length=4, verbose_name='渠道')),
                ('due_at', models.DateTimeField(verbose_name='汇总时间')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='digests', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '汇总',
                'verbose_name_plural': '汇总',
                'indexes': [models.Index(fields=['state', 'next_attempt_at'], name='notices_digest_due')],
                'constraints': [models.UniqueConstraint(fields=('recipient', 'channel', 'due_at'), name='notices_one_digest_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(db_index=True, max_length=120, verbose_name='关注的事项')),
                ('title', models.CharField(max_length=300, verbose_name='标题')),
                ('path', models.CharField(max_length=300, verbose_name='页面')),
                ('address_encrypted', models.TextField(blank=True, verbose_name='邮箱（加密）')),
                ('address_index', models.CharField(blank=True, max_length=64, verbose_name='邮箱索引')),
                ('asked_at', models.DateTimeField(verbose_name='提出时间')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='确认时间')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='follows', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '关注',
                'verbose_name_plural': '关注',
                'ordering': ['-asked_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('user__isnull', False)), fields=('subject', 'user'), name='notices_followed_once_by_account'), models.UniqueConstraint(condition=models.Q(('address_index', ''), _negated=True), fields=('subject', 'address_index'), name='notices_followed_once_by_mail'), models.CheckConstraint(condition=models.Q(models.Q(('address_index', ''), ('confirmed_at__isnull', False), ('user__isnull', False)), models.Q(('user__isnull', True), models.Q(('address_index', ''), _negated=True)), _connector='OR'), name='notices_follower_is_account_or_address')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, unique=True)),
                ('subject', models.CharField(db_index=True, max_length=120, verbose_name='事项')),
                ('kind', models.CharField(max_length=60, verbose_name='类别')),
                ('weight', models.CharField(choices=[('legal', '必达'), ('reminder', '提醒')], default='legal', max_length=8, verbose_name='性质')),
                ('title', models.CharField(max_length=200, verbose_name='标题')),
                ('body', models.TextField(blank=True, verbose_name='内容')),
                ('path', models.CharField(blank=True, max_length=300, verbose_name='页面')),
                ('desk_path', models.CharField(blank=True, max_length=300, verbose_name='办理页面')),
                ('basis', models.CharField(blank=True, max_length=200, verbose_name='依据')),
                ('created_at', models.DateTimeField(verbose_name='时间')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='已读')),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices_sent', to='accounts.agency', verbose_name='发出机关')),
                ('recipient', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '通知',
                'verbose_name_plural': '通知',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['recipient', 'read_at'], name='notices_unread')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=120, unique=True, verbose_name='消息编号')),
                ('state', models.CharField(choices=[('waiting', '待发送'), ('sent', '已发送'), ('failed', '没有送达'), ('told', '已用其他方式告知')], default='waiting', max_length=8, verbose_name='状态')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='次数')),
                ('next_attempt_at', models.DateTimeField(verbose_name='下次')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='送出')),
                ('reason', models.CharField(blank=True, choices=[('', ''), ('refused', '对方拒收：地址不存在、已停用或者已满'), ('unreached', '多次尝试，始终没有连上对方'), ('unusable', '保存的地址或者内容无法使用')], default='', max_length=9, verbose_name='未送达原因')),
                ('last_error', models.CharField(blank=True, max_length=300, verbose_name='上次错误')),
                ('channel', models.CharField(choices=[('mail', '邮件'), ('sms', '短信')], max_length=4, verbose_name='渠道')),
                ('address_encrypted', models.TextField(verbose_name='地址（加密）')),
                ('turn', models.PositiveSmallIntegerField(default=1, verbose_name='第几次发送')),
                ('failed_at', models.DateTimeField(blank=True, null=True, verbose_name='停止发送')),
                ('told', models.CharField(blank=True, max_length=300, verbose_name='怎样告知的')),
                ('digest', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='notices.digest')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notices.notice')),
            ],
            options={
                'verbose_name': '发送',
                'verbose_name_plural': '发送',
                'indexes': [models.Index(fields=['state', 'next_attempt_at'], name='notices_delivery_due')],
                'constraints': [models.UniqueConstraint(fields=('notice', 'channel'), name='notices_one_delivery_a_channel')],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mail', models.CharField(choices=[('single', '逐条发送'), ('digest', '每天汇总一次'), ('none', '不发，只在页面上看')], default='single', max_length=6, verbose_name='提醒邮件')),
                ('sms', models.CharField(choices=[('single', '逐条发送'), ('digest', '每天汇总一次'), ('none', '不发，只在页面上看')], default='none', max_length=6, verbose_name='提醒短信')),
                ('texts_legal', models.BooleanField(default=False, verbose_name='必达通知同时发短信')),
                ('digest_at', models.TimeField(default=datetime.time(8, 30), verbose_name='汇总时间')),
                ('quiet_since', models.TimeField(default=datetime.time(22, 0), verbose_name='免打扰开始')),
                ('quiet_until', models.TimeField(default=datetime.time(8, 0), verbose_name='免打扰结束')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notice_preference', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '通知设置',
                'verbose_name_plural': '通知设置',
            },
        ),
        migrations.CreateModel(
            name='Receiver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('url', models.CharField(max_length=500, verbose_name='接收地址')),
                ('host', models.CharField(max_length=260, verbose_name='主机和端口')),
                ('wants', models.CharField(choices=[('all', '全部通知'), ('legal', '只要必达通知')], default='all', max_length=5, verbose_name='接收内容')),
                ('secret_encrypted', models.TextField(verbose_name='密钥（加密）')),
                ('previous_secret_encrypted', models.TextField(blank=True, verbose_name='上一个密钥（加密）')),
                ('previous_until', models.DateTimeField(blank=True, null=True, verbose_name='上一个密钥有效至')),
                ('state', models.CharField(choices=[('active', '在用'), ('paused', '已暂停'), ('ended', '已停用')], default='active', max_length=6, verbose_name='状态')),
                ('made_at', models.DateTimeField(verbose_name='登记时间')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to=settings.AUTH_USER_MODEL, verbose_name='接收人')),
            ],
            options={
                'verbose_name': '推送地址',
                'verbose_name_plural': '推送地址',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Push',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=120, unique=True, verbose_name='消息编号')),
                ('state', models.CharField(choices=[('waiting', '待发送'), ('sent', '已发送'), ('failed', '没有送达'), ('told', '已用其他方式告知')], default='waiting', max_length=8, verbose_name='状态')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='次数')),
                ('next_attempt_at', models.DateTimeField(verbose_name='下次')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='送出')),
                ('reason', models.CharField(blank=True, choices=[('', ''), ('refused', '对方拒收：地址不存在、已停用或者已满'), ('unreached', '多次尝试，始终没有连上对方'), ('unusable', '保存的地址或者内容无法使用')], default='', max_length=9, verbose_name='未送达原因')),
                ('last_error', models.CharField(blank=True, max_length=300, verbose_name='上次错误')),
                ('kind', models.CharField(max_length=60, verbose_name='类别')),
                ('title', models.CharField(max_length=200, verbose_name='标题')),
                ('body', models.TextField(verbose_name='内容')),
                ('made_at', models.DateTimeField(db_index=True, verbose_name='产生时间')),
                ('answer_status', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='对方答复的状态码')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='对方的答复')),
                ('receiver', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pushes', to='notices.receiver')),
            ],
            options={
                'verbose_name': '推送',
                'verbose_name_plural': '推送',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', 'next_attempt_at'], name='notices_push_due')],
            },
        ),
        migrations.CreateModel(
            name='ReturnCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='日期')),
                ('outcome', models.CharField(choices=[('undelivered', '登记为没有送达'), ('not-final', '对方还在尝试，或者已经收下'), ('known', '以前已经登记'), ('forged', '签名不符'), ('unknown', '不是退信，或者看不懂')], max_length=11, verbose_name='结果')),
                ('number', models.PositiveIntegerField(default=0, verbose_name='封数')),
            ],
            options={
                'verbose_name': '退信计数',
                'verbose_name_plural': '退信计数',
                'ordering': ['-day', 'outcome'],
                'constraints': [models.UniqueConstraint(fields=('day', 'outcome'), name='notices_returns_counted_once')],
            },
        ),
    ])
