"""Image: a machine image with everything installed, from which a site's servers boot."""

from liferaft.config import Config
from liferaft.moves.actions.machine_image import (
    CaptureMachineImage,
    InstallPackages,
    RemoveBuilder,
    StartBuilder,
)
from liferaft.moves.actions.servers import INSTALL_SECONDS
from liferaft.moves.inputs import MachineImageInputs
from liferaft.moves.needs import all_packages, idle_units
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step

MOVE = "image"


def plan(config: Config, inputs: MachineImageInputs) -> Plan:
    """The plan of an image."""
    site, epoch, image = inputs.site, inputs.epoch, inputs.image
    wanted = all_packages(config)
    steps = (
        Step(
            "builder",
            f"Start a server at {site} to build on",
            StartBuilder(site, epoch),
            deadline=900,
        ),
        Step(
            "install",
            f"Install {len(wanted)} packages and what they need",
            InstallPackages(site, epoch, wanted),
            needs=("builder",),
            deadline=INSTALL_SECONDS + 300,
        ),
        Step(
            "capture",
            f"Keep its disk as image {image}: new servers of {site} boot from it",
            CaptureMachineImage(site, epoch, image, wanted, idle_units(config)),
            needs=("install",),
            deadline=1800,
        ),
        Step(
            "tidy",
            "Delete the server that was built on, and older images",
            RemoveBuilder(site, epoch),
            needs=("capture",),
            deadline=900,
        ),
    )
    return Plan(MOVE, inputs, steps)
