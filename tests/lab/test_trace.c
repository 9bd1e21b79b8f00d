/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is what a trace shows what happened?  The emitter's sums and those that the file names are those of the
 * processors' accounts to the picosecond, the lengths of the file's spans are the emitter's to the nanosecond of
 * each; spans nest, and what flows has its source first.
 */
#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/campaign/plan.h"
#include "lab/campaign/run.h"
#include "lab/kinds/parts.h"
#include "lab/world/captures.h"
#include "run_suite.h"
#include "scratch.h"
#include "trace_reader.h"

/* Sums by place and name, in ps; the same of the file, in ns; how many spans each has.  `pieces`: those of a track
 * that stand one behind the other, of one name, layer and flow, taken for one. */
struct sum {
	sim_time ps;
	int64_t ns;
	int64_t spans, pieces;
	int64_t in_file;
};

/* A track's last work. */
struct work_told {
	sim_time end;
	const char *layer, *name; /* layer NULL: what follows does not go on with it */
	sim_flow flow;
};

/* A counter's values: how many, a sum of them in their order, one of their dates (ns). */
struct counted {
	uint64_t n, values, dates;
};

struct heard {
	struct sim_sink sink;
	struct sim *sim;
	GHashTable *counters; /* track's number -> struct counted */
	GHashTable *sums;     /* "server: tcp_sendmsg" -> struct sum */
	sim_time bus, bus_account;
	GHashTable *last;  /* track -> struct work_told */
	GHashTable *flows; /* those that lead somewhere else */
	bool overlap;
};

static struct sum *sum_of(GHashTable *sums, const char *place, const char *name) {
	g_autofree char *key = g_strconcat(place, ": ", name, NULL);
	struct sum *sum = g_hash_table_lookup(sums, key);

	if (!sum) {
		sum = g_new0(struct sum, 1);
		g_hash_table_insert(sums, g_steal_pointer(&key), sum);
	}
	return sum;
}

static void note_flow(struct heard *heard, sim_flow flow) {
	if (flow && sim_flow_kind(flow) != SIM_FLOW_CALL)
		g_hash_table_add(heard->flows, g_memdup2(&flow, sizeof flow));
}

static void hear(void *arg, const struct sim_track *track, const char *layer, const char *name,
                 sim_time start, sim_time end, sim_flow flow) {
	struct heard *heard = arg;
	struct work_told *last = g_hash_table_lookup(heard->last, track);
	const struct sim_track *root = track;
	struct sum *sum;

	note_flow(heard, flow);
	while (root->parent)
		root = root->parent;
	if (!layer)
		return;
	if (!last) {
		last = g_new0(struct work_told, 1);
		g_hash_table_insert(heard->last, (void *)track, last);
	}
	heard->overlap |= start < last->end;
	sum = sum_of(heard->sums, root->name, name);
	sum->ps += end - start;
	sum->spans++;
	sum->pieces += !(last->end == start && last->layer == layer && last->name == name &&
	                 last->flow == flow);
	*last = (struct work_told){end, layer, name, flow};
	if (g_str_equal(root->name, "pci0"))
		heard->bus += end - start;
}

static void begins_or_ends(struct heard *heard, const struct sim_track *track) {
	struct work_told *last = g_hash_table_lookup(heard->last, track);

	if (last)
		last->layer = NULL;
}

static void hear_begin(void *arg, const struct sim_track *track, const char *name, sim_time start,
                       sim_flow flow) {
	(void)name;
	(void)start;
	note_flow(arg, flow);
	begins_or_ends(arg, track);
}

static void hear_end(void *arg, const struct sim_track *track, sim_time start, sim_time end) {
	(void)start;
	(void)end;
	begins_or_ends(arg, track);
}

static void hear_mark(void *arg, const struct sim_track *track, const char *name, sim_time when,
                      sim_flow flow) {
	(void)track;
	(void)name;
	(void)when;
	note_flow(arg, flow);
}

static void count(GHashTable *counters, uint64_t track, uint64_t ns, int64_t value) {
	gpointer key = GUINT_TO_POINTER((guint)track);
	struct counted *c = g_hash_table_lookup(counters, key);

	if (!c) {
		c = g_new0(struct counted, 1);
		g_hash_table_insert(counters, key, c);
	}
	c->n++;
	c->values = c->values * 31 + (uint64_t)value;
	c->dates += ns;
}

static void hear_count(void *arg, const struct sim_track *track, sim_time when, int64_t value) {
	const struct heard *heard = arg;

	count(heard->counters, track->nr, (uint64_t)when / SIM_NS, value);
}

static void listen_to(struct world *world, void *arg) {
	struct heard *heard = arg;

	heard->sim = world->sim;
	heard->sink = (struct sim_sink){.span = hear,
	                                .begin = hear_begin,
	                                .end = hear_end,
	                                .mark = hear_mark,
	                                .count = hear_count,
	                                .arg = heard};
	sim_sink_add(world->sim, &heard->sink);
}

static void note_bus(struct world *world, struct measures *m, void *arg) {
	struct heard *heard = arg;
	const struct group *bus = scenario_nth(world->sc, &kind_pci, 0);

	(void)m;
	heard->bus_account = bus->kind->busy(bus);
	/* What a machine that is taken down does is no part of the run. */
	sim_sink_remove(world->sim, &heard->sink);
}

/* --- runs --------------------------------------------------------------------------------------- */

static const struct {
	const char *name, *experiment, *config, *sets[6];
} runs[] = {
	{"send on a card",
         "table1",
         "offload_sop",
         {"bench.repetitions=2", "bench.sends=40", "scenario.warmup=0s"}},
	{"send on a NIC",
         "table1",
         "leg_sop",
         {"bench.repetitions=2", "bench.sends=40", "scenario.warmup=0s"}},
	{"web on a card",
         "fig5",
         "offload_sop",
         {"clients.offered=700/s", "clients.ramp=50ms", "scenario.warmup=0s",
          "scenario.duration=150ms"}},
	{"web on a NIC",
         "fig5",
         "leg_sop",
         {"clients.offered=700/s", "clients.ramp=50ms", "scenario.warmup=0s",
          "scenario.duration=150ms"}},
};

static char *dir;

static char *file_in(const char *name) { return g_build_filename(dir, name, NULL); }

/* The run with a trace at `path`. */
static struct measures *run_traced(unsigned i, const char *path, uint64_t limit, const char *pcap,
                                   struct heard *heard) {
	g_autoptr(GError) error = NULL;
	g_autofree char *paper = g_build_filename(SCENARIOS, "paper.ini", NULL);
	struct text *base = text_load(paper, &error);
	struct plan *plan = plan_of(base, (char **)runs[i].sets, "", NULL, false, 1, &error);
	struct text *text = plan_text(plan, runs[i].experiment, runs[i].config, &error);
	struct run_spec *spec = run_spec_new("trace", text, 1);
	struct measures *m;
	int why = 0;

	ck_assert(plan_load(plan, runs[i].experiment, 0, text, &error));
	if (heard) {
		heard->sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
		heard->last = g_hash_table_new_full(NULL, NULL, NULL, g_free);
		heard->counters = g_hash_table_new_full(NULL, NULL, NULL, g_free);
		heard->flows = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
		spec->before = listen_to;
		spec->after = note_bus;
		spec->arg = heard;
	}
	spec->pcap = pcap;
	spec->trace = trace_file_open(path, limit, &why);
	ck_assert_int_eq(why, 0);
	m = run_here(spec, &error);
	ck_assert_msg(m, "%s", error ? error->message : "");
	ck_assert_int_eq(trace_file_keep(spec->trace), 0);
	trace_file_close(spec->trace);
	run_spec_free(spec);
	text_free(text);
	plan_free(plan);
	text_free(base);
	return m;
}

/* --- sums --------------------------------------------------------------------------------------- */

/* Every account is the sum of its spans, and no span is without one. */
static void check_accounts(const struct measures *m, GHashTable *sums) {
	unsigned compared = 0;

	for (guint i = 0; i < m->list->len; i++) {
		const struct measure *measure = &g_array_index(m->list, struct measure, i);
		const char *cost = strstr(measure->name, ".cost."), *name;
		g_autofree char *place = NULL, *word = NULL;

		if (!cost || !g_str_has_suffix(measure->name, ".us"))
			continue;
		name = cost + strlen(".cost.");
		place = g_strndup(measure->name, (gsize)(cost - measure->name));
		word = g_strndup(name, strlen(name) - strlen(".us"));
		ck_assert_int_eq((sim_time)llround(measure->value * 1e6),
		                 sum_of(sums, place, word)->ps);
		compared++;
	}
	ck_assert_uint_gt(compared, 10);
}

static void check_file_sums(struct reader *r, GHashTable *sums) {
	GHashTable *open = g_hash_table_new(NULL, NULL); /* track -> index + 1 of its open work */
	int64_t spans = 0, pieces = 0, in_file = 0;
	GHashTableIter iter;
	gpointer key, value;

	for (guint i = 0; i < r->events->len; i++) {
		const struct event *e = &g_array_index(r->events, struct event, i), *begin;
		gpointer track = GUINT_TO_POINTER((guint)e->track);
		guint at = GPOINTER_TO_UINT(g_hash_table_lookup(open, track));
		g_autofree char *root = NULL;
		const char *path;
		struct sum *sum;

		if (e->type == BEGIN && e->layer)
			g_hash_table_insert(open, track, GUINT_TO_POINTER(i + 1));
		if (e->type != END || !at)
			continue;
		begin = &g_array_index(r->events, struct event, at - 1);
		path = track_path(r, e->track);
		root = g_strndup(path, strcspn(path, "/"));
		sum = sum_of(sums, root, event_name(r, begin));
		sum->ns += (int64_t)(e->when - begin->when);
		sum->in_file++;
		g_hash_table_remove(open, track);
	}
	g_hash_table_iter_init(&iter, sums);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const struct sum *sum = value;
		sim_time off = sum->ns * SIM_NS - sum->ps;
		g_autofree char *exact = g_strconcat(key, ", ps", NULL);
		const int64_t *ps = g_hash_table_lookup(r->sums, exact);

		ck_assert_msg(sum->in_file >= sum->pieces, "%s: %d spans are missing", (char *)key,
		              (int)(sum->pieces - sum->in_file));
		ck_assert_int_le(sum->in_file, sum->spans);
		spans += sum->spans;
		pieces += sum->pieces;
		in_file += sum->in_file;
		/* Both ends are cut to nanoseconds: a span is off by less than one. */
		ck_assert_int_le(llabs(off), sum->spans * SIM_NS);
		/* What it says besides is exact. */
		ck_assert_msg((ps ? *ps : 0) == sum->ps, "%s: not its exact sum", exact);
	}
	/* All but what a window's end keeps apart. */
	ck_assert_int_lt(pieces, spans);
	ck_assert_int_le(in_file - pieces, (spans - pieces) / 50);
	g_hash_table_unref(open);
}

/* Each counter has all its values, at their dates. */
static void check_counters(struct reader *r, GHashTable *told) {
	GHashTable *met = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	GHashTableIter iter;
	gpointer key, value;

	for (guint i = 0; i < r->events->len; i++) {
		const struct event *e = &g_array_index(r->events, struct event, i);

		if (e->type == COUNT)
			count(met, e->track, e->when, e->value);
	}
	ck_assert_uint_gt(g_hash_table_size(told), 1);
	ck_assert_uint_eq(g_hash_table_size(met), g_hash_table_size(told));
	g_hash_table_iter_init(&iter, told);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const struct counted *c = g_hash_table_lookup(met, key);

		ck_assert_msg(c && !memcmp(c, value, sizeof *c), "%s: not all its values",
		              track_path(r, GPOINTER_TO_UINT(key)));
	}
	g_hash_table_unref(met);
}

/* No two flows have become one, none was lost. */
static void check_flow_numbers(struct reader *r, GHashTable *told) {
	GHashTable *met = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (guint i = 0; i < r->events->len; i++) {
		struct event *e = &g_array_index(r->events, struct event, i);

		if (e->flow)
			g_hash_table_add(met, &e->flow);
	}
	ck_assert_uint_eq(g_hash_table_size(met), g_hash_table_size(told));
	g_hash_table_unref(met);
}

START_TEST(sums_are_those_of_the_accounts) {
	g_autofree char *path = file_in("a.pftrace");
	struct heard heard = {.bus = 0};
	struct measures *m = run_traced((unsigned)_i, path, TRACE_LIMIT, NULL, &heard);
	struct reader *r = reader_new(path);

	ck_assert(!heard.overlap);
	check_accounts(m, heard.sums);
	ck_assert_int_eq(heard.bus, heard.bus_account);
	check_file_sums(r, heard.sums);
	check_counters(r, heard.counters);
	check_flow_numbers(r, heard.flows);
	reader_free(r);
	measures_free(m);
}
END_TEST

/* --- shape -------------------------------------------------------------------------------------- */

/* By what a flow of each kind may begin. */
static bool is_source(const char *name, unsigned kind) {
	static const char *const sources[] = {
		[SIM_FLOW_COMMAND] = " command ",
		[SIM_FLOW_WAKE] = " wake-up ",
		[SIM_FLOW_FRAME] =
			" send frame tx_segment tx_ack control other sent SYN data ACK FIN ARP RST UDP ICMP ",
	};
	char word[64];

	g_snprintf(word, sizeof word, " %s ", name);
	return kind < G_N_ELEMENTS(sources) && sources[kind] &&
	       (strstr(sources[kind], word) || strstr(name, ", FIN") || strstr(name, "SYN"));
}

static void check_flows(struct reader *r, unsigned *kinds) {
	GHashTable *seen = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (guint i = 0; i < r->events->len; i++) {
		struct event *e = &g_array_index(r->events, struct event, i);
		bool first = e->flow && g_hash_table_add(seen, &e->flow);

		if (e->flow && !first)
			kinds[e->flow >> 56]++;
		if (first && !is_source(event_name(r, e), (unsigned)(e->flow >> 56)))
			ck_abort_msg("flow %" PRIx64 " begins with %s at %" PRIu64 " ns", e->flow,
			             event_name(r, e), e->when);
	}
	g_hash_table_unref(seen);
}

START_TEST(spans_nest_and_flows_have_sources) {
	g_autofree char *path = file_in("b.pftrace");
	struct measures *m = run_traced((unsigned)_i, path, TRACE_LIMIT, NULL, NULL);
	struct reader *r = reader_new(path);
	unsigned kinds[SIM_FLOWS] = {0};

	check_nesting(r);
	check_flows(r, kinds);
	ck_assert_uint_gt(r->riding, 10);
	ck_assert_uint_gt(kinds[SIM_FLOW_FRAME], 10);
	ck_assert_uint_gt(kinds[SIM_FLOW_WAKE], 2);
	if (strstr(runs[_i].name, "card"))
		ck_assert_uint_gt(kinds[SIM_FLOW_COMMAND], 40);
	reader_free(r);
	measures_free(m);
}
END_TEST

/* --- one clock ---------------------------------------------------------------------------------- */

/* The dates of a capture's frames, in ns. */
static GArray *capture_dates(const char *path) {
	GArray *dates = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	char *contents;
	gsize length;

	ck_assert(g_file_get_contents(path, &contents, &length, NULL));
	for (gsize at = 24; at + 16 <= length;) {
		uint32_t head[4];
		uint64_t when;

		memcpy(head, contents + at, sizeof head);
		when = head[0] * UINT64_C(1000000000) + head[1];
		g_array_append_val(dates, when);
		at += 16 + head[2];
	}
	g_free(contents);
	return dates;
}

/* What the trace shows of the wire of `place`, as sent or seen there. */
static GHashTable *wire_dates(struct reader *r, const char *place) {
	GHashTable *dates = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autofree char *sends = g_strconcat("/", place, " -> ", NULL);
	g_autofree char *sees = g_strconcat(" -> ", place, NULL);

	for (guint i = 0; i < r->events->len; i++) {
		struct event *e = &g_array_index(r->events, struct event, i);
		const char *path = track_path(r, e->track);

		if ((strstr(path, sends) && (e->type == BEGIN || e->type == MARK)) ||
		    (strstr(path, sees) && e->type == MARK))
			g_hash_table_add(dates, &e->when);
	}
	return dates;
}

START_TEST(captures_have_the_same_dates) {
	g_autofree char *path = file_in("c.pftrace"), *pcap = file_in("toe0.pcap");
	struct measures *m = run_traced(0, path, TRACE_LIMIT, dir, NULL);
	struct reader *r = reader_new(path);
	GHashTable *shown = wire_dates(r, "toe0");
	GArray *dates;

	ck_assert(world_capture_keep(dir, NULL));
	dates = capture_dates(pcap);
	ck_assert_uint_gt(dates->len, 10);
	for (guint i = 0; i < dates->len; i++)
		ck_assert_msg(g_hash_table_contains(shown, &g_array_index(dates, uint64_t, i)),
		              "frame %u of the capture is not in the trace", i + 1);
	g_array_unref(dates);
	g_hash_table_unref(shown);
	reader_free(r);
	measures_free(m);
}
END_TEST

/* --- files -------------------------------------------------------------------------------------- */

START_TEST(the_limit_ends_a_trace_and_not_the_run) {
	g_autofree char *path = file_in("d.pftrace");
	struct measures *m = run_traced(0, path, 100, NULL, NULL);
	struct reader *r = reader_new(path);
	unsigned begun = 0;

	for (guint i = 0; i < r->events->len; i++)
		begun += g_array_index(r->events, struct event, i).type == BEGIN;
	ck_assert_uint_eq(begun, 100);
	check_nesting(r);
	ck_assert(measures_get(m, "sim.run_events") > 100);
	reader_free(r);
	measures_free(m);
}
END_TEST

static void setup(void) { dir = scratch_new(); }

static void teardown(void) { scratch_remove(dir); }

int main(void) {
	Suite *suite = suite_create("trace");
	TCase *tc = tcase_create("trace");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, sums_are_those_of_the_accounts, 0, G_N_ELEMENTS(runs));
	tcase_add_loop_test(tc, spans_nest_and_flows_have_sources, 0, G_N_ELEMENTS(runs));
	tcase_add_test(tc, captures_have_the_same_dates);
	tcase_add_test(tc, the_limit_ends_a_trace_and_not_the_run);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
