"""The coordinator: every case as the facts make it, the queue that nobody is lost from, and the pages on which a link worker reads both."""
