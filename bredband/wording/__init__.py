"""What people read, in bokmål and nynorsk: each room's own sentences, and those the code says."""

from bredband.wording.files import sentences
from bredband.wording.nynorsk import said

__all__ = ["said", "sentences"]
