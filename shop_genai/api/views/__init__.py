"""One module per noun of the API; ``studio`` holds the policies that all of them share."""
