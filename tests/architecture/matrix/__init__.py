"""The matrix of roles, routes and methods: its world, its tables, and how a cell is asked."""
