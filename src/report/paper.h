/* Pages that go to paper and screen at once: one PDF of A4 pages on their side, and a PNG of each page.
 *
 *     fs_paper_create(&paper, "features.5.pdf", "SqueezeNet, features.5", 2464, &err);
 *     fs_paper_page(paper, "sheet-001.png", 1742, draw, &page, &err);      // draw(canvas, &page), twice
 *     fs_paper_finish(paper, &err);                                       // or fs_paper_abandon(paper)
 *
 * Lengths are pixels of the PNG; the PDF has the same page in points. Nothing is visible under the PDF's name
 * until it is finished. One thread at a time. */
#ifndef FS_REPORT_PAPER_H
#define FS_REPORT_PAPER_H

#include "report/canvas.h"

typedef struct fs_paper fs_paper;
typedef void (*fs_paper_draw)(fs_canvas *canvas, void *context);

fs_status fs_paper_create(fs_paper **out, const char *pdf, const char *title, int width, fs_error *err);
/* Height of a whole page of that width. */
int fs_paper_height(int width);
/* png may be NULL: a page of the PDF alone. The PNG ends at `height`, so that a page with little on it does
 * not carry a blank; the PDF's page is whole.
 */
fs_status fs_paper_page(fs_paper *paper, const char *png, int height, fs_paper_draw draw, void *context,
                        fs_error *err);
/* Both release the paper. */
fs_status fs_paper_finish(fs_paper *paper, fs_error *err);
void fs_paper_abandon(fs_paper *paper); /* NULL is fine */

#endif
