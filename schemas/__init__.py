"""What crosses a boundary: the records people exchange in files and over HTTP, and the facts services exchange in events."""
