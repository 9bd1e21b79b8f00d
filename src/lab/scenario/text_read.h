/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines of a scenario file: groups in brackets, key = value, comments, and blocks of lines
 * between "key = {" and a line "}".  Nothing is forgiven, and no message shows a line that could
 * not be read: the file may be anything.
 */
#ifndef LAB_TEXT_READ_H
#define LAB_TEXT_READ_H

#include <stdbool.h>

#include "lab/base/error.h"

/* Called for a group that opens (key and value NULL), and for a key of it.  False and *error end
 * the reading. */
typedef bool (*text_line)(void *arg, const char *group, const char *key, const char *value,
                          unsigned line, GError **error);

/* Reads UTF-8, with or without a byte order mark.  False and *error, which calls the file `name`,
 * if it is no text, has a line that is none of the above, or a block without end. */
bool text_read(const GString *bytes, const char *name, text_line fn, void *arg, GError **error);

#endif
