"""The JSON Schema (2020-12) of every event as it travels, and of the four file formats.

On the wire a sealed part is base64 of ciphertext, so its schema is a string; what is inside stands beside it as `contentSchema`. Examples are
written by hand in `examples.json`, opened; their ciphertext is a stand-in of the right length, the same at every run.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import shake_256
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from schemas.attendance import Attendance
from schemas.envelope import schema_of
from schemas.events.base import Data, Purpose
from schemas.group import Group
from schemas.proposal import Proposal
from schemas.referral import Referral

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SEALED_MEDIA_TYPE = "application/vnd.better-together.sealed+json"
FILES: dict[str, type[BaseModel]] = {"group": Group, "referral": Referral, "proposal": Proposal, "attendance": Attendance}
"""The file formats of DESIGN.md section 5, by name; all of them are frozen."""

_NONCE_AND_TAG = 12 + 16
_KEY_OF: dict[Purpose, str] = {
    "details": "the person's `details` key",
    "matching": "the person's `matching` key",
    "group": "the group's key",
}


class _WithoutTitles(GenerateJsonSchema):
    """A field's title would only repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the signature is pydantic's
        return False


def examples() -> dict[str, dict[str, Any]]:
    """For every event its data with the parts opened, and for every file format one line of it."""
    found: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
    return found


def event_schema(event: type[Data], opened: Mapping[str, Any]) -> Schema:
    """The wire schema of an event; `opened` is its example with the parts opened."""
    body = _generated(event)
    for name, (purpose, part) in event.sealed_parts.items():
        body["properties"][name] = _sealed(purpose, part, opened.get(name))
    if event.sealed_parts:
        del body["$defs"]["Sealed"]
    about = {"x-stream": event.stream, "x-key": event.key, "x-status": "draft" if event.draft else "frozen"}
    return _document(schema_of(event), event.__name__, about, body, wire_form(event, opened))


def file_schema(name: str, example: Mapping[str, Any]) -> Schema:
    """The schema of one line of a file format."""
    return _document(f"urn:better-together:schema:{name}", name, {"x-status": "frozen"}, _generated(FILES[name]), example)


def wire_form(event: type[Data], opened: Mapping[str, Any]) -> dict[str, Any]:
    """An example's data as it travels: each part in place of which base64 of a nonce, a ciphertext and a tag stands."""
    return {name: _stand_in(value) if name in event.sealed_parts else value for name, value in opened.items()}


def _stand_in(part: object) -> str:
    plain = json.dumps(part, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return b64encode(shake_256(plain).digest(len(plain) + _NONCE_AND_TAG)).decode()


def _sealed(purpose: Purpose, part: type[BaseModel], example: object) -> Schema:
    content: Schema = {"$ref": f"#/$defs/{part.__name__}"}
    if example is not None:
        content["examples"] = [example]
    return {
        "description": f"Sealed under {_KEY_OF[purpose]}; absent or null where there is nothing",
        "type": ["string", "null"],
        "default": None,
        "contentEncoding": "base64",
        "contentMediaType": SEALED_MEDIA_TYPE,
        "x-sealed-under": purpose,
        "contentSchema": content,
    }


def _document(id_: str, title: str, about: Schema, body: Schema, example: Mapping[str, Any]) -> Schema:
    head = {"$schema": DIALECT, "$id": id_, "title": title, "description": body.pop("description"), **about}
    return {**head, **{name: value for name, value in body.items() if name != "title"}, "examples": [dict(example)]}


def _generated(model: type[BaseModel]) -> Schema:
    whole: Schema = _reflowed(model.model_json_schema(schema_generator=_WithoutTitles))
    return whole


def _reflowed(node: Any) -> Any:
    """The schema with each description's lines joined to paragraphs."""
    if isinstance(node, list):
        return [_reflowed(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: _paragraphs(value) if name == "description" and isinstance(value, str) else _reflowed(value) for name, value in node.items()}


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
