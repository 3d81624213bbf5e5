"""Reports: projections of a run's journal."""
