"""Pages of requests and reviews."""
