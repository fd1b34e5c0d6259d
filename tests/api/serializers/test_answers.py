"""Answers are written by hand; what the schema declares must be exactly that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from rest_framework import serializers

from shop_genai.api.links import Links
from shop_genai.api.permissions import images_for, jobs_for, results_for
from shop_genai.api.problems import Problem
from shop_genai.api.serializers.images import ImageSerializer
from shop_genai.api.serializers.jobs import JobDetailSerializer, JobSerializer, SubmittedSerializer
from shop_genai.api.serializers.problem import ProblemSerializer
from shop_genai.api.serializers.recipes import RecipeSerializer
from shop_genai.api.serializers.rendering import AnswerSerializer, moment
from shop_genai.api.serializers.results import ResultSerializer
from shop_genai.models import Job, ProductImage
from shop_genai.recipes import Recipe
from tests.fakes.shop import make_image, make_result

CONTEXT = {"position": 3, "deduplicated": False, "weights": {"invert": None}}


def declared_and_written(kind: type[serializers.Serializer], row: Any) -> tuple[Any, Any]:
    """The nested names on both sides, in order."""
    context = {**CONTEXT, "links": Links(RequestFactory().get("/"))}
    return names(kind()), shape(kind(row, context=context).data, kind())


def names(serializer: Any) -> dict[str, Any]:
    serializer = getattr(serializer, "child", serializer)
    return {
        name: names(field) if hasattr(getattr(field, "child", field), "fields") else None
        for name, field in serializer.fields.items()
    }


def shape(data: Any, serializer: Any) -> dict[str, Any]:
    """As ``names``, of an answer; null and empty lists stand for their declared shape."""
    serializer = getattr(serializer, "child", serializer)
    if isinstance(data, list):
        data = data[0] if data else None
    if data is None:
        return names(serializer)
    return {
        name: shape(value, serializer.fields[name]) if names_more(serializer.fields[name]) else None
        for name, value in data.items()
    }


def names_more(field: Any) -> bool:
    return hasattr(getattr(field, "child", field), "fields")


@pytest.mark.django_db
def test_images(user: User, upload: Callable[..., ProductImage], photo_bytes: Callable[..., bytes]) -> None:
    for image in (upload(user), make_image(photo_bytes())):
        declared, written = declared_and_written(ImageSerializer, image)
        assert list(written) == list(declared)
        assert written == declared
    assert images_for(user).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [JobSerializer, JobDetailSerializer, SubmittedSerializer])
def test_jobs(user: User, make_job: Callable[..., Job], kind: type[serializers.Serializer]) -> None:
    make_job(user)
    make_job(user, status="failed", error_code="out_of_memory", error_message="Too large.")
    for job in jobs_for(user):
        declared, written = declared_and_written(kind, job)
        assert list(written) == list(declared)
        assert written == declared


@pytest.mark.django_db
def test_results(user: User, upload: Callable[..., ProductImage], invert: Recipe, drain: Callable[..., int]) -> None:
    make_result(upload(user, width=400), drain, owner=user)
    declared, written = declared_and_written(ResultSerializer, results_for(user).get())
    assert list(written) == list(declared)
    assert written == declared
    assert written["renditions"] == dict.fromkeys(("format", "width", "height", "bytes", "url"))


def test_recipes(invert: Recipe) -> None:
    declared, written = declared_and_written(RecipeSerializer, invert)
    assert written == declared


def test_problems() -> None:
    error = {"field": "a", "code": "b", "detail": "c"}
    written = Problem(400, "x", "y", errors=[error], details={"limit": 1}).body("/")
    declared = ProblemSerializer().fields
    assert list(written) == [name for name in declared if name != "advice"]  # only a try-on's problems give some
    assert [name for name, field in declared.items() if not field.required] == ["errors", "advice", "details"]


def test_moments_are_iso_8601() -> None:
    noon = datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=UTC)
    assert moment(noon) == "2026-11-24T12:00:00.000005Z"
    assert moment(noon.astimezone(timezone(timedelta(hours=8)))) == "2026-11-24T20:00:00.000005+08:00"
    assert moment(None) is None


def test_an_answer_that_writes_nothing_is_a_mistake_of_ours() -> None:
    class Forgotten(AnswerSerializer[Any]):
        pass

    with pytest.raises(NotImplementedError, match="Forgotten"):
        _ = Forgotten(object()).data
