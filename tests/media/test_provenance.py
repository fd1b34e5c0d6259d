"""The packet that says how a picture was made: in the file, in words that others read too."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from PIL import Image

import shop_genai
from shop_genai.media import encoding, provenance
from shop_genai.media.provenance import Provenance, read_provenance
from shop_genai.models import Job, Weights
from tests.media.crafted import encoded

FACTS = Provenance(provenance.COMPOSITE, "enhance", "ab" * 32, "cd" * 32, "shop_genai enhance", "1.2 <&\"'> é")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_what_is_written_is_read_back(format: str, mode: str) -> None:
    data = encoding.encode(Image.new(mode, (40, 30), 90 if mode == "L" else "red"), format, None, FACTS.packet())
    assert read_provenance(data) == FACTS


def test_pillow_finds_the_same_packet() -> None:
    data = encoding.encode(Image.new("RGB", (40, 30)), "JPEG", None, FACTS.packet())
    import io

    with Image.open(io.BytesIO(data)) as picture:
        assert picture.info["xmp"] == FACTS.packet()


def test_the_packet_is_xml_with_the_terms_of_iptc() -> None:
    root = ElementTree.fromstring(FACTS.packet().decode().partition("?>")[2].rpartition("<?")[0])
    (description,) = root.iter(f"{RDF}Description")
    assert description.get(f"{IPTC}DigitalSourceType") == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )
    assert description.get(f"{IPTC}AISystemVersionUsed") == FACTS.system_version
    assert description.get("{http://ns.adobe.com/xap/1.0/}CreatorTool") == f"shop_genai {shop_genai.__version__}"


def test_the_same_facts_give_the_same_bytes() -> None:
    assert FACTS.packet() == Provenance(**{f: getattr(FACTS, f) for f in FACTS.__slots__}).packet()


def test_a_job_with_weights_is_a_composite_and_one_without_is_not() -> None:
    weights = Weights(recipe="enhance", digest="ef" * 32, version="7")
    facts = provenance.of_job(Job(recipe="enhance", key="01" * 32, weights=weights))
    assert (facts.source_type, facts.weights, facts.system_version) == (provenance.COMPOSITE, "ef" * 32, "7")
    plain = provenance.of_job(Job(recipe="grey", key="01" * 32))
    assert (plain.source_type, plain.weights) == (provenance.ALGORITHMIC, "")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        encoded(Image.new("RGB", (20, 20)), "JPEG"),
        encoded(Image.new("RGB", (20, 20)), "JPEG", xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'),
        b'<x:xmpmeta urn:shop-genai:provenance:1#" shopgenai:Recipe="x"',
        b'<x:xmpmeta urn:shop-genai:provenance:1#" shopgenai:Recipe="x"></x:xmpmeta>',
        b"urn:shop-genai:provenance:1#",
    ],
)
def test_other_files_have_none(data: bytes) -> None:
    assert read_provenance(data) is None
