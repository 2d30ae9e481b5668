"""How fast the sentence encoder is beside the same weights in torch, what its eight bits cost the ranking, and how often it need not run.

    .tools/bin/uv sync --inexact --extra learning --group torch
    python -m benchmarks.encoder_speed [--people 200]

All ways read one text at a time on one core, tokenizer included, and take turns, so that a slow hour is slow for all. Torch is the published
way to run these weights (`transformers`, fp32), and the same turned to eight bits by its own dynamic quantisation. The hits are those of
`benchmarks.text_quality`. The sample town is lived through, and its rankings are counted beside the texts that it had to read for them.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Final

import numpy as np

from benchmarks.reference import Spread, fixed_work_ms, keep, machine, spread
from benchmarks.text_quality import Encode, own_words, sentences
from models.text.build import weights_folder
from models.text.encoder import PACKAGED, TOKENIZER, Encoder
from models.town.groups import town_groups
from models.town.people import town_referrals
from schemas.envelope import event_name
from schemas.events.matches import MatchesProposed, NoMatchFound
from services.chassis.clock import HandSetClock
from services.chassis.embedded import Embedded
from services.cli.installation import Installation, embedded_installation, settings_for
from services.cli.listing import list_groups
from services.cli.preparing import encoder
from services.cli.sample_town import FEED, OPENS, live_through
from services.cli.town_life import seeded

OURS: Final = "ours"
SEED: Final = 1
ROUNDS: Final = 3


@dataclass(frozen=True)
class Way:
    """Of one way to encode: processor time a text, how many times as long as ours the median text took, and hit@1 of own words by texts alone."""

    texts: dict[str, Spread]
    times_ours: dict[str, float]
    hit_at_1: float
    cosine_to_torch: float


@dataclass(frozen=True)
class Reading:
    """In the sample town: texts read while it lived, rankings made of them, and the share of rankings for which no text had to be read.

    `groups_again` are texts read when all its groups are listed once more; `alike` is the share of people's texts that somebody had said in the
    same words, which is what remembering texts would spare.
    """

    people: int
    read: int
    rankings: int
    spared: float
    groups: int
    groups_again: int
    alike: float


@dataclass(frozen=True)
class Result:
    """Everything that was measured; `fixed_work_ms` before and after."""

    ways: dict[str, Way]
    town: Reading
    fixed_work_ms: tuple[float, float]
    machine: dict[str, str]


def texts() -> dict[str, list[str]]:
    """What is read: people's own words, and groups' names with their descriptions."""
    groups = [f"{group.name}. {group.description}" for group in town_groups(SEED)]
    return {"own words": [said for _, said in sentences()], "groups": groups}


def ways() -> dict[str, Encode]:
    """Ours, remembering nothing, and torch's."""
    import torch
    from transformers import BertModel

    torch.set_num_threads(1)
    network = BertModel.from_pretrained(weights_folder(), add_pooling_layer=False).eval()
    eight_bits = torch.ao.quantization.quantize_dynamic(network, {torch.nn.Linear}, dtype=torch.qint8)
    return {OURS: Encoder.load(remembered=0).encode, "torch": _torch_encode(network), "torch, eight bits": _torch_encode(eight_bits)}


def _torch_encode(network: Any) -> Encode:
    import torch
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(PACKAGED / TOKENIZER))

    def encode(text: str) -> Any:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.inference_mode():
            mean = network(input_ids=ids).last_hidden_state.mean(dim=1)
            return torch.nn.functional.normalize(mean)[0].numpy()

    return encode


def compared() -> dict[str, Way]:
    """All ways on all texts, text by text in turns."""
    encodes, read = ways(), texts()
    spent = {kind: _spent(encodes, some) for kind, some in read.items()}
    vectors = {way: _vectors(encode, [text for some in read.values() for text in some]) for way, encode in encodes.items()}
    return {
        way: Way(
            texts={kind: spread(spent[kind][way]) for kind in read},
            times_ours={kind: round(median(spent[kind][way]) / median(spent[kind][OURS]), 2) for kind in read},
            hit_at_1=own_words(encode)["texts alone"]["hit@1"],
            cosine_to_torch=round(float((vectors[way] * vectors["torch"]).sum(axis=1).mean()), 4),
        )
        for way, encode in encodes.items()
    }


def _spent(encodes: Mapping[str, Encode], some: Sequence[str]) -> dict[str, list[float]]:
    spent: dict[str, list[float]] = {way: [] for way in encodes}
    for encode in encodes.values():
        encode(some[0])
    for text in [text for _ in range(ROUNDS) for text in some]:
        for way, encode in encodes.items():
            start = process_time()
            encode(text)
            spent[way].append(process_time() - start)
    return spent


def _vectors(encode: Encode, some: Sequence[str]) -> Any:
    return np.stack([vector for text in some if (vector := encode(text)) is not None])


def lived(people: int) -> Reading:
    """Live through the sample town, counting what its encoder reads."""
    clock, reads = HandSetClock(OPENS), encoder()
    groups = town_groups(SEED)
    referrals = sorted(town_referrals(people, SEED, first_received=OPENS), key=lambda one: (one.received_at or OPENS, one.referral_id or ""))
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_installation(settings_for(Path(folder)), clock, seeded(SEED, "facts")) as running,
    ):
        listed = [_read_by(reads, lambda: list_groups(running, FEED, groups)) for _ in range(2)]
        read = _read_by(reads, lambda: live_through(running, clock, referrals, SEED))
        rankings = _rankings(running)
    said = [one.interests.strip() for one in referrals if one.interests.strip()]
    return Reading(people, read, rankings, round(1 - read / rankings, 3), listed[0], listed[1], round(1 - len(set(said)) / len(said), 3))


def _read_by(reads: Encoder, act: Callable[[], object]) -> int:
    before = reads.misses
    act()
    return reads.misses - before


def _rankings(running: Installation[Embedded]) -> int:
    answers = {MatchesProposed.__name__, NoMatchFound.__name__}
    return sum(event_name(stored.record.type) in answers for stored in running.services.all_of("matches"))


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200, help="of the sample town")
    chosen = parser.parse_args()
    before = fixed_work_ms()
    measured = compared()
    town = lived(chosen.people)
    result = Result(measured, town, (round(before, 1), round(fixed_work_ms(), 1)), machine())
    keep("encoder_speed", result)
    print(json.dumps(asdict(result), indent=2))


if __name__ == "__main__":
    main()
