"""Telling subscribers of new versions: what is to be told, what it says, and how it arrived (第十五条)."""
