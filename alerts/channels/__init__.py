"""Channels: how a message leaves the house. One adapter per provider; vendor knowledge never leaves it."""
