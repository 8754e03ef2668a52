"""Pages of doubts reported about data, for everyone and for the agencies that check them."""
