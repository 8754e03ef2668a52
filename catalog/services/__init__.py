"""One function per legal act on systems, the catalogue and the data gathered for it (第九条至第十三条)."""

from catalog.services.adjusting import Event, correct_event_day, declare_adjustment, declare_for_many
from catalog.services.batch_gathering import gather_waiting
from catalog.services.batches import (
    Receipt,
    Sent,
    close_batch,
    drop_abandoned_batches,
    receive_batch,
    receive_part,
    require_size,
)
from catalog.services.checking import Found, forget_old_checks, note_check
from catalog.services.co_collecting import ask_co_collection, decide_co_collection
from catalog.services.compiling import (
    ELEMENTS,
    compile_entry,
    delegate_entry,
    drop,
    edit_revision,
    end_delegation,
    revise,
)
from catalog.services.confidentiality import ask_confidentiality_review, decide_confidentiality_review
from catalog.services.deciding import approve, pass_review, require_nothing_under_way, send_back, submit, withdraw
from catalog.services.documents import ReadDocument, read_document, read_upload, replace_document
from catalog.services.gathering import land_file, requeue_stale_loads, run_load
from catalog.services.import_deciding import DECIDED, Preview, usual_defaults
from catalog.services.import_files import read_catalogue
from catalog.services.import_whole import Whole, import_whole, understood
from catalog.services.import_words import TARGETS
from catalog.services.importing import (
    begin_import,
    keep_mapping,
    look_ahead,
    preview,
    requeue_stale_imports,
    run_import,
    start_import,
)
from catalog.services.interfaces import (
    InterfaceFacts,
    add_interface,
    change_interface,
    check_now,
    end_interface,
    pause_checking,
    resume_checking,
)
from catalog.services.item_rules import rule_problems
from catalog.services.publishing import (
    Publication,
    confirm_decision,
    pass_decision_review,
    propose_publication,
    reject_decision,
    revoke_decision,
)
from catalog.services.pull_runs import run_pulls
from catalog.services.pulls import (
    PullFacts,
    add_pull,
    change_pull,
    end_pull,
    pause_pull,
    plan_to_try,
    resume_pull,
    run_pull,
)
from catalog.services.quality import note_open_corrections, rate_missing
from catalog.services.referring import entries_referring_to
from catalog.services.restoring import check_restorable, restore_data
from catalog.services.rules import Broken, ItemSpec, broken_rules
from catalog.services.sending import modes_offered
from catalog.services.systems import (
    SystemFacts,
    change_system,
    put_in_use,
    register_system,
    resume_system,
    stop_system,
)
from catalog.services.together import (
    MOST_TOGETHER,
    Decided,
    decide_together,
    pass_confidentiality_together,
    send_on_together,
)
from catalog.services.versions import left_uncompared, note_difference

__all__ = [
    "DECIDED",
    "ELEMENTS",
    "MOST_TOGETHER",
    "TARGETS",
    "Broken",
    "Decided",
    "Event",
    "Found",
    "InterfaceFacts",
    "ItemSpec",
    "Preview",
    "Publication",
    "PullFacts",
    "ReadDocument",
    "Receipt",
    "Sent",
    "SystemFacts",
    "Whole",
    "add_interface",
    "add_pull",
    "approve",
    "ask_co_collection",
    "ask_confidentiality_review",
    "begin_import",
    "broken_rules",
    "change_interface",
    "change_pull",
    "change_system",
    "check_now",
    "check_restorable",
    "close_batch",
    "compile_entry",
    "confirm_decision",
    "correct_event_day",
    "decide_co_collection",
    "decide_confidentiality_review",
    "decide_together",
    "declare_adjustment",
    "declare_for_many",
    "delegate_entry",
    "drop",
    "drop_abandoned_batches",
    "edit_revision",
    "end_delegation",
    "end_interface",
    "end_pull",
    "entries_referring_to",
    "forget_old_checks",
    "gather_waiting",
    "import_whole",
    "keep_mapping",
    "land_file",
    "left_uncompared",
    "look_ahead",
    "modes_offered",
    "note_check",
    "note_difference",
    "note_open_corrections",
    "pass_confidentiality_together",
    "pass_decision_review",
    "pass_review",
    "pause_checking",
    "pause_pull",
    "plan_to_try",
    "preview",
    "propose_publication",
    "put_in_use",
    "rate_missing",
    "read_catalogue",
    "read_document",
    "read_upload",
    "receive_batch",
    "receive_part",
    "register_system",
    "reject_decision",
    "replace_document",
    "requeue_stale_imports",
    "requeue_stale_loads",
    "require_nothing_under_way",
    "require_size",
    "restore_data",
    "resume_checking",
    "resume_pull",
    "resume_system",
    "revise",
    "revoke_decision",
    "rule_problems",
    "run_import",
    "run_load",
    "run_pull",
    "run_pulls",
    "send_back",
    "send_on_together",
    "start_import",
    "stop_system",
    "submit",
    "understood",
    "usual_defaults",
    "withdraw",
]
