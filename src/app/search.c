#include "app/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/concepts.h"
#include "report/caption.h"

enum { MAX_WORDS = 8, WORD_SIZE = 128 };

/* How well a word fits; 0: not at all. */
enum { INSIDE = 1, BEGINS_A_PART = 2, IS_A_PART = 3, IS_ALL = 4 };

typedef struct word {
    char text[WORD_SIZE]; /* what fits a layer, or without a colon a channel */
    bool colon;
    char of_channel[WORD_SIZE]; /* after the colon */
} word;

typedef struct query {
    word words[MAX_WORDS];
    int n;
} query;

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Parts of a name are letters or digits; bytes of UTF-8 beyond ASCII are letters too. */
static bool is_letter(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || (c & 0x80) != 0;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A name like "features.3:0" of TensorFlow keeps its colon where nothing could be a channel after it. */
static void read_word(word *out, const char *text, size_t length) {
    memset(out, 0, sizeof *out);
    char *to = out->text;
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == ':' && i > 0 && !out->colon) {
            out->colon = true;
            to = out->of_channel;
            n = 0;
        } else if (n + 1 < WORD_SIZE) {
            to[n++] = lower(text[i]);
        }
    }
}

static query read_query(const char *text) {
    query q = {.n = 0};
    while (q.n < MAX_WORDS) {
        while (is_space(*text))
            text++;
        if (*text == '\0')
            break;
        const char *end = text;
        while (*end != '\0' && !is_space(*end))
            end++;
        read_word(&q.words[q.n++], text, (size_t)(end - text));
        text = end;
    }
    return q;
}

/* ---- how well a word fits ---- */

static int fit_at(const char *text, size_t at, size_t length) {
    const bool begins = at == 0 || !is_letter(text[at - 1]) || is_digit(text[at - 1]) != is_digit(text[at]);
    const bool ends =
        !is_letter(text[at + length]) || is_digit(text[at + length - 1]) != is_digit(text[at + length]);
    if (at == 0 && text[length] == '\0')
        return IS_ALL;
    return begins && ends ? IS_A_PART : begins ? BEGINS_A_PART : INSIDE;
}

/* The best of all places; word is in lower case. */
static int fit(const char *text, const char *wanted) {
    const size_t length = strlen(wanted);
    int best = 0;
    for (size_t at = 0; length > 0 && text[at] != '\0' && best < IS_A_PART; at++) {
        size_t n = 0;
        while (n < length && text[at + n] != '\0' && lower(text[at + n]) == wanted[n])
            n++;
        const int found = n == length ? fit_at(text, at, length) : 0;
        best = found > best ? found : best;
    }
    return best;
}

static bool is_number(const char *text) {
    const char *c = text;
    while (is_digit(*c))
        c++;
    return c > text && *c == '\0';
}

/* After a colon the number may still be growing. */
static int fit_number(int channel, const char *wanted, bool may_grow) {
    char text[16];
    snprintf(text, sizeof text, "%d", channel);
    if (strcmp(text, wanted) == 0)
        return IS_ALL;
    return may_grow && strncmp(text, wanted, strlen(wanted)) == 0 ? BEGINS_A_PART : 0;
}

static int fit_channel(const fs_search_hit *hit, const char *wanted, bool after_colon) {
    if (after_colon && wanted[0] == '\0')
        return INSIDE;
    const int number = is_number(wanted) ? fit_number(hit->channel, wanted, after_colon) : 0;
    const int concept = hit->concept != NULL ? fit(hit->concept, wanted) : 0;
    return number > concept ? number : concept;
}

/* The score of a layer; 0: a word does not fit. */
static int score_layer(const query *q, const fs_layer *layer) {
    int score = 0;
    for (int i = 0; i < q->n; i++) {
        const int found = q->words[i].colon ? 0 : fit(layer->name, q->words[i].text);
        if (found == 0)
            return 0;
        score += found;
    }
    return score;
}

/* The score of a channel; 0: a word fits neither it nor its layer, or all fit the layer alone. of_layer: the
 * fits of the words to the layer's name. */
static int score_channel(const query *q, const int of_layer[MAX_WORDS], const fs_search_hit *hit) {
    int score = 0;
    bool own = false;
    for (int i = 0; i < q->n; i++) {
        const word *w = &q->words[i];
        int found = fit_channel(hit, w->colon ? w->of_channel : w->text, w->colon);
        own = own || found > 0;
        if (w->colon)
            found = found > 0 && of_layer[i] > 0 ? found + of_layer[i] : 0;
        else if (of_layer[i] > found)
            found = of_layer[i];
        if (found == 0)
            return 0;
        score += found;
    }
    return own ? score : 0;
}

/* ---- all of a model ---- */

typedef struct search {
    const fs_model *model;
    const bool *searched;
    const query *query;
    fs_search_hits hits;
    int capacity;
} search;

static bool is_searched(const search *s, int layer) {
    return s->model->layers[layer].channels > 0 && (s->searched == NULL || s->searched[layer]);
}

static fs_status add(search *s, const fs_search_hit *hit, fs_error *err) {
    if (s->hits.n == s->capacity) {
        const int capacity = s->capacity > 0 ? 2 * s->capacity : 64;
        fs_search_hit *items =
            fs_realloc(s->hits.items, (size_t)s->hits.n * sizeof *items, (size_t)capacity * sizeof *items);
        if (items == NULL)
            return fs_fail_memory(err, "what a search has found");
        s->hits.items = items;
        s->capacity = capacity;
    }
    s->hits.items[s->hits.n++] = *hit;
    return FS_OK;
}

/* A convolution shares the concepts of the rectifier behind it (engine/concepts.h): once is enough. */
static bool is_said_again(const search *s, int layer) {
    const fs_model *model = s->model;
    const fs_layer *own = &model->layers[layer], *active = fs_model_activated(model, own);
    return own->concepts != NULL && active != own && active->concepts == own->concepts &&
           is_searched(s, (int)(active - model->layers));
}

static void know(const fs_model *model, const fs_layer *layer, fs_search_hit *hit) {
    const fs_concept *concept = fs_layer_concept(layer, hit->channel);
    hit->concept = fs_caption_label(model, layer, hit->channel);
    hit->iou = (double)NAN;
    if (hit->concept == NULL && concept != NULL) {
        hit->concept = concept->name;
        hit->iou = concept->iou;
    }
}

static fs_status search_channels(search *s, int index, fs_error *err) {
    const fs_layer *layer = &s->model->layers[index];
    int of_layer[MAX_WORDS] = {0};
    bool by_name = false; /* a word fits this layer rather than its twin */
    for (int i = 0; i < s->query->n; i++) {
        of_layer[i] = fit(layer->name, s->query->words[i].text);
        by_name = by_name || of_layer[i] > 0;
    }
    if (!by_name && is_said_again(s, index))
        return FS_OK;
    for (int c = 0; c < layer->channels; c++) {
        fs_search_hit hit = {.layer = index, .channel = c};
        know(s->model, layer, &hit);
        hit.score = score_channel(s->query, of_layer, &hit);
        if (hit.score > 0 && add(s, &hit, err) != FS_OK)
            return FS_ERROR_MEMORY;
    }
    return FS_OK;
}

static fs_status search_all(search *s, fs_error *err) {
    for (int i = 0; i < s->model->n_layers; i++) {
        if (!is_searched(s, i))
            continue;
        const fs_search_hit hit = {.layer = i,
                                   .channel = -1,
                                   .iou = (double)NAN,
                                   .score = score_layer(s->query, &s->model->layers[i])};
        fs_status status = hit.score > 0 ? add(s, &hit, err) : FS_OK;
        if (status == FS_OK)
            status = search_channels(s, i, err);
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

static int by_fit(const void *a, const void *b) {
    const fs_search_hit *x = a, *y = b;
    if ((x->channel < 0) != (y->channel < 0))
        return x->channel < 0 ? -1 : 1;
    if (x->score != y->score)
        return y->score - x->score;
    const double p = isnan(x->iou) ? -1 : x->iou, q = isnan(y->iou) ? -1 : y->iou;
    if (p != q)
        return p > q ? -1 : 1;
    return x->layer != y->layer ? x->layer - y->layer : x->channel - y->channel;
}

fs_status fs_search_find(fs_search_hits *out, const fs_model *model, const bool *searched, const char *words,
                         int most, fs_error *err) {
    const query q = read_query(words);
    search s = {.model = model, .searched = searched, .query = &q};
    if (q.n > 0 && search_all(&s, err) != FS_OK) {
        fs_search_free(&s.hits);
        return FS_ERROR_MEMORY;
    }
    if (s.hits.n > 0)
        qsort(s.hits.items, (size_t)s.hits.n, sizeof *s.hits.items, by_fit);
    s.hits.found = s.hits.n;
    s.hits.n = s.hits.n < most ? s.hits.n : most;
    *out = s.hits;
    return FS_OK;
}

void fs_search_free(fs_search_hits *hits) {
    fs_free(hits->items);
    memset(hits, 0, sizeof *hits);
}
