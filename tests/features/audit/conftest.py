"""The world of the later links of the chain, with browsers."""

from tests.chain import *  # noqa: F403
