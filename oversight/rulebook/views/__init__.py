"""Pages of those who keep the calendar and the rules."""
