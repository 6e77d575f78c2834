"""Training as a dynamical system of order parameters Q = W W^T, R = W V^T (docs/dynamics.md, B3)."""
