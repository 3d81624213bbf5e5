"""YAML that people write: lists and maps in brackets are in each other only a few times."""

import yaml

from liferaft.config.syntax import DEEPEST


class ShallowLoader(yaml.SafeLoader):
    """Ends at the bracket that is too deep: PyYAML takes the longer for each, the deeper it is."""

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:  # noqa: N803
        """As PyYAML calls it, its argument by that name."""
        if self.flow_level >= DEEPEST:
            raise yaml.MarkedYAMLError(
                problem=f"nested more than {DEEPEST} deep", problem_mark=self.get_mark()
            )
        super().fetch_flow_collection_start(TokenClass)
