"""Providers of our own on real sockets, each a process, that misbehave on request."""
