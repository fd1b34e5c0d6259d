"""What made pictures are worth: sets against sets, pictures against their truth, and the report of it."""
