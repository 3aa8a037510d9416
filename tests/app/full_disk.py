#!/usr/bin/python3
"""Every command that writes, where it cannot: a file system that is full, one that is read-only, files that may not
grow. Each time one line with the path, exit code 1, no temporary, no half of a file under its final name, and what was
there before as it was.

usage: full_disk.py PROGRAM DATA

The small file systems are mounted in a namespace of the script's own; where that is not allowed (no root, no user
namespaces) the first two parts are SKIPPED, and folders without the right to write stand for the read-only one.
"""
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys

from fault_cases import WRITERS, Bench, complaint, damaged, files, temporaries

INSIDE = "FILTERSCOPE_FAULTS_INSIDE"
OLD = b"what was there before"
PAGE = 4096
problems = []


def enter_namespace():
    """Starts this script again where mounts are its own; returns when that does not work."""
    if os.environ.get(INSIDE):
        return os.environ[INSIDE] == "yes"
    for words in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        probe = subprocess.run(words + ["mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
        if probe.returncode == 0:
            os.execvpe(words[0], words + [sys.executable, *sys.argv], dict(os.environ, **{INSIDE: "yes"}))
    return False


def mount(folder, *options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder)], check=True)


def prepare(text, out):
    """A file of the user's under every name that the command is told to write."""
    out.mkdir(parents=True, exist_ok=True)
    for word in text.split():
        if word.startswith("{out}/") and "." in word:
            (out / word[6:]).write_bytes(OLD)


def judge(what, text, out, result, reason, reference):
    wrong = complaint(result, reason)
    if not wrong and str(out) not in result.stderr:
        wrong = f"no path in {result.stderr!r}"
    if temporaries(out):
        wrong = f"left {temporaries(out)}"
    found = files(out)
    for name, data in found.items():
        if data != OLD and name not in reference:
            wrong = f"left {name}"
    broken = [name for name in damaged(out) if found[name] != OLD]
    if broken:
        wrong = f"half written: {broken}"
    print(f"{'WRONG' if wrong else 'fine ':5} {what}: {text.split()[0]}: {result.stderr.strip()[:150]}"
          f"{' -> ' + wrong if wrong else ''}", flush=True)
    if wrong:
        problems.append((what, text, wrong))


def limit_files(size):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def files_that_may_not_grow(bench, text, reference):
    for size in (0, max(map(len, reference.values())) - 1):
        out = bench.root / "grow"
        prepare(text, out)
        if size < len(OLD):
            for path in out.iterdir():
                path.unlink() # a limit below what is there says nothing about keeping it
        judge(f"files of {size} bytes", text, out, bench.run(text, out, preexec_fn=limit_files(size)),
              "File too large", reference)
        shutil.rmtree(out)


def fill_up(out, pages):
    """Leaves so many pages of a file system free."""
    with open(out / "fill", "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(PAGE))
        except OSError:
            file.truncate(file.tell() - pages * PAGE)


def full_file_system(bench, text, reference):
    """Full from the start, and filled by half of what is to be written."""
    out = bench.root / "full"
    out.mkdir()
    needed = sum(-(-len(data) // PAGE) for data in reference.values())
    for free in (0, needed // 2):
        mount(out, f"size={(free + 20) * PAGE}")
        prepare(text, out)
        fill_up(out, free)
        result = bench.run(text, out)
        (out / "fill").unlink()
        judge(f"{free} pages free", text, out, result, "No space left on device", reference)
        subprocess.run(["umount", str(out)], check=True)
    out.rmdir()


def read_only_file_system(bench, text, reference, own_mounts):
    out = bench.root / "read"
    out.mkdir()
    if own_mounts:
        mount(out, "size=1m")
        prepare(text, out)
        subprocess.run(["mount", "-o", "remount,ro", str(out)], check=True)
    elif os.geteuid() == 0:
        print("SKIPPED: a read-only folder: root may write everywhere")
        out.rmdir()
        return
    else:
        prepare(text, out)
        out.chmod(0o555)
    before = files(out)
    judge("read only", text, out, bench.run(text, out), "Read-only file system" if own_mounts else "ermission denied",
          reference)
    if files(out) != before:
        problems.append(("read only", text, "changed"))
    if own_mounts:
        subprocess.run(["umount", str(out)], check=True)
    out.chmod(0o755)
    shutil.rmtree(out)


def check(bench, name, own_mounts):
    text = WRITERS[name]
    whole = bench.root / "whole"
    whole.mkdir()
    result = bench.run(text, whole)
    reference, wrong = files(whole), damaged(whole) + temporaries(whole)
    shutil.rmtree(whole)
    if result.returncode != 0 or wrong:
        problems.append(("undisturbed", text, f"{result.returncode} {result.stderr!r} {wrong}"))
        return
    files_that_may_not_grow(bench, text, reference)
    read_only_file_system(bench, text, reference, own_mounts)
    if own_mounts:
        full_file_system(bench, text, reference)


def main():
    program, data = sys.argv[1:3]
    own_mounts = enter_namespace()
    if not own_mounts:
        print("SKIPPED: full file systems: mounts are not allowed here")
    chosen = sys.argv[3:] or WRITERS
    with Bench(program, data) as bench:
        for name in chosen:
            check(bench, name, own_mounts)
    for problem in problems:
        print("WRONG", *problem)
    sys.exit(1 if problems else 0)


main()
