"""Forms of requests, replies and reviews."""
