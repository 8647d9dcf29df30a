"""SMTP: email out. All knowledge of mail servers and mail formats stands here."""

from alerts.channels.smtp.channel import SmtpChannel

__all__ = ["SmtpChannel"]
