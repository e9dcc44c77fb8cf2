"""Workloads as the restore machine needs them: found by the claim they use, read, scaled; decides nothing."""
