"""One answer: what was heard and pressed becomes one checked value. Pure."""
