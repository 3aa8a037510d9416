"""What the scripts that mistreat the program share: every command that writes, what it writes into, and whether a file
that stands under its final name is whole.

    with Bench(program, data) as bench:
        for case in WRITERS: bench.run(case, folder)
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import zlib

# Name, words of the command; {out} is the folder to write into, {data} pictures of two classes, {picture} one of them,
# {onnx} a tiny network, {npy} its input. Small, so that each takes a second or two.
WRITERS = {
    "render": "render --layer edge1 --steps 4 --size 64 -o {out}/a.png",
    "render --animation": "render --layer edge1 --steps 4 --size 64 --snapshots 3 --animation {out}/b.png -o {out}/a.png",
    "atlas": "atlas --layer edge1 --channels 0-2 --steps 4 --size 32 -o {out}/a",
    "activation-atlas": "activation-atlas --images {data} --layer texture1 --grid 2 --least 1 --points 100 --steps 4 "
                        "--size 32 -o {out}/a",
    "examples": "examples --images {data} --layer texture1 --channel 3 --json {out}/a.json -o {out}/a.png",
    "dissect": "dissect --layer pattern1 --world a --pictures 24 --size 64 --concepts {out}/b.json -o {out}/a",
    "gabor": "gabor --model {gabors} --null 2 -o {out}/a",
    "gabor --make": "gabor --make 6,0.5,0,3,1 --size 15 -o {out}/a.npy",
    "finetune": "finetune --data {data} --head-epochs 1 --epochs 1 --batch 4 --freeze head -o {out}/a",
    "shift": "shift --before {onnx} --after {onnx} --images {data} --top 1 --size 32 --steps 2 -o {out}/a",
    "attribute": "attribute {picture} --method gradient --raw {out}/a.npy -o {out}/a.png",
    "tuning": "tuning --layer edge1 --channel 1 --orientations 4 --wavelengths 2 --csv {out}/a.csv -o {out}/a.png",
    "weights": "weights --layer texture1 --channel 1 --json {out}/a.json -o {out}/a.png",
    "activations": "activations {picture} --layer texture1 -o {out}/a.png",
    "probe": "probe --model {onnx} --input {npy} --layer features.3 -o {out}/a.npy",
    "export": "export --model {onnx} -o {out}/a.onnx",
    "world": "world --n 8 --size 32 -o {out}/a",
    "world --sheet": "world --sheet classes --size 32 -o {out}/a.png",
}
# Words that make a command run for many seconds: there is time to disturb it.
LONG = {
    "render": "render --layer object1 --steps 100000 -o {out}/a.png",
    "atlas": "atlas --layer texture1 --steps 128 -o {out}/a",
    "activation-atlas": "activation-atlas --images {data} --layer texture1 --grid 8 --least 1 --points 2000 -o {out}/a",
    "gabor": "gabor --null 2000 -o {out}/a",
    "examples": "examples --images {many} --layer object1 --channel 3 --no-cache -o {out}/a.png",
    "dissect": "dissect --all --world a --pictures 4000 -o {out}/a",
    "finetune": "finetune --data {data} --head-epochs 400 --epochs 400 --batch 4 --freeze none -o {out}/a",
    "shift": "shift --before {before} --after {after} --images {many} --top 12 -o {out}/a",
    "attribute": "attribute {picture} --method integrated --samples 100000 -o {out}/a.png",
    "tuning": "tuning --layer object1 --channel 1 --orientations 90 --wavelengths 32 -o {out}/a.png",
    "world": "world --n 200000 -o {out}/a",
    "world --sheet": "world --sheet classes --size 1024 -o {out}/a.png",
}


class Bench:
    """A folder of material that goes away at the end."""

    def __init__(self, program, data):
        self.program = program
        self.data = pathlib.Path(data)

    def __enter__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="filterscope-faults-"))
        self.environment = dict(os.environ, HOME=str(self.root), XDG_CACHE_HOME=str(self.root / "cache"),
                                XDG_DATA_HOME=str(self.root / "share"))
        self.run_words("world --n 96 --size 48 --no-masks -o {root}/drawn")
        drawn = sorted((self.root / "drawn").rglob("*.png"))
        for i, picture in enumerate(drawn):
            for folder, wanted in (("data", i < 16), ("many", True)):
                target = self.root / folder / ("even" if i % 2 else "odd") / picture.name
                target.parent.mkdir(parents=True, exist_ok=True)
                if wanted:
                    shutil.copy(picture, target)
        for repeat in range(1, 12):
            for picture in drawn:
                (self.root / "many" / "odd" / f"{repeat}-{picture.name}").symlink_to(picture)
        self.picture = self.root / "data" / "odd" / drawn[0].name
        self.write_input()
        self.run_words("export -o {root}/before.onnx")
        self.run_words("export -o {root}/after.onnx")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def write_input(self):
        """A float32 array [1,3,224,224] in .npy, by hand: no NumPy is needed."""
        head = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 224, 224), }"
        head = head.ljust(117) + "\n"
        (self.root / "x.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode()
                                          + bytes(4 * 3 * 224 * 224))

    def words(self, command, out=""):
        names = dict(out=out, root=self.root, data=self.root / "data", many=self.root / "many", picture=self.picture
                     if hasattr(self, "picture") else "", onnx=self.data / "squeeze.onnx",
                     gabors=self.data / "gabors.onnx", npy=self.root / "x.npy",
                     before=self.root / "before.onnx", after=self.root / "after.onnx")
        return [self.program] + [word.format(**names) for word in command.split()] + ["--quiet", "--threads", "2"]

    def run_words(self, command):
        subprocess.run(self.words(command), check=True, env=self.environment, stdin=subprocess.DEVNULL)

    def run(self, command, out, **more):
        return subprocess.run(self.words(command, out), env=self.environment, stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, check=False, **more)

    def start(self, command, out, **more):
        return subprocess.Popen(self.words(command, out), env=self.environment, stdin=subprocess.DEVNULL, **more)


def files(folder):
    """Relative path -> bytes of every file below."""
    folder = pathlib.Path(folder)
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def temporaries(folder):
    return [str(p) for p in pathlib.Path(folder).rglob("*") if re.fullmatch(r"\.fs-[0-9a-f]{16}\.tmp", p.name)]


def png_is_whole(data):
    at = 8
    while at + 12 <= len(data):
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        if zlib.crc32(data[at + 4:at + 8 + size]) != int.from_bytes(data[at + 8 + size:at + 12 + size], "big"):
            return False
        at += 12 + size
        if kind == b"IEND":
            return at == len(data)
    return False


def is_whole(name, data):
    """Whether a file is no half of one, as far as its kind tells."""
    ending = name.rsplit(".", 1)[-1]
    if ending == "png":
        return data.startswith(b"\x89PNG\r\n\x1a\n") and png_is_whole(data)
    if ending == "json":
        try:
            json.loads(data)
            return True
        except ValueError:
            return False
    if ending == "pdf":
        return data.rstrip().endswith(b"%%EOF")
    if ending == "html":
        return data.rstrip().endswith(b"</html>")
    if ending in ("csv", "txt", "tsv"):
        return data.endswith(b"\n")
    if ending == "npy":
        return data.startswith(b"\x93NUMPY")
    return len(data) > 0


def damaged(folder):
    return [name for name, data in files(folder).items() if not is_whole(name, data)]


def complaint(result, part=""):
    """What is wrong with how a command failed: it must say one line, with `part`, and exit with 1."""
    said = result.stderr.strip("\n")
    if result.returncode != 1:
        return f"exit code {result.returncode}, said {said!r}"
    if not said.startswith("filterscope: ") or "\n" in said:
        return f"said {said!r}"
    return "" if part in said else f"{part!r} is not in {said!r}"
