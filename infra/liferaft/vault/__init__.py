"""Object storage at neutral vendors, behind one small contract."""
