"""Reports, which are projections of a run's journal; and where the application stands."""
