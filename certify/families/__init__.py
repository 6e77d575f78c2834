"""Block symmetry: signatures, orbit patterns, and the loss on the space a product of symmetric groups fixes."""
