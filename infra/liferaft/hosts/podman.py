"""podman as podman-compose finds it: a program on the server that stands between the two.

podman-compose 1.0.3 (Debian 12) hands files of variables to podman. 1.3.0 (Debian 13) reads them
itself, by rules of its own: it fills in `${NAME}`, takes quotes away, and makes arguments of what
it read. The application would get another secret, and everybody on the server could read it. 1.3.0
also ties containers to those that they depend on: they are not made without them, and it waits
without an end for one that does not run. What neither does as the file says, podman is told here.
"""

from typing import Final

from liferaft.compose.values import APP_ENV


def environment_file(service: str) -> str:
    """What the file with the `environment` of a service is called, beside the Compose file."""
    return f"environment.{service}"


def options_file(service: str) -> str:
    """What the file with the words that podman is told itself is called, beside it."""
    return f"options.{service}"


SCRIPT: Final = f"""\
#!/bin/sh
# What podman-compose is given for podman, so that all its versions do the same (liferaft): podman
# itself reads the files of variables, and containers are begun in their order, none tied to others.
folder=${{0%/*}}
case ${{1-}} in
run | create) act=$1 ;;
wait) exit 0 ;;
*) exec podman "$@" ;;
esac
shift
service=
for word; do
    shift
    if [ -z "$service" ]; then # what comes behind may be the application's
        case $word in
        com.docker.compose.service=*) service=${{word#*=}} ;;
        --requires=*) continue ;;
        esac
    fi
    set -- "$@" "$word"
done
for file in "{environment_file("$service")}" {APP_ENV}; do # each in front
    [ ! -e "$folder/$file" ] || set -- --env-file "$folder/$file" "$@"
done
if [ -e "$folder/{options_file("$service")}" ]; then # the last word first: each goes in front
    while IFS= read -r word; do
        set -- "$word" "$@"
    done <"$folder/{options_file("$service")}"
fi
exec podman "$act" "$@"
"""
"""It lies beside the Compose file and the files of variables (`PODMAN`)."""
