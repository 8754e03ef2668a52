import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import oauth2_provider.generators
import oauth2_provider.models
import uuid
from django.conf import settings
from django.db import migrations, models

from guiyang_data.migrating import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = together([
        migrations.CreateModel(
            name='GatewayMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('sms', '短信'), ('mail', '邮件'), ('identity', '实名核验')], max_length=8)),
                ('recipient', models.CharField(max_length=254)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('body', models.TextField(blank=True)),
                ('message_id', models.CharField(blank=True, max_length=120)),
                ('sent_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '演示网关记录',
                'verbose_name_plural': '演示网关记录',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name_encrypted', models.TextField(verbose_name='姓名（加密）')),
                ('id_number_encrypted', models.TextField(verbose_name='证件号码（加密）')),
                ('id_number_index', models.CharField(max_length=64, unique=True, verbose_name='证件号码索引')),
                ('verified_at', models.DateTimeField(blank=True, null=True, verbose_name='实名核验时间')),
            ],
            options={
                'verbose_name': '自然人',
                'verbose_name_plural': '自然人',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('kind', models.CharField(choices=[('public', '社会公众'), ('staff', '机关工作人员'), ('system', '信息系统')], default='public', max_length=6, verbose_name='类别')),
                ('display_name', models.CharField(blank=True, max_length=60, verbose_name='称呼')),
                ('phone_encrypted', models.TextField(blank=True, verbose_name='手机号码（加密）')),
                ('phone_index', models.CharField(blank=True, max_length=64, verbose_name='手机号码索引')),
                ('phone_verified_at', models.DateTimeField(blank=True, null=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='accounts.person')),
            ],
            options={
                'verbose_name': '账号',
                'verbose_name_plural': '账号',
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'public'), models.Q(('phone_index', ''), _negated=True)), fields=('phone_index',), name='accounts_a_telephone_signs_in_to_one_account')],
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone_encrypted', models.TextField(verbose_name='手机号码（加密）')),
                ('code_index', models.CharField(max_length=64)),
                ('second_way', models.CharField(blank=True, choices=[('', ''), ('password', '登录密码'), ('sms', '原手机号码收到的验证码'), ('mail', '邮箱收到的验证码')], default='', max_length=8)),
                ('second_index', models.CharField(blank=True, max_length=64)),
                ('tries_left', models.PositiveSmallIntegerField()),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('proved_at', models.DateTimeField(null=True)),
                ('user', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='phone_code', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '短信验证码',
                'verbose_name_plural': '短信验证码',
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('code', models.CharField(max_length=12, primary_key=True, serialize=False, verbose_name='代码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('level', models.CharField(choices=[('city', '市'), ('county', '区（市、县）'), ('township', '乡镇（街道）'), ('village', '村（居）')], max_length=8, verbose_name='层级')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.region')),
            ],
            options={
                'verbose_name': '行政区划',
                'verbose_name_plural': '行政区划',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=18, unique=True, verbose_name='统一社会信用代码')),
                ('name', models.CharField(max_length=120, unique=True, verbose_name='名称')),
                ('short_name', models.CharField(max_length=40, verbose_name='简称')),
                ('level', models.CharField(choices=[('municipal', '市级'), ('county', '县级'), ('township', '乡镇'), ('outside', '平台之外')], max_length=10, verbose_name='层级')),
                ('kind', models.CharField(choices=[('government', '人民政府'), ('department', '工作部门'), ('dispatched', '派出机构'), ('township', '乡（镇）人民政府'), ('institution', '具有公共管理职能的组织'), ('enterprise', '公共服务企业'), ('supervisory', '监察机关')], max_length=12, verbose_name='性质')),
                ('is_authority', models.BooleanField(default=False, verbose_name='大数据主管部门')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='联系电话')),
                ('contact', models.CharField(blank=True, max_length=60, verbose_name='联系科室')),
                ('is_active', models.BooleanField(default=True, verbose_name='在用')),
                ('superiors', models.ManyToManyField(blank=True, related_name='subordinates', to='accounts.agency', verbose_name='上级机关')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agencies', to='accounts.region', verbose_name='行政区划')),
            ],
            options={
                'verbose_name': '行政机关',
                'verbose_name_plural': '行政机关',
                'ordering': ['level', 'code'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_authority', True)), fields=('region',), name='accounts_one_authority_a_region')],
            },
        ),
        migrations.CreateModel(
            name='RoleAssignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder', models.CharField(editable=False, max_length=60, verbose_name='持有人')),
                ('role', models.CharField(choices=[('data-steward', '数据管理员'), ('approver', '审批人'), ('county-authority', '县级大数据主管部门经办人'), ('municipal-authority', '市大数据主管部门经办人'), ('government-approver', '政府审定人'), ('coordinator', '协调员'), ('reviewer', '复核员'), ('supervisor', '监督员'), ('system-admin', '系统管理员'), ('security-admin', '安全管理员'), ('audit-admin', '审计管理员')], max_length=24, verbose_name='角色')),
                ('started_on', models.DateField(verbose_name='自')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='至')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='accounts.agency', verbose_name='机关')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roles', to=settings.AUTH_USER_MODEL, verbose_name='账号')),
            ],
            options={
                'verbose_name': '角色',
                'verbose_name_plural': '角色',
                'ordering': ['agency', 'role', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('user', 'agency', 'role'), name='accounts_a_role_held_once'), models.UniqueConstraint(condition=models.Q(('ended_on', None), ('role__in', ['system-admin', 'security-admin', 'audit-admin'])), fields=('holder',), name='accounts_administrators_are_three_persons'), models.CheckConstraint(condition=models.Q(('ended_on', None), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='accounts_role_ends_after_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='ServiceAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='系统名称')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='service_accounts', to='accounts.agency')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='service_account', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '系统账号',
                'verbose_name_plural': '系统账号',
                'constraints': [models.UniqueConstraint(fields=('agency', 'name'), name='accounts_a_system_named_once')],
            },
        ),
        migrations.CreateModel(
            name='SystemApplication',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('client_id', models.CharField(db_index=True, default=oauth2_provider.generators.generate_client_id, max_length=255, unique=True, verbose_name='client ID')),
                ('redirect_uris', models.TextField(blank=True, help_text='Allowed URIs list, space separated', verbose_name='redirect URIs')),
                ('post_logout_redirect_uris', models.TextField(blank=True, default='', help_text='Allowed Post Logout URIs list, space separated', verbose_name='post logout redirect URIs')),
                ('client_type', models.CharField(choices=[('confidential', 'Confidential'), ('public', 'Public')], max_length=32, verbose_name='client type')),
                ('authorization_grant_type', models.CharField(choices=[('authorization-code', 'Authorization code'), ('urn:ietf:params:oauth:grant-type:device_code', 'Device Code'), ('implicit', 'Implicit'), ('password', 'Resource owner password-based'), ('client-credentials', 'Client credentials'), ('openid-hybrid', 'OpenID connect hybrid')], max_length=44, verbose_name='authorization grant type')),
                ('client_secret', oauth2_provider.models.ClientSecretField(blank=True, db_index=True, default=oauth2_provider.generators.generate_client_secret, help_text='Client secret for authentication', max_length=255, verbose_name='client secret')),
                ('hash_client_secret', models.BooleanField(default=True, verbose_name='hash client secret')),
                ('name', models.CharField(blank=True, max_length=255, verbose_name='name')),
                ('skip_authorization', models.BooleanField(default=False, verbose_name='skip authorization')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('algorithm', models.CharField(blank=True, choices=[('', 'No OIDC support'), ('RS256', 'RSA with SHA-2 256'), ('HS256', 'HMAC with SHA-2 256')], default='', max_length=5, verbose_name='algorithm')),
                ('allowed_origins', models.TextField(blank=True, default='', help_text='Allowed origins list to enable CORS, space separated', verbose_name='allowed origins')),
                ('registration_source', models.CharField(choices=[('manual', 'Manual'), ('dcr', 'Dynamic Client Registration'), ('cimd', 'Client ID Metadata Document')], default='manual', help_text='How this application was registered (manual, DCR per RFC 7591, or CIMD)', max_length=32, verbose_name='registration source')),
                ('cimd_expires_at', models.DateTimeField(blank=True, default=None, help_text='When the cached Client ID Metadata Document should be re-fetched', null=True, verbose_name='CIMD expires at')),
                ('allowed_scopes', models.JSONField(default=list, verbose_name='可申请的权限')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='作废时间')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('service_account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='accounts.serviceaccount')),
            ],
            options={
                'verbose_name': '系统接入凭据',
                'verbose_name_plural': '系统接入凭据',
                'abstract': False,
                'swappable': 'OAUTH2_PROVIDER_APPLICATION_MODEL',
            },
        ),
        migrations.CreateModel(
            name='SystemAccessToken',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('token', models.TextField(verbose_name='token')),
                ('token_checksum', oauth2_provider.models.TokenChecksumField(db_index=True, max_length=64, unique=True, verbose_name='token checksum')),
                ('expires', models.DateTimeField(verbose_name='expires')),
                ('scope', models.TextField(blank=True, verbose_name='scope')),
                ('resource', oauth2_provider.models.ResourceJSONField(blank=True, default=list, verbose_name='resource')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('application', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL, verbose_name='application')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': '访问令牌',
                'verbose_name_plural': '访问令牌',
                'abstract': False,
                'swappable': 'OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL',
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('notice_version', models.CharField(max_length=20)),
                ('given_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '同意记录',
                'verbose_name_plural': '同意记录',
                'constraints': [models.UniqueConstraint(fields=('user', 'notice_version'), name='accounts_consent_given_once_a_version')],
            },
        ),
    ])
