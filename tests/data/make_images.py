#!/usr/bin/env python3
"""Makes tests/data/images: small pictures in the formats and colour modes that fs_image_read must know, and the
antialiased bilinear resizes that Pillow makes of two of them. Run in this folder; needs Pillow and NumPy."""
import pathlib

import numpy as np
from PIL import Image

OUT = pathlib.Path(__file__).parent / "images"
WIDTH, HEIGHT = 23, 17
SIZES = [(7, 5), (40, 31), (23, 5), (5, 17), (1, 1), (11, 34), (22, 16)]


def noisy():
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    ramp = np.stack([x * 255 / WIDTH, y * 255 / HEIGHT, (x + y) * 6], axis=-1)
    noise = rng.integers(0, 256, (HEIGHT, WIDTH, 3))
    return Image.fromarray(np.where(rng.random((HEIGHT, WIDTH, 1)) < 0.5, ramp, noise).astype(np.uint8))


def patches(mode, colours):
    """Four 16 x 16 patches of plain colour: a lossy file keeps their middles."""
    image = Image.new(mode, (64, 16))
    for i, colour in enumerate(colours):
        image.paste(colour, (16 * i, 0, 16 * i + 16, 16))
    return image


def main():
    OUT.mkdir(exist_ok=True)
    for name, image in (("rgb", noisy()), ("grey", noisy().convert("L"))):
        image.save(OUT / f"{name}.png")
        for width, height in SIZES:
            image.resize((width, height), Image.BILINEAR).save(OUT / f"{name}_{width}x{height}.png")
    # In each file the patches are red, green, mid grey and dark blue, or their luminances in the grey ones.
    colours = [(255, 0, 0), (0, 255, 0), (128, 128, 128), (0, 0, 96)]
    rgb = patches("RGB", colours)
    rgb.save(OUT / "patches.jpg", quality=95)
    rgb.save(OUT / "patches_progressive.jpg", quality=95, progressive=True)
    rgb.save(OUT / "patches.bmp")
    rgb.convert("P", palette=Image.ADAPTIVE).save(OUT / "patches_palette.png")
    cmyk = [(0, 255, 255, 0), (255, 0, 255, 0), (0, 0, 0, 127), (255, 255, 0, 159)]
    patches("CMYK", cmyk).save(OUT / "patches_cmyk.jpg", quality=95)
    patches("RGBA", [c + (a,) for c, a in zip(colours, (255, 128, 0, 10))]).save(OUT / "patches_alpha.png")
    greys = [76, 150, 128, 11]
    patches("L", greys).save(OUT / "patches_grey.jpg", quality=95)
    patches("LA", [(g, 77) for g in greys]).save(OUT / "patches_grey_alpha.png")
    deep = np.asarray(patches("L", greys)).astype(np.uint16) * 257
    Image.fromarray(deep).save(OUT / "patches_grey16.png")


main()
