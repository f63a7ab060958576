"""A payment line that listens: PaymentExpress payments by voice, offline."""
