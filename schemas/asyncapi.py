"""The AsyncAPI 3.0 description of the streams: a channel a stream, a message an event, an operation for each service on each stream.

Built from the stream registry and the published schemas, which it embeds, so that the one document stands alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from schemas.envelope import CONTENT_TYPE, SPEC_VERSION, event_type
from schemas.events import ALL
from schemas.streams import PARTITIONS, STREAMS, ServiceName, Stream, group_of, writers_of

Schema = dict[str, Any]

VERSION = "1.0.0"
SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
_SERVER: Schema = {
    "host": "{bootstrap}",
    "protocol": "kafka",
    "description": "Where this installation keeps its streams; an installation over one folder has no Kafka and the same streams.",
    "variables": {"bootstrap": {"description": "TOGETHER_KAFKA_BOOTSTRAP", "examples": ["kafka:9092"]}},
}
_DAY_IN_MILLISECONDS = 86_400_000
_KAFKA_BINDING = "0.5.0"


def asyncapi(published: Mapping[str, Schema]) -> Schema:
    """The whole document; `published` holds every event's wire schema by the event's name."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Better Together",
            "version": VERSION,
            "description": "Facts about referrals, groups, matches, places, follow-ups and outcomes: CloudEvents 1.0, personal parts sealed.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"kafka": _SERVER},
        "channels": {name: _channel(stream) for name, stream in STREAMS.items()},
        "operations": dict(_operations()),
        "components": {
            "messages": {name: _message(name, published[name]) for name in ALL},
            "schemas": {"CloudEventHeaders": _headers()},
        },
    }


def _channel(stream: Stream) -> Schema:
    kept = -1 if stream.kept_days is None else stream.kept_days * _DAY_IN_MILLISECONDS
    policy = "compact" if stream.compacted else "delete"
    return {
        "address": stream.name,
        "description": f"Keyed by {stream.key}; order holds per key and nowhere else.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in stream.events},
        "bindings": {
            "kafka": {
                "topic": stream.name,
                "partitions": PARTITIONS,
                "topicConfiguration": {"cleanup.policy": [policy], "retention.ms": kept},
                "bindingVersion": _KAFKA_BINDING,
            }
        },
        "x-key": stream.key,
    }


def _operations() -> Iterator[tuple[str, Schema]]:
    for stream in STREAMS.values():
        for service in get_args(ServiceName):
            written = [name for name in stream.events if service in writers_of(name)]
            if written:
                yield f"{service}-sends-{stream.name}", _operation("send", stream, written)
            if service in stream.readers:
                group = {"groupId": {"type": "string", "enum": [group_of(service)]}, "bindingVersion": _KAFKA_BINDING}
                yield f"{service}-receives-{stream.name}", _operation("receive", stream, stream.events) | {"bindings": {"kafka": group}}


def _operation(action: str, stream: Stream, events: Iterable[str]) -> Schema:
    channel = f"#/channels/{stream.name}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in events],
    }


def _message(name: str, schema: Schema) -> Schema:
    return {
        "name": event_type(ALL[name]),
        "title": name,
        "summary": schema["description"].split("\n\n")[0],
        "contentType": CONTENT_TYPE,
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": schema},
        "bindings": {"kafka": {"key": {"type": "string", "description": f"the {ALL[name].key}"}, "bindingVersion": _KAFKA_BINDING}},
        "x-status": schema["x-status"],
    }


def _headers() -> Schema:
    """The CloudEvents attributes in Kafka's binary content mode."""
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "ce_specversion": {"const": SPEC_VERSION},
            "ce_id": text,
            "ce_source": text,
            "ce_type": text,
            "ce_subject": text,
            "ce_time": {"type": "string", "format": "date-time"},
            "ce_dataschema": {"type": "string", "format": "uri"},
            "ce_correlationid": text,
            "ce_causationid": text,
            "ce_traceparent": text,
            "content-type": {"const": CONTENT_TYPE},
        },
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_correlationid"],
    }
