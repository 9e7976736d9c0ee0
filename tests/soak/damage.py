"""Damage to valid messages: in their structure, in their bytes, or in both."""

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

_STRANGE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    48,
    101,
    10**30,
    -(10**400),
    0.5,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "0",
    "-0.0100",
    "1.0001",
    "0.12345",
    "0.4",
    "1e-1",
    "NaN",
    "yes",
    "٠.٥",
    "\ud800",
    "9" * 400,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    [],
    {},
    [[]],
    [["0.4700", "1.00"]] * 2,
    {"a": {"b": None}},
)


def mutated(random: Random, seeds: tuple[bytes, ...]) -> bytes:
    """One of the seeds, damaged one to three times in its structure, its bytes or both."""
    raw = random.choice(seeds)
    if random.random() < 0.7:
        value = json.loads(raw)
        for _ in range(random.randint(1, 3)):
            _damage(random, value, json.loads(random.choice(seeds)))
        raw = json.dumps(value, ensure_ascii=random.random() < 0.5).encode(errors="surrogatepass")
    if random.random() < 0.5:
        raw = _cut(random, raw)
    if random.random() < 0.02:
        depth = random.choice([50, 2_000, 200_000])
        raw = raw[:-1] + b',"deep":' + b"[" * depth + b"]" * random.choice([0, depth]) + b"}"
    return raw


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys or positions."""
    keys: Iterable[Any] = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _damage(random: Random, value: Any, other: Any) -> None:
    """Change one place: another value, another message's value, gone, doubled or renamed."""
    places = list(_places(value))
    if not places:
        return
    holder, key = random.choice(places)
    kind = random.randrange(6)
    if kind == 0:
        del holder[key]
    elif kind == 1:
        donors = list(_places(other))
        if donors:
            donor, name = random.choice(donors)
            holder[key] = donor[name]
    elif kind == 2 and isinstance(holder, list):
        holder.append(deepcopy(holder[key]))
    elif kind == 3 and isinstance(holder, dict):
        holder[random.choice(["type", "msg", "seq", "yes", "price", "ts", key + "x"])] = deepcopy(
            holder[key]
        )
    elif kind == 4 and isinstance(holder[key], str):
        holder[key] = _respelled(random, holder[key])
    else:
        holder[key] = deepcopy(random.choice(_STRANGE))


def _respelled(random: Random, text: str) -> str:
    """A text with one character changed, added or gone."""
    at = random.randint(0, len(text))
    return text[:at] + random.choice(["", "0", "9", "-", ".", " ", "e", "x"]) + text[at + 1 :]


def _cut(random: Random, raw: bytes) -> bytes:
    """Bytes flipped, inserted, doubled, removed or cut off."""
    data = bytearray(raw)
    for _ in range(random.randint(1, 4)):
        at, to = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
        kind = random.randrange(5)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[at:at] = bytes(random.choices(b'0123456789-.eE{}[]",:\\\x00\xff\xc3 nt', k=3))
        elif kind == 2:
            data[at:at] = data[at:to][:200]
        elif kind == 3:
            del data[at : min(to, at + 8)]
        elif random.random() < 0.2:
            del data[at:]
    return bytes(data)
