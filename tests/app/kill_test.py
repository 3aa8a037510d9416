#!/usr/bin/python3
"""kill -9 at random moments of `atlas`, `finetune` and `pull`: called again (with --resume where there is one) as often as
it takes, each ends with the same bytes as a run that nobody disturbed, and leaves no temporary.

usage: kill_test.py PROGRAM PULL_ONCE DATA [COMMAND...]

FS_KILL_MOMENTS (5) is how many moments of each command's time are tried, FS_KILL_SEED (1) the start of their sequence.
"""
import hashlib
import http.server
import os
import random
import shutil
import subprocess
import sys
import threading
import time

from fault_cases import Bench, files, temporaries

ATLAS = "atlas --layer texture1 --channels 0-5 --steps 12 --size 48 -o {out}/a"
FINETUNE = "finetune --data {data} --head-epochs 2 --epochs 3 --batch 4 --freeze none --plain -o {out}/a"
MODEL_BYTES = 5000000
problems = []


def run_to_end(bench, words, out):
    result = bench.run(words, out)
    if result.returncode != 0:
        raise RuntimeError(f"{words}: {result.returncode} {result.stderr}")


def without_seconds(name, data):
    if name == "a/checkpoint.bin": # holds the log, with its seconds
        return b""
    if name == "a/log.csv":
        rows = [row.split(",") for row in data.decode().splitlines()]
        return "\n".join(",".join(row[:3] + row[4:]) for row in rows).encode()
    return data


def compare(what, out, whole):
    found = {name: without_seconds(name, data) for name, data in files(out).items()}
    wrong = [name for name in sorted(set(found) | set(whole)) if found.get(name) != whole.get(name)]
    wrong += temporaries(out)
    if wrong:
        problems.append(f"{what}: differ: {wrong}")
    return not wrong


def kill_after(bench, words, out, moment):
    """Whether it was still running."""
    process = bench.start(words, out, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(moment)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def try_command(bench, name, words, resume, moments, draw):
    """Kills at `moments` random moments, sometimes several in one run, and lets it end."""
    out = bench.root / "killed"
    out.mkdir()
    start = time.monotonic()
    run_to_end(bench, words, out)
    took = time.monotonic() - start
    whole = {n: without_seconds(n, data) for n, data in files(out).items()}
    done = late = wrong = 0
    while done < moments:
        shutil.rmtree(out)
        out.mkdir()
        text, killed = words, 0
        for _ in range(draw.choice((1, 1, 2))):
            if not kill_after(bench, text, out, draw.uniform(0.02, 0.95) * took):
                late += 1
                break
            killed += 1
            text = words + resume if (out / "a").exists() else words
        if killed:
            run_to_end(bench, text, out)
            wrong += not compare(f"{name}, moments {done} and on", out, whole)
            done += killed
    shutil.rmtree(out)
    print(f"{name}: {took:.1f} s undisturbed; killed at {done} moments (and {late} times too late); {len(whole)} files the "
          f"same each time: {'NO' if wrong else 'yes'}", flush=True)


# ---- a server for pull ----

class Slow(http.server.BaseHTTPRequestHandler):
    """Serves bytes in pieces, a range where one is asked for; slow enough to be killed in between."""
    body = b""
    pause = 0.01

    def log_message(self, *_):
        pass

    def do_GET(self):
        asked = self.headers.get("Range", "")
        first = int(asked[6:-1]) if asked.startswith("bytes=") else 0
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{len(self.body) - 1}/{len(self.body)}")
        self.send_header("Content-Length", str(len(self.body) - first))
        self.end_headers()
        try:
            for at in range(first, len(self.body), 1 << 16):
                self.wfile.write(self.body[at:min(at + (1 << 16), len(self.body))])
                time.sleep(self.pause)
        except ConnectionError:
            pass


def try_pull(bench, program, moments, draw):
    """`pull_once` pulls what is no public model; the rest is the command's."""
    Slow.body = random.Random(7).randbytes(MODEL_BYTES)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bench.words = lambda words, out: [program, f"http://127.0.0.1:{server.server_address[1]}/model", str(MODEL_BYTES),
                                      hashlib.sha256(Slow.body).hexdigest(), str(out)]
    try_command(bench, "pull", "", "", moments, draw)
    server.shutdown()


def main():
    program, pull_once, data = sys.argv[1:4]
    moments = int(os.environ.get("FS_KILL_MOMENTS", "5"))
    seed = int(os.environ.get("FS_KILL_SEED", "1"))
    chosen = sys.argv[4:] or ["atlas", "finetune", "pull"]
    with Bench(program, data) as bench:
        if "atlas" in chosen:
            try_command(bench, "atlas", ATLAS, " --resume", moments, random.Random(seed))
        if "finetune" in chosen:
            try_command(bench, "finetune", FINETUNE, " --resume", moments, random.Random(seed + 1))
        if "pull" in chosen:
            try_pull(bench, pull_once, moments, random.Random(seed + 2))
    for problem in problems:
        print("WRONG", problem)
    sys.exit(1 if problems else 0)


main()
