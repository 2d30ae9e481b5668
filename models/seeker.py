"""The person a group is sought for, as matching may know them: stated needs, the text's vector and words, and what forbids a proposal.

Nothing here names the person. Ethnicity, religion and health conditions have no field and can reach no feature.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from schemas.referral import Needs


@dataclass(frozen=True, slots=True)
class Seeker:
    """One referral's matching part.

    `vector` is the embedding of the free text, (384,) of unit length, None where there is no text; `words` are its codes of the closed
    vocabulary, `refused` those of what the person does not want. `cooling_off` are the groups declined lately. `consented` None: as
    `needs.consent` says, and absent is no.
    """

    needs: Needs
    vector: NDArray[np.float32] | None = None
    words: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    open_flags: bool = False
    cooling_off: frozenset[str] = field(default_factory=frozenset)
    consented: bool | None = None

    @property
    def flagged(self) -> bool:
        """Whether a red flag is open, or came with the referral."""
        return self.open_flags or bool(self.needs.flags)

    @property
    def may_be_matched(self) -> bool:
        """Whether the person agreed to be matched."""
        if self.consented is not None:
            return self.consented
        return self.needs.consent is not None and self.needs.consent.match

    @property
    def is_known(self) -> bool:
        """Whether anything is known that one group could meet better than another."""
        needs = self.needs
        stated = needs.tags or needs.availability or needs.languages or needs.access_needs or needs.travel is not None or needs.max_cost is not None
        return self.vector is not None or bool(self.words) or bool(stated) or any(been.sessions for been in needs.attended)


def refuses_in_file(needs: Needs, what: Literal["match", "learning"] = "match") -> bool:
    """Whether a referral from a file says outright that the person does not agree to be matched, or learned from; silence is no refusal there."""
    return needs.consent is not None and what in needs.consent.model_fields_set and not getattr(needs.consent, what)
