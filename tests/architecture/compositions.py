"""The compositions of deploy/ as they stand, with their anchors resolved and an overlay merged over what it extends."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DISTRIBUTED = ROOT / "docker-compose.yml"
EMBEDDED = ROOT / "deploy" / "compose.embedded.yml"
MAIL = ROOT / "deploy" / "compose.mail.yml"
WATCHING = ROOT / "deploy" / "observability" / "compose.yml"
ALL = (DISTRIBUTED, EMBEDDED, MAIL, WATCHING)


def composition(file: Path) -> dict[str, Any]:
    """One file; an overlay's services have what the distributed run says of them."""
    read: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    if file in (MAIL, WATCHING):
        base = composition(DISTRIBUTED)
        for part in ("services", "networks", "volumes", "secrets"):
            read[part] = {**base[part], **{name: {**(base[part].get(name) or {}), **(said or {})} for name, said in read.get(part, {}).items()}}
    return read
