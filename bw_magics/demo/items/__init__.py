"""The contents of the demo's vaults before encryption, all made up."""
