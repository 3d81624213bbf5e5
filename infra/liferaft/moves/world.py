"""placeholder"""


class World: ...
