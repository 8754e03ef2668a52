"""Rules of an information item as they are written down: what cannot work is refused with what to do (第十二条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from catalog import services
from catalog.comparing import compare
from catalog.models import EntryRevision, InformationItem
from catalog.services import ItemSpec, broken_rules
from guiyang_data.errors import RuleBroken
from guiyang_data.ledger.services import PLATFORM
from tests.factories import accounts
from tests.factories import catalog as make

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

KEY = ItemSpec(name="代码", code="code", is_key=True, meaning="企业的代码")
COMPANIES = (KEY, ItemSpec(name="名称", code="name"), ItemSpec(name="户数", code="number", data_type="I"))


@pytest.fixture
def city() -> accounts.City:
    return accounts.city()


def item(**rules: Any) -> ItemSpec:
    return ItemSpec(name="值", code="value", **rules)


def compiled(city: accounts.City, **rules: Any) -> InformationItem:
    return make.draft_entry(city.provider, items=[item(**rules)]).items.get()


@pytest.mark.parametrize(
    ("said", "singles_out"),
    [
        ({"is_key": True}, True),
        ({"is_unique": True}, True),
        ({"check_digits": "bank-card"}, True),
        ({"name": "手机号码", "sensitivity": "direct"}, True),
        ({"name": "身份证", "sensitivity": "direct"}, True),
        ({"name": "姓名", "sensitivity": "direct"}, False),
        ({"name": "门牌号", "sensitivity": "quasi"}, False),
        ({"name": "编号"}, False),
    ],
)
def test_a_value_stands_for_one_subject_by_what_the_item_says(said: dict[str, Any], singles_out: bool) -> None:
    assert InformationItem(**({"name": "值"} | said)).singles_out is singles_out


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"data_type": "N", "minimum": "2", "maximum": "1"}, "最小值大于最大值"),
        ({"data_type": "D", "minimum": "2024-01-02", "maximum": "2024/1/1"}, "最小值大于最大值"),
        ({"data_type": "I", "minimum": "1.5"}, "最小值「1.5」不是整型的值，应当是整数"),
        ({"data_type": "Y", "maximum": "1.005"}, "最大值「1.005」不是货币型的值，应当是最多两位小数的数"),
        ({"data_type": "B", "minimum": "1e400"}, "最小值「1e400」不是双精度型的值"),
        ({"data_type": "N", "minimum": "很多"}, "最小值「很多」不是数值型的值"),
        ({"data_type": "N", "minimum": "NaN"}, "最小值「NaN」不是数值型的值"),
        ({"data_type": "D", "maximum": "2024-02-30"}, "应当写成 2026-01-31 的样子"),
        ({"data_type": "C", "minimum": "1"}, "字符型没有大小"),
        ({"data_type": "L", "maximum": "1"}, "逻辑型没有大小"),
        ({"data_type": "N", "pattern": r"\d+"}, "格式规则只用于文字"),
        ({"pattern": "(a"}, "格式规则不能使用：圆括号没有成对"),
        ({"pattern": "a(?!b)"}, "不能向前、向后查看"),
        ({"pattern": "(a{100}){100}"}, "连同嵌套最多 1000 次"),
        ({"data_type": "I", "check_digits": "resident-id"}, "居民身份证号码要用字符型保存"),
        ({"length": 15, "check_digits": "resident-id"}, "至少 18 位，长度 15 放不下"),
        ({"data_type": "L", "is_unique": True}, "逻辑型的值不适合规定唯一"),
        ({"data_type": "M", "is_unique": True}, "备注型的值不适合规定唯一"),
        ({"reference_code": "303001/000001"}, "没有写字段名"),
        ({"reference_item": "code"}, "没有写资源代码"),
        ({"data_type": "L", "reference_code": "303001/000001", "reference_item": "code"}, "不用引用其他条目"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_what_to_do(city: accounts.City, rules: Any, told: str) -> None:
    with pytest.raises(RuleBroken, match="信息项「值」") as refused:
        make.draft_entry(city.provider, items=[item(**rules)])

    assert told in refused.value.message
    assert refused.value.message.endswith("您填写的内容都还在。")
    assert set(refused.value.fields) == {"items"}
    assert not EntryRevision.objects.exists()


def test_everything_wrong_in_several_items_is_told_at_once(city: accounts.City) -> None:
    items = [item(pattern="["), ItemSpec(name="另一项", data_type="N", minimum="x", pattern="y")]

    with pytest.raises(RuleBroken) as refused:
        make.draft_entry(city.provider, items=items)

    assert refused.value.message.count("信息项「") == 3


@pytest.mark.parametrize(
    ("data_type", "written", "kept"),
    [
        ("N", " 12.50 ", "12.5"),
        ("B", "-3", "-3"),
        ("F", "1e3", "1000"),
        ("Y", "100.50", "100.5"),
        ("Y", "1000", "1000"),
        ("I", "007", "7"),
        ("D", "2024年1月2日", "2024-01-02"),
        ("D", "20240102", "2024-01-02"),
        ("T", "2024/1/2", "2024-01-02 00:00:00"),
        ("T", "2024-01-02T08:30:00Z", "2024-01-02 16:30:00"),
    ],
)
def test_a_bound_is_kept_in_one_spelling(city: accounts.City, data_type: str, written: str, kept: str) -> None:
    made = compiled(city, data_type=data_type, minimum=written, maximum=written)

    assert (made.minimum, made.maximum) == (kept, kept)


def test_rules_change_neither_the_layout_nor_what_confidentiality_judged(city: accounts.City) -> None:
    # given a revision with data
    entry = make.entry_in_force(city.provider, rows=make.ROWS)
    before, data = entry.in_force, entry.current_data
    items = [
        ItemSpec(**{**vars(one), "is_unique": True, "pattern": r"[0-9]{3}"} if one.code == "route" else vars(one))
        for one in make.ITEMS
    ]

    # when
    draft = services.revise(entry_id=entry.pk, by=make.steward_of(city.provider), at=make.AT)
    draft = services.edit_revision(
        revision_id=draft.pk,
        by=make.steward_of(city.provider),
        at=make.AT,
        elements={"bad_share_limit": 5},
        items=items,
    )
    make.publish(draft)

    # then nothing has to be judged or loaded again, and the difference is shown
    entry.refresh_from_db()
    after = entry.in_force
    assert before is not None
    assert after is not None
    assert (after.layout, after.substance) == (before.layout, before.substance)
    assert entry.current_data == data
    difference = compare(before, after)
    assert [(one.label, one.before, one.after) for one in difference.elements] == [("允许的问题行比例", "100", "5")]
    parts = [(part.label, part.before, part.after) for part in difference.items[0].parts]
    assert parts == [("唯一", "否", "是"), ("格式规则", "", "[0-9]{3}")]


def test_the_database_knows_no_half_reference_and_no_share_beyond_all(city: accounts.City) -> None:
    made = compiled(city)

    with pytest.raises(IntegrityError), transaction.atomic():
        InformationItem.objects.filter(pk=made.pk).update(reference_code="303001/000001")
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryRevision.objects.filter(pk=made.revision_id).update(bad_share_limit=101)


@pytest.mark.parametrize("share", [-1, 101, "很少", 0.001])
def test_a_share_is_between_nothing_and_all(city: accounts.City, share: Any) -> None:
    with pytest.raises(RuleBroken) as refused:
        make.draft_entry(city.provider, bad_share_limit=share)

    assert set(refused.value.fields) == {"bad_share_limit"}


def reference_gaps(revision: EntryRevision) -> list[str]:
    return [rule.message for rule in broken_rules(revision) if "引用" in rule.message]


def referring(city: accounts.City, code: str, of: str = "code", **rules: Any) -> EntryRevision:
    return make.draft_entry(city.provider, items=[item(reference_code=code, reference_item=of, **rules)])


def test_an_own_entry_in_force_and_one_shared_without_conditions_can_be_referred_to(city: accounts.City) -> None:
    own = make.entry_in_force(city.provider, items=COMPANIES, sharing_type="conditional")
    other = make.entry_in_force(city.requester, items=COMPANIES)

    assert reference_gaps(referring(city, own.resource_code)) == []
    assert reference_gaps(referring(city, other.resource_code, data_type="M")) == []


def test_what_cannot_be_referred_to_stands_against_submitting(city: accounts.City) -> None:
    # given
    entry = make.entry_in_force(city.requester, items=COMPANIES)
    code = entry.resource_code
    guarded = make.entry_in_force(city.requester, items=COMPANIES, sharing_type="conditional").resource_code
    withheld = make.entry_in_force(city.requester, items=COMPANIES, sharing_type="withheld").resource_code
    drafted = make.draft_entry(city.requester, items=COMPANIES).entry.resource_code

    # then
    for revision, told in (
        (referring(city, "999999/000001"), "没有找到资源代码为 999999/000001 的现行目录条目"),
        (referring(city, drafted), "还没有公布的，公布之后才能引用"),
        (referring(city, guarded), "不是无条件共享的"),
        (referring(city, withheld), "不是无条件共享的"),
        (referring(city, code, "nothing"), "没有字段名为 nothing 的信息项"),
        (referring(city, code, "name"), "不是主键，也没有规定唯一"),
        (referring(city, code, data_type="I"), "是字符型，本项是整型"),
    ):
        (gap,) = reference_gaps(revision)
        assert gap.startswith("信息项「值」的引用：")
        assert told in gap
        with pytest.raises(RuleBroken, match="引用"):
            services.submit(revision_id=revision.pk, by=make.steward_of(city.provider), at=make.AT)


def test_an_entry_does_not_refer_to_itself(city: accounts.City) -> None:
    revision = make.draft_entry(city.provider, items=COMPANIES)
    own = item(reference_code=revision.entry.resource_code, reference_item="code")

    with pytest.raises(RuleBroken, match="不能引用本条目自己"):
        services.edit_revision(
            revision_id=revision.pk,
            by=make.steward_of(city.provider),
            at=make.AT,
            elements={},
            items=[*COMPANIES, own],
        )


def test_references_of_many_items_are_looked_up_together(
    city: accounts.City, django_assert_max_num_queries: Any
) -> None:
    codes = [make.entry_in_force(city.requester, items=COMPANIES).resource_code for _number in range(3)]
    few = referring(city, codes[0])
    many = make.draft_entry(
        city.provider,
        items=[
            ItemSpec(name=f"值{place}", reference_code=codes[place % 3], reference_item="code") for place in range(12)
        ],
    )

    for revision in (few, many):
        fresh = EntryRevision.objects.select_related("entry", "category").get(pk=revision.pk)
        with django_assert_max_num_queries(6):
            list(broken_rules(fresh))


def test_an_import_refuses_an_entry_whose_rules_cannot_work_and_says_in_which_column(city: accounts.City) -> None:
    # given an entry whose item the file corrects, and a new one
    make.category("303001")
    known = make.draft_entry(city.provider, title="旧的", items=[item(data_type="D")])
    header = "资源名称,信息项名称,字段名,数据类型,最小值,最大值,格式规则"
    rows = ["旧的,值,value,,2024-02-30,,", "新的,值,value,数值型,3,2,", "好的,值,value,日期型,2024/1/2,,"]
    file = ContentFile("\n".join([header, *rows]).encode(), name="目录.csv")
    known.entry.source_key = "旧的"
    known.entry.save(update_fields=["source_key"])

    given = {"provider": city.provider, "by": PLATFORM, "at": make.AT, "take_good_rows": True}
    given["defaults"] = {"sharing_type": "conditional", "is_open": False}

    # when
    whole = services.import_whole(uploaded=file, dry_run=True, **given)  # type: ignore[arg-type]
    told = {(problem.line, problem.column, problem.value) for problem in whole.seen.problems if problem.fatal}
    done = services.import_whole(uploaded=file, **given)  # type: ignore[arg-type]

    # then what is foreseen is what happens
    assert told == {(2, "最小值", "2024-02-30"), (3, "最大值", "2")}
    assert (done.job.created, done.job.updated, done.job.refused) == (1, 0, 2)
    made = EntryRevision.objects.get(title="好的").items.get()
    assert (made.data_type, made.minimum) == ("D", "2024-01-02")
    again = services.import_whole(provider=city.provider, uploaded=file, by=PLATFORM, at=make.AT, dry_run=True)
    assert again.seen.unchanged == 1
