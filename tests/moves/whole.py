"""An application whose two files use every key that there is, for what the sample leaves out."""

TOML = """\
[app]
name = "atlas"
compose = "compose.yaml"
domain = "www.atlas.test"
health = "https://www.atlas.test/up?full=1"
starts_within = 120
images = ["chirp.oci.tar"]
project = "."
engine = "embedded"

[vaults.main]
url = "s3://atlas-vault"
endpoint = "https://objects.atlas.test:8443"
region = "eu-1"
ca_file = "ca.pem"

[vaults.second]
url = "file:///srv/vault"

[sites.east]
cloud = "aws"
region = "us-east-1"
role = "primary"
sizes = { db = "t3.large", app = ["t3.large", "m5.large"] }

[sites.own]
cloud = "ssh"
region = "cellar"
role = "standby"
login = "admin"
objects = { endpoint = "https://s3.atlas.test", region = "cellar" }

[sites.own.machines.m1]
address = "203.0.113.10"
private_address = "10.9.0.1"
host_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6GwxMewM5D9Zq6iiWeM4YU3qc0ZpQR4QY6pIZrbIJg"
cpus = 8
memory = "32GiB"
disk = "200GiB"
architecture = "x86_64"
port = 2222

[sites.own.machines.m2]
address = "203.0.113.11"
private_address = "10.9.0.2"
host_key = "env/ATLAS_M2_HOST_KEY"
cpus = 8
memory = "32GiB"
disk = "200GiB"

[servers.db]
cpus = 2
memory = "4GiB"
architecture = "x86_64"
count = 1
runs = ["postgres"]

[servers.app]
cpus = 2
memory = "4GiB"
runs = ["web", "worker"]

[data.db]
kind = "postgres"

[dns]
zone = "atlas.test"
ttl = 30

[dns.vendors.files]
class = "octodns.provider.yaml.YamlProvider"
directory = "zones"

[dns.vendors.powerdns]
class = "octodns_powerdns.PowerDnsProvider"
host = "203.0.113.54"
api_key = "env/POWERDNS_API_KEY"

[tls]
acme_directory = "https://ca.atlas.test/directory"
email = "operators@atlas.test"
ca_file = "ca.pem"
acme_ca_file = "ca.pem"

[operators]
recipients = [
  "age16x3c2xp2kedlh2z7p65dxy9cye0dkg47s7kdn6xskkt8x3edk4nqtthntr",
  "env/LIFERAFT_RECIPIENT",
]

[volumes]
ephemeral = ["cache"]
"""

COMPOSE = """\
services:
  web:
    image: localhost/chirp:latest
    command: ["serve", "--workers", "2"]
    environment: {LOG: info, WORKERS: 010}
    env_file: app.env
    ports: ["127.0.0.1:8080:8080", "53:53/udp"]
    volumes: ["cache:/var/cache/chirp", "/srv/uploads:/uploads:ro"]
    depends_on: [worker]
    init: true
    user: 1000:1000
    working_dir: /srv
    stop_grace_period: 1m5s
  worker:
    image: localhost/chirp:latest
    command: work
    environment:
      - QUEUE=all
volumes:
  cache:
"""
