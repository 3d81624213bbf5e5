"""Pictures in the site's bucket."""

from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .images import Image
from .settings import BucketSettings
from .unavailable import Unavailable

PATIENCE = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"total_max_attempts": 1},  # the person at the other end asks again
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    max_pool_connections=16,
)


class Bucket:
    """One bucket. Calls end within seconds; they raise Unavailable when it does not answer."""

    def __init__(self, settings: BucketSettings) -> None:
        self._name = settings.name
        self._client: Any = botocore.session.get_session().create_client(
            "s3",
            endpoint_url=settings.endpoint,
            region_name=settings.region,
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key,
            verify=settings.ca_file,
            config=PATIENCE,
        )

    def put(self, image: Image) -> None:
        """Durable on return; putting the same picture again changes nothing."""
        try:
            self._client.put_object(
                Bucket=self._name,
                Key=image.key,
                Body=image.content,
                ContentType=image.content_type,
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("The bucket did not take a picture.") from error

    def get(self, key: str) -> bytes | None:
        """The picture's bytes, or None if the bucket does not have it."""
        try:
            content: bytes = self._client.get_object(Bucket=self._name, Key=key)["Body"].read()
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:  # noqa: PLR2004  # HTTP's own number
                return None
            raise Unavailable("The bucket did not give a picture.") from error
        except BotoCoreError as error:
            raise Unavailable("The bucket did not give a picture.") from error
        return content
