"""A real Kubernetes in plain processes, for testing operators."""
