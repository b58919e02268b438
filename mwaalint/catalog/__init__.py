"""What MWAA is, per version, as data with sources."""
