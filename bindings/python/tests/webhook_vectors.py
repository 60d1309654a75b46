"""HMAC-SHA256 of others: key, message and code as hexadecimal digits.

Published facts: NIST CAVP, HMAC.rsp, [L=32], counts 33 and 120; Wycheproof, hmac_sha256_test, by
number; RFC 4231, test cases 1, 2, 6 and 7.
"""

from __future__ import annotations

RIGHT = {
    "CAVP 33": (
        "5448998f9d8f98534addf0c8ba631c496bf8a8006cbb46ad15fa1fa2f55367120c19348c3afa90c3",
        "1c4396f7b7f9228e832a13692002ba2aff439dcb7fddbfd456c022d133ee8903"
        "a2d482562fdaa493ce3916d77a0c51441dab26f6b0340238a36a71f87fc3e179"
        "cabca9482b704971ce69f3f20ab64b70413d6c2908532b2a888a9fc224cae136"
        "5da410b6f2e298904b63b4a41726321835a4774dd063c211cfc8b5166c2d11a2",
        "7e8cba9dd9f06ebdd7f92e0f1a67c7f4df52693c212bdd84f67370b351533c6c",
    ),
    "CAVP 120": (
        "992868504d2564c4fb47bcbd4ae482d8fb0e8e56d7b81864e61986a0e25682da"
        "eb5b50177c095edc9e971da95c3210c376e723365ac33d1b4f391817f4c35124",
        "ed4f269a8851eb3154771516b27228155200778049b2dc1963f3ac32ba46ea13"
        "87cfbb9c39151a2cc406cdc13c3c9860a27eb0b7fe8a7201ad11552afd041e33"
        "f70e53d97c62f17194b66117028fa9071cc0e04bd92de4972cd54f719010a694"
        "e414d4977abed7ca6b90ba612df6c3d467cded85032598a48546804f9cf2ecfe",
        "2f8321f416b9bb249f113b13fc12d70e1668dc332839c10daa5717896cb70ddf",
    ),
    "Wycheproof 1": (
        "1e225cafb90339bba1b24076d4206c3e79c355805d851682bc818baa4f5a7779",
        "",
        "b175b57d89ea6cb606fb3363f2538abd73a4c00b4a1386905bac809004cf1933",
    ),
    "Wycheproof 2": (
        "8159fd15133cd964c9a6964c94f0ea269a806fd9f43f0da58b6cd1b33d189b2a",
        "77",
        "dfc5105d5eecf7ae7b8b8de3930e7659e84c4172f2555142f1e568fc1872ad93",
    ),
    "Wycheproof 20": (
        "186e248ad824e1eb93329a7fdcd565b6cb4eaf3f85b90b910777128d8c538d27",
        "92ef9ff52f46eccc7e38b9ee19fd2de3b37726c8e6ce9e1b96db5dda4c317902",
        "3fc1d73dd4a8858c1fc3d8c4a3f33ed5ad0c70210038394a5902cb26fe287348",
    ),
    "Wycheproof 21": (
        "28855c7efc8532d92567300933cc1ca2d0586f55dcc9f054fcca2f05254fbf7f",
        "9c09207ff0e6e582cb3747dca954c94d45c05e93f1e6f21179cf0e25b4cede74"
        "b5479d32f5166935c86f0441905865",
        "788c0589000fb7f0b5d51f1596472bc9ec413421a43df96ee32b02b5d275ffe3",
    ),
    "RFC 4231 1": (
        "0b" * 20,
        "4869205468657265",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    "RFC 4231 2": (
        "4a656665",
        "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    "RFC 4231 6": (
        "aa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First".hex(),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    "RFC 4231 7": (
        "aa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size "
            b"data. The key needs to be hashed before being used by the HMAC algorithm."
        ).hex(),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
}

# Codes with one bit changed.
_KEY = bytes(range(32)).hex()
WRONG = {
    "Wycheproof 28": (
        _KEY,
        "",
        "d28b42096d80f45f826b44a9d5607de72496a415d3f4a1a8c88e3bb9da8dc1cb",
    ),
    "Wycheproof 29": (
        _KEY,
        bytes(range(16)).hex(),
        "d9b99f2709a3ca74172cbe93824c1f29b23a0c1e9c21bd851ff2d2c39dbef14e",
    ),
    "Wycheproof 32": (
        _KEY,
        "",
        "538b42096d80f45f826b44a9d5607de72496a415d3f4a1a8c88e3bb9da8dc1cb",
    ),
    "Wycheproof 35": (
        _KEY,
        bytes(range(16)).hex(),
        "d8b89f2709a3ca74172cbe93824c1f29b23a0c1e9c21bd851ff2d2c39dbef14e",
    ),
}
