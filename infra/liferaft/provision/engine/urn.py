"""Names of resources: `urn:pulumi:STACK::PROJECT::PARENTTYPE$TYPE::NAME`."""

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_TYPE_PREFIX = "pulumi:providers:"


def urn_of(stack: str, project: str, kind: str, name: str, parent: str = "") -> str:
    """The URN of a resource; the Stack is not part of its children's chain of types."""
    chain = qualified_type(parent) if parent else ""
    qualified = f"{chain}${kind}" if chain and chain != STACK_TYPE else kind
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def qualified_type(urn: str) -> str:
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    return urn.split("::", 3)[3]


def is_provider(kind: str) -> bool:
    return kind.startswith(PROVIDER_TYPE_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Whether the engine made this provider by itself: `default`, or `default_1_2_3`."""
    name = name_of(urn)
    return is_provider(type_of(urn)) and (name == "default" or name.startswith("default_"))


def package_of(kind: str) -> str:
    """The package of a resource's type, or of a provider's."""
    if is_provider(kind):
        return kind.removeprefix(PROVIDER_TYPE_PREFIX)
    return kind.split(":", 1)[0]


def split_reference(reference: str) -> tuple[str, str]:
    """A provider reference `urn::id` as its two parts."""
    urn, _, ident = reference.rpartition("::")
    return urn, ident
