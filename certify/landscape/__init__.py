"""The mathematics of the loss: float64 (`floats`, `bounded`), balls (`balls`), variation bounds (`variation`)."""
