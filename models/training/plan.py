"""The numbers that training is done by, each with its reason; those that were measured are in docs/adr/0009-learned-ranker.md."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """How a ranker is learned.

    `seed` settles all chance. People fall into `folds`; what is learned of a fold's people uses the attendance of the others alone, and the last
    fold is kept for calibration. `negatives` groups that somebody did not join stand beside each that they did; `without_history` is the share
    of first groups that are asked about with negatives. `exposure` is the power of a group's size by which its joins count less, because many
    had heard of it, and `exposure_direct` the same where the weights of single inputs are fitted, on `choices` questions at most, each beside
    `beside` groups: of those drawn for the trees too few are among the first. `masked` is the share of questions asked once more with the
    groups' history hidden. The benefit of the doubt of a group without history is the least with which `beyond_words` times as many hidden
    groups are found as by words alone, tried on `tried` of those questions. `comes_back` sessions are coming back, which counts at most
    `coming_at_most` times what joining does. `half_trust` outcomes weigh as much as the prior. `trees`, `rate`, `leaves`, `leaf` and `columns`
    are the boosting's: rounds, learning rate, leaves, the fewest rows of a leaf, and the share of features tried at a split.
    """

    seed: int = 0
    folds: int = 5
    negatives: int = 30
    without_history: float = 0.2
    exposure: float = 0.8
    exposure_direct: float = 0.65
    choices: int = 2000
    masked: float = 0.5
    beyond_words: float = 1.25
    tried: int = 600
    beside: int = 500
    comes_back: int = 2
    coming_at_most: float = 0.25
    half_trust: float = 200.0
    trees: int = 180
    rate: float = 0.07
    leaves: int = 12
    leaf: int = 200
    columns: float = 0.4
    back_trees: int = 80
    back_leaves: int = 6
