"""What is refused at every cloud alike, before its API is asked."""

from liferaft.failures import Own, Refused


def gone(cloud: str, what: str, ident: str) -> Refused:
    """`what` ("server") should be there and is not."""
    return Refused(
        f"{cloud}: {what} {ident} does not exist any more",
        safe="Nothing was changed.",
        do="Deploy again: a refresh notices what is gone, and it is created anew.",
        details={"cloud": cloud, "id": ident},
    )


def cannot_shrink(cloud: str, ident: str, *, size: int, wanted: int) -> Refused:
    """Sizes in GiB."""
    return Refused(
        f"{cloud}: volume {ident} has {size} GiB and cannot shrink to {wanted} GiB",
        safe=Own("It was left as it is."),
        do=f"Ask for {size} GiB or more, or restore into a new, smaller volume.",
        details={"cloud": cloud, "id": ident},
    )


def in_another_zone(cloud: str, ident: str, *, zone: str, server: str, servers: str) -> Refused:
    """A volume in `zone` cannot reach `server`, which runs in the zone `servers`."""
    return Refused(
        f"{cloud}: volume {ident} is in {zone}, and server {server} runs in {servers}: "
        "a volume is attached within its zone alone",
        safe=Own("The volume was left as it is, with everything on it."),
        do=f"Start the server in {zone}, or restore the data into a new volume in {servers}.",
        details={"cloud": cloud, "id": ident, "server": server},
    )


def of_another_architecture(cloud: str, image: str, *, has: str, wanted: str) -> Refused:
    """A machine image does not boot there."""
    return Refused(
        f"{cloud}: machine image {image} is for {has}, and the server is {wanted}",
        safe="Nothing was created.",
        do="Build an image for this architecture: liferaft image build SITE.",
        details={"cloud": cloud, "id": image},
    )


def no_image(cloud: str, image: str) -> Refused:
    """The named machine image is gone, or belongs to somebody else."""
    return Refused(
        f"{cloud}: there is no machine image {image}",
        safe="Nothing was created.",
        do="Build one with liferaft image build SITE, or start from the cloud's own Debian.",
        details={"cloud": cloud, "id": image},
    )
