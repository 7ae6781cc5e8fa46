"""support: commands that tests run."""

import subprocess


def run(*command, **options):
    """What a command prints; fails with all of it where the command does."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
