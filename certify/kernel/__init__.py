"""Certificates for Coq's kernel: an untrusted exporter and a runner of coqc (proofs/coq/README.md)."""
