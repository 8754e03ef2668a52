"""Unusual use of grants: counted from the sealed log, held against rules, told to provider and authority (第十七条)."""
