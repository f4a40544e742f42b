"""Changing the procedure: drafts, checks, trial runs, comparison, migration, tables."""
