"""Signs the mail on standard input by DKIM with dkimpy and prints it, signature first.

Arguments: key file, algorithm, domain, selector, canonicalization, signed fields joined by ":", then any of
length (l=), expired (x= in the past).
"""

import sys
import time

import dkim

key_file, algorithm, domain, selector, canonicalization, fields, *options = sys.argv[1:]


class Signer(dkim.DKIM):
    def gen_header(self, fields, *rest):
        if "expired" in options:
            now = int(time.time())
            fields = [(name, str(now - 7200).encode() if name == b"t" else value) for name, value in fields]
            fields.insert(-2, (b"x", str(now - 3600).encode()))
        return super().gen_header(fields, *rest)


with open(key_file, "rb") as file:
    key = file.read()
message = sys.stdin.buffer.read()
header = Signer(message).sign(
    selector.encode(),
    domain.encode(),
    key,
    signature_algorithm=algorithm.encode(),
    canonicalize=tuple(canonicalization.encode().split(b"/")),
    include_headers=fields.encode().split(b":"),
    length="length" in options,
)
sys.stdout.buffer.write(header + message)
