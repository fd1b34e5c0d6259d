"""A plain variational autoencoder of whole product pictures: reconstruct, sample, interpolate."""
