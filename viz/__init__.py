"""Pictures of computation graphs.

>>> from autograd_mini import Value
>>> from viz import draw
>>> c = (Value(3.0) + Value(5.0)) * Value(10.0)
>>> c.backward()
>>> draw(c)
<Drawing '(3+5)×10 = 80', lesson, 2 functions, 554×277>
"""

from viz.difference import diff
from viz.draw import draw
from viz.drawing import Drawing
from viz.film.film import Film, film
from viz.graph.words import narrate
from viz.notebook import register

__all__ = ["Drawing", "Film", "diff", "draw", "film", "narrate"]

register()
