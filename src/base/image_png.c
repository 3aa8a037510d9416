#include "base/image.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

/* The largest chunk kept when reading, packed or not: a length field or a packed text may claim gigabytes. */
enum { MAX_CHUNK = 4 * 1024 * 1024 };

/* What libpng's callbacks know. libpng reports a failure by calling ours, which must not return: it keeps
 * the message and jumps back to where the library was called from. */
typedef struct png_job {
    char message[128];
    size_t largest_block; /* 0 is any */
    bool short_of_memory, over_limit;
    FILE *stream;         /* when writing */
    const uint8_t *bytes; /* when reading */
    size_t left;
} png_job;

/* ---- callbacks ---- */

static _Noreturn void on_error(png_structp png, png_const_charp message) {
    png_job *job = png_get_error_ptr(png);
    strncpy(job->message, message, sizeof job->message - 1);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t size) {
    png_job *job = png_get_mem_ptr(png);
    if (job->largest_block != 0 && size > job->largest_block) {
        job->over_limit = true;
        return NULL;
    }
    void *block = fs_alloc(size);
    if (block == NULL)
        job->short_of_memory = true;
    return block;
}

static void on_free(png_structp png, png_voidp block) {
    (void)png;
    fs_free(block);
}

static void on_write(png_structp png, png_bytep bytes, size_t size) {
    png_job *job = png_get_io_ptr(png);
    if (fwrite(bytes, 1, size, job->stream) != size)
        png_error(png, strerror(errno));
}

static void on_flush(png_structp png) {
    (void)png;
}

static void on_read(png_structp png, png_bytep out, size_t size) {
    png_job *job = png_get_io_ptr(png);
    if (size > job->left)
        png_error(png, "the file ends early");
    memcpy(out, job->bytes, size);
    job->bytes += size;
    job->left -= size;
}

static fs_status fail_png(fs_error *err, fs_status code, const char *path, const png_job *job) {
    if (job->short_of_memory)
        return fs_fail(err, FS_ERROR_MEMORY, "%s: out of memory for a PNG file", path);
    if (job->over_limit)
        return fs_fail(err, FS_ERROR_LIMIT, "%s: a PNG chunk is over the limit of %d bytes", path, MAX_CHUNK);
    return fs_fail(err, code, "%s: %s", path, job->message[0] != '\0' ? job->message : "PNG failed");
}

/* ---- writing ---- */

/* Keywords as the PNG specification has them: 1 to 79 printable Latin-1 characters, single spaces inside. */
static bool valid_keyword(const char *keyword) {
    size_t length = strlen(keyword);
    if (length < 1 || length > 79 || keyword[0] == ' ' || keyword[length - 1] == ' ' || strstr(keyword, "  "))
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)keyword[i];
        if (c < 0x20 || (c > 0x7e && c < 0xa1))
            return false;
    }
    return true;
}

static bool valid_utf8(const char *text, bool *ascii) {
    *ascii = true;
    for (size_t left = strlen(text); left > 0;) {
        int length = fs_utf8_length(text, left);
        if (length == 0)
            return false;
        *ascii = *ascii && length == 1;
        text += length;
        left -= (size_t)length;
    }
    return true;
}

/* ASCII goes into a tEXt chunk, which every program reads, the rest of Unicode into iTXt. */
static fs_status convert_texts(png_text **out, const fs_image_text *texts, int n, const char *path,
                               fs_error *err) {
    png_text *converted = fs_calloc((size_t)n, sizeof *converted);
    if (converted == NULL)
        return fs_fail_memory(err, path);
    for (int i = 0; i < n; i++) {
        bool ascii;
        if (!valid_keyword(texts[i].keyword) || !valid_utf8(texts[i].text, &ascii)) {
            fs_free(converted);
            return fs_fail(err, FS_ERROR_ARGUMENT, "%s: '%s' is not a PNG keyword with UTF-8 text", path,
                           texts[i].keyword);
        }
        /* libpng copies the strings; its struct just lacks the const. */
        converted[i].key = (png_charp)(uintptr_t)texts[i].keyword;
        converted[i].text = (png_charp)(uintptr_t)texts[i].text;
        converted[i].compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
    }
    *out = converted;
    return FS_OK;
}

/* Settings are spelled out and no time is stored, so that the same picture gives the same bytes. */
static bool encode(png_structp png, png_infop info, const fs_image *image, png_text *texts, int n_texts) {
    static const int types[5] = {0, PNG_COLOR_TYPE_GRAY, 0, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    if (setjmp(png_jmpbuf(png)))
        return false;
    png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8, types[image->channels],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 6);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
    if (n_texts > 0)
        png_set_text(png, info, texts, n_texts);
    png_write_info(png, info);
    size_t row = (size_t)image->width * (size_t)image->channels;
    for (int y = 0; y < image->height; y++)
        png_write_row(png, image->pixels + (size_t)y * row);
    png_write_end(png, NULL);
    return true;
}

static bool encode_to(png_job *job, const fs_image *image, png_text *texts, int n_texts) {
    png_structp png =
        png_create_write_struct_2(PNG_LIBPNG_VER_STRING, job, on_error, on_warning, job, on_alloc, on_free);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    bool done = false;
    if (info != NULL) {
        png_set_write_fn(png, job, on_write, on_flush);
        done =
            encode(png, info, image, texts, n_texts) && !job->short_of_memory; /* libpng only warns of some */
    }
    png_destroy_write_struct(&png, &info);
    return done;
}

fs_status fs_image_write_png(const fs_image *image, const char *path, const fs_image_text *texts, int n_texts,
                             fs_error *err) {
    png_job job = {0};
    png_text *converted = NULL;
    fs_file_writer *writer = NULL;
    bool good = image->width >= 1 && image->height >= 1 && image->pixels != NULL &&
                (image->channels == 1 || image->channels == 3 || image->channels == 4);
    if (!good || n_texts < 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%s: not a picture that PNG can hold", path);
    fs_status status = convert_texts(&converted, texts, n_texts, path, err);
    if (status == FS_OK)
        status = fs_file_writer_create(&writer, path, err);
    if (status == FS_OK) {
        job.stream = fs_file_writer_stream(writer);
        if (encode_to(&job, image, converted, n_texts)) {
            status = fs_file_writer_commit(writer, err);
        } else {
            fs_file_writer_abandon(writer);
            status = fail_png(err, FS_ERROR_IO, path, &job);
        }
    }
    fs_free(converted);
    return status;
}

/* ---- reading text chunks ---- */

static const png_text *find_text(png_structp png, png_infop info, const char *keyword) {
    png_textp texts = NULL;
    int n = 0;
    png_get_text(png, info, &texts, &n);
    for (int i = 0; i < n; i++)
        if (strcmp(texts[i].key, keyword) == 0)
            return &texts[i];
    return NULL;
}

/* The chunks behind the pixels are reached by reading the pixels. */
static void skip_pixels(png_structp png, png_infop info) {
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    png_uint_32 height = png_get_image_height(png, info);
    for (int pass = 0; pass < passes; pass++)
        for (png_uint_32 y = 0; y < height; y++)
            png_read_row(png, NULL, NULL);
}

/* The text found belongs to one of the two infos. */
static bool scan_chunks(png_structp png, png_infop info, png_infop end, const char *keyword,
                        const png_text **found) {
    if (setjmp(png_jmpbuf(png)))
        return false;
    png_set_user_limits(png, FS_IMAGE_MAX_SIDE, FS_IMAGE_MAX_SIDE);
    png_set_chunk_malloc_max(png, 0); /* libpng only warns over its limit; on_alloc has ours */
    png_read_info(png, info);
    *found = find_text(png, info, keyword);
    if (*found == NULL) {
        skip_pixels(png, info);
        png_read_end(png, end);
        *found = find_text(png, end, keyword);
    }
    return true;
}

/* iTXt holds UTF-8 already; tEXt and zTXt hold Latin-1. */
static char *text_to_utf8(const png_text *chunk) {
    const char *text = chunk->text != NULL ? chunk->text : "";
    bool international = chunk->compression >= PNG_ITXT_COMPRESSION_NONE;
    bool ascii;
    if (international && valid_utf8(text, &ascii))
        return fs_strdup(text);
    char *converted = fs_alloc_array(strlen(text) + 1, 2), *to = converted;
    if (converted == NULL)
        return NULL;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x80) {
            *to++ = (char)c;
        } else {
            *to++ = (char)(0xc0 | c >> 6);
            *to++ = (char)(0x80 | (c & 0x3f));
        }
    }
    *to = '\0';
    return converted;
}

static fs_status text_from(char **out, png_job *job, const char *path, const char *keyword, fs_error *err) {
    png_structp png =
        png_create_read_struct_2(PNG_LIBPNG_VER_STRING, job, on_error, on_warning, job, on_alloc, on_free);
    png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
    png_infop end = info != NULL ? png_create_info_struct(png) : NULL;
    const png_text *found = NULL;
    fs_status status = FS_OK;
    bool scanned = false;
    if (end != NULL) {
        png_set_read_fn(png, job, on_read);
        scanned = scan_chunks(png, info, end, keyword, &found);
    }
    if (!scanned || (found == NULL && (job->short_of_memory || job->over_limit))) {
        status = fail_png(err, FS_ERROR_FORMAT, path, job);
    } else if (found == NULL) {
        status = fs_fail(err, FS_ERROR_NOT_FOUND, "%s: no text named '%s'", path, keyword);
    } else {
        char *text = text_to_utf8(found);
        if (text == NULL)
            status = fs_fail_memory(err, path);
        else
            *out = text;
    }
    png_destroy_read_struct(&png, &info, &end);
    return status;
}

fs_status fs_image_read_png_text(char **out, const char *path, const char *keyword, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_file_read(&bytes, &size, path, FS_IMAGE_MAX_BYTES, err);
    if (status != FS_OK)
        return status;
    png_job job = {.bytes = bytes, .left = size, .largest_block = MAX_CHUNK};
    if (size < 8 || png_sig_cmp(bytes, 0, 8) != 0)
        status = fs_fail(err, FS_ERROR_FORMAT, "%s: not a PNG file", path);
    else
        status = text_from(out, &job, path, keyword, err);
    fs_free(bytes);
    return status;
}
