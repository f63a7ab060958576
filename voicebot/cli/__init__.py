"""The commands of `run_bot.py`; how they end is in `errors.ExitCode`."""

import typer

from voicebot.cli import calls, carts, consents, doctor, flow, grammar, models, recognize, sandbox, sip, websocket
from voicebot.cli.errors import explained
from voicebot.cli.options import ConfigOption

app = typer.Typer(
    name="run_bot.py",
    help="A payment line that listens: payments by voice, offline, through PaymentExpress. "
    "Without a command: a demonstration call at the microphone, or at the keyboard where there is none.",
    epilog="Exit codes: 0 done; 1 something of ours failed; 2 bad input; 3 something is missing (model, voice, "
    "microphone, port, database, PaymentExpress); 4 carts are unsettled or need people, or consents were changed.",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(calls.mic)
app.command()(calls.text)
app.command()(calls.wav)
app.command()(calls.call)
app.command()(sip.sip)
app.command()(websocket.websocket)
app.command()(recognize.recognize)
app.command()(sandbox.sandbox)
app.add_typer(carts.app, name="carts")
app.add_typer(consents.app, name="consents")
app.add_typer(models.app, name="models")
app.add_typer(grammar.app, name="grammar")
app.command()(flow.flow)
app.command()(doctor.doctor)


@app.callback(invoke_without_command=True)
def _demo(context: typer.Context, config: ConfigOption = None) -> None:
    if context.invoked_subcommand is None:
        with explained():
            calls.demo(config)


def main() -> None:
    """Run the command line."""
    app()


__all__ = ["app", "main"]
