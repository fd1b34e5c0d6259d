"""The shop at the root, the studio at /genai/, the back office at /admin/."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.core.files.storage import FileSystemStorage, default_storage
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("genai/", include("shop_genai.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("example_project.shop.urls")),
]
if isinstance(default_storage, FileSystemStorage):
    # Django serves pictures itself only while DEBUG is on; docs/deployment.md says who does it otherwise.
    urlpatterns += static(settings.MEDIA_URL, document_root=default_storage.location)
