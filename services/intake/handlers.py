"""What intake makes of commands. The same referral again is the same; the same id with other content is refused."""

from collections.abc import Sequence

from schemas.events.referrals import (
    PersonErased,
    RedFlag,
    RedFlagRaised,
    ReferralDetails,
    ReferralMatching,
    ReferralReceived,
    ReferralWithdrawn,
)
from schemas.referral import Needs, person_id_as_known
from services.chassis.errors import Ambiguous, Conflict, NotFound, Rejected
from services.chassis.service import Decided, Fact
from services.intake.domain import (
    HOME_DECIMALS,
    ErasePerson,
    IntakeStore,
    KnownPerson,
    KnownReferral,
    ReceiveReferral,
    WithdrawReferral,
    identifier_of,
    organisation_of,
)

_MADE_BY_INTAKE = {"latitude", "longitude", "flags"}


def receive_referrals(commands: Sequence[ReceiveReferral], store: IntakeStore) -> list[Decided]:
    """Take referrals in, each for itself; nothing follows from one that was taken in before."""
    keys = [_key(command, store) for command in commands]
    identifiers = [_known_person(command, store) for command in commands]
    referrals = dict(store.referrals(keys))
    persons = dict(store.persons([one.identifier for one in identifiers]))
    new_referrals: list[KnownReferral] = []
    new_persons: list[KnownPerson] = []
    decided: list[Decided] = []
    for command, key, identifier in zip(commands, keys, identifiers, strict=True):
        content = store.hash("content", command.content.decode())
        if key in referrals:
            decided.append(_again(referrals[key], content))
            continue
        person = persons.get(identifier.identifier)
        if person is None:
            person = persons[identifier.identifier] = identifier.person
            new_persons.append(identifier)
        referral_id = store.hash("referral_id", command.referral.referral_id or "")
        referrals[key] = KnownReferral(key, referral_id, command.new_case, person, content)
        new_referrals.append(referrals[key])
        decided.append(_received(command, person))
    store.add(new_referrals, new_persons)
    return decided


def case_of(command: ReceiveReferral, store: IntakeStore) -> str:
    """The case of a referral that was taken in, now or before."""
    key = _key(command, store)
    return store.referrals([key])[key].case_id


def withdraw_referral(command: WithdrawReferral, store: IntakeStore) -> list[Fact]:
    """Take one case back; again changes nothing."""
    cases = store.cases(command.id)
    if not cases:
        raise NotFound("no referral is known by this id")
    if len(cases) > 1:
        raise Ambiguous("several cases have this referral_id; name one by its case_id", tuple(one.case_id for one in cases))
    case = cases[0]
    if case.withdrawn:
        return []
    store.mark_withdrawn(case.case_id)
    return [Fact(ReferralWithdrawn(person=case.person, case_id=case.case_id))]


def erase_person(command: ErasePerson, store: IntakeStore) -> list[Fact]:
    """Forget a person and say that they are erased; their keys are destroyed after this is committed.

    Who is referred again from here on is somebody new, with keys of their own.
    """
    persons = store.persons_called(command.id)
    if not persons:
        raise NotFound("no person is known by this id")
    if len(persons) > 1:
        raise Ambiguous("several persons have this id at different organisations; name one by our own id", tuple(persons))
    store.forget(persons[0])
    store.begin_erasure(persons[0], command.at)
    return [Fact(PersonErased(person=persons[0]))]


def _key(command: ReceiveReferral, store: IntakeStore) -> bytes:
    return store.hash("referral", organisation_of(command.referral), command.referral.referral_id or "")


def _known_person(command: ReceiveReferral, store: IntakeStore) -> KnownPerson:
    identifier = identifier_of(command.referral)
    value = store.hash("person_id", person_id_as_known(command.referral.person_id or ""))
    return KnownPerson(store.hash("person", identifier.system, identifier.value), value, command.new_person)


def _again(known: KnownReferral, content: bytes) -> Decided:
    if known.content == content:
        return []
    return Conflict("this referral_id was received before from the same organisation with other content")


def _received(command: ReceiveReferral, person: str) -> list[Fact]:
    received = Fact(
        ReferralReceived(
            person=person, case_id=command.new_case, received_at=command.received_at, details=_details(command), matching=_matching(command)
        )
    )
    flags = [
        Fact(
            RedFlagRaised(
                person=person,
                case_id=command.new_case,
                flag_id=f"{command.new_case}-{number}",
                matching=RedFlag(code=flag.code, noticed_in=flag.noticed_in),
            ),
            received,
            number,
        )
        for number, flag in enumerate(command.reading.flags)
    ]
    return [received, *flags]


def _details(command: ReceiveReferral) -> ReferralDetails:
    referral, referrer = command.referral, command.referral.referrer
    if referral.referral_id is None or referral.person_id is None:
        raise Rejected("a referral needs a referral_id and a person_id")
    return ReferralDetails(
        referral_id=referral.referral_id,
        person_id=referral.person_id,
        interests=referral.interests,
        postcode=referral.postcode,
        contact=referral.contact,
        practitioner=referrer.practitioner if referrer else None,
        reply_to=referrer.reply_to if referrer else None,
        other=referral.model_extra or {},
    )


def _matching(command: ReceiveReferral) -> ReferralMatching:
    referral, reading = command.referral, command.reading
    needs = {name: getattr(referral, name) for name in Needs.model_fields if name not in _MADE_BY_INTAKE}
    latitude, longitude = reading.home or (None, None)
    return ReferralMatching.model_construct(
        **needs,
        latitude=latitude and round(latitude, HOME_DECIMALS),
        longitude=longitude and round(longitude, HOME_DECIMALS),
        flags=list(dict.fromkeys(flag.code for flag in reading.flags)),
        organisation=organisation_of(referral) or None,
        area=reading.area,
        vector=reading.vector,
        encoder=reading.encoder,
        words=list(reading.words),
        refused=list(reading.refused),
    )
