/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traces: all that a world tells of itself (sim/trace.h), written to a file that viewers open.
 *
 * Two formats, by the file's name: NAME.speedscope.json for speedscope, any other for Perfetto.  In a file
 * both ends of a span are nanoseconds, so that nothing overlaps by rounding.  A thread writes while the world
 * goes on.  Same world, same bytes.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <glib.h>

#include "sim/trace.h"

struct trace;

/* Spans written unless somebody asks for more: twelve seconds of a web server. */
#define TRACE_LIMIT 2000000

/* Listens to the world from now on and writes to `fd`, in the format that a file of that name has.  After `most`
 * spans (> 0) it stops. */
struct trace *trace_new(struct sim *sim, uint64_t most, int fd, const char *name);
/* Writes the rest, and frees it: before the world is freed.  0 or an errno.  *stopped: when it stopped to listen,
 * for the limit; SIM_NEVER: it did not. */
int trace_end(struct trace *trace, sim_time *stopped);

#endif
