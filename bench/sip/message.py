"""A SIP message, read as far as a phone needs it (RFC 3261)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP message, read as far as a phone needs it."""

    first: str
    headers: dict[str, str]
    body: str

    @classmethod
    def read(cls, data: bytes) -> "Message":
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        fields = [line.partition(":") for line in lines]
        headers: dict[str, str] = {}
        for name, _, value in fields:
            known = headers.get(name.strip().lower())
            if known is None:
                headers[name.strip().lower()] = value.strip()
            elif name.strip().lower() == "via":  # a request that came through a proxy goes back through it
                headers["via"] = f"{known}, {value.strip()}"
        return cls(first, headers, body)

    @property
    def status(self) -> int:
        """Of a response; 0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        """Of a request, or of the request that is answered."""
        return self.headers.get("cseq", "0 ?").split()[-1] if self.status else self.first.split()[0]
