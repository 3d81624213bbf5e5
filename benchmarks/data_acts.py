"""What is done with the data lab in each comparison: by the raw tool, by us, into two vaults."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.data_lab import DataLab

Act = Callable[[], Coroutine[Any, Any, Any]]


@dataclass(frozen=True)
class Measured:
    """fill: once. before: once, after it. between: before each of a round, not measured. after:
    at each round's end."""

    fill: Act
    raw: Act
    ours: Act
    two_vaults: Act | None = None
    before: Sequence[Act] = ()
    between: Sequence[Act] = ()
    after: Sequence[Act] = ()


def acts_of(lab: DataLab) -> dict[str, Measured]:
    """What is measured, by the name that `--only` takes."""
    return {
        "backup": Measured(
            lab.fill_database, lab.back_up_raw, lambda: lab.back_up(1), lambda: lab.back_up(2),
            after=(lab.expire,),
        ),
        "restore": Measured(
            lab.fill_database, lab.restore_raw, lab.restore, before=(lambda: _backed_up(lab),),
            between=(lab.settle,),
        ),
        "bucket": Measured(
            lab.fill_bucket, lab.keep_bucket_raw, lambda: lab.keep_bucket(1),
            lambda: lab.keep_bucket(2),
        ),
        "bucket back": Measured(
            lab.fill_bucket, lab.bring_bucket_raw, lab.bring_bucket,
            before=(lab.keep_bucket_raw, lambda: lab.keep_bucket(1)), between=(lab.empty_bucket,),
        ),
        "image": Measured(
            lab.fill_image, lab.keep_image_raw, lambda: lab.keep_image(1),
            lambda: lab.keep_image(2),
        ),
        "image back": Measured(
            lab.fill_image, lab.bring_image_raw, lab.bring_image,
            before=(lab.keep_image_raw, lambda: lab.keep_image(1)), between=(lab.forget_image,),
        ),
    }  # fmt: skip


async def _backed_up(lab: DataLab) -> None:
    """And once restored, so that what a restore leaves on a host is there for the raw tool too."""
    lab.made["backup"] = await lab.back_up(1)
    await lab.restore()
