#!/usr/bin/python3
"""The program under mpirun: what several processes write is what one writes, to the byte; a process that is killed, a
signal and an error end all of them, and the run goes on from there.

    mpi_conformance.py PROGRAM ON|OFF       (whether it was built with MPI)

Exits with 77 where it was not, or where there is no mpirun."""
import csv
import filecmp
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

program = os.path.abspath(sys.argv[1])
environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
ATLAS = ["atlas", "--layer", "texture1", "--channels", "0-23", "--size", "48", "--quiet"]
FINETUNE = ["finetune", "--world", "b", "--drawn", "70", "--val-drawn", "30", "--freeze", "none", "--threads", "1",
            "--head-epochs", "2", "--quiet"]
RUN_FILES = ["best.onnx", "best.json", "metrics.json", "confusion.png", "mistakes.png"]


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def check(condition, what):
    if not condition:
        print(f"FAILED: {what}")
        sys.exit(1)


def words(processes, arguments):
    return ["mpirun", "--oversubscribe", "-n", str(processes), program] + arguments if processes else [program] + arguments


def run(processes, arguments, code=0):
    done = subprocess.run(words(processes, arguments), env=environment, capture_output=True, text=True, timeout=600)
    check(done.returncode == code, f"{' '.join(arguments)} ({processes}): code {done.returncode}\n{done.stderr}")
    return done.stderr


def start(processes, arguments):
    return subprocess.Popen(words(processes, arguments), env=environment, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def ranks_of(launcher):
    """Process numbers of the program's copies that this mpirun started, by rank."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
            if parent != launcher.pid:
                continue
            of = open(f"/proc/{pid}/environ", "rb").read().split(b"\0")
            rank = [v for v in of if v.startswith(b"OMPI_COMM_WORLD_RANK=")]
            if rank:
                found[int(rank[0].split(b"=")[1])] = int(pid)
        except (OSError, IndexError):
            pass
    return found


def wait_until(condition, what):
    """Counts naps, not seconds, so that a machine that is suspended meanwhile fails nothing."""
    for _ in range(30000):
        if condition():
            return
        time.sleep(0.01)
    check(False, what)


def same_folder(a, b):
    def everything(folder):
        return sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files)

    check(everything(a) == everything(b), f"{a} and {b} have other files")
    for name in everything(a):
        check(filecmp.cmp(os.path.join(a, name), os.path.join(b, name), False), f"{b}/{name} differs")


def same_run(a, b):
    for name in RUN_FILES:
        check(filecmp.cmp(f"{a}/{name}", f"{b}/{name}", False), f"{b}/{name} differs")
    rows = [[{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(open(f"{d}/log.csv"))]
            for d in (a, b)]
    check(rows[0] == rows[1], f"{b}/log.csv differs")


def tiles(folder):
    return sum(f.endswith(".png") for _, _, files in os.walk(folder) for f in files)


# ---- the launcher's part ----

def test_alone():
    """Without mpirun nothing of MPI is called: settings that would end it do not matter."""
    done = subprocess.run([program, "atlas", "--layer", "texture1", "--channel", "0", "--steps", "1", "--size", "16",
                           "--quiet", "-o", "plain"], env=dict(environment, OMPI_MCA_pml="none", OMPI_MCA_btl="none"),
                          capture_output=True, text=True, timeout=60)
    check(done.returncode == 0 and not done.stderr, "without mpirun: " + done.stderr)


def test_errors_once():
    for arguments, code, text in ([ATLAS[:1] + ["--layer", "nowhere", "-o", "x"], 1, "no layer 'nowhere'"],
                                  [["atlas", "--nonsense"], 2, "--nonsense"],
                                  [["finetune", "--data", "missing", "-o", "x"], 1, "missing"],
                                  [["finetune", "-o", "x"], 2, "are needed"]):
        said = [line for line in run(3, arguments, code).splitlines() if line.startswith("filterscope:")]
        check(len(said) == 1 and text in said[0], f"{arguments}: said {said}")


# ---- atlas ----

def test_atlas():
    run(0, ATLAS + ["--steps", "24", "-o", "atlas0"])
    for processes, threads in ((2, 1), (3, 2)):
        run(processes, ATLAS + ["--steps", "24", "--threads", str(threads), "-o", f"atlas{processes}"])
        same_folder("atlas0", f"atlas{processes}")


def test_atlas_goes_on():
    arguments = ATLAS + ["--steps", "200", "--threads", "1"]
    run(0, arguments + ["-o", "long0"])
    for victim, how in ((1, signal.SIGKILL), (0, signal.SIGKILL), (None, signal.SIGINT), (2, signal.SIGTERM)):
        folder = f"long-{victim}"
        launcher = start(3, arguments + ["-o", folder])
        wait_until(lambda: tiles(folder) >= 3 or launcher.poll() is not None, "no tiles")
        ranks = ranks_of(launcher)
        check(len(ranks) == 3, "the atlas ended before it could be disturbed")
        os.kill(launcher.pid if victim is None else ranks[victim], how)
        check(launcher.wait(120) != 0, f"{folder}: a disturbed run that is fine")
        wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in ranks.values()), "ranks that live on")
        check(tiles(folder) < 24, "nothing was left to do")
        run(2, arguments + ["--resume", "-o", folder])
        same_folder("long0", folder)


# ---- training ----

def test_finetune():
    for optimiser in ("adamw", "sgd"):
        arguments = FINETUNE + ["--epochs", "2", "--optimiser", optimiser]
        run(0, arguments + ["-o", f"{optimiser}0"])
        for processes in (2, 3):
            run(processes, arguments + ["-o", f"{optimiser}{processes}"])
            same_run(f"{optimiser}0", f"{optimiser}{processes}")


def test_finetune_goes_on():
    arguments = FINETUNE + ["--epochs", "8"]
    run(0, arguments + ["-o", "trained0"])
    launcher = start(2, arguments + ["-o", "trained2"])
    wait_until(lambda: launcher.poll() is not None or
               (os.path.exists("trained2/log.csv") and "joint" in open("trained2/log.csv").read()), "no epoch")
    check(launcher.poll() is None, "the run ended before it could be disturbed")
    os.kill(ranks_of(launcher)[1], signal.SIGKILL)
    check(launcher.wait(120) != 0, "a run with a lost process that is fine")
    check(len(open("trained2/log.csv").readlines()) < 11, "nothing was left to do")
    run(3, arguments + ["--resume", "-o", "trained2"])
    same_run("trained0", "trained2")


def test_compare():
    arguments = FINETUNE[:-1] + ["--compare", "--epochs", "1", "--quiet"]
    arguments[arguments.index("--freeze"):arguments.index("--freeze") + 2] = []
    run(0, arguments + ["-o", "compare0"])
    run(2, arguments + ["-o", "compare2"])
    check(sorted(os.listdir("compare0")) == sorted(os.listdir("compare2")), "a comparison has other files")
    check(filecmp.cmp("compare0/compare-layers.csv", "compare2/compare-layers.csv", False), "other layers")
    texts = [re.sub(r'"seconds": [0-9.]+', "", open(f"{d}/compare.json").read()) for d in ("compare0", "compare2")]
    check(texts[0] == texts[1], "compare.json differs")
    check(json.load(open("compare2/compare.json"))["complete"], "the comparison is not complete")
    rows = [[{k: v for k, v in row.items() if not k.startswith("seconds")}
             for row in csv.DictReader(open(f"{d}/compare.csv"))] for d in ("compare0", "compare2")]
    check(rows[0] == rows[1], "compare.csv differs")
    for policy in ("head", "low", "high", "none", "scratch"):
        same_run(f"compare0/{policy}", f"compare2/{policy}")


if sys.argv[2] == "OFF":
    done = subprocess.run([program] + ATLAS + ["-o", "x"], env=dict(os.environ, OMPI_COMM_WORLD_SIZE="2"),
                          capture_output=True, text=True, timeout=60)
    check(done.returncode == 1 and "built without MPI" in done.stderr, "started as one of two: " + done.stderr)
    skip("the program was built without MPI")
if not shutil.which("mpirun"):
    skip("there is no mpirun")
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name, test in sorted((n, t) for n, t in globals().items() if n.startswith("test_")):
        begun = time.monotonic()
        test()
        print(f"{name}: fine, {time.monotonic() - begun:.1f} s", flush=True)
