/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that the user names: read whole, never without end, and never from what is no file. */
#ifndef LAB_INPUT_H
#define LAB_INPUT_H

#include <glib.h>

/* The bytes of a regular file of at most `most` bytes, with a NUL behind them; NULL and *why, what
 * is wrong, if it cannot be read, is a folder, pipe or device, or is larger.  Does not wait. */
GString *input_read(const char *path, gsize most, char **why);
/* The same of a text in UTF-8 without NUL; to be freed. */
char *input_text(const char *path, gsize most, char **why);
/* All that was written to a file in memory (memfd_create()), which is closed. */
GString *input_memory(int fd);

#endif
