/* A tour through a network for a class: eight stops from edges to what fine-tuning moves.
 *
 *     fs_lesson lesson;
 *     fs_lesson_make(&lesson, model);
 *     for (int i = 0; i < lesson.n; i++)
 *         puts(lesson.stops[i].words->title);
 *
 * Stops are chosen by the levels of the model's layers, and channels by their concepts where these are known;
 * a stop that the model has nothing for is left out. What is said stands in lesson_words.c. Values; words are
 * constant, any thread. */
#ifndef FS_APP_LESSON_H
#define FS_APP_LESSON_H

#include "engine/model.h"

typedef enum fs_lesson_kind {
    FS_LESSON_EDGES, /* a wall; the others up to the objects are a channel that grows */
    FS_LESSON_TEXTURE,
    FS_LESSON_PATTERN,
    FS_LESSON_PART,
    FS_LESSON_OBJECT,
    FS_LESSON_GABOR,
    FS_LESSON_TRANSFER,
    FS_LESSON_SHIFT,
    FS_LESSON_KINDS
} fs_lesson_kind;

typedef struct fs_lesson_words {
    const char *title; /* short */
    const char *text;  /* two or three sentences for the class */
    const char *notes; /* for who speaks */
    const char *keys;  /* what can be done here */
} fs_lesson_words;
extern const fs_lesson_words fs_lesson_all_words[FS_LESSON_KINDS];

typedef struct fs_lesson_stop {
    fs_lesson_kind kind;
    const fs_lesson_words *words;
    int layer, channel; /* layer -1: the stop needs none */
} fs_lesson_stop;

typedef struct fs_lesson {
    fs_lesson_stop stops[FS_LESSON_KINDS];
    int n;
} fs_lesson;

void fs_lesson_make(fs_lesson *out, const fs_model *model);

#endif
