"""What Hetzner offers: locations, server types with prices, system images.

A selection. Names, ids, sizes and prices (net, EUR, without IPv4) follow the public price list of
2026 at https://www.hetzner.com/cloud; they date, nothing may depend on an exact price.
"""

from __future__ import annotations

from typing import Any

_TRAFFIC = 20 * 1024**4  # bytes a month
_VAT = 1.19

LOCATIONS: list[dict[str, Any]] = [
    {
        "id": number,
        "name": name,
        "description": description,
        "country": country,
        "city": city,
        "latitude": latitude,
        "longitude": longitude,
        "network_zone": zone,
    }
    for number, name, description, country, city, latitude, longitude, zone in (
        (
            1,
            "fsn1",
            "Falkenstein DC Park 1",
            "DE",
            "Falkenstein",
            50.47612,
            12.370071,
            "eu-central",
        ),
        (2, "nbg1", "Nuremberg DC Park 1", "DE", "Nuremberg", 49.452102, 11.076665, "eu-central"),
        (3, "hel1", "Helsinki DC Park 1", "FI", "Helsinki", 60.169855, 24.938379, "eu-central"),
        (4, "ash", "Ashburn, VA", "US", "Ashburn, VA", 39.045821, -77.487073, "us-east"),
    )
]

_EUROPE = ("fsn1", "nbg1", "hel1")
_EVERYWHERE = (*_EUROPE, "ash")
# id, name, category, cores, memory GB, disk GB, cpu, architecture, locations, EUR a month
_TYPES = (
    (22, "cpx11", "Regular Performance", 2, 2.0, 40, "shared", "x86", _EVERYWHERE, 4.35),
    (23, "cpx21", "Regular Performance", 3, 4.0, 80, "shared", "x86", _EVERYWHERE, 7.55),
    (45, "cax11", "Cost-Optimized", 2, 4.0, 40, "shared", "arm", _EUROPE, 3.79),
    (96, "ccx13", "General Purpose", 2, 8.0, 80, "dedicated", "x86", _EVERYWHERE, 12.49),
    (97, "ccx23", "General Purpose", 4, 16.0, 160, "dedicated", "x86", _EVERYWHERE, 24.49),
    (104, "cx22", "Cost-Optimized", 2, 4.0, 40, "shared", "x86", _EUROPE, 3.79),
    (114, "cx23", "Cost-Optimized", 2, 4.0, 40, "shared", "x86", _EUROPE, 3.49),
)


def _price(amount: float) -> dict[str, str]:
    return {"net": f"{amount:.10f}", "gross": f"{amount * _VAT:.10f}"}


def _prices(locations: tuple[str, ...], month: float) -> list[dict[str, Any]]:
    return [
        {
            "location": location,
            "price_hourly": _price(month / 624),
            "price_monthly": _price(month),
            "included_traffic": _TRAFFIC,
            "price_per_tb_traffic": _price(1.0),
        }
        for location in locations
    ]


SERVER_TYPES: list[dict[str, Any]] = [
    {
        "id": number,
        "name": name,
        "description": name.upper(),
        "category": category,
        "cores": cores,
        "memory": memory,
        "disk": disk,
        "deprecated": False,
        "deprecation": None,
        "prices": _prices(locations, month),
        "storage_type": "local",
        "cpu_type": cpu,
        "architecture": architecture,
        "locations": [
            {
                "id": location["id"],
                "name": location["name"],
                "deprecation": None,
                "available": True,
                "recommended": False,
            }
            for location in LOCATIONS
            if location["name"] in locations
        ],
    }
    for number, name, category, cores, memory, disk, cpu, architecture, locations, month in _TYPES
]

SYSTEM_IMAGES: list[dict[str, Any]] = [
    {
        "id": number,
        "name": name,
        "description": description,
        "disk_size": 5.0,
        "created": created,
        "os_flavor": name.partition("-")[0],
        "os_version": name.partition("-")[2],
        "architecture": architecture,
    }
    for number, name, description, created, architecture in (
        (114690387, "debian-12", "Debian 12", "2023-06-13T06:00:00Z", "x86"),
        (114690389, "debian-12", "Debian 12", "2023-06-13T06:00:00Z", "arm"),
        (161547269, "ubuntu-24.04", "Ubuntu 24.04", "2024-04-25T13:26:27Z", "x86"),
        (161547270, "ubuntu-24.04", "Ubuntu 24.04", "2024-04-25T13:26:51Z", "arm"),
        (310557660, "debian-13", "Debian 13", "2025-08-11T09:00:00Z", "x86"),
        (310557661, "debian-13", "Debian 13", "2025-08-11T09:00:00Z", "arm"),
    )
]


def _datacenter(number: int, name: str, location: dict[str, Any]) -> dict[str, Any]:
    here = [
        item["id"]
        for item in SERVER_TYPES
        if any(place["id"] == location["id"] for place in item["locations"])
    ]
    return {
        "id": number,
        "name": name,
        "description": location["description"],
        "location": location,
        "server_types": {
            "supported": here,
            "available": here,
            "available_for_migration": here,
        },
    }


DATACENTERS = [
    _datacenter(number, f"{location['name']}-dc{room}", location)
    for number, room, location in zip((4, 2, 3, 5), (14, 3, 2, 1), LOCATIONS, strict=True)
]
"""Phased out in 2026 in favour of locations. Clients of before, Ansible's among them, ask for
them and read them off servers and addresses; those of today ignore them."""


def datacenter_at(location: dict[str, Any]) -> dict[str, Any]:
    """The one that a location has."""
    return next(item for item in DATACENTERS if item["location"]["id"] == location["id"])


PRICING: dict[str, Any] = {
    "currency": "EUR",
    "vat_rate": "19.000000",
    "image": {"price_per_gb_month": _price(0.0110)},
    "volume": {"price_per_gb_month": _price(0.0440)},
    "server_backup": {"percentage": "20.0000000000"},
    "server_types": [
        {"id": item["id"], "name": item["name"], "prices": item["prices"]} for item in SERVER_TYPES
    ],
    "primary_ips": [],
    "floating_ips": [],
    "load_balancer_types": [],
}


def by_id_or_name(items: list[dict[str, Any]], key: int | str) -> dict[str, Any] | None:
    """As the API reads such a field: a number, a number in a string, or a name."""
    return next((item for item in items if str(key) in {str(item["id"]), item["name"]}), None)
