"""One kept-alive connection to the mail server, one mail at a time."""

from __future__ import annotations

import smtplib
import ssl
import time
from base64 import b64encode

from alerts.channels.base import Outcome
from alerts.channels.smtp.server import Server
from alerts.channels.smtp.verdicts import Verdict, accepted, of_ourselves, of_recipient

_IDLE_SECONDS = 20.0  # older connections are given up: routers forget them without a word


class BrokenError(Exception):
    """The connection ended before the final dot was sent: the server can't have taken the mail."""


class Connection:
    """Opened when needed, and again after it broke. For one thread at a time."""

    def __init__(self, server: Server, me: str, context: ssl.SSLContext, timeout: float) -> None:
        self._server, self._me, self._context, self._timeout = server, me, context, timeout
        self._smtp: smtplib.SMTP | None = None
        self._unclean = False
        self._used = 0.0

    @property
    def is_open(self) -> bool:
        """As far as we know: the server may have hung up since."""
        return self._smtp is not None

    def open(self) -> Verdict | None:
        """Connect and sign in unless that is done; why it can't be, or None."""
        if self._smtp and time.monotonic() - self._used > _IDLE_SECONDS:
            self.close()
        if self._smtp:
            return None
        try:
            self._smtp = self._connect()
        except (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError) as error:
            return of_ourselves(error.smtp_code, _text(error.smtp_error))
        except ssl.SSLCertVerificationError:
            return Verdict(Outcome.US, None, "the mail server's certificate is not trusted")
        except smtplib.SMTPNotSupportedError as error:
            return Verdict(Outcome.US, None, f"the mail server: {error}")
        except (OSError, smtplib.SMTPException):
            return Verdict(Outcome.LATER, None, "no connection to the mail server")
        except UnicodeError:
            return Verdict(Outcome.US, None, "the mail server takes only an ASCII user and password")
        self._unclean = False
        return None

    def hand_over(self, sender: str, recipient: str, mail: bytes) -> Verdict:
        """Hand over one mail on the open connection. Raises BrokenError while that is surely harmless."""
        assert self._smtp
        self._used = time.monotonic()
        try:
            refusal = self._announce(self._smtp, sender, recipient)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.close()
            raise BrokenError from error
        return refusal or self._transfer(self._smtp, mail)

    def close(self) -> None:
        """Hang up, politely when the server still listens."""
        smtp, self._smtp = self._smtp, None
        if smtp:
            try:
                if smtp.sock:
                    smtp.sock.sendall(b"QUIT\r\n")
            except OSError:
                pass  # it hung up first
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, self._me, timeout=self._timeout, context=self._context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, self._me, timeout=self._timeout)
        try:
            self._greet(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        server = self._server
        smtp.ehlo_or_helo_if_needed()
        if not server.tls and smtp.has_extn("starttls") and (server.user or not server.here):
            smtp.starttls(context=self._context)
            smtp.ehlo_or_helo_if_needed()
            encrypted = True
        else:
            encrypted = server.tls
        if server.user and server.password is not None:
            if not encrypted and not server.here:
                raise smtplib.SMTPNotSupportedError("offers no TLS, so the password stays here")
            _sign_in(smtp, server.user, server.password)

    def _announce(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> Verdict | None:
        """MAIL, RCPT and DATA, in one go where the server takes that (RFC 2920). A refusal, or None."""
        commands = [
            b"MAIL FROM:<%s>\r\n" % sender.encode(),
            b"RCPT TO:<%s>\r\n" % recipient.encode(),
            b"DATA\r\n",
        ]
        if self._unclean:
            self._ask(smtp, b"RSET\r\n")
        self._unclean = True
        if smtp.has_extn("pipelining"):
            self._write(smtp, b"".join(commands))
            replies = [self._reply(smtp)]
            if replies[0][0] != 421:
                replies += [self._reply(smtp), self._reply(smtp)]
        else:
            replies = []
            for command in commands:
                replies.append(self._ask(smtp, command))
                if not 200 <= replies[-1][0] < 400:
                    break
        return self._judge(smtp, replies)

    def _judge(self, smtp: smtplib.SMTP, replies: list[tuple[int, str]]) -> Verdict | None:
        if any(code == 421 for code, _ in replies):  # the server hangs up, and has taken nothing
            self.close()
            raise BrokenError
        if len(replies) == 3 and replies[2][0] == 354:
            if all(200 <= code < 300 for code, _ in replies[:2]):
                return None
            self._ask(smtp, b".\r\n")  # it waits for a mail to nobody: give it an empty one
        judges = (of_ourselves, of_recipient, of_recipient)
        for judge, (code, text) in zip(judges, replies, strict=False):
            if not 200 <= code < 300:
                return judge(code, text)
        raise BrokenError

    def _transfer(self, smtp: smtplib.SMTP, mail: bytes) -> Verdict:
        """Send the mail itself. From its final dot on, silence means that nobody knows."""
        stuffed = mail.replace(b"\r\n.", b"\r\n..")
        try:
            # While this raises, the last bytes, and so the dot, have not left.
            self._write(smtp, stuffed + b".\r\n")
        except OSError as error:
            self.close()
            raise BrokenError from error
        try:
            code, text = self._reply(smtp)
        except (OSError, smtplib.SMTPServerDisconnected):
            self.close()
            return Verdict(Outcome.UNKNOWN, None, "no answer after the mail was handed over")
        if code == 421:
            self.close()
        if 200 <= code < 300:
            self._unclean = False
            return accepted(text)
        return of_recipient(code, text)

    def _ask(self, smtp: smtplib.SMTP, command: bytes) -> tuple[int, str]:
        self._write(smtp, command)
        return self._reply(smtp)

    @staticmethod
    def _write(smtp: smtplib.SMTP, data: bytes) -> None:
        if smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("hung up")
        smtp.sock.sendall(data)

    @staticmethod
    def _reply(smtp: smtplib.SMTP) -> tuple[int, str]:
        code, text = smtp.getreply()
        return code, _text(text)


def _sign_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    if "PLAIN" not in smtp.esmtp_features.get("auth", "").upper().split():
        smtp.login(user, password)
        return
    # The library's own PLAIN refuses what isn't ASCII; RFC 4616 has UTF-8.
    code, text = smtp.docmd("AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
