"""The list of those whom the regulation binds: an agency that is no more is ended, and may be there again."""
