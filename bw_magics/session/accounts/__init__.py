"""The kinds of account, their credentials, and what unlocks them."""
