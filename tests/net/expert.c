/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "expert.h"

#include <check.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

/* --- tshark ----------------------------------------------------------------------------------- */

/* What it says about each frame; the order of enum column. */
static const char *const columns[] = {
	"ip.src",
	"tcp.stream",
	"tcp.seq",
	"tcp.ack",
	"tcp.len",
	"tcp.window_size",
	"tcp.flags",
	"tcp.checksum.status",
	"ip.checksum.status",
	"_ws.malformed",
	"tcp.analysis.ack_lost_segment",
	"tcp.analysis.lost_segment",
	/* all that lies below the highest number seen */
	"tcp.analysis.retransmission",
	"tcp.analysis.fast_retransmission",
	"tcp.analysis.spurious_retransmission",
	"tcp.analysis.out_of_order",
	"_ws.expert.severity",
};
enum column {
	SOURCE,
	STREAM,
	SEQ,
	ACK_OF,
	LEN,
	WINDOW,
	FLAGS,
	TCP_SUM,
	IP_SUM,
	MALFORMED,
	UNSEEN,
	LOST,
	AGAIN,
	FAST,
	SPURIOUS,
	DISORDER,
	SEVERITY,
	COLUMNS,
};
enum { SYN_FIN = 3 };
_Static_assert(COLUMNS == G_N_ELEMENTS(columns), "columns");

struct verdict {
	unsigned frames, malformed, bad_sums, unseen, early, lost, beyond, errors;
	unsigned again; /* of the sender's */
};

static char *run_tshark(const char *path) {
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	static const char *const fixed[] = {"tshark", "-r",
	                                    NULL,     "-2",
	                                    "-o",     "tcp.check_checksum:TRUE",
	                                    "-o",     "ip.check_checksum:TRUE",
	                                    "-T",     "fields",
	                                    "-E",     "separator=;",
	                                    "-E",     "occurrence=f"};
	/* Its memory is not under test: filling all that it allocates would take as long as its work. */
	g_auto(GStrv) env = g_environ_unsetenv(g_get_environ(), "MALLOC_PERTURB_");
	g_autofree char *err = NULL;
	char *out = NULL;
	int status = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		g_ptr_array_add(argv, fixed[i] ? (char *)fixed[i] : (char *)path);
	for (size_t i = 0; i < COLUMNS; i++) {
		g_ptr_array_add(argv, (char *)"-e");
		g_ptr_array_add(argv, (char *)columns[i]);
	}
	g_ptr_array_add(argv, NULL);
	ck_assert(g_spawn_sync(NULL, (char **)argv->pdata, env, G_SPAWN_SEARCH_PATH, NULL, NULL,
	                       &out, &err, &status, NULL));
	ck_assert_msg(status == 0, "tshark: %s", err);
	return out;
}

static uint32_t number(char **cell, enum column c) {
	return (uint32_t)g_ascii_strtoull(cell[c], NULL, 0);
}

/* Of a stream, what each side may not pass: [0] the sender. */
struct bounds {
	uint32_t edge[2]; /* of the window that the other side gave it; 0: none yet */
	uint32_t seen[2]; /* of what it sent, as far as it came by */
};

static void judge_numbers(struct verdict *v, GArray *streams, char **cell, bool sender) {
	unsigned me = sender ? 0 : 1, other = 1 - me;
	uint32_t stream = number(cell, STREAM);
	uint32_t end =
		number(cell, SEQ) + number(cell, LEN) + (number(cell, FLAGS) & SYN_FIN ? 1 : 0);

	if (streams->len <= stream)
		g_array_set_size(streams, stream + 1);
	struct bounds *b = &g_array_index(streams, struct bounds, stream);
	if (number(cell, LEN) && b->edge[me])
		v->beyond += number(cell, SEQ) + number(cell, LEN) > b->edge[me];
	b->edge[other] = MAX(b->edge[other], number(cell, ACK_OF) + number(cell, WINDOW));
	b->seen[me] = MAX(b->seen[me], end);
	v->early += number(cell, ACK_OF) > b->seen[other];
}

static void judge_frame(struct verdict *v, GArray *streams, char **cell, const char *source) {
	bool sender = strcmp(cell[SOURCE], source) == 0;

	v->frames++;
	v->malformed += cell[MALFORMED][0] != 0;
	if (!cell[STREAM][0])
		return;
	/* 1: good */
	v->bad_sums += strcmp(cell[TCP_SUM], "1") != 0 || strcmp(cell[IP_SUM], "1") != 0;
	/* What the other side sent may have been lost before it came by: then tshark takes what
	 * comes again for known and its ACK for one of nothing.  judge_numbers() knows. */
	v->unseen += !sender && cell[UNSEEN][0];
	v->lost += sender && cell[LOST][0];
	v->again += sender &&
	            (cell[AGAIN][0] || cell[FAST][0] || cell[SPURIOUS][0] || cell[DISORDER][0]);
	v->errors += number(cell, SEVERITY) >= 8388608; /* PI_ERROR */
	judge_numbers(v, streams, cell, sender);
}

static struct verdict ask_tshark(const char *path, const char *source) {
	g_autofree char *out = run_tshark(path);
	g_auto(GStrv) lines = g_strsplit(out, "\n", -1);
	g_autoptr(GArray) streams = g_array_new(FALSE, TRUE, sizeof(struct bounds));
	struct verdict v = {0};

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) cell = g_strsplit(*line, ";", -1);

		if (g_strv_length(cell) == COLUMNS)
			judge_frame(&v, streams, cell, source);
	}
	return v;
}

void expert_judge(const char *path, const char *what, const char *source,
                  const struct net_counters *sender) {
	struct verdict v = ask_tshark(path, source);
	uint64_t again = sender->tcp_retransmits + sender->tcp_syn_retransmits;

	printf("%s: %u frames; retransmissions: engine %u, tshark %u\n", what, v.frames,
	       (unsigned)again, v.again);
	ck_assert_uint_gt(v.frames, 0);
	ck_assert_uint_eq(v.malformed, 0);
	ck_assert_uint_eq(v.bad_sums, 0);
	ck_assert_uint_eq(v.unseen, 0);
	ck_assert_uint_eq(v.early, 0);
	ck_assert_uint_eq(v.lost, 0);
	ck_assert_uint_eq(v.beyond, 0);
	ck_assert_uint_eq(v.errors, 0);
	ck_assert_uint_eq(v.again, again);
}

bool expert_missing(void) {
	g_autofree char *tshark = g_find_program_in_path("tshark");

	if (!tshark)
		printf("skipped: no tshark\n");
	return !tshark;
}
