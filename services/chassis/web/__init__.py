"""The web's shell that every service's routes stand in: who may call, how much may be sent, what an error looks like, how a page is made.

Nothing is open unless its route says so and the closed list allows it; no request, whatever is in it, is answered by a bare 500.
"""
