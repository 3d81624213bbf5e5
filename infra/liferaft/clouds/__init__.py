"""One folder per cloud behind one contract."""
