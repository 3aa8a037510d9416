#include "report/paper.h"

#include <cairo-pdf.h>
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/file.h"
#include "report/surface.h"

/* A4 on its side, in points. */
static const double page_width = 841.890, page_height = 595.276;

struct fs_paper {
    fs_file_writer *writer;
    cairo_surface_t *pdf;
    fs_canvas *canvas;
    int width;
};

int fs_paper_height(int width) {
    return (int)lround(width * page_height / page_width);
}

static cairo_status_t write_stream(void *closure, const unsigned char *bytes, unsigned int size) {
    return fwrite(bytes, 1, size, closure) == size ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

fs_status fs_paper_create(fs_paper **out, const char *pdf, const char *title, int width, fs_error *err) {
    fs_paper *paper = fs_calloc(1, sizeof *paper);
    if (paper == NULL)
        return fs_fail_memory(err, pdf);
    paper->width = width;
    fs_status status = fs_canvas_create(&paper->canvas, err);
    if (status == FS_OK)
        status = fs_file_writer_create(&paper->writer, pdf, err);
    if (status == FS_OK) {
        FILE *stream = fs_file_writer_stream(paper->writer);
        paper->pdf = cairo_pdf_surface_create_for_stream(write_stream, stream, page_width, page_height);
        if (cairo_surface_status(paper->pdf) != CAIRO_STATUS_SUCCESS)
            status = fs_fail_memory(err, pdf);
    }
    if (status != FS_OK) {
        fs_paper_abandon(paper);
        return status;
    }
    cairo_pdf_surface_set_metadata(paper->pdf, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(paper->pdf, CAIRO_PDF_METADATA_CREATOR, "filterscope " FS_VERSION);
    /* No date: the same pages give the same bytes. */
    cairo_pdf_surface_set_metadata(paper->pdf, CAIRO_PDF_METADATA_CREATE_DATE, "");
    *out = paper;
    return FS_OK;
}

static fs_status draw_on(fs_paper *paper, cairo_surface_t *surface, double scale, int height,
                         fs_paper_draw draw, void *context, fs_error *err) {
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, scale, scale);
    fs_canvas_begin(paper->canvas, cr, fs_theme_light());
    fs_fill_rect(paper->canvas, (fs_rect){0, 0, paper->width, height}, fs_theme_light()->background);
    draw(paper->canvas, context);
    const fs_status status = fs_canvas_check(paper->canvas, err);
    fs_canvas_end(paper->canvas);
    cairo_destroy(cr);
    return status;
}

static fs_status write_png(fs_paper *paper, const char *png, int height, fs_paper_draw draw, void *context,
                           fs_error *err) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, paper->width, height);
    fs_image image = {0};
    fs_status status = draw_on(paper, surface, 1, height, draw, context, err);
    if (status == FS_OK && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
        status = fs_fail_memory(err, png);
    if (status == FS_OK)
        status = fs_surface_to_image(&image, surface, err);
    if (status == FS_OK)
        status = fs_image_write_png(&image, png, NULL, 0, err);
    fs_image_free(&image);
    cairo_surface_destroy(surface);
    return status;
}

fs_status fs_paper_page(fs_paper *paper, const char *png, int height, fs_paper_draw draw, void *context,
                        fs_error *err) {
    fs_status status = png ? write_png(paper, png, height, draw, context, err) : FS_OK;
    if (status == FS_OK)
        status = draw_on(paper, paper->pdf, page_width / paper->width, fs_paper_height(paper->width), draw,
                         context, err);
    if (status != FS_OK)
        return status;
    cairo_surface_show_page(paper->pdf);
    if (cairo_surface_status(paper->pdf) != CAIRO_STATUS_SUCCESS)
        return fs_fail(err, FS_ERROR_IO, "%s%sa PDF could not be written: %s", png ? png : "",
                       png ? ": beside it, " : "", cairo_status_to_string(cairo_surface_status(paper->pdf)));
    return FS_OK;
}

fs_status fs_paper_finish(fs_paper *paper, fs_error *err) {
    cairo_surface_finish(paper->pdf);
    cairo_status_t drawn = cairo_surface_status(paper->pdf);
    fs_status status = FS_OK;
    if (drawn == CAIRO_STATUS_SUCCESS || drawn == CAIRO_STATUS_WRITE_ERROR) {
        status = fs_file_writer_commit(paper->writer, err); /* knows what went wrong with writing */
        paper->writer = NULL;
    } else {
        status = fs_fail(err, FS_ERROR_MEMORY, "a PDF: %s", cairo_status_to_string(drawn));
    }
    fs_paper_abandon(paper);
    return status;
}

void fs_paper_abandon(fs_paper *paper) {
    if (paper == NULL)
        return;
    cairo_surface_destroy(paper->pdf);
    fs_file_writer_abandon(paper->writer);
    fs_canvas_destroy(paper->canvas);
    fs_free(paper);
}
