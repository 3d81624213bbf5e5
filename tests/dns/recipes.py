"""The tables of docs/dns.md, by vendor."""

import re
import tomllib
from pathlib import Path
from typing import Any

from liferaft.config.models import DnsVendorConfig
from liferaft.dns.vendors import DnsVendor

PAGE = Path(__file__).parents[2] / "docs/dns.md"
RECIPES = {
    title: tomllib.loads(table)
    for title, table in re.findall(
        r"^## (.+?)\n```toml\n(.+?)```", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
}


def vendor_of(title: str, **more: Any) -> DnsVendor:
    """As a configuration makes it of the table; each secret is `a-secret`."""
    one = DnsVendorConfig.model_validate(RECIPES[title])
    options = {k: "a-secret" if str(v).startswith("env/") else v for k, v in one.options.items()}
    return DnsVendor("one", one.class_name, options | more)
