"""Changing the calendar and the rules by two persons, and what follows for running clocks."""
