from tests.chain import *  # noqa: F403
