#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_words.py ROOT - is a mistake in the words of a language found when ndrscan is built?

Says TAP.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tap import ended, ok # pylint: disable=wrong-import-position

APP = pathlib.Path(sys.argv[1]).resolve() / "tools" / "app"
LANGUAGES = ["en", "de", "es", "fr", "ja"]


def build(change=None, language="de", text=None):
    """words.py over copies, of which one language was changed."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name in LANGUAGES:
            words = json.loads((APP / "words" / f"{name}.json").read_text())
            if name == language and change is not None:
                change(words)
            files.append(pathlib.Path(folder) / f"{name}.json")
            files[-1].write_text(json.dumps(words) if name != language or text is None else text)
        done = subprocess.run([sys.executable, APP / "words.py", APP / "words.h", pathlib.Path(folder) / "out.c", *files], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr


def refused(sentence, words, change=None, **more):
    code, said = build(change, **more)
    ok(code != 0 and words in said and "Traceback" not in said, sentence, (code, said))


ok(build()[0] == 0, "the words that there are make a table", build())
refused("a key that a language lacks", "mail_held: in one", lambda w: w.pop("mail_held"))
refused("one that nothing asks for", "nonsense: in one", lambda w: w.update(nonsense="x"))
refused("one that English lacks", "mail_held: in one", lambda w: w.pop("mail_held"), language="en")
refused("a place that is not filled in", "mail_opened: fills in other", lambda w: w.update(mail_opened="{0}"))
refused("one too many", "mail_held: fills in other", lambda w: w.update(mail_held="{0}"))
refused("one that only the singular has", "mail_day: fills in other", lambda w: w["mail_day"].update(one="{0} {1} {2}"))
refused("a place that there never is", "mail_held: only", lambda w: w.update(mail_held="{7}"))
refused("markup", "mail_held: only", lambda w: w.update(mail_held="<b>"))
refused("nothing at all", "mail_held: is empty", lambda w: w.update(mail_held=" "))
refused("a key that is there twice", "back: is there twice", text='{"back": "a", "back": "b"}')
sys.exit(ended())
