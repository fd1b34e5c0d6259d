"""AI-made pictures say so: an XMP packet with the IPTC digital source type, in every file the studio writes.

Only facts about the making: never anything of the source file, its owner, or the time (equal inputs, equal
bytes). Source: IPTC Photo Metadata Standard 2025.1 (DigitalSourceType, AISystemUsed, AISystemVersionUsed);
XMP part 1, 7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

import shop_genai
from shop_genai.models import Job

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
COMPOSITE = VOCABULARY + "compositeWithTrainedAlgorithmicMedia"  # a photo that a trained model changed: all our kinds
ALGORITHMIC = VOCABULARY + "algorithmicallyEnhanced"  # a recipe without weights: no trained model took part
_NAMESPACE = "urn:shop-genai:provenance:1#"

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:shopgenai="{namespace}"
{attributes}/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_ATTRIBUTES = {
    "source_type": "Iptc4xmpExt:DigitalSourceType",
    "system": "Iptc4xmpExt:AISystemUsed",
    "system_version": "Iptc4xmpExt:AISystemVersionUsed",
    "software": "xmp:CreatorTool",
    "recipe": "shopgenai:Recipe",
    "weights": "shopgenai:WeightsSha256",
    "key": "shopgenai:JobKey",
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a picture was made."""

    source_type: str  # a URI of the IPTC vocabulary
    recipe: str
    key: str  # the job's content key, 64 hex digits
    weights: str = ""  # digest of the network's files, 64 hex digits; empty for a recipe without weights
    system: str = ""
    system_version: str = ""
    software: str = f"shop_genai {shop_genai.__version__}"

    def packet(self) -> bytes:
        """The XMP packet, UTF-8. The same facts give the same bytes."""
        lines = [
            f' {attribute}="{escape(getattr(self, field))}"'
            for field, attribute in _ATTRIBUTES.items()
            if getattr(self, field)
        ]
        return _PACKET.format(namespace=_NAMESPACE, attributes="\n".join(lines)).encode()


def of_job(job: Job) -> Provenance:
    """The facts of one job, from its row."""
    weights = job.weights
    return Provenance(
        source_type=COMPOSITE if weights else ALGORITHMIC,
        recipe=job.recipe,
        key=job.key,
        weights=weights.digest if weights else "",
        system=f"shop_genai {job.recipe}",
        system_version=weights.version if weights else shop_genai.__version__,
    )


def read_provenance(data: bytes) -> Provenance | None:
    """The studio's own packet in a file of any format, or None. Reads no other XMP and needs no XML parser.

    JPEG, WebP and AVIF hold a packet as it is; so does PNG in an uncompressed iTXt chunk, which is how we
    write it.
    """
    at = data.find(_NAMESPACE.encode())
    if at < 0:
        return None
    start, end = data.rfind(b"<x:xmpmeta", 0, at), data.find(b"</x:xmpmeta>", at)
    if start < 0 or end < 0:
        return None
    text = data[start:end].decode("utf-8", "replace")
    found = dict(re.findall(r'([A-Za-z0-9]+:[A-Za-z0-9]+)="([^"<>]*)"', text))
    facts = {field: unescape(found.get(attribute, "")) for field, attribute in _ATTRIBUTES.items()}
    if not (facts["source_type"] and facts["recipe"] and facts["key"]):
        return None
    return Provenance(**facts)
