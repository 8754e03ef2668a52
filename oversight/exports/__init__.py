"""Exports of the whole ledger of a period: asked for by one person, released by a second."""
