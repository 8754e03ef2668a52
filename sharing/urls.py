"""x"""
from django.urls import path
app_name = "sharing"
def _v(request, **k): pass
urlpatterns = [
 path("work/sharing/applications/<str:number>/", _v, name="application"),
 path("work/sharing/grants/<int:pk>/", _v, name="grant"),
 path("work/sharing/coordinations/<str:number>/", _v, name="coordination"),
 path("work/sharing/takings/<int:pk>/data/", _v, name="taking-data"),
]
