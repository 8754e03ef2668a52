"""Taking files in, handing them on, and looking into them."""

from guiyang_data.attachments.services.forgetting import forget_drafts
from guiyang_data.attachments.services.inspecting import cleaned_content, confirm, inspect, keep_cleaned, remove
from guiyang_data.attachments.services.taking import adopt, clean_name, copy, take_in

__all__ = [
    "adopt",
    "clean_name",
    "cleaned_content",
    "confirm",
    "copy",
    "forget_drafts",
    "inspect",
    "keep_cleaned",
    "remove",
    "take_in",
]
