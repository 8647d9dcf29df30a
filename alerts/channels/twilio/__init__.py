"""Twilio: SMS out, receipts and signatures in. All knowledge of Twilio stands here."""

from alerts.channels.twilio.channel import TwilioChannel
from alerts.channels.twilio.receipts import read_receipt, valid_signature

__all__ = ["TwilioChannel", "read_receipt", "valid_signature"]
