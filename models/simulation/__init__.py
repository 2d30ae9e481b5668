"""Towns with a known truth: hidden tastes, people who do not come, groups that have ended while still listed, places that fill.

Ways of proposing groups live through the same town with the same chance and are compared by what came of it. Nothing here is fitted to
make any of them win: every number of the truth stands in `truth.toml` with where it comes from. What holds here holds on made-up towns.
"""
