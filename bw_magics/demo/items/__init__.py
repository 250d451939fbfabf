"""What the demo's vaults hold, in plain: made-up items, folders and organisations."""
