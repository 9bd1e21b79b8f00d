/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A progress bar with the time left, on stderr, if that is a terminal. */
#ifndef LAB_PROGRESS_H
#define LAB_PROGRESS_H

struct progress;

/* `total` weight of all work. */
struct progress *progress_new(double total);
void progress_done(struct progress *p, double weight);
void progress_show(struct progress *p);
/* Wipes the bar. */
void progress_free(struct progress *p);

#endif
