"""What other libraries do with a `Secret`, outside any kernel: no output guard watches here."""
