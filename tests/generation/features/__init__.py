"""The product classifier."""
