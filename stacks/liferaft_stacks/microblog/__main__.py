"""The sample microblog's site. Its shape is in the stack's configuration."""

from liferaft.provision.site import Site

Site.from_config().export()
