"""How a touch becomes a message: the person's first name, the group, the session, and a link to a page of the reader's own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.chassis.links import Links
from services.followup.domain.people import GroupStanding, Recipient
from services.followup.domain.touches import MessageChannel, Touch
from services.followup.messages import Message
from services.followup.wording import About, words_for

LINKS_LIVE: Final = timedelta(days=60)


@dataclass(frozen=True)
class Writer:
    """Writes messages with links of this installation."""

    links: Links

    def message(self, touch: Touch, person: Recipient, group: GroupStanding | None, now: datetime) -> Message | None:
        """The message of a touch, or None where there is nowhere to send it."""
        channel: MessageChannel = "email" if touch.channel == "email" else "sms"
        to = (group.address if group else None) if touch.to_organiser else person.address(channel)
        if to is None:
            return None
        words = words_for(touch.step, self._about(touch, person, group, now), channel)
        return Message(touch.touch_id, channel, to, words.subject, words.text)

    def _about(self, touch: Touch, person: Recipient, group: GroupStanding | None, now: datetime) -> About:
        """What it is about; that messages stop is said in words that name no group and ask for nothing."""
        zone = group.zone if group else person.zone
        if touch.step == "stop_confirmed":
            return About(person.first_name, None, None, zone, None)
        page, subject = ("g", touch.group_id or "") if touch.to_organiser else ("p", touch.touch_id)
        organiser = group.organiser.name if touch.to_organiser and group and group.organiser else None
        link = self.links.make("g" if page == "g" else "p", subject, now + LINKS_LIVE)
        return About(person.first_name, group.group if group else None, touch.session, zone, link, organiser, over=touch.over)
