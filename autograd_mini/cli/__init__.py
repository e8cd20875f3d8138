"""The command line, ``autograd-mini``: the table of its commands, and their exit statuses.

A command is a module with ``configure(parser)`` and ``run(options)``, named in ``COMMANDS``. It
prints its result, and raises ``Refused`` with one line for bad input: exit status 2.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import NoReturn

from autograd_mini.cli.terminal import Refused, speak_plainly
from autograd_mini.format import brief
from autograd_mini.language import LANGUAGES, Language, speaking, tell

__all__ = ["main"]

COMMAND_TEXTS = {
    "demo": "build, explain and draw two small graphs",
    "grad": "value and gradient of a formula, checked by finite differences",
    "draw": "draw the graph of a formula into a file",
    "train": "train a network on a generated data set or your own table",
    "predict": "apply a trained model to the rows of a table",
}
"""Command → what it does; the module of its name runs it."""
ARGPARSE_TEXTS = {
    "missing": "the following arguments are required: {names}",
    "choice": "argument {name}: invalid choice: {value} (choose from {choices})",
    "one": "argument {name}: expected one argument",
    "least": "argument {name}: expected at least one argument",
    "value": "argument {name}: {why}",
    "unrecognized": "unrecognized arguments: {names}",
}
"""What argparse says, the particular before the general."""
COMMANDS = {name: (f"autograd_mini.cli.{name}", text) for name, text in COMMAND_TEXTS.items()}

REFUSED, INTERRUPTED, PIPE_CLOSED = 2, 130, 141


class _Parser(argparse.ArgumentParser):
    """argparse with errors on one line, which refer to --help in place of the usage."""

    def error(self, message: str) -> NoReturn:
        line = tell("{prog}: error: {refusal}", prog=self.prog, refusal=_translated(message))
        self.exit(REFUSED, tell("{line}; see {prog} --help", line=line, prog=self.prog) + "\n")


def _translated(message: str) -> str:
    """Return a message of argparse in the current language."""
    for english in ARGPARSE_TEXTS.values():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(english))
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return tell(english, **found.groupdict())
    return message


def _parser() -> _Parser:
    from autograd_mini import __version__

    parser = _Parser(
        prog="autograd-mini",
        description=tell(
            "A scalar automatic differentiation engine: gradients, and pictures of how they are computed."
        ),
        epilog=tell("for example:") + ' autograd-mini grad "tanh(w*x + b)" w=0.5 x=2 b=-1',
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"autograd-mini {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title=tell("commands"), parser_class=_Parser)
    for name, (module, purpose) in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=tell(purpose),
            description=tell("{purpose}.", purpose=tell(purpose)[0].upper() + tell(purpose)[1:]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(parser=command, run=import_module(module).run)
        import_module(module).configure(command)
    for each in (parser, *commands.choices.values()):  # read before all others, by ``_chosen_language``
        each.add_argument("--lang", choices=LANGUAGES, help=tell("language of the messages (default: by LANG)"))
    return parser


def _read(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the arguments; ``name=value`` may come before, between and after the options."""
    arguments = list(arguments)
    if len(arguments) > 1 and arguments[0] in ("grad", "draw") and _is_formula(arguments[1]):
        arguments[1] = " " + arguments[1]  # argparse would read -x**2 as an option
    parser = _parser()
    if arguments and not arguments[0].startswith("-") and arguments[0] not in COMMANDS:
        parser.error(
            tell(
                "there is no command {name}; the commands are {names}",
                name=repr(brief(arguments[0])),
                names=", ".join(COMMANDS),
            )
        )
    options, rest = parser.parse_known_args(arguments)
    if options.command is None:
        if rest:
            parser.error(tell("{word} is not understood here", word=repr(brief(rest[0]))))
        parser.print_help()
        parser.exit(0)
    for each in rest:
        if each.startswith("-") or not hasattr(options, "values"):
            options.parser.error(tell("{word} is not understood here", word=repr(brief(each))))
        options.values = [*options.values, each]
    return options


def _is_formula(argument: str) -> bool:
    return argument.startswith("-") and not argument.startswith("--") and argument not in ("-o", "-h")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0 for success, 2 for bad input (one line on stderr says what is wrong), 130 after Ctrl-C, 141
    where the reader of the output closed the pipe.
    """
    speak_plainly(sys.stdout, sys.stderr)
    given = list(sys.argv[1:] if arguments is None else arguments)
    with speaking(_chosen_language(given)):
        return _run(given)


def _chosen_language(arguments: Sequence[str]) -> Language:
    """Return the language of --lang, else that of the environment, where there is a table of it."""
    asked = [after for option, after in pairwise(arguments) if option == "--lang"]
    asked += [each.removeprefix("--lang=") for each in arguments if each.startswith("--lang=")]
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    for name in (*asked, next(filter(None, names), "")):
        for lang in LANGUAGES:
            if name.partition("_")[0].partition(".")[0] == lang:
                return lang
    return "en"


def _run(arguments: Sequence[str]) -> int:
    prog = "autograd-mini"
    try:
        options = _read(arguments)
        prog = options.parser.prog
        options.run(options)
        sys.stdout.flush()
    except Refused as refusal:
        print(tell("{prog}: error: {refusal}", prog=prog, refusal=refusal), file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print(tell("{prog}: interrupted", prog=prog), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # as in autograd-mini … | head -1; the buffered output is discarded
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except SystemExit as end:  # argparse: --help, --version, a wrong option
        return end.code if isinstance(end.code, int) else REFUSED
    return 0
