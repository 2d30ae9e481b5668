"""The places in groups: asked for on `place-requests`, given by the directory alone, one group at a time.

`answers` is a fold over one group's `book`: what is asked goes in, in the order of the stream, and the answers come out. It knows no database,
and the time only as a `Calendar` that it is given.
"""
