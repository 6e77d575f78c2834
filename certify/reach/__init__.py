"""Which minima training reaches: many runs at once, each stopped inside a certified basin (docs/dynamics.md)."""
