from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_no_clear_telephones'),
    ]

    operations = [
        migrations.AddField(
            model_name='phonecode',
            name='second_index',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='phonecode',
            name='second_way',
            field=models.CharField(blank=True, choices=[('', ''), ('password', '登录密码'), ('sms', '原手机号码收到的验证码'), ('mail', '邮箱收到的验证码')], default='', max_length=8),
        ),
    ]
