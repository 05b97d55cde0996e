"""Commands that simulate: scans (simulate), drives (sequences), the demo (make_demo)."""
