/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder that a command writes to: made if need be, and its own until it is closed, so that two
 * runs cannot mix their files.
 */
#ifndef LAB_FOLDER_H
#define LAB_FOLDER_H

#include <stdbool.h>

#include "lab/base/error.h"

struct folder;

/* Prepares `dir` (with its parents), which `option` ("--out") named.  NULL and *error if it cannot
 * be written, its disk is full, or another process writes there: asked before a long run, not after
 * it.  The lock leaves no file behind and ends with the process; a folder may be opened again by
 * the process that has it.  File systems without locks have none. */
struct folder *folder_open(const char *option, const char *dir, GError **error);
/* One that is there, and belongs to another command, on whose behalf this process writes there. */
struct folder *folder_join(const char *option, const char *dir, GError **error);
void folder_close(struct folder *folder); /* NULL: nothing */

const char *folder_path(const struct folder *folder);
/* Whether the path still leads there: false and *error if it was removed or moved meanwhile. */
bool folder_there(const struct folder *folder, GError **error);

/* "OPTION: cannot write WHAT in 'DIR': ...": always false. */
bool folder_failed(const struct folder *folder, const char *what, int error, GError **gerror);

/* Removes a folder with all that it has, as far as can be; links are not followed. */
void folder_remove(const char *dir);

/* Writes a new file with a temporary name, flushed to the disk; its path, or NULL with errno. */
char *folder_write_temporary(const struct folder *folder, const char *name, const char *data,
                             gsize length);
/* Writes all bytes to a file, of a descriptor that is closed in any case; `flushed`: to the disk.  0 or
 * an errno. */
int folder_put(int fd, const char *data, gsize length, bool flushed);

/* A file whole or not at all; a device, a pipe and a link stay what they are.  As g_file_set_contents(). */
bool output_put(const char *path, const char *bytes, gssize n, GError **error);

#endif
