"""How long a test waits for what must come."""

PATIENCE_S = 180.0
"""Beyond anything that a busy machine needs: what has not come by then never will, and the test says where it hangs."""
