"""Builds the intake service."""

from pathlib import Path

from services.chassis.clock import Clock
from services.chassis.keystore import KeyStore
from services.chassis.service import Service, one_by_one
from services.intake.domain import ErasePerson, ReceiveReferral, WithdrawReferral
from services.intake.erasing import DestroyKeys
from services.intake.handlers import erase_person, receive_referrals, withdraw_referral
from services.intake.store import SqlIntakeStore


def intake(keys: KeyStore, clock: Clock) -> Service[SqlIntakeStore]:
    """The service that takes referrals in and alone makes and destroys a person's keys."""
    return Service(
        name="intake",
        store=SqlIntakeStore,
        migrations=Path(__file__).parent / "migrations",
        may_open=frozenset({"details", "matching"}),
        makes_keys=frozenset({"details", "matching"}),
        decides={
            ReceiveReferral: receive_referrals,
            WithdrawReferral: one_by_one(withdraw_referral),
            ErasePerson: one_by_one(erase_person),
        },
        errands=(DestroyKeys(keys, clock),),
    )
