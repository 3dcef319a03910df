"""The cases: each module is a suite that run.py knows by name."""
