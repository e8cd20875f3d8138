"""A model as one C99 file, for a microcontroller or any language that calls C, without dependencies."""

from __future__ import annotations

from autograd_mini.export.interface import Interface
from autograd_mini.export.python import safe
from autograd_mini.program.ir import Program

__all__ = ["c_text"]

HEAD = """\
/* A trained {kind}: {inputs} inputs, {outputs} outputs. Written by autograd_mini; it needs C99 and its maths library.

   Declare what you call, and compile {name} with your program (cc main.c {name} -lm):

       void predict(const double *x, double *y);   x: {inputs} numbers, y: room for {outputs}{declared}
{once}
   Alone, one line of numbers per sample: cc -DMODEL_MAIN -o model {name} -lm && ./model < rows.csv

   x: {names_in}
   y: {names_out} */

#include <math.h>
#ifdef MODEL_MAIN
#include <stdio.h>
#endif

enum {{ INPUTS = {inputs}, OUTPUTS = {outputs} }};

"""
ONCE = """
   Its work memory is static: one call at a time, no two threads.
"""
DECLARED = """
       int classify(const double *x);              the index of the largest output
       extern const char *const classes[{outputs}];        its name, in UTF-8"""
PREDICT = """
void predict(const double *x, double *y) {
    program(x, y);
}
"""
CLASSIFY = """
extern const char *const classes[OUTPUTS];
const char *const classes[OUTPUTS] = {{
{names}}};

int classify(const double *x) {{
    double y[OUTPUTS];
    int k, best = 0;
    predict(x, y);
    for (k = 1; k < OUTPUTS; k++) {{
        if (y[k] > y[best]) best = k;
    }}
    return best;
}}
"""
MAIN = """
#ifdef MODEL_MAIN
int main(void) {{
    double x[INPUTS];
{room}    long row;
    int k;
    for (row = 1;; row++) {{
        for (k = 0; k < INPUTS; k++) {{
            if (scanf(k ? " ,%lf" : "%lf", &x[k]) != 1) {{
                if (k == 0 && feof(stdin)) return 0;
                fprintf(stderr, "row %ld: %d numbers are needed, separated by commas\\n", row, INPUTS);
                return 1;
            }}
        }}
{answer}    }}
}}
#endif
"""
ROOM = "    double y[OUTPUTS];\n"
NUMBERS = """\
        predict(x, y);
        for (k = 0; k < OUTPUTS; k++) printf(k ? " %.17g" : "%.17g", y[k]);
        printf("\\n");
"""
NAME = '        printf("%s\\n", classes[classify(x)]);\n'
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _-.,:()")


def c_text(program: Program, interface: Interface, name: str) -> str:
    """Return the text of the C file ``name``."""
    sizes = {"inputs": len(interface.inputs), "outputs": len(interface.outputs)}
    source = program.source("c")
    head = HEAD.format(
        once=ONCE if "    static " in source else "",
        kind="classifier" if interface.classes else "model",
        name=name,
        declared=DECLARED.format(**sizes) if interface.classes else "",
        names_in=_shown(interface.inputs),
        names_out=_shown(interface.outputs),
        **sizes,
    )
    before, function = source.removeprefix("#include <math.h>\n\n").split("void program(", 1)
    text = f"{head}{before}static void program({function}{PREDICT}"
    if not interface.classes:
        return text + MAIN.format(room=ROOM, answer=NUMBERS)
    names = "".join(f"    {_literal(each)},\n" for each in interface.classes)
    return text + CLASSIFY.format(names=names) + MAIN.format(room="", answer=NAME)


def _shown(names: tuple[str, ...]) -> str:
    return safe(", ".join(names[:8])) + ", ..." * (len(names) > 8)


def _literal(name: str) -> str:
    """Return a text as a string literal of C; characters outside ASCII are octal escapes of their UTF-8 bytes."""
    bits = (char if char in PLAIN else "".join(f"\\{byte:03o}" for byte in char.encode()) for char in name)
    return f'"{"".join(bits)}"'
