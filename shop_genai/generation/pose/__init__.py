"""Where a person's joints are in a picture, which way the person faces, and how many people there are."""
