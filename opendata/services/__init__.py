"""One function per legal act of opening (第十八条至第二十条)."""

from opendata.services.demand import record_demand
from opendata.services.following import close_with_catalogue, follow_catalogue, open_new_data
from opendata.services.planning import decide_plan, drop_plan, edit_plan, plan_opening, submit_plan
from opendata.services.publishing import count_download, publish, republish, withdraw_dataset
from opendata.services.running import requeue_stale_jobs, run_publish

__all__ = [
    "close_with_catalogue",
    "count_download",
    "decide_plan",
    "drop_plan",
    "edit_plan",
    "follow_catalogue",
    "open_new_data",
    "plan_opening",
    "publish",
    "record_demand",
    "republish",
    "requeue_stale_jobs",
    "run_publish",
    "submit_plan",
    "withdraw_dataset",
]
