"""Ball arithmetic: the only package that imports flint."""

from certify.arithmetic.balls import (
    Ball,
    ball_matrix,
    certainly_less,
    clipped,
    dyadic_ball,
    enclosure,
    lower,
    magnitude,
    matrix_of,
    midpoint,
    pi,
    precision,
    rectangle,
    square_root,
    upper,
)
from certify.arithmetic.balls import functions as ball_functions
from certify.arithmetic.dyadic import Dyadic, dyadic, float_lower, float_upper, rounded, text

__all__ = [
    "Ball",
    "Dyadic",
    "ball_functions",
    "ball_matrix",
    "certainly_less",
    "clipped",
    "dyadic",
    "dyadic_ball",
    "enclosure",
    "float_lower",
    "float_upper",
    "lower",
    "magnitude",
    "matrix_of",
    "midpoint",
    "pi",
    "precision",
    "rectangle",
    "rounded",
    "square_root",
    "text",
    "upper",
]
