"""Who used my data: what a reading leaves, whom it touched, and what that person is told (第十七条)."""
