"""The shop's pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from example_project.shop import basket, views, your_taste

app_name = "shop"
urlpatterns = [
    path("", views.product_list, name="products"),
    path("products/<slug:sku>/", views.product, name="product"),
    path("products/<slug:sku>/opinion/", basket.say, name="say"),
    path("basket/", basket.page, name="basket"),
    path("basket/buy/", basket.buy, name="buy"),
    path("basket/<slug:sku>/", basket.put, name="put"),
    path("basket/<slug:sku>/out/", basket.take_out, name="take_out"),
    path("your-taste/", your_taste.page, name="your_taste"),
    path("your-taste/consent/", your_taste.consent, name="consent"),
    path("your-taste/export/", your_taste.export, name="export"),
    path("your-taste/erase/", your_taste.erase, name="erase"),
    path("login/", LoginView.as_view(template_name="shop/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
