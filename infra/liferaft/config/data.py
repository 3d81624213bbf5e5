"""What is configured of data, whatever its kind.

No kind is known here by its name: whoever loads a configuration says which kinds there are, and
each brings a model of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar, NoReturn, Self, cast

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationInfo,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from liferaft.config.problems import Finding
from liferaft.config.section import Section


class DataConfig(Section):
    """Data to keep outside the primary. Certificates, images and secrets are always kept.

    The model of a kind derives from this one. It adds keys of its own, and says by class variables
    what other rooms have to know of the kind.
    """

    CALLED: ClassVar[str] = "data"
    """The kind in a sentence, without an article."""
    RUNS: ClassVar[str | None] = None
    """The word under `runs` by which exactly one server runs its program; None if there is none."""
    IN_BUCKET: ClassVar[bool] = False
    """Whether it lives in the site's bucket."""
    MOST: ClassVar[int | None] = None
    """How many data sets of the kind an app may have; None for any number."""
    APP_NAMES_TAKEN: ClassVar[Mapping[str, str]] = {}
    """Names that no app may have, and why: the end of a sentence that begins with the name."""

    kind: str = Field(description="$kinds")

    @property
    def stands_for(self) -> str | None:
        """The service of the Compose file whose place it takes, which no server runs then."""
        return None

    @property
    def volumes_kept(self) -> tuple[str, ...]:
        """Volumes that it keeps, as the Compose file calls them."""
        return ()

    def findings(self, name: str, sections: Mapping[str, Any]) -> Iterator[Finding]:
        """What is wrong with the data set of this name, beside those sections that are valid."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _of_its_kind(
        cls, table: Any, read: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        if cls is not DataConfig or not info.context:
            return read(table)
        model = model_of(table, info.context["kinds"])
        return cast("Self", model.model_validate(table, context=info.context))


Kinds = Mapping[str, type[DataConfig]]
"""The models of all kinds of data, by what `kind` calls them."""


def model_of(table: Any, kinds: Kinds) -> type[DataConfig]:
    """The model of a table's kind; for one whose kind there is not, a model that says so."""
    kind = table.get("kind") if isinstance(table, Mapping) else None
    known = kinds.get(kind) if isinstance(kind, str) else None
    return known or _of_no_kind(tuple(kinds.values()))


def by_program(kinds: Kinds) -> Mapping[str, str]:
    """The words under `runs` that mean data, each with its kind."""
    return {model.RUNS: kind for kind, model in kinds.items() if model.RUNS}


def words_of(kinds: Kinds) -> Mapping[str, str]:
    """What stands for `$kinds` and `$programs` in descriptions."""
    programs = [f'"{word}"' for word in by_program(kinds)]
    return {
        "kinds": _listed(list(kinds)),
        "programs": f"{', '.join(programs)} and " if programs else "",
    }


def usable_app_name(name: str, info: ValidationInfo) -> str:
    """A name that means nothing of its own to any kind of data."""
    kinds: Kinds = info.context["kinds"] if info.context else {}
    for model in kinds.values():
        if name in model.APP_NAMES_TAKEN:
            raise ValueError(f"{name} {model.APP_NAMES_TAKEN[name]}")
    return name


@lru_cache(maxsize=1)  # a file may have thousands of such tables
def _of_no_kind(models: tuple[type[DataConfig], ...]) -> type[DataConfig]:
    """It takes every key that some kind has, and no kind."""
    keys: dict[str, Any] = {
        name: (Any, Field(default=None, alias=field.alias))
        for model in models
        for name, field in model.model_fields.items()
    }
    keys["kind"] = (Annotated[Any, AfterValidator(_refuse)], DataConfig.model_fields["kind"])
    return create_model("OfNoKind", __base__=DataConfig, **keys)


def _refuse(_: Any) -> NoReturn:
    raise PydanticCustomError("kind", "there is no such kind")


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:  # noqa: PLR2004
        return "".join(names)
    return f"{', '.join(names[:-1])}{',' if names[2:] else ''} or {names[-1]}"
