"""How a change at a DNS vendor fails."""

from liferaft.failures import DeadlinePassed, Refused, VendorFailure


class DnsVendorFailed(VendorFailure):
    """The vendor, or the octoDNS class that talks to it, gave an error."""


class DnsVendorSilent(DeadlinePassed):
    """The vendor did not answer in time. Its thread may still wait for it, and sends nothing."""


class DnsChangeRefused(Refused):
    """The zone at the vendor is not in a state in which our change would be safe."""


class ZoneNotShown(DnsChangeRefused):
    """The vendor shows nothing of the zone: it is empty, or not ours to see."""


class NotYetShown(DeadlinePassed):
    """The vendor took a change, and did not show it in time."""
