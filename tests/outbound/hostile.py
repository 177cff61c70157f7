"""URLs that must lead nowhere, made from ideas rather than typed one by one.

Each leads, for some parser or resolver, to this machine or the network around it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

# Names that "resolve" to something private in these tests, as an attacker's own zone would.
ZONE: dict[str, list[str]] = {
    "localhost": ["127.0.0.1", "::1"],
    "localhost.localdomain": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "ip6-loopback": ["::1"],
    "foo.localhost": ["127.0.0.1"],
    "printer": ["192.168.1.20"],
    "router.lan": ["192.168.1.1"],
    "nas.local": ["10.0.0.5"],
    "nas.home.arpa": ["fd12:3456:789a::5"],
    "lvh.example": ["127.0.0.1"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "instance-data": ["169.254.169.254"],
    "metadata.azure.example": ["168.63.129.16"],
    "metadata.alibaba.example": ["100.100.100.200"],
    "metadata.six.example": ["fd00:ec2::254"],
    "mixed.example": ["93.184.215.14", "127.0.0.1"],
    "mixed-six.example": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"],
    "last.example": ["93.184.215.14", "93.184.215.15", "10.1.2.3"],
    "zero.example": ["0.0.0.0"],
    "unspecified.example": ["::"],
    "broadcast.example": ["255.255.255.255"],
    "multicast.example": ["224.0.0.251"],
    "multicast-six.example": ["ff02::fb"],
    "reserved.example": ["240.0.0.1"],
    "benchmark.example": ["198.18.0.1"],
    "documentation.example": ["203.0.113.9"],
    "cgnat.example": ["100.64.0.1"],
    "linklocal.example": ["169.254.7.7"],
    "linklocal-six.example": ["fe80::1%lo"],
    "sitelocal.example": ["fec0::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "mapped-public.example": ["::ffff:93.184.215.14"],
    "compatible.example": ["::127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "nat64-lan.example": ["64:ff9b::c0a8:101"],
    "nat64-local.example": ["64:ff9b:1::7f00:1"],
    "sixtofour.example": ["2002:7f00:1::1"],
    "teredo.example": ["2001:0:4136:e378:8000:63bf:80ff:fffe"],
    "isatap.example": ["2606:2800:21f:cb07:0:5efe:7f00:1"],
    "translated.example": ["::ffff:0:127.0.0.1"],
    "discard.example": ["100::1"],
    "segment-routing.example": ["5f00::1"],
}

_INNER = (
    "127.0.0.1",
    "127.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
)


def spellings(address: str) -> Iterator[str]:
    """Every way in which some C library, browser or proxy reads an IPv4 address."""
    number = int(ipaddress.IPv4Address(address))
    a, b, c, d = address.split(".")
    yield address
    yield address + "."
    yield str(number)
    yield hex(number)
    yield hex(number).upper().replace("X", "x")
    yield f"0{number:o}"
    yield f"{number + (1 << 32)}"
    yield ".".join(hex(int(part)) for part in (a, b, c, d))
    yield ".".join(f"0{int(part):o}" for part in (a, b, c, d))
    yield ".".join(f"{int(part):04o}" for part in (a, b, c, d))
    yield ".".join(f"{int(part):03d}" for part in (a, b, c, d))
    yield f"{a}.{(int(b) << 16) + (int(c) << 8) + int(d)}"
    yield f"{a}.{b}.{(int(c) << 8) + int(d)}"
    yield f"{hex(int(a))}.{b}.0{int(c):o}.{d}"
    yield f"{a}.{b}.{c}.{int(d) + 256}"
    yield address.replace(".", "。")
    yield address.replace(".", "．")
    yield address.replace(".", "｡")
    yield address.replace(".", "%2e")
    yield "".join(f"%{ord(sign):02x}" for sign in address)
    yield address.translate({ord("0") + i: 0xFF10 + i for i in range(10)})
    yield address.translate({ord("0") + i: 0x660 + i for i in range(10)})
    yield address.translate(
        {ord("0") + i: (0x24EA if i == 0 else 0x2460 + i - 1) for i in range(10)}
    )
    yield f"[::ffff:{address}]"
    yield f"[::{address}]"
    yield f"[::ffff:0:{address}]"
    yield f"[64:ff9b::{address}]"
    yield f"[64:ff9b:1::{address}]"
    yield f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]"
    yield f"[2001:0:{number >> 16:x}:{number & 0xFFFF:x}::1]"
    yield f"[2606:2800:21f:cb07:0:5efe:{number >> 16:x}:{number & 0xFFFF:x}]"
    yield f"[{address}]"


def _addresses(scheme: str, port: int) -> Iterator[str]:
    for address in _INNER:
        for host in spellings(address):
            yield f"{scheme}://{host}:{port}/"
    for host in (
        "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::1]", "[::0001]", "[::1%25lo]", "[::1%lo]",
        "[fe80::1]", "[fe80::1%25lo]", "[fd00::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
        "[fec0::1]", "[::1", "::1", "[::1]]", "[[::1]]", "[v1.1]", "[]", "[::1].example", "[:::1]",
    ):  # fmt: skip
        yield f"{scheme}://{host}:{port}/"


def _user_names(scheme: str, port: int) -> Iterator[str]:
    here = f"127.0.0.1:{port}"
    for text in (
        f"user@{here}", f"user:password@{here}", f"@{here}", f":@{here}",
        f"api.open-meteo.com@{here}", f"api.open-meteo.com:443@{here}",
        f"{here}@api.open-meteo.com", f"{here}#@api.open-meteo.com",
        f"{here}\\@api.open-meteo.com", f"api.open-meteo.com\\@{here}",
        f"api.open-meteo.com%40{here}", f"api.open-meteo.com%2f@{here}",
        f"{here}%23@api.open-meteo.com", f"{here}%00.open-meteo.com",
        f"{here}%0d%0aHost:x", f"api.open-meteo.com;@{here}", f"a@b@{here}",
        f"{here}?@api.open-meteo.com", f"{here};api.open-meteo.com", f"{here},api.open-meteo.com",
    ):  # fmt: skip
        yield f"{scheme}://{text}/"


def _shapes(port: int) -> Iterator[str]:
    here = f"127.0.0.1:{port}"
    for scheme in (
        "ftp", "file", "gopher", "dict", "ldap", "tftp", "ws", "wss", "unix", "http+unix", "data",
        "javascript", "jar", "netdoc", "sftp", "ssh", "telnet", "smb", "HTTP", "hTTps", "https ",
        " https", "https\t", "ht\ntps", "ｈｔｔｐｓ", "https:http", "blob:https",
    ):  # fmt: skip
        yield f"{scheme}://{here}/"
    yield from (
        "", " ", "/", "//", f"//{here}/", f"///{here}/", here, f"{here}/", f"https:/{here}/",
        f"https:{here}/", f"https:///{here}/", f"https:\\\\{here}\\", f"https://\\{here}/",
        f"https:/\\{here}/", f"https://{here}\\/", "https://", "https:///", "https://:443/",
        f"https://:{port}/", f"https://.:{port}/", f"https://..:{port}/", f"https://-:{port}/",
        f"https://{here}\r\nX: y/", f"https://{here}/\r\nHost: x\r\n\r\n", f"https://{here}/\n",
        f"https://{here}/\x00", f"\x00https://{here}/", f" https://{here}/", f"https://{here}/ x",
        f"https://{here}/\tx", f"https:// {here}/", f"https://\t{here}/", f"https://\u00ad{here}/",
        f"https://\u200b{here}/", f"https://\ufeff{here}/", f"https://{here}/\u2028x",
        f"https://{here}/ä", f"https://{here}/#fragment", f"https://{here}#{'x' * 10}",
        "https://127.0.0.1:0/", "https://127.0.0.1:65536/", "https://127.0.0.1:99999999/",
        "https://127.0.0.1:-1/", "https://127.0.0.1:+80/", "https://127.0.0.1:8 0/",
        "https://127.0.0.1:0x50/", "https://127.0.0.1:８０/", "https://127.0.0.1:/",
        "https://127.0.0.1::80/", f"https://127.0.0.1:{port}:80/", "https://127.0.0.1:http/",
        f"https://{'a' * 64}.example:{port}/", f"https://{'a.' * 200}example:{port}/",
        f"https://{here}/{'x' * 5000}", f"https://{'1' * 5000}/", f"https://{'0' * 300}1:{port}/",
        f"https://{'127.0.0.1.' * 30}:{port}/", f"https://127.0.0.1%:{port}/",
        f"https://%31%32%37.0.0.1:{port}/", f"https://127.0.0.1%2f:{port}/",
        f"https://localhost%00.example:{port}/", f"https://local%68ost:{port}/",
        f"https://ｌｏｃａｌｈｏｓｔ:{port}/", f"https://locaⓁhost:{port}/", f"https://ⓛocalhost:{port}/",
        f"https://xn--locahost-8bb:{port}/", f"https://localhoſt:{port}/", f"https://lo\u0441alhost:{port}/",
        f"https://*:{port}/", f"https://127.0.0.*:{port}/", f"https://127.0.0.1/24:{port}/",
        f"https://$HOST:{port}/", f"https://{{host}}:{port}/", f"https://<127.0.0.1>:{port}/",
        f'https://"127.0.0.1":{port}/', f"https://127.0.0.1|x:{port}/", f"https://^127.0.0.1:{port}/",
        f"https://a..b:{port}/", f"https://.example:{port}/", f"https://example..:{port}/",
        f"https://-a.example:{port}/", f"https://a-.example:{port}/", f"https://1.2.3:{port}/",
        f"https://example.1:{port}/", f"https://example.0x1:{port}/", f"https://0:{port}/",
        f"https://0x:{port}/", f"https://00:{port}/", f"https://0x0:{port}/",
    )  # fmt: skip


def _names(scheme: str, port: int) -> Iterator[str]:
    for name in ZONE:
        yield f"{scheme}://{name}:{port}/"
        yield f"{scheme}://{name.upper()}:{port}/"
        yield f"{scheme}://{name}.:{port}/"


def urls(port: int) -> list[str]:
    """All of them, each once; they try to reach `port`, where a test listens."""
    found = [*_shapes(port)]
    for scheme in ("http", "https"):
        found += [*_addresses(scheme, port), *_user_names(scheme, port), *_names(scheme, port)]
    return list(dict.fromkeys(found))
