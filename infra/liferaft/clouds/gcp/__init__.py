"""Google Cloud through google-cloud-compute and google-cloud-storage."""

from liferaft.clouds.rpc_status import share

share()  # the provider plugin has loaded Pulumi's SDK by now, a command may do so later
