"""A plain DCGAN: noise in, product pictures out."""
