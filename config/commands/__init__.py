"""The sub-commands of `rollcall`, a module each."""
