"""Mail that comes in: bounces of what we sent, and people's answers to it."""
