"""Pages of the catalogue and of gathering."""
