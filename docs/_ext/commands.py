"""The directive `commands`: the help of every verb, from the program itself."""

import click
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from certify.cli.commands import certify


class Commands(Directive):
    """A section a verb."""

    def run(self) -> list[nodes.Node]:
        """The verbs in the order of the alphabet."""
        return [self._section(name, command) for name, command in sorted(certify.commands.items())]

    def _section(self, name: str, command: click.Command) -> nodes.section:
        title = f"certify {name}"
        section = nodes.section(ids=[nodes.make_id(title)], names=[title])
        section += nodes.title(text=title)
        context = click.Context(command, info_name=title, max_content_width=100, terminal_width=100)
        text = command.get_help(context)
        section += nodes.literal_block(text, text, language="text")
        self.state.document.note_explicit_target(section)
        return section


def setup(app: Sphinx) -> dict[str, bool]:
    """For Sphinx."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True}
