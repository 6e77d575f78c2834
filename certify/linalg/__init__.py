"""Verified linear algebra: definiteness and inertia in float64 (`definite`) and in balls (`balls`)."""
