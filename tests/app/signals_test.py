#!/usr/bin/python3
"""Signals to every command that takes long: it ends, with exit code 1, removes its temporaries, and what stands under a
final name is whole. A second one ends it by the signal. A reader that goes away ends a command as it does other tools.

usage: signals_test.py PROGRAM DATA [MOMENTS [COMMAND...]]

MOMENTS (2) is how many are tried with each signal: of the first seconds of commands that take long, and of the whole
time of small ones, so that the last files' turn comes too. Prints how long each took to end; only a hang (a minute) is
an error, for a busy machine is slow.
"""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from fault_cases import LONG, WRITERS, Bench, damaged, files, temporaries

PATIENCE, LATEST = 60, 2.5
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
problems = []


def tell(wrong, *what):
    print("WRONG" if wrong else "fine ", *what, wrong or "", flush=True)
    if wrong:
        problems.append((*what, wrong))


def end(process, number):
    """Seconds until it ended after the signal."""
    start = time.monotonic()
    process.send_signal(number)
    try:
        said = process.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return PATIENCE, process.communicate()[1]
    return time.monotonic() - start, said


def stopped(bench, name, words, number, moment):
    out = bench.root / "out"
    out.mkdir()
    process = bench.start(words, out, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(moment)
    took, said = end(process, number)
    wrong = ""
    # In its first moments the program has not asked for its signals yet.
    if process.returncode == 0 and words == WRITERS.get(name):
        pass # it was done
    elif process.returncode != 1 and not (process.returncode == -number and not files(out)):
        wrong = f"exit code {process.returncode}, said {said!r}"
    elif process.returncode == 1 and not re.fullmatch(r"filterscope: [^\n]*\n", said):
        wrong = f"said {said!r}"
    if temporaries(out) or damaged(out):
        wrong = f"left {temporaries(out) + damaged(out)}"
    if name == "finetune" and "a/checkpoint.bin" in files(out) and "a/best.onnx" not in files(out):
        wrong = f"has not kept the best: {sorted(files(out))}"
    tell(wrong, f"{name}: {number.name} after {moment:.2f} s: {took:.2f} s, {said.strip()[:110]}")
    shutil.rmtree(out)
    return took


def nohup(bench):
    """A hang-up that was to be ignored is."""
    out = bench.root / "out"
    out.mkdir()
    process = bench.start(LONG["render"], out, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    time.sleep(0.5)
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    alive = process.poll() is None
    end(process, signal.SIGTERM)
    tell("" if alive else f"ended with {process.returncode}", "nohup")
    shutil.rmtree(out)


def nobody_reads(bench):
    """`filterscope layers | head -1`: what is said on standard output has no reader any more."""
    for words in ("layers", "models", "classify {picture}", "gabor --model {gabors} --null 2 -o {out}/a"):
        out = bench.root / "out"
        out.mkdir()
        reader, writer = os.pipe()
        os.close(reader)
        process = bench.start(words, out, stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        said = process.communicate(timeout=PATIENCE)[1]
        wrong = "" if process.returncode == -signal.SIGPIPE and said == "" else f"{process.returncode}, {said!r}"
        tell(wrong or ", ".join(temporaries(out) + damaged(out)), "nobody reads:", words.split()[0])
        shutil.rmtree(out)


def nobody_reads_the_epochs(bench):
    """finetune says each epoch on standard error; once nobody listens it stops, and keeps what it has."""
    out = bench.root / "out"
    out.mkdir()
    words = bench.words(LONG["finetune"], out)
    words.remove("--quiet")
    process = subprocess.Popen(words, env=bench.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    while "epoch" not in process.stderr.readline():
        pass
    process.stderr.close()
    try:
        process.wait(PATIENCE)
        wrong = "" if process.returncode == 1 else f"exit code {process.returncode}"
    except subprocess.TimeoutExpired:
        process.kill()
        wrong = "went on"
    if "a/best.onnx" not in files(out) or temporaries(out) or damaged(out):
        wrong = f"left {sorted(files(out))}"
    tell(wrong, "nobody reads: finetune")
    shutil.rmtree(out)


def seconds_of(bench, words):
    out = bench.root / "out"
    out.mkdir()
    start = time.monotonic()
    bench.run(words, out)
    shutil.rmtree(out)
    return time.monotonic() - start


def main():
    program, data = sys.argv[1:3]
    moments = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    draw, longest = random.Random(1), 0
    with Bench(program, data) as bench:
        nobody_reads(bench)
        nobody_reads_the_epochs(bench)
        nohup(bench)
        for table in (LONG, WRITERS):
            for name, words in table.items():
                if sys.argv[4:] and name not in sys.argv[4:]:
                    continue
                latest = LATEST if table is LONG else seconds_of(bench, words)
                for number in SIGNALS * moments:
                    longest = max(longest, stopped(bench, name, words, number, draw.uniform(0, latest)))
    print(f"the longest took {longest:.2f} s to end")
    for problem in problems:
        print("WRONG", *problem)
    sys.exit(1 if problems else 0)


main()
