/* What class mode says, for a class of sixteen-year-olds: short sentences, one idea each. */
#include "app/lesson.h"

const fs_lesson_words fs_lesson_all_words[FS_LESSON_KINDS] = {
    [FS_LESSON_EDGES] = {"It begins with edges",
                         "Every tile shows what one detector of the first layer wants to see most. A "
                         "detector looks through a "
                         "tiny window, only a few pixels wide, so it can only find simple things: an edge, a "
                         "stripe, a spot of "
                         "colour. Nobody drew these. The network found them by itself, from examples.",
                         "Ask: which tiles are the same detector, turned? Why would edges be the first thing "
                         "worth finding? In the "
                         "1960s Hubel and Wiesel found cells in the visual cortex of cats that answer to "
                         "just such edges. Click a "
                         "tile to grow it large, click the picture to come back.",
                         "click a tile"},
    [FS_LESSON_TEXTURE] = {"Edges add up to textures",
                           "A layer further up, a detector combines many edges. Watch: the picture starts as "
                           "noise and changes step by "
                           "step, always so that this one detector answers more strongly. What appears is "
                           "the surface that it has "
                           "learned to recognise.",
                           "Nothing is being trained here: the network stays as it is and the picture "
                           "learns. For every pixel we ask in "
                           "which direction to change it, hundreds of times (gradient ascent). Let the "
                           "class guess what it will be "
                           "before it is finished. Begin again with R.",
                           "\u2191 \u2193 another detector, Space pause, R again"},
    [FS_LESSON_PATTERN] =
        {"Textures become patterns",
         "In the middle of the network a detector sees a larger piece of the picture. It now answers to how "
         "things are "
         "arranged: lines that cross, rings, spots in rows. The further up we go, the less it matters where "
         "exactly "
         "something is.",
         "Compare with the stop before: there the same stuff was everywhere, here it has a structure. Try a "
         "few other "
         "detectors with the arrow keys; some are easy to name, some are not. That is an honest result, too.",
         "\u2191 \u2193 another detector, Space pause, R again"},
    [FS_LESSON_PART] = {"Patterns become parts",
                        "Now the window is large enough for a piece of a thing, such as an eye, a wheel or a "
                        "leaf. The detector does "
                        "not know yet what the whole thing is. That is useful: a wheel can belong to a car, "
                        "a bus or a bicycle, and "
                        "the layers above can use it for all of them.",
                        "Question: how many different things can be built from a hundred parts? This is why "
                        "networks have many layers "
                        "instead of one huge table. If a name is shown below the picture, it was measured: "
                        "it is what was there when "
                        "the detector was active.",
                        "\u2191 \u2193 another detector, Space pause, R again"},
    [FS_LESSON_OBJECT] = {"At the end: whole objects",
                          "The last detectors see the whole picture and answer to whole things; below the "
                          "picture you can read to which. "
                          "What grows here is no photograph. It is what matters to the network: often the "
                          "same thing several times, and "
                          "nothing of what it ignores.",
                          "Does the picture contain what you would have drawn? What is missing, what is "
                          "there although it should not "
                          "matter? Networks may learn shortcuts, such as the grass around the cow. IoU is "
                          "the overlap of where the "
                          "detector is active and where the thing is: 1 would be perfect.",
                          "\u2191 \u2193 another detector, Space pause, R again"},
    [FS_LESSON_GABOR] = {"A formula for an edge",
                         "On the left are the numbers that a detector of the first layer has learned, drawn "
                         "as colours. Next to them is "
                         "a formula: a wave under a bell curve, a Gabor function. Move the sliders. How well "
                         "can a handful of numbers "
                         "describe what was learned?",
                         "R\u00b2 says how much of the kernel the formula explains: 1 is everything. The "
                         "residual is what is left over. "
                         "Let somebody try by hand first, then press S for the best fit. The same function "
                         "describes cells in the visual "
                         "cortex well (Daugman 1985).",
                         "\u2191 \u2193 another kernel, S best fit"},
    [FS_LESSON_TRANSFER] = {"Learning something new",
                            "The network meets things that it has never seen. We freeze all that it knows "
                            "about edges, textures and parts, "
                            "and train only a new last layer. A few pictures and a few seconds go a long "
                            "way, because much of seeing is "
                            "the same for every task.",
                            "Before it starts, let the class bet on the accuracy; guessing would give one in "
                            "as many as there are classes. "
                            "Starting from nothing with so few pictures ends far lower. This is how most "
                            "networks are made in practice: "
                            "nobody begins from zero.",
                            "Space pause, N one epoch"},
    [FS_LESSON_SHIFT] = {"What has moved?",
                         "With the new head in place, the upper layers may adapt a little as well. Each line "
                         "shows a detector before, "
                         "now, and the difference. Below, each bar says how similar a layer still is: early "
                         "layers hardly move, late "
                         "ones become specialists.",
                         "CKA compares two layers by which pictures they find alike: 1 means that nothing "
                         "has changed. Ask: what happens "
                         "to the old task when the late layers move? It may be forgotten, which is an open "
                         "problem of research. The "
                         "first pictures appear after the first joint epoch.",
                         "Space pause, N one epoch"},
};
