/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of a scenario file, made fit for GLib's key file parser, which is too patient: it stops
 * at a NUL byte and lets the last of two equal keys win without a word.
 */
#ifndef LAB_TEXT_READ_H
#define LAB_TEXT_READ_H

#include "lab/error.h"

/* Between a value "{" and a line "}" a value has lines of its own.  A key file has one line per key:
 * this character stands for the line breaks while it is read. */
#define TEXT_LINE_BREAK '\x1e'

/* Reads a file (a pipe will do) of at most 16 MiB of UTF-8, with or without a byte order mark, and
 * puts each block on its key's line.  NULL and *error, which calls the file `name`, if it cannot be
 * read, is no text, has a block without end, or says a group or a key twice. */
char *text_read(const char *path, const char *name, GError **error);

#endif
