/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far are we, and how long will it be?  By the weight of what is done. */
#include "lab/campaign/progress.h"

#include <glib.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lab/base/terminal.h"

#define WIDTH 40       /* of the bar, where there is room */
#define ROOMY 70 /* columns: numbers of runs are told beside it */
#define NOTE_EVERY 60.0 /* seconds */

struct progress {
	int fd;
	unsigned columns;         /* of the terminal; 0: it is none */
	double note_every, noted; /* seconds: between lines, and when the last one came */
	double total, done;       /* weight */
	unsigned runs, ended, failed, running;
	char *what;     /* began last; NULL: none */
	gint64 started; /* monotonic, microseconds */
};

struct progress *progress_to(int fd, unsigned columns, double note_every_s, double total,
                             unsigned runs) {
	struct progress *p = g_new0(struct progress, 1);

	p->fd = fd;
	p->columns = columns;
	p->note_every = note_every_s;
	p->total = total;
	p->runs = runs;
	p->started = g_get_monotonic_time();
	return p;
}

static unsigned terminal_columns(int fd) {
	struct winsize size;

	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

struct progress *progress_new(double total, unsigned runs) {
	return progress_to(STDERR_FILENO, terminal_columns(STDERR_FILENO), NOTE_EVERY, total, runs);
}

void progress_begun(struct progress *p, const char *what) {
	g_free(p->what);
	p->what = terminal_text(what);
	p->running++;
	progress_show(p);
}

void progress_done(struct progress *p, double weight, bool failed) {
	p->done += weight;
	p->ended++;
	p->failed += failed;
	p->running--;
	progress_show(p);
}

static double share_of(const struct progress *p) { return p->total > 0 ? p->done / p->total : 1; }

/* "12 of 200 done, 2 running, 1 failed" */
static void counts(const struct progress *p, GString *text) {
	g_string_append_printf(text, "%u of %u done, %u running", p->ended, p->runs, p->running);
	if (p->failed)
		g_string_append_printf(text, ", %u failed", p->failed);
}

/* What stands behind the bar, of which little is left if it is long. */
static GString *tail_of(const struct progress *p, double elapsed, bool whole) {
	GString *tail = g_string_new(NULL);
	double share = share_of(p);

	g_string_printf(tail, "%3.0f %%", 100 * share);
	if (whole) {
		g_string_append(tail, "  ");
		counts(p, tail);
	}
	if (share > 0)
		g_string_append_printf(tail, "  %.0f s left", elapsed / share - elapsed);
	return tail;
}

/* Never fills the last column, behind which a terminal begins a new line. */
static void show_bar(const struct progress *p, double elapsed) {
	GString *tail = tail_of(p, elapsed, p->columns >= ROOMY);
	int room = (int)p->columns - 1 - (int)tail->len - 3; /* brackets and a space */
	int bar = MIN(room, WIDTH), full = (int)(share_of(p) * bar);

	/* A name is cut where it holds no character of several bytes. */
	if (p->what && p->columns >= ROOMY && room > bar + 2 && g_str_is_ascii(p->what))
		g_string_append_printf(tail, "  %.*s", room - bar - 2, p->what);
	if (bar > 0)
		dprintf(p->fd, "\r[%.*s%*s] %s\033[K", full,
		        "########################################", bar - full, "", tail->str);
	else
		dprintf(p->fd, "\r%.*s\033[K", (int)p->columns - 1, tail->str);
	g_string_free(tail, TRUE);
}

/* For a log: a line now and then. */
static void show_note(struct progress *p, double elapsed) {
	g_autoptr(GString) text = g_string_new(NULL);
	double share = share_of(p);

	if (elapsed - p->noted < p->note_every)
		return;
	p->noted = elapsed;
	if (p->runs == 1) {
		dprintf(p->fd, "%s: running for %.0f s\n", g_get_prgname(), elapsed);
		return;
	}
	counts(p, text);
	if (share > 0)
		g_string_append_printf(text, ", about %.0f s left", elapsed / share - elapsed);
	else
		g_string_append_printf(text, ", for %.0f s", elapsed);
	dprintf(p->fd, "%s: %s%s%s\n", g_get_prgname(), text->str, p->what ? "; now " : "",
	        p->what ? p->what : "");
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
	g_free(p->what);
	g_free(p);
}
