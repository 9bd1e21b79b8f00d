/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Captures under the eyes of tshark: nothing malformed, no bad checksum, no ACK of what was not
 * seen, nothing sent beyond the window, and as many retransmissions as the engine counts.  Skipped
 * (exit status 77) where there is no tshark.
 */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/capture.h"
#include "run_suite.h"
#include "transfer.h"

enum { SENDER = 0, MANY = 40 };

static struct sim *sim;
static struct net_params params;
static char *dir, *path;
static bool near_wrap;

static void near_wrap_on(void) { near_wrap = true; }

static void world_up(void) {
	sim = sim_new(1);
	ck_assert(net_params_preset(&params, "linux-2.4"));
	if (near_wrap)
		begin_near_wrap(&params, 1000);
	dir = g_dir_make_tmp("expert-XXXXXX", NULL);
	path = g_build_filename(dir, "sender.pcap", NULL);
}

static void world_down(void) {
	sim_free(sim);
	frame_pool_drain();
	g_unlink(path);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
}

/* --- tshark ----------------------------------------------------------------------------------- */

/* What it says about each frame; the order of enum column. */
static const char *const columns[] = {
	"ip.src", "tcp.stream", "tcp.seq", "tcp.ack", "tcp.len", "tcp.window_size",
	"tcp.checksum.status", "ip.checksum.status", "_ws.malformed",
	"tcp.analysis.ack_lost_segment", "tcp.analysis.lost_segment",
	/* all that lies below the highest number seen */
	"tcp.analysis.retransmission", "tcp.analysis.fast_retransmission",
	"tcp.analysis.spurious_retransmission", "tcp.analysis.out_of_order", "_ws.expert.severity",
};
enum column {
	SOURCE, STREAM, SEQ, ACK_OF, LEN, WINDOW, TCP_SUM, IP_SUM, MALFORMED, UNSEEN, LOST,
	AGAIN, FAST, SPURIOUS, DISORDER, SEVERITY, COLUMNS,
};
_Static_assert(COLUMNS == G_N_ELEMENTS(columns), "columns");

struct verdict {
	unsigned frames, malformed, bad_sums, unseen, lost, beyond, errors;
	unsigned again; /* of the sender's */
};

static char *run_tshark(void) {
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	static const char *const fixed[] = {
		"tshark", "-r", NULL, "-2", "-o", "tcp.check_checksum:TRUE", "-o",
		"ip.check_checksum:TRUE", "-T", "fields", "-E", "separator=;", "-E", "occurrence=f"};
	g_autofree char *err = NULL;
	char *out = NULL;
	int status = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		g_ptr_array_add(argv, fixed[i] ? (char *)fixed[i] : path);
	for (size_t i = 0; i < COLUMNS; i++) {
		g_ptr_array_add(argv, (char *)"-e");
		g_ptr_array_add(argv, (char *)columns[i]);
	}
	g_ptr_array_add(argv, NULL);
	ck_assert(g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
	                       &out, &err, &status, NULL));
	ck_assert_msg(status == 0, "tshark: %s", err);
	return out;
}

static uint32_t number(char **cell, enum column c) {
	return (uint32_t)g_ascii_strtoull(cell[c], NULL, 10);
}

/* The windows' right edges, of what the receiver said so far; by stream. */
static void judge_window(struct verdict *v, GArray *edges, char **cell, bool sender) {
	uint32_t stream = number(cell, STREAM), *edge;

	if (edges->len <= stream)
		g_array_set_size(edges, stream + 1);
	edge = &g_array_index(edges, uint32_t, stream);
	if (!sender)
		*edge = MAX(*edge, number(cell, ACK_OF) + number(cell, WINDOW));
	else if (number(cell, LEN) && *edge)
		v->beyond += number(cell, SEQ) + number(cell, LEN) > *edge;
}

static void judge_frame(struct verdict *v, GArray *edges, char **cell) {
	bool sender = strcmp(cell[SOURCE], "10.0.0.1") == 0;

	v->frames++;
	v->malformed += cell[MALFORMED][0] != 0;
	if (!cell[STREAM][0])
		return;
	/* 1: good */
	v->bad_sums += strcmp(cell[TCP_SUM], "1") != 0 || strcmp(cell[IP_SUM], "1") != 0;
	v->unseen += cell[UNSEEN][0] != 0;
	v->lost += sender && cell[LOST][0];
	v->again += sender && (cell[AGAIN][0] || cell[FAST][0] || cell[SPURIOUS][0] ||
	                       cell[DISORDER][0]);
	v->errors += number(cell, SEVERITY) >= 8388608; /* PI_ERROR */
	judge_window(v, edges, cell, sender);
}

static struct verdict ask_tshark(void) {
	g_autofree char *out = run_tshark();
	g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
	g_autoptr(GArray) edges = g_array_new(FALSE, TRUE, sizeof(uint32_t));
	struct verdict v = {0};

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) cell = g_strsplit(*line, ";", -1);

		if (g_strv_length(cell) == COLUMNS)
			judge_frame(&v, edges, cell);
	}
	return v;
}

static void judge(const char *what, const struct net_counters *sender) {
	struct verdict v = ask_tshark();
	uint64_t again = sender->tcp_retransmits + sender->tcp_syn_retransmits;

	printf("%s: %u frames; retransmissions: engine %u, tshark %u\n", what, v.frames,
	       (unsigned)again, v.again);
	ck_assert_uint_gt(v.frames, 0);
	ck_assert_uint_eq(v.malformed, 0);
	ck_assert_uint_eq(v.bad_sums, 0);
	ck_assert_uint_eq(v.unseen, 0);
	ck_assert_uint_eq(v.lost, 0);
	ck_assert_uint_eq(v.beyond, 0);
	ck_assert_uint_eq(v.errors, 0);
	ck_assert_uint_eq(v.again, again);
}

/* --- transfers -------------------------------------------------------------------------------- */

static struct capture *capture(const struct transfer *t) {
	struct capture *c = capture_new(sim, link_port(t->link, SENDER), path, NULL);

	ck_assert_ptr_nonnull(c);
	return c;
}

static void resume(void *arg) { transfer_resume(arg); }

static const struct scene {
	const char *what;
	struct fault_conf fault;
	bool sack, paused;
} scenes[] = {
	{.what = "clean", .sack = true},
	{.what = "clean without SACK"},
	{.what = "1 % loss", .fault = {.loss = 0.01}, .sack = true},
	{.what = "1 % loss without SACK", .fault = {.loss = 0.01}},
	{.what = "bursts of loss",
	 .fault = {.burst_loss = 0.5, .burst_enter = 0.005, .burst_leave = 0.2},
	 .sack = true},
	{.what = "reordering",
	 .fault = {.reorder = 0.02, .reorder_delay = 300 * SIM_US},
	 .sack = true},
	{.what = "duplicates", .fault = {.duplicate = 0.05}, .sack = true},
	{.what = "zero window", .sack = true, .paused = true},
};

START_TEST(one_transfer) {
	const struct scene *scene = &scenes[_i];
	const struct link_conf wire = {.name = scene->what,
	                               .bits_per_s = 100000000,
	                               .propagation = SIM_MS,
	                               .fault = {scene->fault, {0}}};
	struct transfer t;

	params.sack = scene->sack;
	params.timestamps = scene->sack;
	transfer_up(&t, sim, &wire, &params, 3000000, 0);
	t.paused = scene->paused;
	if (scene->paused)
		sim_call_at(sim, 30 * SIM_S, resume, &t);
	struct capture *c = capture(&t);
	sim_run(sim, 3600 * SIM_S);
	ck_assert(capture_close(c, NULL));
	ck_assert_uint_eq(t.received, t.bytes);
	ck_assert_uint_eq(t.wrong + t.errors, 0);
	if (scene->paused)
		ck_assert_uint_gt(transfer_counters(&t, 0)->tcp_window_probes, 0);
	judge(scene->what, transfer_counters(&t, 0));
	transfer_down(&t);
}
END_TEST

START_TEST(many_connections) {
	const struct link_conf wire = {.name = "many",
	                               .bits_per_s = 100000000,
	                               .propagation = SIM_MS,
	                               .fault = {{.loss = 0.01}, {.loss = 0.01}}};
	static struct transfer t[MANY];

	transfer_up(&t[0], sim, &wire, &params, 50000, 0);
	for (unsigned i = 1; i < MANY; i++)
		transfer_between(&t[i], sim, t[0].peer[0], t[0].peer[1], (uint16_t)(6000 + i), 50000,
		                 i * SIM_MS);
	struct capture *c = capture(&t[0]);
	sim_run(sim, 3600 * SIM_S);
	ck_assert(capture_close(c, NULL));
	for (unsigned i = 0; i < MANY; i++) {
		ck_assert_uint_eq(t[i].received, t[i].bytes);
		ck_assert_uint_eq(t[i].wrong + t[i].errors, 0);
	}
	judge("many connections", transfer_counters(&t[0], 0));
	transfer_down(&t[0]);
}
END_TEST

static void fill(TCase *tc) {
	tcase_add_checked_fixture(tc, world_up, world_down);
	tcase_add_loop_test(tc, one_transfer, 0, G_N_ELEMENTS(scenes));
	tcase_add_test(tc, many_connections);
}

int main(void) {
	Suite *suite = suite_create("expert");
	g_autofree char *tshark = g_find_program_in_path("tshark");

	if (!tshark) {
		printf("skipped: no tshark\n");
		return 77;
	}
	add_both_ways(suite, "captures", near_wrap_on, NULL, fill);
	return run_suite(suite);
}
