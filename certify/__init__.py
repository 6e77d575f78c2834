"""certify: critical points of two-layer ReLU networks as theorems with checkable certificates."""
