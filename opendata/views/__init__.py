"""The pages of opening: public ones under ``/data/``, the provider's under ``/desk/opening/``."""
