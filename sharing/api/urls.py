"""x"""
app_name = "sharing-api"
urlpatterns = []
