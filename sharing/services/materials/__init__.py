"""One function per legal act about the materials of service matters (第十六条第二款)."""

from sharing.services.materials.demanding import (
    accept_reasons,
    ask_again,
    decline_reasons,
    drop_material,
    record_exception,
    state_reasons,
    strike_exception,
)
from sharing.services.materials.importing import (
    begin_matter_import,
    keep_matter_mapping,
    look_ahead_at_matters,
    start_matter_import,
)
from sharing.services.materials.matters import (
    Wanted,
    add_material,
    add_matter,
    change_material,
    change_matter,
    count_report,
)
from sharing.services.materials.mending import settle
from sharing.services.materials.supplying import (
    confirm_supply,
    lapse_supplies,
    propose_supply,
    reject_supply,
    withdraw_supply,
)

__all__ = [
    "Wanted",
    "accept_reasons",
    "add_material",
    "add_matter",
    "ask_again",
    "begin_matter_import",
    "change_material",
    "change_matter",
    "confirm_supply",
    "count_report",
    "decline_reasons",
    "drop_material",
    "keep_matter_mapping",
    "lapse_supplies",
    "look_ahead_at_matters",
    "propose_supply",
    "record_exception",
    "reject_supply",
    "settle",
    "start_matter_import",
    "state_reasons",
    "strike_exception",
    "withdraw_supply",
]
