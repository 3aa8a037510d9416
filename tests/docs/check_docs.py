#!/usr/bin/env python3
"""The pages of the book: links lead somewhere, commands are the program's, lessons run.

usage: check_docs.py links ROOT | commands ROOT PROGRAM | run PAGE.md PROGRAM

links: every relative link and picture of every page exists, and every #anchor is a heading of its page.
commands: every `filterscope ...` line of a block of sh or console, and of a table's first column, has a subcommand
that the program knows and options that its help names.
run: the sh blocks of a page are run in one shell, one after the other, in an empty folder, each must end with 0; what
the page announces as "expected: `FILE`" must be there afterwards.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap

FENCED = r"^( *)```(\w*)\n(.*?)^\1```"


def pages(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "*.md"], capture_output=True, text=True)
    names = listed.stdout.split() if listed.returncode == 0 else []
    if not names:
        names = [os.path.relpath(os.path.join(folder, f), root)
                 for start in ("docs", "assets") for folder, _, files in os.walk(os.path.join(root, start))
                 for f in files if f.endswith(".md")] + ["README.md"]
    return [os.path.join(root, name) for name in names]


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def blocks(text):
    """(language, lines) of fenced blocks, those in lists too."""
    return [(m.group(2), textwrap.dedent(m.group(3)).splitlines())
            for m in re.finditer(FENCED, text, re.M | re.S)]


def prose(text):
    """A page without its code, where brackets are no links."""
    return re.sub(r"`[^`\n]*`", "``", re.sub(FENCED, "", text, flags=re.M | re.S))


def anchors(text):
    found = set()
    for heading in re.findall(r"^#+ (.*)$", re.sub(FENCED, "", text, flags=re.M | re.S), re.M):
        plain = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
        found.add(plain.replace(" ", "-"))
    return found


def check_links(root):
    errors, count = [], 0
    for page in pages(root):
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(text_of(page))):
            if re.match(r"[a-z]+:", target):
                continue
            count += 1
            name, _, anchor = target.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(page), name)) if name else page
            if not os.path.exists(path):
                errors.append(f"{page}: no file {target}")
            elif anchor and path.endswith(".md") and anchor not in anchors(text_of(path)):
                errors.append(f"{page}: no heading #{anchor} in {path}")
    return errors, f"{count} links"


def logical_lines(lines, language):
    """Command lines: continued ones joined; of a console block those behind the prompt."""
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    if language == "console":
        return [line[2:] for line in joined if line.startswith("$ ")]
    return joined


def commands_of(text):
    for language, lines in blocks(text):
        if language in ("sh", "console"):
            yield from logical_lines(lines, language)
    for cell in re.findall(r"^\| `(filterscope [^`]*)`", text, re.M):
        yield cell


def words_of(line):
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


def calls(words):
    """Calls of the program in a line: what follows its name up to the next pipe or separator."""
    for i, word in enumerate(words):
        if os.path.basename(word) == "filterscope":
            call = []
            for next_word in words[i + 1:]:
                if next_word in ("|", "&&", ";", "||", ">", "2>", "&"):
                    break
                call.append(next_word)
            yield call


class Helps:
    """What the program says about its subcommands."""

    def __init__(self, program):
        self.program = program
        self.texts = {}

    def help(self, command):
        if command not in self.texts:
            done = subprocess.run([self.program] + ([command] if command else []) + ["--help"],
                                  capture_output=True, text=True)
            self.texts[command] = done.stdout if done.returncode == 0 else None
        return self.texts[command]

    def errors(self, call):
        command = call[0] if call and re.fullmatch(r"[a-z][a-z-]*", call[0]) else ""
        text = self.help(command or "window")
        if text is None:
            return [f"there is no command '{command}'"]
        known = set(re.findall(r"--[a-z][a-z0-9-]*", text)) | {"--help", "--version"}
        given = {w.split("=")[0] for w in call if re.match(r"--[a-z]", w)}
        return [f"'{command}' has no option {w}" for w in sorted(given - known)]


def check_commands(root, program):
    helps, errors, count = Helps(program), [], 0
    for page in pages(root):
        for line in commands_of(text_of(page)):
            for call in calls(words_of(line)):
                count += 1
                errors += [f"{page}: {line.strip()}: {e}" for e in helps.errors(call)]
    return errors, f"{count} commands"


def run_page(page, program):
    text, errors, count = text_of(page), [], 0
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(os.path.abspath(program), os.path.join(folder, "bin", "filterscope"))
        work = os.path.join(folder, "work")
        os.mkdir(work)
        environment = dict(os.environ, PATH=os.path.join(folder, "bin") + os.pathsep + os.environ["PATH"],
                           XDG_CACHE_HOME=os.path.join(folder, "cache"))
        for language, lines in blocks(text):
            if language != "sh":
                continue
            count += 1
            script = "set -eu\n" + "\n".join(lines)
            done = subprocess.run(["bash", "-c", script], cwd=work, env=environment, capture_output=True, text=True)
            if done.returncode != 0:
                errors.append(f"{page}: {lines[0]}: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
        for name in re.findall(r"[Ee]xpected: `([^`]+)`", text):
            path = os.path.join(work, name)
            if not os.path.exists(path) or os.path.isfile(path) and os.path.getsize(path) == 0:
                errors.append(f"{page}: no {name} was written")
    return errors, f"{count} blocks"


def main():
    checks = {"links": check_links, "commands": check_commands, "run": run_page}
    errors, what = checks[sys.argv[1]](*sys.argv[2:])
    for error in errors:
        print(error)
    print(f"{what}, {len(errors)} errors")
    return 1 if errors or what.startswith("0 ") else 0


if __name__ == "__main__":
    sys.exit(main())
