/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trace's file is like, by traces made by hand. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "run_suite.h"
#include "scratch.h"
#include "trace/file.h"
#include "trace_reader.h"

static char *dir;

static char *file_in(const char *name) { return g_build_filename(dir, name, NULL); }

/* A second of work that is told of when it is over, between others that are told at once. */
struct late {
	struct sim *sim;
	struct sim_track *task, *wire;
	unsigned first; /* of the flows */
};

static void tell_late(void *arg) {
	const struct late *l = arg;

	sim_span(l->wire, NULL, "frame", 1000 * SIM_MS, 1010 * SIM_MS, 0);
	sim_span(l->task, "user", "a", 0, 300 * SIM_MS, 0);
	sim_span(l->task, "user", "b", 300 * SIM_MS, 300 * SIM_MS + SIM_NS, 0);
	sim_span(l->task, "user", "c", 300 * SIM_MS + SIM_NS, 1000 * SIM_MS, 0);
	sim_tell_end(l->task, "call", 0, 1000 * SIM_MS, 0);
	/* Of no length: it leaves no trace. */
	sim_tell_begin(l->task, "call", 0);
	sim_tell_end(l->task, "call", 1000 * SIM_MS, 1000 * SIM_MS, 0);
	/* Not over when the trace ends. */
	sim_tell_begin(l->task, "open", 0);
}

static void tell_mark(void *arg) { sim_mark(((const struct late *)arg)->wire, "mark", 0); }

/* A world of two tracks, and a trace of it. */
static struct trace_file *late_begin(struct late *l, const char *path) {
	struct trace_file *file;
	int why = 0;

	l->sim = sim_new(1);
	l->task = sim_track(l->sim, NULL, "task", 0);
	l->wire = sim_track(l->sim, NULL, "wire", 1);
	file = trace_file_open(path, 100, &why);
	ck_assert_ptr_nonnull(file);
	trace_file_begin(file, l->sim);
	return file;
}

/* What the file says. */
static struct reader *late_end(struct late *l, struct trace_file *file, const char *path) {
	struct reader *r;

	sim_run(l->sim, SIM_NEVER);
	ck_assert_int_eq(trace_file_end(file), 0);
	ck_assert_int_eq(trace_file_keep(file), 0);
	trace_file_close(file);
	r = reader_new(path);
	check_nesting(r);
	return r;
}

START_TEST(what_is_told_late_lies_where_it_was) {
	g_autofree char *path = file_in("f.pftrace");
	static const char *const names[] = {"call", "a", "b", "c", "open", "frame", "mark"};
	unsigned met[G_N_ELEMENTS(names)] = {0};
	struct sim_event marks[4], late;
	struct trace_file *file;
	struct reader *r;
	struct late l;

	file = late_begin(&l, path);
	sim_tell_begin(l.task, "call", 0);
	for (unsigned i = 0; i < G_N_ELEMENTS(marks); i++) {
		sim_event_init(&marks[i], tell_mark, &l);
		sim_at(l.sim, &marks[i], (i + 1) * 100 * SIM_MS);
	}
	sim_event_init(&late, tell_late, &l);
	sim_at(l.sim, &late, 1000 * SIM_MS);
	r = late_end(&l, file, path);
	for (guint i = 0; i < r->events->len; i++) {
		const struct event *e = &g_array_index(r->events, struct event, i);

		for (unsigned n = 0; e->type != END && e->name && n < G_N_ELEMENTS(names); n++)
			met[n] += g_str_equal(event_name(r, e), names[n]);
	}
	for (unsigned n = 0; n < G_N_ELEMENTS(names); n++)
		ck_assert_msg(met[n] == (n == 6 ? 4 : 1), "%s: %u", names[n], met[n]);
	reader_free(r);
	sim_free(l.sim);
}
END_TEST

static void tell_pieces(void *arg) {
	const struct late *l = arg;
	const sim_flow command = sim_flow_command(1, 2, 3);

	sim_span(l->task, "user", "a", 0, 10 * SIM_NS, 0);
	sim_span(l->task, "user", "a", 10 * SIM_NS, 20 * SIM_NS, 0); /* goes on */
	sim_span(l->task, "user", "a", 20 * SIM_NS, 30 * SIM_NS, command);
	sim_span(l->task, "user", "a", 31 * SIM_NS, 40 * SIM_NS, command);
	sim_span(l->task, "libc", "a", 40 * SIM_NS, 50 * SIM_NS, command);
	sim_span(l->wire, "libc", "a", 50 * SIM_NS, 60 * SIM_NS, command);
	sim_span(l->wire, "libc", "b", 60 * SIM_NS, 70 * SIM_NS, command);
	sim_span(l->task, "libc", "a", 50 * SIM_NS, 100 * SIM_NS, command); /* goes on */
	sim_tell_begin(l->task, "call", 0);
	sim_span(l->task, "libc", "a", 100 * SIM_NS, 110 * SIM_NS, command);
	sim_tell_end(l->task, "call", 100 * SIM_NS, 110 * SIM_NS, 0);
	sim_span(l->task, "libc", "a", 110 * SIM_NS, 120 * SIM_NS, command);
}

START_TEST(what_goes_on_is_one_piece) {
	g_autofree char *path = file_in("g.pftrace");
	unsigned begun = 0;
	struct trace_file *file;
	struct sim_event tell;
	struct reader *r;
	struct late l;

	file = late_begin(&l, path);
	sim_event_init(&tell, tell_pieces, &l);
	sim_at(l.sim, &tell, 100 * SIM_NS);
	r = late_end(&l, file, path);
	for (guint i = 0; i < r->events->len; i++)
		begun += g_array_index(r->events, struct event, i).type == BEGIN;
	ck_assert_uint_eq(begun, 11 - 2);
	reader_free(r);
	sim_free(l.sim);
}
END_TEST

enum { FLOWS = 12 };

static sim_flow nth_flow(unsigned first, unsigned n) {
	const sim_flow flows[FLOWS] = {
		(sim_flow)SIM_FLOW_WAKE << 56 | 1,
		(sim_flow)SIM_FLOW_FRAME << 56 | 1,
		(sim_flow)SIM_FLOW_FRAME << 56 | UINT64_C(0xffffffffffff),
		/* The first card's ... */
		sim_flow_command(16, 2, 3),
		sim_flow_command(16, 10, 3),
		sim_flow_command(16, 66, 3),
		sim_flow_command(16, 2, 67),
		sim_flow_command(16, 2, 0xffffff),
		/* ... and others', near and far. */
		sim_flow_command(17, 2, 3),
		sim_flow_command(24, 2, 3),
		sim_flow_command(255, 0xffffff, 0xffffff),
		sim_flow_command(0, 2, 3),
	};

	return flows[(first + n) % FLOWS];
}

static void tell_flows(void *arg) {
	const struct late *l = arg;

	for (unsigned i = 0; i < FLOWS; i++)
		sim_mark(l->wire, "mark", nth_flow(l->first, i));
}

START_TEST(flows_stay_apart) {
	g_autofree char *path = file_in("h.pftrace");
	GHashTable *met = g_hash_table_new(g_int64_hash, g_int64_equal);
	struct trace_file *file;
	struct sim_event tell;
	struct reader *r;
	struct late l;
	guint marks = 0;

	file = late_begin(&l, path);
	l.first = (unsigned)_i; /* what is short depends on whose command comes first */
	sim_event_init(&tell, tell_flows, &l);
	sim_at(l.sim, &tell, SIM_MS);
	r = late_end(&l, file, path);
	for (guint i = 0; i < r->events->len; i++) {
		struct event *e = &g_array_index(r->events, struct event, i);

		if (!e->flow)
			continue; /* the sums */
		ck_assert_uint_eq(sim_flow_kind(e->flow),
		                  sim_flow_kind(nth_flow(l.first, marks++)));
		ck_assert(g_hash_table_add(met, &e->flow));
	}
	ck_assert_uint_eq(marks, FLOWS);
	g_hash_table_unref(met);
	reader_free(r);
	sim_free(l.sim);
}
END_TEST

START_TEST(a_trace_is_whole_or_not_there) {
	g_autofree char *path = file_in("e.pftrace"), *part = file_in("e.pftrace.part");
	g_autofree char *no = file_in("none/e.pftrace"), *link = file_in("link.pftrace");
	struct trace_file *file;
	int why = 0;

	ck_assert_ptr_null(trace_file_open(no, 1, &why));
	ck_assert_int_eq(why, ENOENT);
	ck_assert_ptr_null(trace_file_open(dir, 1, &why));
	ck_assert_int_eq(why, EISDIR);
	ck_assert(g_file_set_contents(path, "before", -1, NULL));
	/* What is no file does not become one. */
	ck_assert_int_eq(symlink("/dev/null", link), 0);
	file = trace_file_open(link, 1, &why);
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(trace_file_keep(file), 0);
	trace_file_close(file);
	ck_assert(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
	file = trace_file_open(path, 1, &why);
	ck_assert(g_file_test(part, G_FILE_TEST_EXISTS));
	trace_file_close(file);
	ck_assert(!g_file_test(part, G_FILE_TEST_EXISTS));
	ck_assert(g_file_test(path, G_FILE_TEST_EXISTS));
}
END_TEST

static void setup(void) { dir = scratch_new(); }

static void teardown(void) { scratch_remove(dir); }

int main(void) {
	Suite *suite = suite_create("trace_file");
	TCase *tc = tcase_create("trace_file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_is_told_late_lies_where_it_was);
	tcase_add_test(tc, what_goes_on_is_one_piece);
	tcase_add_loop_test(tc, flows_stay_apart, 0, FLOWS);
	tcase_add_test(tc, a_trace_is_whole_or_not_there);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
