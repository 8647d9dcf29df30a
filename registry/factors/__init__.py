"""Second factors of officers: passkeys, authenticator apps, and recovery codes for when those are lost."""
