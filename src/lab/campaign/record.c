/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must be kept of a run so that it can be trusted, and be run again? */
#include "lab/campaign/record.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "lab/base/version.h"

#define ID_DIGITS 16

static struct record *record_sized(guint values) {
	struct record *record = g_new0(struct record, 1);

	record->values = g_array_sized_new(FALSE, FALSE, sizeof(struct value), values);
	record->reasons = g_ptr_array_new_with_free_func(g_free);
	return record;
}

struct record *record_new(void) { return record_sized(0); }

struct record *record_failed(const char *reason, bool crashed) {
	struct record *record = record_new();

	g_ptr_array_add(record->reasons, g_strdup(reason));
	record->crashed = crashed;
	return record;
}

void record_free(struct record *record) {
	g_array_unref(record->values);
	g_ptr_array_unref(record->reasons);
	g_free(record);
}

double record_value(const struct record *record, GQuark name) {
	for (guint i = 0; i < record->values->len; i++) {
		const struct value *value = &g_array_index(record->values, struct value, i);

		if (value->name == name)
			return value->value;
	}
	return NAN;
}

static void record_take(struct record *record, const struct measures *m) {
	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		struct value value = {g_quark_from_string(measure->name), measure->value};

		g_array_append_val(record->values, value);
	}
}

char *record_id(const char *scenario_hash, uint64_t seed) {
	const char *build = version_build();
	g_autofree char *what = g_strdup_printf("%s %" G_GUINT64_FORMAT " %s %s%s%s", scenario_hash,
	                                        seed, version_number(), version_commit(),
	                                        build ? " " : "", build ? build : "");
	char *id = g_compute_checksum_for_string(G_CHECKSUM_SHA256, what, -1);

	id[ID_DIGITS] = '\0';
	return id;
}

static double cpu_seconds(void) {
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

struct record *record_run(const struct text *text, uint64_t seed) {
	gint64 start = g_get_monotonic_time();
	double cpu_s = cpu_seconds();
	struct record *record = record_new();
	const struct run_spec spec = {.name = (char *)"run",
	                              .text = (struct text *)(uintptr_t)text,
	                              .seed = seed,
	                              .reasons = record->reasons};
	g_autoptr(GError) error = NULL;
	struct measures *m;
	struct rusage used;

	m = run_here(&spec, &error);
	if (m)
		record_take(record, m);
	else
		g_ptr_array_add(record->reasons, g_strdup(error->message));
	g_clear_pointer(&m, measures_free);
	getrusage(RUSAGE_SELF, &used);
	record->wall_s = (double)(g_get_monotonic_time() - start) / 1e6;
	record->cpu_s = cpu_seconds() - cpu_s;
	record->peak_kib = used.ru_maxrss;
	return record;
}

/* --- through a pipe ------------------------------------------------------------------------------ */

/* Numbers as they are in memory: both ends are one program. */
struct head {
	double wall_s, cpu_s;
	long peak_kib;
	unsigned reasons, values;
};

void record_write(const struct record *record, GString *out) {
	const struct head head = {record->wall_s, record->cpu_s, record->peak_kib,
	                          record->reasons->len, record->values->len};

	g_string_append_len(out, (const char *)&head, sizeof head);
	for (guint i = 0; i < record->reasons->len; i++)
		g_string_append_len(out, record->reasons->pdata[i],
		                    (gssize)strlen(record->reasons->pdata[i]) + 1);
	for (guint i = 0; i < record->values->len; i++) {
		const struct value *value = &g_array_index(record->values, struct value, i);
		const char *name = g_quark_to_string(value->name);

		g_string_append_len(out, (const char *)&value->value, sizeof value->value);
		g_string_append_len(out, name, (gssize)strlen(name) + 1);
	}
}

/* Takes `size` bytes; NULL: there are fewer. */
static const char *take(const char **at, const char *end, size_t size) {
	const char *taken = *at;

	if ((size_t)(end - *at) < size)
		return NULL;
	*at += size;
	return taken;
}

static const char *take_word(const char **at, const char *end) {
	const char *nul = memchr(*at, '\0', (size_t)(end - *at));

	return nul ? take(at, end, (size_t)(nul - *at) + 1) : NULL;
}

/* Runs of a sweep measure the same, mostly: a name is looked up where another run's does not stand. */
static GQuark quark_of(const char *name, const struct record *like, guint i) {
	GQuark quark = like && i < like->values->len
	                       ? g_array_index(like->values, struct value, i).name
	                       : 0;

	return quark && strcmp(g_quark_to_string(quark), name) == 0 ? quark
	                                                            : g_quark_from_string(name);
}

static bool take_all(struct record *record, const struct head *head, const struct record *like,
                     const char *at, const char *end) {
	for (unsigned i = 0; i < head->reasons; i++) {
		const char *reason = take_word(&at, end);

		if (!reason)
			return false;
		g_ptr_array_add(record->reasons, g_strdup(reason));
	}
	for (unsigned i = 0; i < head->values; i++) {
		const char *bytes = take(&at, end, sizeof(double));
		const char *name = bytes ? take_word(&at, end) : NULL;
		struct value value;

		if (!name)
			return false;
		memcpy(&value.value, bytes, sizeof value.value);
		value.name = quark_of(name, like, i);
		g_array_append_val(record->values, value);
	}
	return at == end;
}

struct record *record_read(const char *bytes, gsize length, const struct record *like) {
	const char *at = bytes, *end = bytes + length, *first = take(&at, end, sizeof(struct head));
	struct record *record;
	struct head head;

	if (!first)
		return NULL;
	memcpy(&head, first, sizeof head);
	record = record_sized(head.values);
	record->wall_s = head.wall_s;
	record->cpu_s = head.cpu_s;
	record->peak_kib = head.peak_kib;
	if (!take_all(record, &head, like, at, end))
		g_clear_pointer(&record, record_free);
	return record;
}
