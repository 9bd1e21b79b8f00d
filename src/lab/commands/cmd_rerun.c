/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rerun: a run that a sweep kept, again; it must give the same bytes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lab/base/input.h"
#include "lab/base/version.h"
#include "lab/campaign/record.h"
#include "lab/commands/commands.h"
#include "lab/figures/answer.h"

#define MOST_BYTES (64 << 20)
/* Lines about measures that differ. */
#define LINES_MAX 10

static bool wrong(const char *name, const char *why) {
	fprintf(stderr,
	        "sopsim rerun: %s: %s; allowed: a file of a run as a sweep left it, such as "
	        "results/sweep/runs/ID.json\n",
	        name, why);
	return false;
}

/* What the file has; `*bytes` as they are. */
static struct run_file *read_run(const char *name, GString **bytes) {
	g_autofree char *why = NULL;
	struct run_file *file;

	*bytes = input_read(name, MOST_BYTES, &why);
	if (!*bytes) {
		wrong(name, why);
		return NULL;
	}
	file = run_file_read((*bytes)->str, (*bytes)->len);
	if (!file)
		wrong(name, "no whole file of a run");
	return file;
}

static struct text *read_text(const struct run_file *file, bool untrusted, GError **error) {
	struct text *text = run_file_text(file, error);

	if (text)
		text->untrusted = untrusted;
	return text;
}

/* A file that somebody has changed is no longer what its id says. */
static bool is_genuine(const struct run_file *file, const struct text *text, GError **error) {
	struct scenario *sc = scenario_new(text, error);
	g_autofree char *hash = NULL, *id = NULL;

	if (!sc)
		return false;
	hash = scenario_hash(sc);
	id = record_id(hash, file->seed);
	scenario_free(sc);
	if (!run_file_is_ours(file) || g_str_equal(id, file->id))
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "rerun: %s: its text or seed was changed; allowed: a file as the sweep left it",
	            file->id);
	return false;
}

static void tell_difference(const char *name, double was, double is, unsigned n,
                            struct answer *answer) {
	g_auto(GStrv) parts = g_strsplit(name, ".", 2);
	const struct answer_more more[] = {{"was", NULL, was}, {"is", NULL, is}, {NULL, NULL, 0}};

	if (answer)
		answer_add(answer, &(struct answer_row){.group = parts[0],
		                                        .measure = parts[1],
		                                        .ci95 = NAN,
		                                        .more = more});
	else if (n < LINES_MAX)
		printf("%s was %.17g, is %.17g\n", name, was, is);
}

/* How many of what the file has are others now; the first of them are printed, all are answered. */
static unsigned differences(const struct record *was, const struct record *is,
                            struct answer *answer) {
	unsigned n = 0;

	for (guint i = 0; i < was->values->len; i++) {
		const struct value *v = &g_array_index(was->values, struct value, i);
		double now = record_value(is, v->name);

		if (v->value == now || (isnan(v->value) && isnan(now)))
			continue;
		tell_difference(g_quark_to_string(v->name), v->value, now, n++, answer);
	}
	return n + (was->values->len != is->values->len) + (was->reasons->len != is->reasons->len);
}

static void say(struct answer *answer, bool bad, const char *what) {
	if (!answer)
		printf("%s\n", what);
	else if (bad)
		answer_failed(answer, what);
}

static void say_versions(const struct run_file *file, struct answer *answer) {
	g_autofree char *versions = g_strdup_printf(
		"%s was made by sopsim %s, commit %s%s; this is %s, commit %s%s", file->id,
		file->version, file->commit, file->dirty ? " and changes" : "", version_number(),
		version_commit(), version_dirty() ? " and changes" : "");

	if (answer)
		answer_warned(answer, versions);
	else
		printf("%s\n", versions);
}

static int compare(const struct run_file *file, const GString *bytes, struct run_file *again,
                   struct answer *answer) {
	g_autoptr(GString) now = run_file_write(again);
	g_autofree char *verdict = NULL;
	bool same = g_string_equal(now, bytes), good = same;
	unsigned n;

	for (guint i = 0; i < again->record->reasons->len; i++)
		fprintf(stderr, "sopsim rerun: %s: %s\n", file->id,
		        (char *)again->record->reasons->pdata[i]);
	if (same) {
		verdict = g_strdup_printf("%s: the same %zu bytes", file->id, bytes->len);
	} else {
		n = differences(file->record, again->record, answer);
		good = n == 0 && !run_file_is_ours(file);
		if (!run_file_is_ours(file))
			say_versions(file, answer);
		verdict = g_strdup_printf("%s: %u of %u measures are others", file->id, n,
		                          file->record->values->len);
	}
	say(answer, !good, verdict);
	return good ? EXIT_DONE : EXIT_CHECK_FAILED;
}

static int rerun(const struct run_file *file, const GString *bytes, bool untrusted, bool json,
                 GError **error) {
	struct text *text = read_text(file, untrusted, error);
	struct answer *answer = json ? answer_new("rerun", file->scenario, file->seed) : NULL;
	struct run_file again = *file;
	int status = EXIT_BAD_INPUT;

	if (text && is_genuine(file, text, error) && run_prepare(error)) {
		again.record = record_run(text, file->seed);
		status = compare(file, bytes, &again, answer);
		record_free(again.record);
	}
	g_clear_pointer(&text, text_free);
	answer_end(answer, !*error && status != EXIT_BAD_INPUT);
	return *error ? lab_error_report(*error) : status;
}

int command_rerun(int argc, char **argv) {
	gboolean untrusted = FALSE, json = FALSE;
	g_autoptr(GError) error = NULL;
	GString *bytes = NULL;
	struct run_file *file;
	int status = EXIT_BAD_INPUT;
	const GOptionEntry entries[] = {
		COMMAND_JSON(&json),
		COMMAND_UNTRUSTED(&untrusted),
		G_OPTION_ENTRY_NULL,
	};

	if (!command_options(
		    &argc, &argv, entries, "OUT/runs/ID.json",
		    "Repeats a run that a sweep kept, with the scenario and the seed that its file has; "
		    "exit status 1 if\nwhat comes out is not the same to the last byte.  Of a file that "
		    "another version of the program made,\nthe measures are compared.",
		    1, 1))
		return EXIT_BAD_INPUT;
	file = read_run(argv[1], &bytes);
	if (file) {
		status = rerun(file, bytes, untrusted, json, &error);
		run_file_free(file);
	}
	if (bytes)
		g_string_free(bytes, TRUE);
	return status;
}
