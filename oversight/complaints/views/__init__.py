"""Pages of complaints: for complainants, for those who handle them, for the agency complained about."""
