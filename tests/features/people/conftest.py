from tests.living import chain, living_template, page, store_url, world

__all__ = ["chain", "living_template", "page", "store_url", "world"]
