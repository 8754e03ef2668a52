"""An entry whose rows are about persons, and grants that verify them. All persons are made up."""

from __future__ import annotations

from typing import Any

from catalog.services import ItemSpec
from guiyang_data.accounts import services as accounts
from guiyang_data.accounts.models import User
from guiyang_data.accounts.roles import Role
from guiyang_data.accounts.selectors import holders, municipal_authority
from sharing import services
from sharing.models import Deferral, SharingGrant, Taking
from sharing.services import Permitted
from sharing.verifying import Verified, verify
from sharing.verifying.results import Question
from tests.factories import sharing as made
from tests.factories.accounts import citizen, staff
from tests.remembering import remembered

# the sequence 000 is never given out: the check digits are right, and nobody has these numbers
ANNA, BO, CAI, NOBODY = "520103199003070002", "520103198511230004", "520102199201150007", "520103200101010009"
ENDS_IN_X = "52010319900109000X"

ITEMS = (
    ItemSpec(name="保障证号", code="case", length=10, required=True, is_key=True, meaning="证号"),
    ItemSpec(name="姓名", code="name", length=20, sensitivity="direct", meaning="姓名"),
    ItemSpec(
        name="身份证号",
        code="id_number",
        length=18,
        check_digits="resident-id",
        sensitivity="direct",
        meaning="公民身份号码",
    ),
    ItemSpec(name="保障类别", code="kind", length=10, meaning="A类、B类、C类"),
    ItemSpec(name="月保障金额", code="amount", data_type="Y", sensitivity="sensitive", meaning="元"),
    ItemSpec(name="核定日期", code="since", data_type="D", meaning="首次核定的日期"),
)


def row(
    case: str, name: str, number: str, kind: str, amount: str = "700.00", since: str = "2024-05-01"
) -> dict[str, str]:
    """A row by the names of its items."""
    values = (case, name, number, kind, amount, since)
    return {item.name: value for item, value in zip(ITEMS, values, strict=True)}


ROWS = (
    row("DB1", "安示例", ANNA, "A类", "735.50"),
    row("DB2", "柏示例", BO, "B类", "420.00", ""),
    row("DB3", "蔡示例", CAI, "C类"),
    row("DB4", "蔡示例", CAI, "A类"),
    row("DB5", "戴示例", ENDS_IN_X, "B类"),
)


@remembered
def scene(**changed: Any) -> made.Scene:
    """A provider with rows about persons, and an agency that needs them."""
    return made.scene(items=ITEMS, title="最低生活保障对象", **({"rows": ROWS} | changed))


@remembered
def grant(at_scene: made.Scene, **changed: Any) -> SharingGrant:
    """A grant of the items of a person, without the amount."""
    items = ["case", "name", "id_number", "kind"]
    return made.agreed_grant(at_scene, **({"items": items} | changed))


@remembered
def permitted(at_scene: made.Scene, *, of: SharingGrant | None = None, **changed: Any) -> SharingGrant:
    """A grant that verifies: by name and number, comparing the amount that it does not show, telling the kind."""
    terms: dict[str, Any] = {
        "key_items": ["name", "id_number"],
        "compared_items": ["kind", "amount", "since"],
        "answered_items": ["kind"],
    }
    services.permit_verification(
        grant_id=(of or grant(at_scene)).pk, by=at_scene.steward, at=made.later(1), terms=Permitted(**terms | changed)
    )
    return made.fresh(of) if of else SharingGrant.objects.latest("pk")


def person(name: str = "安示例", number: str = ANNA, **claims: Any) -> Question:
    """A question about a person."""
    return Question(keys={"name": name, "id_number": number}, claims=claims)


@remembered
def asked(at_scene: made.Scene, access: Any, *subjects: Question, **changed: Any) -> Verified:
    """A verification by the requester's steward."""
    values = {"by": at_scene.asker, "access": access, "at": made.later(3), "subjects": subjects or (person(),)}
    return verify(**(values | changed))


@remembered
def subject(name: str = "安示例", number: str = ANNA, *, at_counter: bool = True, clerk: User | None = None) -> User:
    """Somebody of the public whose identity is proved, and who came to the counter with the document."""
    user = citizen()
    accounts.verify_identity(by=user, name=name, id_number=number, at=made.AT)
    if at_counter:
        code = services.ask_counter_code(by=user, at=made.AT)
        services.prove_at_counter(by=clerk or officer(), at=made.AT, code=code, id_number=number, came_in_person=True)
    return user


@remembered
def officer() -> User:
    """An officer of the municipal authority, who sits at its counter."""
    authority = municipal_authority()
    return holders(authority, [Role.MUNICIPAL_AUTHORITY]).first() or staff(authority, Role.MUNICIPAL_AUTHORITY)


@remembered
def deferred(of: SharingGrant | Taking, by: User, second: User, **changed: Any) -> Deferral:
    """Readings through a right that are told later, confirmed by a second person."""
    values: dict[str, Any] = {
        "basis": "《中华人民共和国刑事诉讼法》第五十四条",
        "reasons": "告知本人将妨碍正在进行的调查。",
        "until": made.later(30).date(),
        "at": made.later(2),
    }
    proposed = services.propose_deferral(access=of, by=by, **(values | changed))
    return services.confirm_deferral(deferral_id=proposed.pk, by=second, at=values["at"])
