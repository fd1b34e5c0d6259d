"""What an evaluation measures and reports, one file of tests per file."""
