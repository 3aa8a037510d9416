/* A tool for the clipboard that needs no desktop: a script named xclip, the only program in PATH but for the
 * usual ones. What can be pasted is the file FOLDER/offered, what is copied becomes FOLDER/copied.
 *
 *     clipboard_tool_begin(folder);         // from now on
 *     clipboard_tool_end(folder);           // its files are removed
 */
#ifndef FS_TESTS_APP_CLIPBOARD_TOOL_H
#define FS_TESTS_APP_CLIPBOARD_TOOL_H

void clipboard_tool_begin(const char *folder);
void clipboard_tool_end(const char *folder);
/* As on a machine that has none. */
void clipboard_tool_none(const char *folder);

#endif
