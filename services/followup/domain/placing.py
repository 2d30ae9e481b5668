"""What a fact of `places` makes of a place: the highest count of the group holds, and what is lost stays lost, so a duplicate changes nothing."""

from schemas.envelope import Event
from schemas.events.places import PlaceConfirmed, PlaceHeld, PlaceMoved, PlaceRefused, PlaceReleased, PlaceWaitlisted
from services.chassis.service import Cause
from services.followup.domain.touches import Place, PlaceState

AboutPlace = PlaceHeld | PlaceMoved | PlaceWaitlisted | PlaceConfirmed | PlaceRefused | PlaceReleased


def placed(event: Event[AboutPlace], before: Place | None) -> Place | None:
    """The place as it is now, or None where this fact is not news."""
    data = event.data
    if before is not None and (data.count <= before.count or before.state == "lost"):
        return None
    told_by = Cause(event.id, event.correlationid, event.traceparent)
    session = data.session if isinstance(data, PlaceHeld | PlaceMoved) else before.session if before else None
    given = before is None or (isinstance(data, PlaceHeld | PlaceMoved) and (session != before.session or before.state != "held"))
    return Place(
        data.place_id, data.group_id, data.person, data.case_id, data.count, _state(data), told_by, event.time,
        given_by=told_by if given or before is None else before.given_by,
        given_at=event.time if given or before is None else before.given_at,
        session=session,
        seat=data.count if given or before is None else before.seat,
        confirmed=isinstance(data, PlaceConfirmed) or (before is not None and before.confirmed),
        reason=data.reason if isinstance(data, PlaceRefused | PlaceReleased) else None,
    )  # fmt: skip


def _state(data: AboutPlace) -> PlaceState:
    if isinstance(data, PlaceRefused | PlaceReleased):
        return "lost"
    return "waitlisted" if isinstance(data, PlaceWaitlisted) else "held"
