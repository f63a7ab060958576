"""The conversation: events in, actions out. Pure."""
