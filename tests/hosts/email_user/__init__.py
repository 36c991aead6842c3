"""A shop whose users have an e-mail address and nothing else: no login name, no names at all."""
