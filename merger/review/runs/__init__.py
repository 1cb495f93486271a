"""Runs: progress, pause and resume, verification, roll-back."""
