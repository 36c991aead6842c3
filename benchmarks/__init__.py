"""What `make bench` runs: generated data on PostgreSQL, figures as ratios."""
