"""A try-on service at an address that the shop configured. **The shopper's photo is sent there.**

One request: ``POST`` of multipart/form-data with three PNG files, ``person``, ``garment`` and ``garment_mask``, perhaps
``region`` (white where the picture may change), and ``request``, JSON with ``category``, ``kind``, ``sleeves``,
``source``, ``tuck``, ``outer``, ``seed``, ``landmarks`` and ``open_front``. Nothing tells who the shopper is; files
carry no metadata.

The answer is the whole picture in the size that was sent: as ``image/png``, or as JSON ``{"picture": base64 of a PNG,
"region": base64 of a grey PNG or null, "confidence": 0..1, "warnings": [codes]}``. Whoever cannot do it answers 4xx
with ``{"error": {"code": "no_person"}}``.

The address is never taken from a request. Redirects are not followed, plain HTTP is refused but on this machine itself,
answers are limited in size and time, and the paste-back is ours: outside the region the photo stays as it was.
"""

from __future__ import annotations

import base64
import http.client
import io
import ipaddress
import json
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from PIL import Image, ImageChops, ImageFilter

from shop_genai import errors
from shop_genai.errors import BackendUnavailable, PipelineFailed, TryOnRefused

from .backends import Capabilities, Fit, FitRequest, sound_codes
from .external import terms

ENTRIES = {
    *("url", "token", "timeout", "retries", "ca_file", "allow_http", "max_bytes"),
    *("categories", "resolution", "licence", "commercial_ok", "needs_gpu", "notes"),
}
LONGEST = 2048  # pixels; larger photos are sent smaller
AGAIN = (429, 502, 503, 504)  # statuses after which another attempt may help
PAUSE = 0.5  # seconds before the second attempt; doubled before each further one
CHUNK = 64 * 1024
NOTICED = 6  # grey levels: a change below that is rounding
# What a service may say of the pictures it got.
SAYABLE: tuple[type[errors.GenaiError], ...] = (TryOnRefused, *TryOnRefused.__subclasses__(), errors.ImageTooSmall)
REFUSALS = {kind.code: kind for kind in SAYABLE if kind.http_status == 422}


@dataclass(frozen=True)
class Address:
    """Where a service is, and how long it may take; `configured` reads and checks it."""

    place: SplitResult
    token: str = field(default="", repr=False)  # sent as “Authorization: Bearer …”
    timeout: float = 60.0  # seconds for the whole exchange, attempts and pauses included
    retries: int = 2  # further attempts after one that failed in passing
    max_bytes: int = 32 * 1024 * 1024  # of an answer
    ca_file: str | None = None  # certificates that vouch for the service; None: the system's


def configured(name: str, entry: Mapping[str, Any]) -> tuple[Address, Capabilities]:
    """Read a shop's settings for a service.

    Raises:
        ValueError: with a sentence that says what is wrong.
    """
    unknown = sorted(set(entry) - ENTRIES)
    if unknown:
        raise ValueError(f"a service's entry has no “{unknown[0]}”, only: {', '.join(sorted(ENTRIES))}.")
    place = urlsplit(str(entry["url"]))
    try:
        port = place.port
    except ValueError as error:
        raise ValueError("its address has no sound port.") from error
    if not place.hostname or port == 0 or place.username or place.password or place.fragment:
        raise ValueError("its address is not of the form “https://host/path”; secrets belong into “token”.")
    local = place.scheme == "http" and entry.get("allow_http") is True and _is_this_machine(place.hostname)
    if place.scheme != "https" and not local:
        raise ValueError(
            "its address does not begin with https://. Plain HTTP is taken with “allow_http”, and only on this machine."
        )
    token = entry.get("token", "")
    if not isinstance(token, str) or any(not 32 < ord(letter) < 127 for letter in token):
        raise ValueError("its token is no plain word.")
    timeout, retries = entry.get("timeout", Address.timeout), entry.get("retries", Address.retries)
    largest = entry.get("max_bytes", Address.max_bytes)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 900:
        raise ValueError("its timeout is not a number of seconds from 0 to 900.")
    if type(retries) is not int or not 0 <= retries <= 5:
        raise ValueError("its retries are not a number from 0 to 5.")
    if type(largest) is not int or largest < 1024:
        raise ValueError("its max_bytes is not a number of at least 1024.")
    address = Address(place, token, float(timeout), retries, largest, entry.get("ca_file"))
    return address, terms(name, entry, remote=True)


def open_remote(name: str, entry: Mapping[str, Any]) -> Remote:
    """A service as a backend. Nothing is sent yet.

    Raises:
        BackendUnavailable: its settings are not sound.
    """
    try:
        return Remote(*configured(name, entry))
    except ValueError as error:
        raise BackendUnavailable(f"The try-on service “{name}” cannot be used: {error}", backend=name) from error


class Remote:
    """A try-on service.

    Args:
        address: where it is.
        able: what the shop's settings say of it.
        sleep: waits that many seconds.
    """

    def __init__(self, address: Address, able: Capabilities, sleep: Callable[[float], None] = time.sleep) -> None:
        self.address = address
        self._able = able
        self._sleep = sleep

    def capabilities(self) -> Capabilities:
        """As the settings say; the service is not asked."""
        return self._able

    def fit(self, request: FitRequest) -> Fit:
        """Send the photo and the garment, and read the answer.

        Raises:
            TryOnRefused, ImageTooSmall: the service said so.
            BackendUnavailable: it cannot be reached, or is busy or too slow.
            PipelineFailed: it refuses us, or its answer is no answer.
        """
        scale = min(1.0, max(self._able.resolution or (LONGEST,)) / max(request.person.size))
        size = tuple(max(1, round(side * scale)) for side in request.person.size)
        sent = _at(request.person, (size[0], size[1]))
        boundary = secrets.token_hex(16)
        kind, answer = self._asked(_form(request, sent, boundary), boundary)
        try:
            parts = json.loads(answer) if kind == "application/json" else {"picture": answer}
            encoded = parts["picture"]
            picture = _png(encoded if isinstance(encoded, bytes) else base64.b64decode(encoded), sent.size).convert(
                "RGB"
            )
            region = _region(parts.get("region"), picture, sent)
            confidence = float(parts.get("confidence", 0.5))  # of which nothing is said
            warnings = sound_codes(parts.get("warnings") or ())
        except (KeyError, TypeError, AttributeError, ValueError, OSError, Image.DecompressionBombError) as error:
            raise PipelineFailed(f"The answer of the try-on service “{self._able.name}” cannot be read.") from error
        whole = request.person.size
        return Fit(_at(picture, whole), _at(region, whole), min(1.0, max(0.0, confidence)), warnings)

    def _asked(self, body: bytes, boundary: str) -> tuple[str, bytes]:
        """Content type and bytes of the answer; failures that pass are tried again while there is time."""
        until = time.monotonic() + self.address.timeout
        failure = "it did not answer"
        for attempt in range(self.address.retries + 1):
            if attempt:
                pause = PAUSE * 2 ** (attempt - 1)
                if time.monotonic() + pause >= until:
                    break
                self._sleep(pause)
            try:
                status, kind, answer = self._exchanged(body, boundary, until)
            except (OSError, http.client.HTTPException) as error:
                failure = f"it cannot be reached ({type(error).__name__})"
                continue
            if status == 200:
                return kind, answer
            if status not in AGAIN:
                raise self._refusal(status, kind, answer)
            failure = f"it answered {status}"
        raise BackendUnavailable(
            f"The try-on service “{self._able.name}” is not available: {failure}.", backend=self._able.name
        )

    def _exchanged(self, body: bytes, boundary: str, until: float) -> tuple[int, str, bytes]:
        place = self.address.place
        left = max(0.01, until - time.monotonic())
        connection: http.client.HTTPConnection
        if place.scheme == "https":
            context = ssl.create_default_context(cafile=self.address.ca_file)
            connection = http.client.HTTPSConnection(place.hostname or "", place.port, timeout=left, context=context)
        else:
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=left)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Accept": "application/json, image/png",
            "User-Agent": "shop-genai",
        }
        if self.address.token:
            headers["Authorization"] = f"Bearer {self.address.token}"
        try:
            connection.request("POST", (place.path or "/") + (f"?{place.query}" if place.query else ""), body, headers)
            answer = connection.getresponse()
            kind = (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower()
            return answer.status, kind, self._read(answer, until)
        finally:
            connection.close()

    def _read(self, answer: http.client.HTTPResponse, until: float) -> bytes:
        """The answer's body. A service that drips is as late as one that is silent."""
        parts, total = [], 0
        while chunk := answer.read1(CHUNK):
            total += len(chunk)
            if total > self.address.max_bytes:
                most = self.address.max_bytes
                raise PipelineFailed(f"The try-on service “{self._able.name}” answered more than {most} bytes.")
            if time.monotonic() > until:
                raise TimeoutError
            parts.append(chunk)
        return b"".join(parts)

    def _refusal(self, status: int, kind: str, answer: bytes) -> errors.GenaiError:
        """What a 4xx or 5xx means. The service's own words are not shown to anybody: they may say anything."""
        code: object = None
        if kind == "application/json" and 400 <= status < 500:
            try:
                code = json.loads(answer)["error"]["code"]
            except (ValueError, KeyError, TypeError):
                code = None
        if isinstance(code, str) and code in REFUSALS:
            return REFUSALS[code](f"The try-on service “{self._able.name}” refused: {code}.", backend=self._able.name)
        return PipelineFailed(f"The try-on service “{self._able.name}” answered {status}.")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _at(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def _form(request: FitRequest, sent: Image.Image, boundary: str) -> bytes:
    """The request's body."""
    garment = request.garment
    picture = request.garment_picture
    scale = min(1.0, LONGEST / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    asked = {
        "category": request.category,
        "kind": garment.kind,
        "sleeves": garment.sleeves,
        "source": garment.source,
        "tuck": request.tuck,
        "outer": request.outer,
        "seed": request.seed,
        "landmarks": {name: [x * scale, y * scale] for name, (x, y) in garment.landmarks.items()},
        "open_front": garment.open_front,
    }
    files = {"person": sent, "garment": _at(picture, size), "garment_mask": _at(garment.mask, size)}
    if request.region is not None:
        files["region"] = _at(request.region, sent.size)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    parts = [f'{head}request"\r\nContent-Type: application/json\r\n\r\n{json.dumps(asked)}\r\n'.encode()]
    for name, shown in files.items():
        described = f'{head}{name}"; filename="{name}.png"\r\nContent-Type: image/png\r\n\r\n'
        parts += [described.encode(), _bare_png(shown), b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])


def _bare_png(picture: Image.Image) -> bytes:
    """A PNG file without any metadata: a photo's may say where and when it was taken."""
    bare = picture.copy()
    bare.info = {}
    buffer = io.BytesIO()
    bare.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _png(content: bytes, size: tuple[int, int]) -> Image.Image:
    """A PNG of exactly that size; others are not decoded.

    Raises:
        ValueError, OSError: it is none.
    """
    with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
        if picture.size != size:
            raise ValueError(f"{picture.size} instead of {size}")
        picture.load()
        return picture.copy()


def _region(encoded: object, picture: Image.Image, sent: Image.Image) -> Image.Image:
    """The region that the service names, or else where its picture differs from the photo, a little widened."""
    if isinstance(encoded, str):
        return _png(base64.b64decode(encoded), sent.size).convert("L")
    red, green, blue = ImageChops.difference(picture, sent).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    changed = most.point([255 if value > NOTICED else 0 for value in range(256)])
    return changed.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(1.5))
