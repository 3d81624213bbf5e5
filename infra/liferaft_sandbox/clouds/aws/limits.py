"""What an account may run at all: its plan, its quota of CPUs, and what its policy permits.

- Plans: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/free-tier-plans.html . What
  RunInstances answers is in no document; quoted whole in
  https://github.com/splunk/attack_range/issues/1302 and others.
- Quotas: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
- Answers of the two services that tell: their models in botocore, `freetier` and `service-quotas`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from liferaft_sandbox.clouds.aws.policy import needed, refuse_unpermitted
from liferaft_sandbox.clouds.aws.wire import Answer, AwsError, answer_in_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.aws.wire import Call

FREE = "FREE"
PAID = "PAID"
STANDARD = "L-1216C47A"
_STANDARD = frozenset({"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"})
_RUNS = frozenset({"pending", "running"})
_ENDS = 1_830_297_600.0  # 2028-01-01, on an account that is made for every run


@dataclass
class Limits:
    """`plan`: None for an account from before there were plans. `permitted`: the actions of its
    key's policy, None for all there are. `asked`: what calls needed so far."""

    plan: str | None = PAID
    cpus: int = 1152
    permitted: frozenset[str] | None = None
    asked: set[str] = field(default_factory=set, repr=False)

    @classmethod
    def of(cls, seed: Mapping[str, Any]) -> Limits:
        """As a seed file says it; what it leaves out is as usual."""
        said = seed.get("permitted")
        permitted = None if said is None else frozenset(said)
        return cls(seed.get("plan", PAID), seed.get("cpus", cls.cpus), permitted)

    def refuse_unpermitted(self, call: Call, account_id: str) -> None:
        """Raises AwsError for what the key's policy does not give."""
        self.asked |= needed(call)
        if self.permitted is not None:
            refuse_unpermitted(call, self.permitted, account_id)

    def answer(self, call: Call, account_id: str) -> Answer | None:
        """What the services say that are asked for limits alone; None for all others."""
        if (call.service, call.operation) == ("freetier", "GetAccountPlanState"):
            return answer_in_json(call, self._plan(account_id))
        if (call.service, call.operation) == ("servicequotas", "GetServiceQuota"):
            return answer_in_json(call, self._quota(json.loads(call.body), call.region))
        return None

    def refuse_launch(self, operation: str, parameters: dict[str, Any], ec2: Any) -> None:
        """Raises AwsError for what the account may not launch."""
        if operation != "RunInstances":
            return
        name = parameters.get("InstanceType", "m1.small")
        if self.plan == FREE and not INSTANCE_TYPES[name].get("FreeTierEligible"):
            raise AwsError(
                "InvalidParameterCombination",
                "The specified instance type is not eligible for Free Tier. For a list of Free "
                "Tier instance types, run 'describe-instance-types' with the filter "
                "'free-tier-eligible=true'.",
            )
        running = [one.instance_type for one in ec2.all_instances() if one.state in _RUNS]
        asked = [name] * parameters["MaxCount"]
        if sum(map(_cpus, [*running, *asked])) > self.cpus and _cpus(name):
            raise AwsError(
                "VcpuLimitExceeded",
                f"You have requested more vCPU capacity than your current vCPU limit of "
                f"{self.cpus} allows for the instance bucket that the specified instance type "
                "belongs to.",
            )

    def _plan(self, account_id: str) -> dict[str, Any]:
        if self.plan is None:
            raise AwsError("ResourceNotFoundException", "No account plan was found.")
        told = {"accountId": account_id, "accountPlanType": self.plan}
        if self.plan != FREE:
            return {**told, "accountPlanStatus": "ACTIVE"}
        credits_left = {"amount": 87.5, "unit": "USD"}
        ends = {"accountPlanRemainingCredits": credits_left, "accountPlanExpirationDate": _ENDS}
        return {**told, "accountPlanStatus": "ACTIVE", **ends}

    def _quota(self, asked: dict[str, str], region: str) -> dict[str, Any]:
        if (asked.get("ServiceCode"), asked.get("QuotaCode")) != ("ec2", STANDARD):
            raise AwsError("NoSuchResourceException", "The request failed because of no such quota")
        arn = f"arn:aws:servicequotas:{region}::ec2/{STANDARD}"
        told = {"ServiceCode": "ec2", "QuotaCode": STANDARD, "QuotaArn": arn, "Adjustable": True}
        return {"Quota": {**told, "Value": float(self.cpus)}}


def _cpus(machine_type: str) -> int:
    """What counts towards the quota of standard types; 0 for others."""
    family = re.match(r"[a-z]+", machine_type)
    if family is None or family[0] not in _STANDARD:
        return 0
    return int(INSTANCE_TYPES[machine_type]["VCpuInfo"]["DefaultVCpus"])
