/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom is a run to follow, and how do the files get from its process to the folder of the results? */
#include "lab/commands/follow_option.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "lab/base/input.h"
#include "lab/figures/csv.h"
#include "lab/figures/follow_plot.h"

static bool take_limit(struct follow_option *o, GError **error) {
	if (o->limit < 0 || o->limit > G_MAXUINT32 / 2) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--follow-limit: %" G_GINT64_FORMAT
		            "; allowed: a whole number from 1 to %u",
		            o->limit, G_MAXUINT32 / 2);
		return false;
	}
	if (o->limit)
		o->which.rows = (unsigned)o->limit;
	return true;
}

bool follow_option_open(struct follow_option *o, const struct results *results,
                        struct run_spec *spec, GError **error) {
	if (!o->text)
		return true;
	if (!follow_parse(o->text, &o->which, error) || !take_limit(o, error))
		return false;
	if (!results) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--follow: nowhere to write to; allowed: with --out DIR");
		return false;
	}
	spec->follow = &o->which;
	spec->follow_fd = memfd_create("follow", MFD_CLOEXEC);
	if (spec->follow_fd < 0)
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--follow: %s; allowed: memory for its lines", g_strerror(errno));
	return spec->follow_fd >= 0;
}

/* --- what the run wrote ----------------------------------------------------------------------- */

/* "tcp-7.csv" and its pictures. */
static bool is_ours(const char *file) {
	size_t digits = g_str_has_prefix(file, "tcp-") ? strspn(file + 4, "0123456789") : 0;
	const char *end = file + 4 + digits;

	return g_str_equal(file, "connections.csv") ||
	       (digits &&
	        (g_str_equal(end, ".csv") || g_str_equal(end, ".svg") || g_str_equal(end, ".pdf")));
}

static void outdate(const char *folder, struct results *results) {
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *file;

	while (dir && (file = g_dir_read_name(dir)))
		if (is_ours(file))
			results_outdate(results, file);
	g_clear_pointer(&dir, g_dir_close);
}

/* Files as follow_files() has them. */
static bool stage_files(struct follow_option *o, const char *at, struct results *results,
                        GError **error) {
	bool good = true;

	while (good && *at) {
		const char *name = at + strlen("> "), *text = strchr(name, '\n') + 1;
		const char *end = strstr(text, "\n> ");
		g_autofree char *file = g_strndup(name, (gsize)(text - 1 - name));
		gsize length = end ? (gsize)(end + 1 - text) : strlen(text);
		GString *csv = g_string_new_len(text, (gssize)length);

		good = results_stage(results, file, csv->str, csv->len, error);
		at = text + length;
		if (g_str_has_prefix(file, "tcp-")) {
			g_ptr_array_add(o->names, g_strndup(file, strlen(file) - strlen(".csv")));
			g_ptr_array_add(o->files, csv);
		} else {
			o->ends = csv;
		}
	}
	return good;
}

static void free_text(void *text) { g_string_free(text, TRUE); }

bool follow_option_stage(struct follow_option *o, const struct run_spec *spec, const char *dir,
                         struct results *results, GError **error) {
	GString *all;
	bool good;

	outdate(dir, results);
	if (!o->text)
		return true;
	o->names = g_ptr_array_new_with_free_func(g_free);
	o->files = g_ptr_array_new_with_free_func(free_text);
	all = input_memory(spec->follow_fd);
	good = stage_files(o, all->str, results, error);
	g_string_free(all, TRUE);
	return good;
}

/* --- pictures --------------------------------------------------------------------------------- */

/* Of what was written a moment ago. */
static struct csv *own_table(const GString *bytes) {
	g_autofree char *why = NULL;
	struct csv *csv = csv_parse(bytes, &why);

	g_assert(csv);
	return csv;
}

/* "server 10.0.0.1:80 to 10.0.1.1:1024" */
static char *title_of(const struct csv *ends, const char *name) {
	for (guint i = 0; i < ends->rows->len; i++) {
		char *const *cells = ends->rows->pdata[i];

		if (g_str_equal(cells[0], name + strlen("tcp-")))
			return g_strdup_printf("%s, %s to %s", cells[1], cells[2], cells[3]);
	}
	return g_strdup(name);
}

static bool draw(const struct follow_option *o, guint i, const struct csv *ends,
                 struct results *results, bool quiet, GError **error) {
	const char *name = o->names->pdata[i];
	struct csv *rows = own_table(o->files->pdata[i]);
	g_autofree char *title = title_of(ends, name);
	g_autofree char *head = g_strconcat(name, ": ", title, NULL);
	GString *script = follow_plot(head, rows);
	bool good = results_draw(results, name, script->str, error);

	if (good && !quiet)
		printf("%s.csv: %s: %u changes\n", name, title, rows->rows->len);
	if (rows->rows->len == o->which.rows)
		fprintf(stderr, "%s: %s.csv ends after %u rows (--follow-limit); the run went on\n",
		        g_get_prgname(), name, o->which.rows);
	g_string_free(script, TRUE);
	csv_free(rows);
	return good;
}

/* Whether one that fits was left out, as there were too many. */
static bool left_out(const struct follow_option *o, const struct csv *ends) {
	for (guint i = 0; o->which.port && i < ends->rows->len; i++) {
		char *const *cells = ends->rows->pdata[i];
		bool fits = o->which.addr ? g_str_equal(cells[2], o->text)
		                          : g_str_has_suffix(cells[2], strrchr(o->text, ':'));

		if (fits && *cells[5] == '0')
			return true;
	}
	return false;
}

bool follow_option_draw(const struct follow_option *o, struct results *results, bool quiet,
                        GError **error) {
	struct csv *ends = o->text ? own_table(o->ends) : NULL;
	bool good = true;

	for (guint i = 0; ends && good && i < o->names->len; i++)
		good = draw(o, i, ends, results, quiet, error);
	if (ends && good && left_out(o, ends))
		fprintf(stderr,
		        "%s: --follow: the first %u ends that fit are followed; connections.csv has "
		        "the others\n",
		        g_get_prgname(), FOLLOW_MOST);
	g_clear_pointer(&ends, csv_free);
	return good;
}

/* --- for commands without results of their own ------------------------------------------------- */

bool follow_option_open_alone(struct follow_option *o, const char *dir, struct results **results,
                              struct run_spec *spec, GError **error) {
	if (dir && !o->text) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "--out: nothing to write there; allowed: with --follow END");
		return false;
	}
	return (!dir || (*results = results_open("--out", dir, error))) &&
	       follow_option_open(o, *results, spec, error);
}

bool follow_option_write(struct follow_option *o, const struct run_spec *spec, const char *dir,
                         struct results *results, bool quiet, GError **error) {
	return !results ||
	       (follow_option_stage(o, spec, dir, results, error) &&
	        results_commit(results, error) && follow_option_draw(o, results, quiet, error));
}

void follow_option_clear(struct follow_option *o) {
	g_free(o->text);
	g_clear_pointer(&o->names, g_ptr_array_unref);
	g_clear_pointer(&o->files, g_ptr_array_unref);
	if (o->ends)
		g_string_free(o->ends, TRUE);
}
