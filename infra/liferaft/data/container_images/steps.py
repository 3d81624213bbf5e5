"""The application's images in a move: from the operator into the vault, from there onto servers."""

from collections.abc import Iterator, Mapping
from typing import Any

from liferaft.data.container_images.deliver import DeliverContainerImages
from liferaft.data.container_images.keep import KeepContainerImages
from liferaft.data.container_images.load import LoadContainerImages
from liferaft.data.container_images.note import NoteRelease
from liferaft.data.kind import DataPlace
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.step import Step

Parts = tuple[Mapping[str, Any], ...]
"""Parts of a recovery point, as JSON values."""


def of_deploy(at: DataPlace) -> Iterator[Hung]:
    """Into the vault through the first server, from there to the others; what runs is noted."""
    first, *others = at.roster.app
    deliver = Step(
        f"image-{first.name}",
        f"Bring the application's images to the vault and to {first.name}",
        DeliverContainerImages(first.name, at.epoch),
        deadline=300,
    )
    yield _loaded(deliver, first.name)
    for seat in others:
        load = LoadContainerImages(seat.name, at.epoch)
        yield _loaded(_load(seat.name, load, needs=(deliver.name,)), seat.name)
    yield _noted(NoteRelease(at.epoch))


def of_snapshot(at: DataPlace, point: str) -> Iterator[Step]:
    """The recovery point names what runs."""
    keep = KeepContainerImages(at.epoch, point)
    yield Step("images", "Keep the application's images", keep, deadline=600)


def of_failover(at: DataPlace, images: Parts) -> Iterator[Hung]:
    """From the vault alone: the operator's copies may be gone with a laptop."""
    yield from of_drill(at, images)
    yield _noted(NoteRelease(at.epoch, images))


def of_drill(at: DataPlace, images: Parts) -> Iterator[Hung]:
    """The same images; that they run is no release, and noted nowhere."""
    for seat in at.roster.app:
        yield _loaded(_load(seat.name, LoadContainerImages(seat.name, at.epoch, images)), seat.name)


def _load(server: str, action: LoadContainerImages, needs: tuple[str, ...] = ()) -> Step:
    sentence = f"Load the application's images on {server}"
    return Step(f"image-{server}", sentence, action, needs=needs, deadline=300)


def _loaded(step: Step, server: str) -> Hung:
    waiting = (Milestone.FENCED, Milestone.SERVING)
    return Hung(step, Milestone.EQUIPPED, before=waiting, server=server)


def _noted(action: NoteRelease) -> Hung:
    """The step that notes what was started, once every server has started the workload."""
    sentence = "Note in the vault what runs: a failover starts the same"
    return Hung(Step("release", sentence, action, deadline=120), Milestone.SERVING)
