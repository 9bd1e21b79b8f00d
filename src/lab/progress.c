/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/progress.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH 40

struct progress {
	double total, done;
	gint64 started; /* monotonic, microseconds */
	bool visible;
};

struct progress *progress_new(double total) {
	struct progress *p = g_new0(struct progress, 1);

	p->total = total;
	p->started = g_get_monotonic_time();
	p->visible = isatty(STDERR_FILENO);
	return p;
}

void progress_done(struct progress *p, double weight) {
	p->done += weight;
	progress_show(p);
}

void progress_show(struct progress *p) {
	double share = p->total > 0 ? p->done / p->total : 1;
	double elapsed = (double)(g_get_monotonic_time() - p->started) / 1e6;
	int full = (int)(share * WIDTH);

	if (!p->visible)
		return;
	dprintf(STDERR_FILENO, "\r[%.*s%*s] %3.0f %%", full, "########################################",
		WIDTH - full, "", 100 * share);
	if (share > 0)
		dprintf(STDERR_FILENO, "  %.0f s left ", elapsed / share - elapsed);
}

void progress_free(struct progress *p) {
	if (p->visible)
		dprintf(STDERR_FILENO, "\r\033[K");
	g_free(p);
}
