"""From a claimed delivery to what its provider is handed, or asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.channels.base import Message, Question
from alerts.delivery import reference
from alerts.delivery.claims import Claim, Recipient
from alerts.delivery.models import DeliveryState
from alerts.delivery.recording import Verdict
from registry.crypto import KeyAway, Unreadable
from registry.crypto.keyring import OrganisationKeys
from registry.people.links import unsubscribe_token
from registry.people.vault import address_row
from workers.holding import Holding
from workers.texts import Texts


@dataclass(frozen=True, slots=True)
class Letters:
    """What one batch's messages are made of."""

    claim: Claim
    keys: OrganisationKeys
    texts: Texts
    signing_key: bytes
    base_url: str

    def address(self, recipient: Recipient, holding: Holding) -> str | None:
        """Opened only when it is needed, and kept nowhere. One that can't be opened fails alone; while the keystore is
        away, all wait for it."""
        try:
            person, row = recipient.person, address_row(recipient.person, recipient.address_index)
            return self.keys.open_one(recipient.wrapped_key, person, recipient.sealed_address, row).decode()
        except KeyAway:
            raise
        except Unreadable:
            holding.note(Verdict(recipient.contact_point_id, DeliveryState.FAILED, code="unreadable"))
            return None

    def message(self, recipient: Recipient, address: str) -> Message:
        """What is handed over."""
        link = None
        if self.claim.channel == "email":
            token = unsubscribe_token(
                self.signing_key, self.claim.organisation_id, recipient.contact_point_id
            )
            link = f"{self.base_url}/stop/{token}"
        return Message(
            recipient.contact_point_id,
            address,
            self.texts.contents[self._text_key(recipient)],
            self._reference(recipient),
            max(1, int((self.claim.expires_at - self.claim.now()).total_seconds())),
            link,
        )

    def question(self, recipient: Recipient, address: str) -> Question:
        """What is asked about a message of which no answer came."""
        return Question(
            recipient.contact_point_id,
            address,
            self.texts.contents[self._text_key(recipient)].text,
            self._reference(recipient),
            recipient.claimed_at,
            self.claim.ahead,
        )

    def units(self, recipients: Sequence[Recipient]) -> int:
        """What a sender's rate counts: segments of SMS, else messages."""
        if self.claim.channel != "sms":
            return len(recipients)
        return sum(self.texts.segments[self._text_key(recipient)] for recipient in recipients)

    def _text_key(self, recipient: Recipient) -> tuple[str, str, bool]:
        return self.claim.channel, recipient.language, recipient.quiet

    def _reference(self, recipient: Recipient) -> str:
        return reference.make(
            self.signing_key,
            self.claim.organisation_id,
            self.claim.channel,
            self.claim.alert_id,
            recipient.contact_point_id,
            recipient.resent,
        )
