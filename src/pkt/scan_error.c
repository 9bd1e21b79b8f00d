/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is wrong with a script's text? */
#include "pkt/scan.h"

G_DEFINE_QUARK(pkt - script - error - quark, script_error)

static bool note(struct scan *s, enum outcome outcome, const char *format, va_list args) {
	g_autofree char *what = g_strdup_vprintf(format, args);

	if (!s->error)
		g_set_error(&s->error, SCRIPT_ERROR, outcome, "%s:%u: %s", s->file, s->line, what);
	return false;
}

bool scan_fail(struct scan *s, const char *format, ...) {
	va_list args;

	va_start(args, format);
	note(s, OUTCOME_FAILED, format, args);
	va_end(args);
	return false;
}

bool scan_unsupported(struct scan *s, const char *format, ...) {
	va_list args;

	va_start(args, format);
	note(s, OUTCOME_SKIPPED, format, args);
	va_end(args);
	return false;
}
