"""One tree of refusals. Each has a stable machine code, a sentence for people, and says whether a retry helps.

Both doors speak from this table: the API turns an error into an RFC 9457 problem (``http_status``, ``code``), the
ledger writes ``code`` and the sentence into the job row. Nothing here imports Django or torch.
"""

from __future__ import annotations

from typing import Any, ClassVar


class GenaiError(Exception):
    """The root. ``code`` never changes once released; ``message`` may be reworded or translated.

    ``details`` holds plain JSON values that help a program react (a field name, a limit), never personal data.
    """

    code: ClassVar[str] = "internal_error"
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: object, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def __str__(self) -> str:
        return str(self.message)


# What the caller sent ------------------------------------------------------------------------------------------------


class BadRequest(GenaiError):
    """The request cannot be accepted as it is; sending it again unchanged will not help."""

    code = "bad_request"
    http_status = 400


class UnknownRecipe(BadRequest):
    code = "unknown_recipe"
    http_status = 404


class InvalidParams(BadRequest):
    """A parameter is unknown, of the wrong type, or out of range. ``details["field"]`` names it."""

    code = "invalid_params"
    http_status = 422


class LightUnavailable(InvalidParams):
    """A repair of exposure and colour was asked of weights that have no part for it."""

    code = "light_unavailable"


class InvalidInputs(BadRequest):
    """A required input slot is empty, unknown, or holds an image that the caller may not use."""

    code = "invalid_inputs"
    http_status = 422


class IdempotencyConflict(BadRequest):
    code = "idempotency_conflict"
    http_status = 409


class NotAllowed(GenaiError):
    code = "permission_denied"
    http_status = 403


class WrongState(GenaiError):
    """The step is not possible from the state that the job or result is in now."""

    code = "wrong_state"
    http_status = 409


class TasteUnknown(WrongState):
    """Nothing can be aimed at a shopper of whom nothing is known: no events, no consent, or no looks to compare."""

    code = "taste_unknown"


# Pictures ------------------------------------------------------------------------------------------------------------


class ImageRefused(BadRequest):
    """An uploaded or stored picture that the studio will not decode."""

    code = "image_refused"
    http_status = 422


class NotAnImage(ImageRefused):
    code = "not_an_image"
    http_status = 415


class FormatNotAllowed(ImageRefused):
    code = "format_not_allowed"
    http_status = 415


class ImageTruncated(ImageRefused):
    code = "image_truncated"


class ImageTooLarge(ImageRefused):
    """More pixels or bytes than the limits allow; also decompression bombs."""

    code = "image_too_large"
    http_status = 413


class ImageTooSmall(ImageRefused):
    code = "image_too_small"


class ImageAnimated(ImageRefused):
    code = "image_animated"


class ProductNotFound(BadRequest):
    """No product is seen in the picture. One that shows it larger, or a mask, helps."""

    code = "product_not_found"
    http_status = 422


# Try-on --------------------------------------------------------------------------------------------------------------


class TryOnRefused(BadRequest):
    """The person or the garment in these pictures cannot be worked on. Nothing is faked instead."""

    code = "tryon_refused"
    http_status = 422


class NoPerson(TryOnRefused):
    """Nobody is seen in the photo."""

    code = "no_person"


class MultiplePeople(TryOnRefused):
    """Several people are seen; it is not said who is meant."""

    code = "multiple_people"


class NotFrontFacing(TryOnRefused):
    """The person is seen from behind or from the side."""

    code = "not_front_facing"


class TorsoCutOff(TryOnRefused):
    """What the garment would be worn on is not in the photo."""

    code = "torso_cut_off"


class GarmentNotFound(TryOnRefused):
    """No garment is seen in the product's picture."""

    code = "garment_not_found"


class CategoryUnsupported(TryOnRefused):
    """A garment or thing that cannot be tried on, or not with this method."""

    code = "category_unsupported"


class ConsentMissing(TryOnRefused):
    """The shopper has not agreed to the present text, so nothing of them is kept."""

    code = "consent_missing"
    http_status = 403


class TryOnLimitReached(TryOnRefused):
    """The shopper has asked for as much as one may in 24 hours. ``details["retry_after"]``: seconds until one may."""

    code = "tryon_limit_reached"
    http_status = 429


# Files -------------------------------------------------------------------------------------------------------------


class InputMissing(GenaiError):
    """The row exists but its file is gone from storage. An operator can put it back and retry the job."""

    code = "input_missing"
    http_status = 409


class InputChanged(InputMissing):
    """The file in storage is no longer the one that the row describes. Look at the picture again, then retry."""

    code = "input_changed"


class StorageUnavailable(GenaiError):
    """Object storage does not answer. Nothing was lost; the job waits and tries again."""

    code = "storage_unavailable"
    http_status = 503
    retryable = True


# Weights, devices, workers -------------------------------------------------------------------------------------------


class WeightsError(GenaiError):
    code = "weights_error"


class WeightsMissing(WeightsError):
    code = "weights_missing"


class WeightsTampered(WeightsError):
    """The file's sha256 differs from its manifest. It is not loaded, ever."""

    code = "weights_tampered"


class WeightsUnsupported(WeightsError):
    """The file can be read, but holds no network that this package can run."""

    code = "weights_unsupported"


class WeightsOtherRecipe(WeightsError):
    """The folder holds weights, but of another recipe than the one that was named."""

    code = "weights_other_recipe"
    http_status = 409


class WeightsLicenceRefused(WeightsError):
    """Their licence forbids commercial use, and the shop's settings do not say that this is no obstacle."""

    code = "weights_licence_refused"
    http_status = 409


class WeightsNotCommercial(WeightsError):
    """The licence of a try-on method forbids commercial use, and the shop does not say that this is no obstacle."""

    code = "weights_not_commercial"
    http_status = 409


class WeightsUnmeasured(WeightsError):
    """The manifest lacks the figures that decide about a promotion."""

    code = "weights_unmeasured"
    http_status = 409


class WeightsNotComparable(WeightsError):
    """The figures of the new weights and of those in use were not taken on the same test set."""

    code = "weights_not_comparable"
    http_status = 409


class WeightsNotBetter(WeightsError):
    """On the same test set they are worse than those in use, or no better. ``details["figures"]`` says by how much."""

    code = "weights_not_better"
    http_status = 409


class NothingToRollBack(WeightsError):
    """No other weights were in use before."""

    code = "nothing_to_roll_back"
    http_status = 409


class TorchMissing(GenaiError):
    """This process has no PyTorch: the worker extra is not installed here."""

    code = "torch_missing"


class ExtraMissing(GenaiError):
    """An optional package is not installed here."""

    code = "extra_missing"
    http_status = 501


class OutOfMemory(GenaiError):
    """Even one tile did not fit into the device's memory."""

    code = "out_of_memory"
    retryable = True


class PipelineFailed(GenaiError):
    """The generator raised something unforeseen. The job row keeps the class name, the log keeps the traceback."""

    code = "pipeline_failed"


# The queue -----------------------------------------------------------------------------------------------------------


class ServiceUnavailable(GenaiError):
    code = "service_unavailable"
    http_status = 503
    retryable = True


class BackendUnavailable(ServiceUnavailable):
    """A method of try-on is not there now: its service does not answer, or its folder cannot be opened."""

    code = "backend_unavailable"


class VectorsUnavailable(GenaiError):
    """The database cannot rank: it is no PostgreSQL with the extension “vector”, or holds no looks."""

    code = "vectors_unavailable"
    http_status = 409


class DatabaseUnavailable(ServiceUnavailable):
    """The request was not accepted: without the database there is no record of it. Send it again."""

    code = "database_unavailable"


class LeaseLost(GenaiError):
    """Another worker owns the job now. Whatever this one made is not published."""

    code = "lease_lost"


class JobCancelled(GenaiError):
    code = "cancelled"


class DeadlinePassed(GenaiError):
    code = "deadline_passed"
