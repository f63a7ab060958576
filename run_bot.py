"""The bot's command line; `python run_bot.py --help` lists the commands."""

import sys

try:
    from voicebot.cli import main
except ModuleNotFoundError as missing:
    if str(missing.name).partition(".")[0] == "voicebot":
        raise
    sys.stderr.write(
        f"cannot go on: the package {missing.name} is missing; python3 tools/set_up.py makes everything ready, "
        "then: .venv/bin/python run_bot.py\n"
    )
    sys.exit(3)

if __name__ == "__main__":
    main()
