/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How do all of a command's files appear at once, or none? */
#include "lab/figures/results.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab/base/folder.h"
#include "lab/base/interrupt.h"
#include "lab/base/terminal.h"
#include "lab/figures/gnuplot.h"

struct staged {
	char *temporary; /* NULL: renamed already, or nothing but a file to remove */
	char *final;
};

struct results {
	struct folder *folder;
	GArray *staged; /* struct staged */
	unsigned undrawn;
};

struct results *results_open(const char *option, const char *dir, GError **error) {
	struct folder *folder = folder_open(option, dir, error);
	struct results *results;

	if (!folder)
		return NULL;
	results = g_new0(struct results, 1);
	results->folder = folder;
	results->staged = g_array_new(FALSE, FALSE, sizeof(struct staged));
	return results;
}

static void stage(struct results *results, char *temporary, const char *name) {
	struct staged staged = {temporary,
	                        g_build_filename(folder_path(results->folder), name, NULL)};

	g_array_append_val(results->staged, staged);
}

bool results_stage(struct results *results, const char *name, const char *data, gsize length,
                   GError **error) {
	char *temporary = folder_write_temporary(results->folder, name, data, length);

	if (!temporary)
		return folder_failed(results->folder, name, errno, error);
	stage(results, temporary, name);
	return true;
}

bool results_pour(struct results *results, const char *name, bool (*more)(void *arg, GString *part),
                  void *arg, GError **error) {
	char *temporary = folder_write_temporary(results->folder, name, "", 0);
	int fd = temporary ? open(temporary, O_WRONLY | O_CLOEXEC) : -1,
	    trouble = fd < 0 ? errno : 0, to;
	g_autoptr(GString) part = g_string_new(NULL);
	bool again = fd >= 0;

	while (again) {
		g_string_truncate(part, 0);
		again = more(arg, part);
		/* The last part closes the file. */
		to = again ? dup(fd) : fd;
		trouble = to < 0 ? errno : folder_put(to, part->str, part->len, !again);
		if (trouble && again)
			close(fd);
		again = again && !trouble;
	}
	if (!trouble) {
		stage(results, temporary, name);
		return true;
	}
	if (temporary)
		g_unlink(temporary);
	g_free(temporary);
	return folder_failed(results->folder, name, trouble, error);
}

void results_outdate(struct results *results, const char *name) { stage(results, NULL, name); }

bool results_stage_string(struct results *results, const char *name, GString *data,
                          GError **error) {
	bool good = results_stage(results, name, data->str, data->len, error);

	g_string_free(data, TRUE);
	return good;
}

static void forget(struct results *results) {
	for (guint i = 0; i < results->staged->len; i++) {
		struct staged *staged = &g_array_index(results->staged, struct staged, i);

		if (staged->temporary)
			g_unlink(staged->temporary);
		g_free(staged->temporary);
		g_free(staged->final);
	}
	g_array_set_size(results->staged, 0);
}

/* A name that cannot be taken is noticed before the first one is. */
static bool names_are_free(const struct results *results, GError **error) {
	for (guint i = 0; i < results->staged->len; i++) {
		const char *final = g_array_index(results->staged, struct staged, i).final;

		if (g_file_test(final, G_FILE_TEST_IS_DIR))
			return folder_failed(results->folder, final, EISDIR, error);
	}
	return true;
}

bool results_commit(struct results *results, GError **error) {
	if (!interrupt_check("nothing was written", error) ||
	    !folder_there(results->folder, error) || !names_are_free(results, error))
		return false;
	for (guint i = 0; i < results->staged->len; i++) {
		struct staged *staged = &g_array_index(results->staged, struct staged, i);

		if (!staged->temporary)
			g_unlink(staged->final);
		else if (g_rename(staged->temporary, staged->final) < 0)
			return folder_failed(results->folder, staged->final, errno, error);
		g_clear_pointer(&staged->temporary, g_free);
	}
	forget(results);
	return true;
}

void results_close(struct results *results) {
	forget(results);
	g_array_unref(results->staged);
	folder_close(results->folder);
	g_free(results);
}

/* --- figures -----------------------------------------------------------------------------------
 */

bool results_draw(struct results *results, const char *name, const char *script, GError **error) {
	static const char *const ends[] = {[PICTURE_SVG] = ".svg", [PICTURE_PDF] = ".pdf"};

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autoptr(GError) trouble = NULL;
		g_autofree char *file = g_strconcat(name, ends[i], NULL);
		GString *picture = gnuplot_draw(script, (enum picture)i, &trouble);

		if (picture && results_stage_string(results, file, picture, error))
			continue;
		if (picture)
			return false;
		if (!g_error_matches(trouble, LAB_ERROR, LAB_ERROR_PICTURE)) {
			g_propagate_error(error, g_steal_pointer(&trouble));
			return false;
		}
		fprintf(stderr, "sopsim: warning: %s was not drawn: %s\n", file, trouble->message);
		results->undrawn++;
		/* What cannot be drawn once cannot be drawn twice. */
		break;
	}
	return results_commit(results, error);
}

void results_outdate_figure(struct results *results, const char *name) {
	g_autofree char *svg = g_strconcat(name, ".svg", NULL),
			*pdf = g_strconcat(name, ".pdf", NULL);

	results_outdate(results, svg);
	results_outdate(results, pdf);
}

unsigned results_undrawn(const struct results *results) { return results->undrawn; }

/* --- numbers and words -------------------------------------------------------------------------
 */

void results_number(GString *csv, double value, int digits) {
	char format[8], number[G_ASCII_DTOSTR_BUF_SIZE];

	if (!isfinite(value))
		return; /* an empty cell: there is no such number */
	g_snprintf(format, sizeof format, "%%.%df", digits);
	g_ascii_formatd(number, sizeof number, format, value);
	g_string_append(csv,
	                number[0] == '-' && !strpbrk(number, "123456789") ? number + 1 : number);
}

/* Of a zero there is one. */
static void put_digits(GString *csv, double value, const char *format) {
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(number, sizeof number, format, value == 0 ? 0 : value);
	g_string_append(csv, number);
}

void results_digits(GString *csv, double value) {
	if (isfinite(value))
		put_digits(csv, value, "%.7g");
}

void results_exact(GString *csv, double value) {
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (!isfinite(value))
		return;
	g_ascii_formatd(number, sizeof number, "%.15g", value);
	put_digits(csv, value, g_ascii_strtod(number, NULL) == value ? "%.15g" : "%.17g");
}

void results_cell(GString *csv, const char *text) {
	g_autofree char *plain = terminal_text(text);
	g_auto(GStrv) parts = g_strsplit(plain, "\"", -1);
	g_autofree char *doubled = g_strjoinv("\"\"", parts);

	if (strpbrk(plain, ",\"\n"))
		g_string_append_printf(csv, "\"%s\"", doubled);
	else
		g_string_append(csv, plain);
}
