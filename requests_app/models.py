"""Open requests, replies and reviews (第二十一条). Who applied is encrypted; the public pages never read it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from catalog.models import CatalogEntry
from guiyang_data.accounts.models import Agency, User
from guiyang_data.statute.cases import TimedCase
from requests_app.applicants import ApplicantKind, Contactable
from requests_app.corrections.models import CorrectionReport
from requests_app.filings import JointFiling
from requests_app.grounds import GroundProof
from requests_app.groups import BatchItem, ReplyBatch, RequestLink
from requests_app.workflow import AGREED, OPEN, REPLIED, RequestStatus, ReviewStatus

__all__ = [
    "ApplicantKind",
    "BatchItem",
    "Case",
    "Contactable",
    "CorrectionReport",
    "JointFiling",
    "OpenRequest",
    "Question",
    "Reply",
    "ReplyBatch",
    "RequestGroupPermission",
    "RequestLink",
    "RequestTransfer",
    "RequestUserPermission",
    "ReviewApplication",
    "ReviewStatement",
]


class Case(models.TextChoices):
    """The two things that may be asked for (第二十一条第一款)."""

    OPEN = "open", _("应当开放而未开放")
    LIST = "list", _("应当列入开放目录而未列入")


class OpenRequest(Contactable, TimedCase):
    """What somebody of the public asks an agency to list or to open (开放需求申请)."""

    number = models.CharField(_("编号"), max_length=20, unique=True)
    applicant = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="open_requests", verbose_name=_("账号")
    )
    case = models.CharField(_("情形"), max_length=4, choices=Case, default=Case.OPEN)
    title = models.CharField(_("需要的数据"), max_length=120)
    description = models.TextField(_("具体说明"), max_length=3000, blank=True)
    purpose = models.TextField(_("用途"), max_length=1000, blank=True)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="open_requests", verbose_name=_("提供机关")
    )
    entry = models.ForeignKey(
        CatalogEntry,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="open_requests",
        verbose_name=_("目录条目"),
    )
    joint = models.ForeignKey(
        JointFiling,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("一并申请"),
    )
    status = models.CharField(_("状态"), max_length=16, choices=RequestStatus, default=RequestStatus.WAITING)
    round = models.PositiveSmallIntegerField(_("答复轮次"), default=1)
    submitted_at = models.DateTimeField(_("提出时间"))
    submitted_on = models.DateField(_("申请之日"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    fulfilled_on = models.DateField(_("落实日期"), null=True, blank=True)
    fulfilment_link = models.CharField(_("落实结果网址"), max_length=500, blank=True)
    fulfilment_note = models.TextField(_("落实说明"), max_length=2000, blank=True)
    handler = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("经办人")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("开放需求申请")
        ordering = ["-submitted_at", "-id"]
        permissions = [("handle_request", "Handle this request")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.WITHDRAWN) | Q(withdrawn_at__isnull=False),
                name="requests_withdrawn_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.FULFILLED) | Q(fulfilled_on__isnull=False),
                name="requests_fulfilled_on_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "status"], name="requests_of_agency"),
            models.Index(fields=["agency", "next_due_on"], name="requests_due_of_agency"),
            models.Index(fields=["next_due_on", "-submitted_at", "-id"], name="requests_by_due_day"),
            models.Index(fields=["status", "-submitted_at"], name="requests_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """The public page."""
        return reverse("requests_app:request", args=[self.number])

    @property
    def work_path(self) -> str:
        """The page of those who handle it."""
        return reverse("requests_app:work-request", args=[self.number])

    @property
    def is_open(self) -> bool:
        """Whether the reply of this round is still owed."""
        return self.status in OPEN

    @property
    def is_agreed(self) -> bool:
        """Whether it waits to be listed or opened."""
        return self.status in AGREED

    @property
    def is_replied(self) -> bool:
        """Whether a reply of this round was delivered."""
        return self.status in REPLIED

    @property
    def reply_clock(self) -> str:
        """Which clock the reply of this round stops."""
        return "open-reply" if self.round == 1 else "reply-again"


class RequestUserPermission(UserObjectPermissionBase):
    """What a person is given on one request (an assigned handler)."""

    content_object = models.ForeignKey(OpenRequest, on_delete=models.CASCADE)


class RequestGroupPermission(GroupObjectPermissionBase):
    """What a group is given on one request."""

    content_object = models.ForeignKey(OpenRequest, on_delete=models.CASCADE)


class RequestTransfer(models.Model):
    """A request handed to the agency whose data it is about. The clock goes on."""

    request = models.ForeignKey(OpenRequest, on_delete=models.CASCADE, related_name="transfers")
    from_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    reasons = models.TextField(_("理由"))
    assigned = models.BooleanField(_("主管部门指定"), default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    transferred_at = models.DateTimeField(_("转出时间"))
    transferred_on = models.DateField(_("转出日期"))

    class Meta:
        verbose_name = verbose_name_plural = _("转办")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.from_agency_id} {self.to_agency_id}"


class Question(models.Model):
    """A question to the applicant, who may answer or not. It stops no clock."""

    request = models.ForeignKey(OpenRequest, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField(_("询问"), max_length=2000)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("询问时间"))
    answer = models.TextField(_("回答"), max_length=3000, blank=True)
    answered_at = models.DateTimeField(_("回答时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("询问")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.asked_at}"


class Reply(GroundProof):
    """The agency's reply of one round. A draft until a second person approves and delivers it."""

    class Outcome(models.TextChoices):
        AGREE = "agree", _("同意")
        AGREE_IN_PART = "agree-in-part", _("部分同意")
        REFUSE = "refuse", _("不同意")

    class AgreedTo(models.TextChoices):
        OPEN = "open", _("向社会开放")
        LIST = "list", _("列入开放目录")

    class Ground(models.TextChoices):
        STATE_SECRET = "1", _("第十八条第一款第（一）项：涉及国家秘密")
        TRADE_SECRET = "2", _("第十八条第一款第（二）项：涉及商业秘密")
        PRIVACY = "3", _("第十八条第一款第（三）项：涉及个人隐私")
        FORBIDDEN = "4", _("第十八条第一款第（四）项：法律法规规定不得开放")
        NOT_HELD = "not-held", _("本机关没有这项数据")
        ELSEWHERE = "elsewhere", _("属于其他机关的数据")
        ALREADY_OPEN = "already-open", _("已经开放")
        OTHER = "other", _("其他情形")

    request = models.ForeignKey(OpenRequest, on_delete=models.PROTECT, related_name="replies")
    round = models.PositiveSmallIntegerField(_("轮次"))
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("答复机关"))
    outcome = models.CharField(_("结论"), max_length=14, choices=Outcome)
    agreed_to = models.CharField(_("同意的方式"), max_length=4, choices=AgreedTo, blank=True)
    agreed_part = models.TextField(_("同意的部分"), max_length=2000, blank=True)
    ground = models.CharField(_("不同意的情形"), max_length=12, choices=Ground, blank=True)
    ground_basis = models.TextField(_("依据或者证明"), max_length=2000, blank=True)
    reasons = models.TextField(_("理由"), max_length=5000, blank=True)
    refers_to = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("引用的答复"),
    )
    batch = models.ForeignKey(
        ReplyBatch,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("一并答复"),
    )
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("起草人"))
    drafted_at = models.DateTimeField(_("起草时间"))
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    return_reasons = models.TextField(_("退回理由"), blank=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("审批人")
    )
    delivered_at = models.DateTimeField(_("送达时间"), null=True, blank=True)
    delivered_on = models.DateField(_("送达日期"), null=True, blank=True)
    due_on = models.DateField(_("应答复日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("答复")
        ordering = ["request", "round"]
        constraints = [
            models.UniqueConstraint(fields=["request", "round"], name="requests_one_reply_a_round"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("drafted_by")),
                name="requests_reply_approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(delivered_on=None, approved_by=None)
                | Q(delivered_on__isnull=False, delivered_at__isnull=False, approved_by__isnull=False),
                name="requests_delivered_means_approved",
            ),
            models.CheckConstraint(
                condition=Q(outcome="agree") | (~Q(reasons="") & ~Q(ground="")),
                name="requests_refusal_has_its_reasons",
            ),
            models.CheckConstraint(
                condition=Q(outcome="refuse", agreed_to="") | (~Q(outcome="refuse") & ~Q(agreed_to="")),
                name="requests_agreement_says_to_what",
            ),
            models.CheckConstraint(
                condition=Q(refers_to=None) | ~Q(refers_to=F("id")) & ~Q(reasons=""),
                name="requests_reference_to_another_with_reasons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} #{self.round} {self.outcome}"

    @property
    def is_delivered(self) -> bool:
        """Whether it was fed back to the applicant."""
        return self.delivered_on is not None

    @property
    def is_late(self) -> bool:
        """Whether it was delivered after the due day."""
        return self.delivered_on is not None and self.due_on is not None and self.delivered_on > self.due_on

    @property
    def late_days(self) -> int:
        """Days after the due day; 0 where it was on time or is not delivered."""
        if self.delivered_on is None or self.due_on is None:
            return 0
        return max((self.delivered_on - self.due_on).days, 0)


class ReviewApplication(Contactable, TimedCase):
    """An objection to a delivered reply, decided by the municipal authority (第二十一条第二款)."""

    class Outcome(models.TextChoices):
        UPHOLD = "uphold", _("维持原答复")
        CHANGE = "change", _("变更原答复")
        NEW_REPLY = "require-new-reply", _("要求重新答复")

    class ChangedTo(models.TextChoices):
        OPEN = "open", _("应当开放")
        LIST = "list", _("应当列入开放目录")
        WITHHOLD = "withhold", _("不予开放")

    number = models.CharField(_("编号"), max_length=20, unique=True)
    reply = models.ForeignKey(Reply, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("争议的答复"))
    objector = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="review_applications"
    )
    by_applicant = models.BooleanField(_("由原申请人提出"), default=False)
    parts = models.TextField(_("有异议的部分"), max_length=1000)
    reasons = models.TextField(_("异议理由"), max_length=5000)
    status = models.CharField(_("状态"), max_length=10, choices=ReviewStatus, default=ReviewStatus.SUBMITTED)
    submitted_at = models.DateTimeField(_("提出时间"))
    submitted_on = models.DateField(_("提出日期"))
    accepted_at = models.DateTimeField(_("受理时间"), null=True, blank=True)
    accepted_on = models.DateField(_("受理之日"), null=True, blank=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    same_as = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("已有结果的同一异议")
    )
    decline_reasons = models.TextField(_("不予受理的理由"), blank=True)
    outcome = models.CharField(_("复核结果"), max_length=18, choices=Outcome, blank=True)
    changed_to = models.CharField(_("变更为"), max_length=8, choices=ChangedTo, blank=True)
    decision_reasons = models.TextField(_("复核理由"), max_length=5000, blank=True)
    new_reply_due_on = models.DateField(_("重新答复的期限"), null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("反馈时间"), null=True, blank=True)
    decided_on = models.DateField(_("反馈日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("复核申请")
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=ReviewStatus.DECIDED)
                | Q(decided_on__isnull=False, decided_by__isnull=False) & ~Q(outcome="") & ~Q(decision_reasons=""),
                name="requests_review_decided_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(outcome="change") & ~Q(changed_to="") | ~Q(outcome="change") & Q(changed_to=""),
                name="requests_change_says_to_what",
            ),
            models.CheckConstraint(
                condition=Q(outcome="require-new-reply", new_reply_due_on__isnull=False)
                | ~Q(outcome="require-new-reply") & Q(new_reply_due_on=None),
                name="requests_new_reply_has_its_day",
            ),
            models.CheckConstraint(
                condition=~Q(status=ReviewStatus.DECLINED) | Q(same_as__isnull=False) & ~Q(decline_reasons=""),
                name="requests_declined_only_as_decided",
            ),
        ]
        indexes = [models.Index(fields=["status", "-submitted_at"], name="requests_review_status")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The public page, once the result is fed back."""
        return reverse("requests_app:review", args=[self.number])

    @property
    def work_path(self) -> str:
        """The page of those who handle it."""
        return reverse("requests_app:work-review", args=[self.number])


class ReviewStatement(models.Model):
    """What the replying agency says to the objection. Private to the parties."""

    review = models.ForeignKey(ReviewApplication, on_delete=models.CASCADE, related_name="statements")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("说明"), max_length=5000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("提交时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("说明")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.review_id} {self.submitted_at}"
