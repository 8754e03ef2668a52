"""One function per legal act on the catalogue and on the data gathered for it (第九条至第十三条)."""

from catalog.services.adjusting import declare_adjustment
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
from catalog.services.deciding import approve, pass_review, send_back, submit, withdraw
from catalog.services.gathering import land_file, requeue_stale_loads, run_load
from catalog.services.import_files import read_catalogue
from catalog.services.import_matching import TARGETS
from catalog.services.import_whole import Whole, import_whole
from catalog.services.importing import (
    Preview,
    begin_import,
    preview,
    requeue_stale_imports,
    run_import,
    start_import,
    usual_defaults,
)
from catalog.services.rules import Broken, ItemSpec, broken_rules

__all__ = [
    "ELEMENTS",
    "TARGETS",
    "Broken",
    "ItemSpec",
    "Preview",
    "Whole",
    "approve",
    "ask_confidentiality_review",
    "begin_import",
    "broken_rules",
    "compile_entry",
    "decide_confidentiality_review",
    "declare_adjustment",
    "delegate_entry",
    "drop",
    "edit_revision",
    "end_delegation",
    "import_whole",
    "land_file",
    "pass_review",
    "preview",
    "read_catalogue",
    "requeue_stale_imports",
    "requeue_stale_loads",
    "revise",
    "run_import",
    "run_load",
    "send_back",
    "start_import",
    "submit",
    "usual_defaults",
    "withdraw",
]
