"""Sound as data, and the places where calls happen."""
