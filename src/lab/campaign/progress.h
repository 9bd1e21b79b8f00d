/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the runs are, on stderr: on a terminal a bar with what is under way, elsewhere a line a
 * minute. */
#ifndef LAB_PROGRESS_H
#define LAB_PROGRESS_H

#include <stdbool.h>

struct progress;

/* `runs`, with `total` weight together. */
struct progress *progress_new(double total, unsigned runs);
/* For progress_new(), and for tests: the same on `fd`, a terminal of so many columns or (0) none, with a line each `note_every_s`. */
struct progress *progress_to(int fd, unsigned columns, double note_every_s, double total,
                             unsigned runs);
/* One has begun, and is called so (copied). */
void progress_begun(struct progress *p, const char *what);
void progress_done(struct progress *p, double weight, bool failed);
void progress_show(struct progress *p);
/* Wipes the bar. */
void progress_free(struct progress *p);

#endif
