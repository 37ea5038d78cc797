"""One file a mode: its form, and how the form becomes a request."""
