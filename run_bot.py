"""The bot's command line; `python run_bot.py --help` lists the commands."""

from voicebot.cli import main

if __name__ == "__main__":
    main()
