"""The calendar and the rules of counting: proposed by one person, confirmed by a second."""
