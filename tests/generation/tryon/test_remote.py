"""A try-on service, played by a real HTTP server on this machine."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import (
    BackendUnavailable,
    GenaiError,
    ImageTooSmall,
    NoPerson,
    PipelineFailed,
    WeightsNotCommercial,
)
from shop_genai.generation.tryon import remote
from shop_genai.generation.tryon.backends import BackendOptions, Backends
from shop_genai.generation.tryon.remote import Remote, configured, open_remote
from tests.generation.pictures import drawn
from tests.generation.tryon.dressing_requests import red, request, shirt

Answer = tuple[int, str, bytes]


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


class Service:
    """What the server answers, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: Callable[[dict[str, Any]], Answer] = lambda parts: (200, "image/png", png(parts["person"]))
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    def entry(self, **changes: Any) -> dict[str, Any]:
        return {"url": self.url, "allow_http": True, "commercial_ok": True, "timeout": 10, **changes}

    def backend(self, **changes: Any) -> Remote:
        return Remote(*configured("studio", self.entry(**changes)), sleep=lambda seconds: None)


def parts_of(headers: Any, body: bytes) -> dict[str, Any]:
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    parts: dict[str, Any] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        is_png = part.get_content_type() == "image/png"
        parts[str(name)] = Image.open(io.BytesIO(content)) if is_png else json.loads(content)
    return parts


@pytest.fixture
def service() -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            parts = parts_of(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            played.asked.append(parts)
            played.headers.append(dict(self.headers))
            status, kind, body = played.answer(parts)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if 300 <= status < 400:
                self.send_header("Location", played.url)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: Any) -> None:
            pass  # a client that gave up is no fault of the server's

    server = Server(("127.0.0.1", 0), Handler)
    played = Service(f"http://127.0.0.1:{server.server_address[1]}/fit?model=a")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield played
    server.shutdown()
    server.server_close()
    thread.join()


def said(**content: Any) -> Callable[[dict[str, Any]], Answer]:
    return lambda parts: (200, "application/json", json.dumps(content).encode())


def test_what_is_sent(service: Service) -> None:
    person = drawn(60, 80, 1)
    person.info["exif"] = b"Exif\x00\x00secret place"
    person.info["icc_profile"] = b"profile"
    service.backend(token="s3cret").fit(request(person=person, region=Image.new("L", (60, 80), 200)))
    (sent,) = service.asked
    assert set(sent) == {"request", "person", "garment", "garment_mask", "region"}
    assert sent["person"].tobytes() == person.tobytes()
    assert sent["person"].info == {}
    assert sent["garment"].tobytes() == drawn(48, 56, 2).tobytes()
    assert sent["garment_mask"].tobytes() == shirt().mask.tobytes()
    assert sent["region"].getpixel((1, 1)) == 200
    assert sent["request"]["category"] == "upper"
    assert sent["request"]["seed"] == 7
    assert sent["request"]["landmarks"]["neck_right"] == [1.0, 2.0]
    assert service.headers[0]["Authorization"] == "Bearer s3cret"


def test_a_picture_alone_is_an_answer(service: Service) -> None:
    service.answer = lambda parts: (200, "image/png", png(red(request()).picture))
    fit = Backends(BackendOptions(allowed={"studio": service.entry()}), None).fit("studio", request())
    assert fit.picture.getpixel((20, 30)) == (200, 0, 0)
    assert fit.region.getpixel((20, 30)) == 255  # where it differs from the photo
    assert fit.region.getpixel((50, 70)) == 0
    assert fit.confidence == 0.5


def test_json_brings_region_confidence_and_warnings(service: Service) -> None:
    answer = red(request())
    service.answer = said(
        picture=base64.b64encode(png(answer.picture)).decode(),
        region=base64.b64encode(png(answer.region)).decode(),
        confidence=0.9,
        warnings=["dark_photo", "<script>"],
    )
    fit = service.backend().fit(request())
    assert fit.region.tobytes() == answer.region.tobytes()
    assert fit.confidence == 0.9
    assert fit.warnings == ("dark_photo",)


def test_large_photos_are_sent_smaller_and_come_back_whole(service: Service) -> None:
    service.answer = lambda parts: (200, "image/png", png(Image.new("RGB", parts["person"].size, (9, 9, 9))))
    fit = service.backend(resolution=[66, 88]).fit(request(300, 400))
    assert service.asked[0]["person"].size == (66, 88)
    assert fit.picture.size == fit.region.size == (300, 400)
    assert np.asarray(fit.region).min() == 255


def test_large_garments_are_sent_with_their_landmarks(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "LONGEST", 28)
    service.backend(resolution=[80, 80]).fit(request())
    (sent,) = service.asked
    assert sent["garment"].size == sent["garment_mask"].size == (24, 28)
    assert sent["request"]["landmarks"]["neck_right"] == [0.5, 1.0]


def test_passing_failures_are_tried_again(service: Service) -> None:
    statuses = iter([503, 429, 200])
    service.answer = lambda parts: (next(statuses), "image/png", png(parts["person"]))
    pauses: list[float] = []
    Remote(*configured("studio", service.entry()), sleep=pauses.append).fit(request())
    assert len(service.asked) == 3
    assert pauses == [0.5, 1.0]


def test_a_service_that_stays_away_may_be_tried_later(service: Service) -> None:
    service.answer = lambda parts: (503, "text/plain", b"")
    with pytest.raises(BackendUnavailable, match="answered 503") as unavailable:
        service.backend(retries=1).fit(request())
    assert unavailable.value.retryable
    assert len(service.asked) == 2


def test_there_is_no_attempt_after_the_time_is_up(service: Service) -> None:
    service.answer = lambda parts: (503, "text/plain", b"")
    with pytest.raises(BackendUnavailable):
        service.backend(timeout=0.4).fit(request())
    assert len(service.asked) == 1


def test_a_silent_service_is_given_up(service: Service) -> None:
    release = threading.Event()

    def slow(parts: dict[str, Any]) -> Answer:
        release.wait(5)
        return 500, "text/plain", b""

    service.answer = slow
    with pytest.raises(BackendUnavailable, match="TimeoutError"):
        service.backend(timeout=0.2, retries=0).fit(request())
    release.set()


def test_nobody_there() -> None:
    with pytest.raises(BackendUnavailable, match="ConnectionRefusedError"):
        open_remote("studio", {"url": "http://127.0.0.1:9/", "allow_http": True, "retries": 0}).fit(request())


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (422, "no_person", NoPerson),
        (422, "image_too_small", ImageTooSmall),
        (422, "weights_missing", PipelineFailed),  # not for a service to say
        (422, "consent_missing", PipelineFailed),  # nor that
        (500, "no_person", PipelineFailed),
        (401, "whatever", PipelineFailed),
    ],
)
def test_refusals_of_the_service(service: Service, status: int, code: str, error: type[GenaiError]) -> None:
    body = json.dumps({"error": {"code": code, "message": "<b>words</b>"}}).encode()
    service.answer = lambda parts: (status, "application/json", body)
    with pytest.raises(error) as refused:
        service.backend().fit(request())
    assert type(refused.value) is error
    assert "words" not in str(refused.value)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (200, "image/png", png(Image.new("RGB", (61, 80)))),
        (200, "image/png", b"no picture"),
        (200, "application/json", b"no json"),
        (200, "application/json", b"[]"),
        (200, "application/json", b"{}"),
        (200, "application/json", b'{"picture": "%%%"}'),
        (302, "text/html", b""),
        (200, "image/png", b"x" * 5000),
    ],
)
def test_what_is_no_answer_is_not_taken(service: Service, answer: Answer) -> None:
    service.answer = lambda parts: answer
    with pytest.raises(PipelineFailed):
        service.backend(max_bytes=4000).fit(request())
    assert len(service.asked) == 1  # no redirect was followed, nothing tried again


def test_terms_that_nobody_stated_are_refused(service: Service) -> None:
    entry = service.entry()
    del entry["commercial_ok"]
    with pytest.raises(WeightsNotCommercial):
        Backends(BackendOptions(allowed={"studio": entry}), None).fit("studio", request())
    assert service.asked == []


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"url": "http://example.com/"}, "https"),
        ({"url": "http://example.com/", "allow_http": True}, "only on this machine"),
        ({"url": "http://127.0.0.1/", "allow_http": False}, "https"),
        ({"url": "ftp://example.com/"}, "https"),
        ({"url": "https:///path"}, "of the form"),
        ({"url": "https://me:word@example.com/"}, "token"),
        ({"url": "https://example.com:99999/"}, "port"),
        ({"token": "two words"}, "token"),
        ({"token": "a\r\nHost: b"}, "token"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"retries": 9}, "retries"),
        ({"max_bytes": 1}, "max_bytes"),
        ({"categories": "upper"}, "categories"),
        ({"tokn": "x"}, "“tokn”"),
    ],
)
def test_unsound_settings(changes: dict[str, Any], match: str) -> None:
    entry = {"url": "https://example.com/fit", **changes}
    with pytest.raises(ValueError, match=match):
        configured("studio", entry)
    with pytest.raises(BackendUnavailable, match=match):
        open_remote("studio", entry)


def test_secrets_are_not_shown() -> None:
    address, able = configured("studio", {"url": "https://example.com/fit", "token": "s3cret", "licence": "contract"})
    assert "s3cret" not in repr(address)
    assert able.remote
    assert (able.licence, able.commercial_ok) == ("contract", False)


def test_certificates_are_checked(service: Service) -> None:
    with pytest.raises(BackendUnavailable, match="SSLError"):
        open_remote("studio", {"url": service.url.replace("http", "https"), "retries": 0}).fit(request())
