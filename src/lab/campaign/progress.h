/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the runs are, on stderr: on a terminal a bar with the time left, elsewhere a line every half
 * minute. */
#ifndef LAB_PROGRESS_H
#define LAB_PROGRESS_H

struct progress;

/* `total` weight of all work. */
struct progress *progress_new(double total);
/* The same on `fd`, a terminal of so many columns or (0) none, with a line each `note_every_s`. */
struct progress *progress_to(int fd, unsigned columns, double note_every_s, double total);
void progress_done(struct progress *p, double weight);
void progress_show(struct progress *p);
/* Wipes the bar. */
void progress_free(struct progress *p);

#endif
