from liferaft.clouds.aws.launch import client_token
from liferaft.clouds.contract import Owner

OWNER = Owner("chirp", "aws-east", 1, "t")


def test_another_request_has_another_token_and_the_same_one_the_same() -> None:
    request = {"ImageId": "ami-1", "TagSpecifications": [{"Tags": [{"Key": "e", "Value": "1"}]}]}
    later = {**request, "TagSpecifications": [{"Tags": [{"Key": "e", "Value": "2"}]}]}
    tokens = {
        client_token(OWNER, request, 0),
        client_token(OWNER, dict(reversed(request.items())), 0),
        client_token(OWNER, later, 0),
        client_token(OWNER, request, 1),
    }
    assert len(tokens) == 3
    assert all(len(token) == 64 for token in tokens)
