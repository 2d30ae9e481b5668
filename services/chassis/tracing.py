"""Traces over the services: off, and what makes and sends them not even imported, unless the environment says where traces are sent to.

A command's span is a child of its request's, or begins a trace; the facts that it led to carry the span's `traceparent` (W3C Trace Context), and
whatever follows from a fact carries that of the fact. A turn over a batch is one span that links to the events in it. A span says ids of events,
services, streams and counts, never what an event says of a person, and of a failure only its kind.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from schemas.envelope import Event
from schemas.events.base import Data
from schemas.streams import ServiceName, group_of
from services.chassis.errors import UserError

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, SpanContext, Tracer

_TRACEPARENT: Final = re.compile(r"(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_LINKS: Final = 500  # one for each event of a batch
_request: ContextVar[str | None] = ContextVar("traceparent", default=None)


def traceparent_of(text: str | None) -> str | None:
    """A traceparent as we write it, or None where the text is none: whoever sent it, it is not to be in anybody's way."""
    found = _TRACEPARENT.fullmatch(text) if text else None
    return f"00-{found[1]}-{found[2]}-{found[3]}" if found else None


def requested() -> str | None:
    """The traceparent of the request that is served here, where there is one and traces are on."""
    return _request.get()


@dataclass
class CommandSpans:
    """The spans of commands that are decided together."""

    spans: Sequence["Span"] = ()
    traceparents: Sequence[str] = ()

    def end(self, outcomes: Sequence[str], failure: BaseException | None = None) -> None:
        """End each with its outcome."""
        for span, outcome in zip(self.spans, outcomes, strict=True) if self.spans else ():
            span.set_attribute("together.outcome", outcome)
            _end(span, failure)


@dataclass(frozen=True)
class Tracing:
    """Begins and ends spans; without a tracer it does nothing. `system` is what carries the events."""

    tracer: "Tracer | None" = field(default=None, repr=False)
    system: str = ""

    @contextmanager
    def request(self, method: str, route: str, traceparent: str | None) -> Iterator["Span | None"]:
        """The span of one request, under that of the caller where it said one."""
        from opentelemetry.trace import SpanKind

        assert self.tracer is not None
        said = {"http.request.method": method, "http.route": route}
        span = self.tracer.start_span(f"{method} {route}", _context(traceparent_of(traceparent)), SpanKind.SERVER, said)
        token, failure = _request.set(_traceparent(span.get_span_context())), None
        try:
            yield span
        except BaseException as error:
            failure = error
            raise
        finally:
            _request.reset(token)
            _end(span, failure)

    def commands(self, service: ServiceName, commands: Sequence[Any], traceparents: Sequence[str | None]) -> CommandSpans:
        """A span for each command, under that of its own request, or of a trace of its own."""
        if self.tracer is None:
            return CommandSpans()
        said = {"together.service": service, "together.command": type(commands[0]).__name__}
        parents = traceparents or [None] * len(commands)
        spans = [self.tracer.start_span(f"decide {said['together.command']}", _context(parent), attributes=said) for parent in parents]
        return CommandSpans(spans, [_traceparent(span.get_span_context()) for span in spans])

    @contextmanager
    def batch(self, service: ServiceName, events: Sequence[Event[Data]], refused: int) -> Iterator[None]:
        """The span of one turn over these events and so many records that were refused."""
        if self.tracer is None or not (events or refused):
            yield
            return
        span, failure = self._processing(self.tracer, service, events, refused), None
        try:
            yield
        except BaseException as error:
            failure = error
            raise
        finally:
            _end(span, failure)

    def _processing(self, tracer: "Tracer", service: ServiceName, events: Sequence[Event[Data]], refused: int) -> "Span":
        from opentelemetry.trace import Link, SpanKind

        causes = [(event, known) for event in events if (known := _span_context(traceparent_of(event.traceparent)))]
        links = [Link(known, {"messaging.message.id": event.id, "messaging.destination.name": event.data.stream}) for event, known in causes]
        one_trace = len({known.trace_id for _, known in causes}) == 1
        parent = _context(causes[0][0].traceparent) if one_trace else _context(None)
        said = self._said(service, events, refused)
        return tracer.start_span(f"process {service}", parent, SpanKind.CONSUMER, said, links)

    def _said(self, service: ServiceName, events: Sequence[Event[Data]], refused: int) -> dict[str, str | int]:
        """OpenTelemetry's semantic conventions for messaging, as far as they fit."""
        streams = {event.data.stream for event in events}
        said: dict[str, str | int] = {
            "messaging.system": self.system,
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.consumer.group.name": group_of(service),
            "messaging.batch.message_count": len(events) + refused,
            "together.service": service,
            "together.refused": refused,
        }
        return said | {"messaging.destination.name": min(streams)} if len(streams) == 1 else said


OFF: Final = Tracing()


@contextmanager
def tracing(process: str, system: str) -> Iterator[Tracing]:
    """What OpenTelemetry's own environment variables say, for as long as the block runs; `process` is the name where they tell none.

    Raises:
        UserError: traces are asked for, and what sends them is not installed.
    """
    if not _asked_for(os.environ):
        yield OFF
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import SpanLimits, TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        raise UserError(f"traces are asked for, and {missing.name} is not installed: install better-together[distributed]") from None
    resource = Resource({"service.name": process, "service.namespace": "better-together"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource, shutdown_on_exit=False, span_limits=SpanLimits(max_links=_LINKS))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield Tracing(provider.get_tracer("better-together"), system)
    finally:
        provider.shutdown()


def _asked_for(environment: Mapping[str, str]) -> bool:
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER", "otlp").lower() == "none":
        return False
    return any(environment.get(name) for name in _ENDPOINTS)


def _end(span: "Span", failure: BaseException | None) -> None:
    """End a span; of a failure only the kind is told, because a message may quote what was sent."""
    from opentelemetry.trace import StatusCode

    if failure is not None:
        span.set_attribute("error.type", type(failure).__name__)
        span.set_status(StatusCode.ERROR)
    span.end()


def _span_context(traceparent: str | None) -> "SpanContext | None":
    if traceparent is None:
        return None
    from opentelemetry.trace import SpanContext, TraceFlags

    _, trace, span, flags = traceparent.split("-")
    return SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def _context(traceparent: str | None) -> "Context":
    """What a span begins under: that span, or nothing, whatever else is going on in this thread."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, set_span_in_context

    known = _span_context(traceparent)
    return set_span_in_context(NonRecordingSpan(known), Context()) if known else Context()


def _traceparent(context: "SpanContext") -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & 1:02x}"
