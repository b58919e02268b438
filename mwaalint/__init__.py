"""mwaalint: a linter for Amazon MWAA deployments."""

__version__ = "0.1.0"
