"""The studio's addresses. Mount them anywhere: ``path("genai/", include("shop_genai.urls"))``."""

from __future__ import annotations

from django.urls import path, re_path

from shop_genai.api.views import health, images, jobs, recipes, results, schema, studio, taste, tryon, variants

app_name = "shop_genai"

urlpatterns = [
    path("api/v1/images/", images.ImageListView.as_view(), name="image-list"),
    path("api/v1/images/<uuid:id>/", images.ImageView.as_view(), name="image-detail"),
    path("api/v1/images/<uuid:id>/content/", images.ImageContentView.as_view(), name="image-content"),
    path("api/v1/recipes/", recipes.RecipeListView.as_view(), name="recipe-list"),
    path("api/v1/jobs/", jobs.JobListView.as_view(), name="job-list"),
    path("api/v1/jobs/<uuid:id>/", jobs.JobView.as_view(), name="job-detail"),
    path("api/v1/jobs/<uuid:id>/cancel/", jobs.JobCancelView.as_view(), name="job-cancel"),
    path("api/v1/results/", results.ResultListView.as_view(), name="result-list"),
    path("api/v1/results/<uuid:id>/", results.ResultView.as_view(), name="result-detail"),
    path("api/v1/results/<uuid:id>/file/", results.ResultFileView.as_view(), name="result-file"),
    path("api/v1/variants/", variants.VariantListView.as_view(), name="variant-list"),
    path("api/v1/events/", taste.EventListView.as_view(), name="event-list"),
    path("api/v1/recommendations/", taste.RecommendationListView.as_view(), name="recommendation-list"),
    path("api/v1/profile/", taste.ProfileView.as_view(), name="profile"),
    path("api/v1/profile/export/", taste.ProfileExportView.as_view(), name="profile-export"),
    path("api/v1/tryon/", tryon.TryOnListView.as_view(), name="tryon"),
    path("api/v1/tryon/consent/", tryon.ConsentView.as_view(), name="tryon-consent"),
    path("api/v1/tryon/photos/", tryon.PhotoListView.as_view(), name="tryon-photos"),
    path("api/v1/tryon/photos/<uuid:id>/", tryon.PhotoView.as_view(), name="tryon-photo"),
    path("api/v1/tryon/photos/<uuid:id>/file/", tryon.PhotoFileView.as_view(), name="tryon-photo-file"),
    path("api/v1/tryon/<uuid:id>/", tryon.TryOnView.as_view(), name="tryon-detail"),
    path("api/v1/tryon/<uuid:id>/file/", tryon.TryOnFileView.as_view(), name="tryon-file"),
    path("api/v1/schema/", schema.SchemaView.as_view(), name="schema"),
    path("healthz/", health.HealthView.as_view(), name="healthz"),
    path("readyz/", health.ReadyView.as_view(), name="readyz"),
    re_path(r"^api/", studio.NothingHereView.as_view()),
]
