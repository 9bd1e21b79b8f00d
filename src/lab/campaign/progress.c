/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/campaign/progress.h"

#include <glib.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 40       /* of the bar, where there is room */
#define NOTE_EVERY 30.0 /* seconds */

struct progress {
	int fd;
	unsigned columns;         /* of the terminal; 0: it is none */
	double note_every, noted; /* seconds: between lines, and when the last one came */
	double total, done;
	gint64 started; /* monotonic, microseconds */
};

struct progress *progress_to(int fd, unsigned columns, double note_every_s, double total) {
	struct progress *p = g_new0(struct progress, 1);

	p->fd = fd;
	p->columns = columns;
	p->note_every = note_every_s;
	p->total = total;
	p->started = g_get_monotonic_time();
	return p;
}

static unsigned terminal_columns(int fd) {
	struct winsize size;

	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

struct progress *progress_new(double total) {
	return progress_to(STDERR_FILENO, terminal_columns(STDERR_FILENO), NOTE_EVERY, total);
}

void progress_done(struct progress *p, double weight) {
	p->done += weight;
	progress_show(p);
}

static double share_of(const struct progress *p) { return p->total > 0 ? p->done / p->total : 1; }

/* It never fills the last column, behind which a terminal begins a new line. */
static void show_bar(const struct progress *p, double elapsed) {
	double share = share_of(p);
	char tail[64];
	int room, full, used = g_snprintf(tail, sizeof tail, "%3.0f %%", 100 * share);

	if (share > 0)
		used += g_snprintf(tail + used, sizeof tail - (size_t)used, "  %.0f s left",
		                   elapsed / share - elapsed);
	room = MIN((int)p->columns - 1 - used - 3, WIDTH); /* brackets and a space */
	full = (int)(share * room);
	if (room > 0)
		dprintf(p->fd, "\r[%.*s%*s] %s\033[K", full,
		        "########################################", room - full, "", tail);
	else
		dprintf(p->fd, "\r%.*s\033[K", (int)p->columns - 1, tail);
}

/* For a log: a line now and then. */
static void show_note(struct progress *p, double elapsed) {
	double share = share_of(p);

	if (elapsed - p->noted < p->note_every)
		return;
	p->noted = elapsed;
	if (share > 0)
		dprintf(p->fd, "%s: %.0f %% done, about %.0f s left\n", g_get_prgname(),
		        100 * share, elapsed / share - elapsed);
	else
		dprintf(p->fd, "%s: running for %.0f s\n", g_get_prgname(), elapsed);
}

void progress_show(struct progress *p) {
	double elapsed = (double)(g_get_monotonic_time() - p->started) / 1e6;

	if (p->columns)
		show_bar(p, elapsed);
	else
		show_note(p, elapsed);
}

void progress_free(struct progress *p) {
	if (p->columns)
		dprintf(p->fd, "\r\033[K");
	g_free(p);
}
