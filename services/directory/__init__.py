"""The directory: groups in, from feeds and by hand, each under the feed that says so; organisers' contacts sealed; served as our own and as HSDS."""
