"""The metrics, one file of tests per file of metrics."""
