/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A trace that becomes a file whole or not at all: it grows beside it, as FILE.part, in this process or
 * in a child of it.
 */
#ifndef TRACE_FILE_H
#define TRACE_FILE_H

#include "trace/trace.h"

struct trace_file;

/* Asks whether the file can be written, before a long run and not after it.  A device or a pipe is written to
 * as it is, and keeps what a bad run left.  `most` (> 0): spans, see
 * trace_new().  NULL and *error, an errno. */
struct trace_file *trace_file_open(const char *path, uint64_t most, int *error);
/* The world tells it all from now on ... */
void trace_file_begin(struct trace_file *file, struct sim *sim);
/* ... until now, when all of it is written; a line on stderr says so if that is not all of it.  0 or
 * an errno. */
int trace_file_end(struct trace_file *file);
/* The run was good: FILE is the new one.  0 or an errno. */
int trace_file_keep(struct trace_file *file);
/* Frees it; what was not kept is gone, and an earlier FILE is as it was.  NULL: nothing. */
void trace_file_close(struct trace_file *file);

#endif
