/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traces: all that a world tells of itself (sim/trace.h), kept and written to a file that viewers open.
 *
 * Two formats, by the file's name: NAME.speedscope.json for speedscope, any other for Perfetto.  What is
 * kept has the clock's picoseconds; in a file both ends of a span are nanoseconds, so that nothing
 * overlaps by rounding.  Same world, same bytes.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <glib.h>

#include "sim/trace.h"

struct trace;

/* Spans kept unless somebody asks for more: a minute of a web server, some hundred megabytes. */
#define TRACE_LIMIT 2000000

/* Listens to the world from now on.  After `most` spans (> 0) it stops. */
struct trace *trace_new(struct sim *sim, uint64_t most);
/* Before the world is freed. */
void trace_free(struct trace *trace);

/* When it stopped to listen, for the limit; SIM_NEVER: it did not. */
sim_time trace_stopped(const struct trace *trace);

/* Writes what it has heard to `fd`, in the format that a file of that name has.  0 or an errno. */
int trace_write(const struct trace *trace, int fd, const char *name);

#endif
