"""The bot on the phone, measured: `python -m bench.sip`."""
