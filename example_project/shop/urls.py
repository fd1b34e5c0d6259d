"""The shop's pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from example_project.shop import views

app_name = "shop"
urlpatterns = [
    path("", views.product_list, name="products"),
    path("products/<slug:sku>/", views.product, name="product"),
    path("login/", LoginView.as_view(template_name="shop/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
