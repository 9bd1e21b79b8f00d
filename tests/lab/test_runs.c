/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small runs of each kind of group, in this process: what they measure follows from what their
 * scenario says, since no call and no firmware costs anything.
 */
#include <check.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "captured.h"
#include "lab/campaign/run.h"
#include "lab/campaign/watch.h"
#include "lab/kinds/kinds.h"
#include "lab/world/captures.h"
#include "lab/world/verdict.h"
#include "run_suite.h"

/* A server with a card of either sort, a peer behind each, on wires of 100 Mbit/s and 1 us. */
#define MACHINE                                                                                \
	"[server]\ntype = host\n[pci0]\ntype = pci\n"                                          \
	"[eth0]\ntype = nic\naddress = 10.0.0.1/24\n[c]\ntype = peer\naddress = 10.0.0.2/24\n" \
	"[lan]\ntype = network\nmembers = eth0, c\nrate = 100Mbit/s\npropagation = 1us\n"
#define CARD                                                                                   \
	"[toe0]\ntype = toe\naddress = 10.0.1.1/24\n[d]\ntype = peer\naddress = 10.0.1.2/24\n" \
	"[lan1]\ntype = network\nmembers = toe0, d\n"
#define SOP "[sop]\ntype = sop\n"
#define WEB "[web]\ntype = web\n[page]\ntype = fileset\npath = /p.html\nsize = 20000B\n"

static struct scenario *last; /* what was run */

static struct text *text_of(const char *says) {
	g_autoptr(GString) bytes = g_string_new(says);
	g_autoptr(GError) error = NULL;
	struct text *text = text_parse(bytes, "a.ini", &error);

	ck_assert_msg(text, "%s", error ? error->message : "");
	return text;
}

static struct measures *run_text(const char *head, const char *says, GError **error) {
	g_autofree char *all = g_strconcat("[scenario]\n", head, says, NULL);
	struct text *text = text_of(all);
	struct run_spec *spec = run_spec_new("test", text, 1);
	struct measures *m = run_here(spec, error);

	last = scenario_new(text, NULL);
	run_spec_free(spec);
	text_free(text);
	return m;
}

static struct measures *run(const char *head, const char *says) {
	g_autoptr(GError) error = NULL;
	struct measures *m = run_text(head, says, &error);

	ck_assert_msg(m, "%s", error ? error->message : "");
	return m;
}

/* "f.done=1 f.bytes>0": all of them. */
static void holds(const struct measures *m, const char *claims) {
	g_auto(GStrv) words = g_strsplit(claims, " ", -1);

	for (char **word = words; *word; word++) {
		size_t n = strcspn(*word, "=<>");
		g_autofree char *name = g_strndup(*word, n);
		double have = measures_get(m, name), want = g_ascii_strtod(*word + n + 1, NULL);
		bool good = (*word)[n] == '='   ? fabs(have - want) <= 1e-9 * fabs(want)
		            : (*word)[n] == '<' ? have < want
		                                : have > want;

		ck_assert_msg(good, "%s, but it is %.12g", *word, have);
	}
}

/* Each with what must be, and a reason why it is none to rely on (NULL: there is none). */
static const struct {
	const char *head, *says, *measures, *reason; /* head: of [scenario] */
} runs[] = {
	{"", MACHINE WEB "[f]\ntype = fetch\npeer = c\ntarget = eth0\nfileset = page\ntimes = 3\n",
         "f.done=3 f.failed=0 f.bytes=60000 f.wrong_bytes=0 f.status=200 f.unfinished=0 web.requests=3 "
         "web.body_bytes=60000 web.accepted=3 web.not_found=0 web.error=0 sim.unfinished=0",
         NULL},
	{"", MACHINE WEB "[f]\ntype = fetch\npeer = c\ntarget = eth0\npath = /other.html\n",
         "f.status=404 web.not_found=1 web.requests=0 f.bytes=0",
         "[f] 1 of 1 failed: the server answered with status 404"},
	{"", MACHINE "[f]\ntype = fetch\npeer = c\ntarget = eth0\npath = /p.html\nport = 81\n",
         "f.done=0 f.failed=1 f.error=-111 f.unfinished=0", "[f]"},
	{"",
         MACHINE WEB
         "[f]\ntype = fetch\npeer = c\ntarget = eth0\nfileset = page\nenabled = no\n"
         "[e]\ntype = fetch\npeer = c\ntarget = eth0\nfileset = page\nline_speed = 160kbit/s\n",
         /* 20,000 bytes at 20,000 a second, and the header's time */
         "e.done=1 e.bytes=20000 e.total_us>1000000 e.total_us<1050000", NULL},
	{"", MACHINE CARD SOP WEB "[f]\ntype = fetch\npeer = d\ntarget = toe0\nfileset = page\n",
         "f.done=1 f.bytes=20000 f.wrong_bytes=0 web.body_bytes=20000 sim.unfinished=0", NULL},
	{"",
         MACHINE
         "[web]\ntype = web\nmodel = prefork\nworkers = 2\nsendfile = yes\naccess_log = yes\n"
         "[page]\ntype = fileset\npath = /p.html\nsize = 20000B\n"
         "[f]\ntype = fetch\npeer = c\ntarget = eth0\nfileset = page\n",
         "f.done=1 f.bytes=20000 f.wrong_bytes=0 web.body_bytes=20000", NULL},
	{"",
         MACHINE
         "[program p]\ntext = {\n\ts = socket(stream)\n\tbind(s, 10.0.0.1:7) = 0\n\tlisten(s, 5) = 0\n"
         "\tc = accept(s)\n\tread(c, 100) = \"abcde\"\n\twrite(c, \"abcde\") = 5\n}\n"
         "[echo e]\npeer = c\ntarget = eth0\nport = 7\nbytes = 5B\n",
         "p.calls=6 p.failed=0 p.unfinished=0 e.connections=1 e.messages=1 e.answers=1 e.bytes=5 e.failed=0 "
         "e.answer_us>0 e.wrong_bytes=0",
         NULL},
	{"", MACHINE "[program p]\ntext = {\n\ts = socket(stream)\n\tlisten(s, 5) = 7\n}\n",
         "p.calls=2 p.checks=1 p.failed=1", "[program p] 1 expectation did not hold"},
	{"limit = 2s\n",
         MACHINE
         "[program p]\ntext = {\n\ts = socket(stream)\n\tbind(s, 10.0.0.1:7) = 0\n\tlisten(s, 5) = 0\n"
         "\tc = accept(s)\n}\n",
         "p.unfinished=1 p.cut_line=4 p.failed=1 sim.time_s=2 sim.unfinished=1",
         "the run was cut by scenario.limit = 2s: 1 program had not ended"},
	{"", MACHINE "[echo e]\npeer = c\ntarget = eth0\nport = 7\nexpect = refused\n",
         "e.connections=0 e.answers=0 e.failed=0 e.unfinished=0", NULL},
	{"", MACHINE "[echo e]\npeer = c\ntarget = eth0\nport = 7\n", "e.answers=0 e.failed>0",
         "[echo e]"},
	{"",
         MACHINE
         "[echo s]\npeer = c\nmode = udp-echo\nport = 9\n"
         "[program p]\ntext = {\n\ts = socket(dgram)\n\trepeat 3 {\n\t\tsendto(s, \"abc\", 10.0.0.2:9) = 3\n"
         "\t\trecvfrom(s, 99) = \"abc\"\n\t}\n}\n",
         "p.calls=7 p.failed=0 s.messages=3 s.bytes=9", NULL},
	{"", MACHINE "[run r]\nmachine = server\ncommand = ifconfig eth0\nat = 1ms\n",
         "r.failed=0 r.unfinished=0", NULL},
	{"duration = 10ms\n",
         MACHINE CARD SOP "[event off]\nat = 1ms\ndo = remove\ntarget = toe0\n"
                          "[event again]\nat = 2ms\ndo = insert\ntarget = toe0\nexpect = exists\n",
         "off.failed=0 again.failed=0 sim.window_s=0.01", NULL},
	{"duration = 10ms\n",
         MACHINE CARD SOP
         "[event off]\nat = 1ms\ndo = unload\ntarget = sop\n[event on]\nat = 2ms\ndo = load\n"
         "target = sop\n[event twice]\nat = 3ms\ndo = load\ntarget = sop\n",
         "off.failed=0 on.failed=0 twice.failed=1", "[event twice]"},
	{"duration = 10ms\n",
         MACHINE CARD SOP "[event slow]\nat = 1ms\ndo = slow\ntarget = toe0\nfactor = 2\n"
                          "[event fail]\nat = 2ms\ndo = fail\ntarget = toe0\n",
         "slow.failed=0 fail.failed=0", NULL},
	{"duration = 10ms\n",
         MACHINE
         "[toe0]\ntype = toe\nplugged = no\naddress = 10.0.1.1/24\n"
         "[d]\ntype = peer\naddress = 10.0.1.2/24\n[lan1]\ntype = network\nmembers = toe0, d\n" SOP
         "[event in]\nat = 1ms\ndo = insert\ntarget = toe0\n",
         "in.failed=0", NULL},
	{"",
         MACHINE CARD
         "[bench]\ntype = sendbench\npeer = d\nfamily = toe\nsends = 10\nrepetitions = 4\n"
         "message = 1000B\n",
         "bench.repetitions=4 bench.sunk_bytes>35000 bench.sunk_bytes<40001 bench.error=0 bench.latency_us>0",
         NULL},
	{"",
         MACHINE
         "[bench]\ntype = sendbench\npeer = c\nsends = 10\nrepetitions = 2\nmessage = 1000B\n",
         "bench.repetitions=2 bench.sunk_bytes>9999 bench.sunk_bytes<20001 bench.error=0", NULL},
	/* 800 kbit/s are 100,000 bytes a second, for each of three */
	{"warmup = 10s\nduration = 2s\n",
         MACHINE
         "[film]\ntype = streaming\npeers = c\ntargets = eth0\nrate = 800kbit/s\nchunk = 10ms\nviewers = 3\n",
         "film.playing=3 film.wrong_bytes=0 film.underruns=0 film.late_s=0 film.bytes=600000 sim.window_s=2 "
         "sim.time_s=12 sim.batches=20",
         NULL},
	{"warmup = 10s\nduration = 2s\n",
         MACHINE CARD SOP
         "[film]\ntype = streaming\npeers = c, d\ntargets = eth0, toe0\ngroup = 239.1.1.1\n"
         "rate = 800kbit/s\nchunk = 10ms\nviewers = 4\n",
         "film.playing=4 film.wrong_bytes=0 film.lost_bytes=0 film.underruns=0 film.bytes=800000",
         NULL},
	{"duration = 10s\nbatch = 2500ms\n",
         MACHINE WEB
         "[u]\ntype = poisson\npeers = c\ntargets = eth0\nfileset = page\nrate = 50/s\n",
         "u.failed=0 u.wrong_bytes=0 u.sent>400 u.sent<600 u.gap_us>18000 u.gap_us<22000 u.gap_cv>0.9 "
         "u.gap_cv<1.1 sim.batches=4 u.requests_ci95>0",
         NULL},
	{"duration = 4s\n",
         MACHINE
         "[u]\ntype = poisson\nsend = datagram\npeers = c\ntargets = eth0\nrate = 50/s\nsize = 100B\nport = 9\n"
         "[program p]\nbackground = yes\ntext = {\n\ts = socket(dgram)\n\tbind(s, 10.0.0.1:9) = 0\n"
         "\trepeat 100000 { recvfrom(s, 999) }\n}\n",
         "u.sent>150 u.sent<250 u.failed=0", NULL},
	{"warmup = 5s\nduration = 20s\n",
         MACHINE
         "[web]\ntype = web\n[files]\ntype = fileset\n[w]\ntype = specweb\npeers = c\ntargets = eth0\n"
         "connections = 5\ndirectories = 2\n",
         "w.errors=0 w.connections=5 w.completed>1 sim.time_s=25", NULL},
	{"",
         MACHINE
         "[oplat]\ntype = oplat\npeer = c\ntarget = eth0\nrounds = 3\nexchanges = 10\nidle = 10ms\n",
         "oplat.error=0 oplat.exchange_us>2 oplat.idle_cpu<0.1", NULL},
};

START_TEST(runs_measure) {
	struct measures *m = run(runs[_i].head, runs[_i].says);
	GPtrArray *reasons;

	holds(m, runs[_i].measures);
	reasons = verdict_reasons(last, m);
	ck_assert_msg(!reasons->len == !runs[_i].reason, "%s",
	              reasons->len ? (char *)reasons->pdata[0] : "there is no reason");
	if (runs[_i].reason)
		ck_assert_msg(strstr(reasons->pdata[0], runs[_i].reason), "%s",
		              (char *)reasons->pdata[0]);
	g_ptr_array_unref(reasons);
	measures_free(m);
	scenario_free(last);
}
END_TEST

/* Runs that cannot be are refused, in one line that says why. */
static const struct {
	const char *head, *says, *message;
} bad[] = {
	{"", MACHINE,
         "a.ini: [scenario] duration: missing, and no program ends by itself; allowed: a time such as "
         "10s"},
	{"duration = 1s\n", MACHINE "[a]\ntype = web\n[b]\ntype = web\n",
         "a.ini: [a] type: the program failed: Address already in use; allowed: addresses and families"},
	{"duration = 1s\n", MACHINE "[program p]\ntext = {\n\tjump(s)\n}\n",
         "a.ini: [program p] text: "},
	{"duration = 1s\n", MACHINE "[event e]\ndo = remove\ntarget = eth0\n",
         "a.ini: [event e] target: "},
	{"duration = 1s\n", MACHINE "[page]\ntype = fileset\npath = /p\nfolder = /no/such/folder\n",
         "a.ini: [page] "},
};

START_TEST(runs_refused) {
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(run_text(bad[_i].head, bad[_i].says, &error));
	ck_assert_msg(g_str_has_prefix(error->message, bad[_i].message), "%s", error->message);
	ck_assert_ptr_null(strchr(error->message, '\n'));
	ck_assert_ptr_nonnull(strstr(error->message, "allowed: "));
	ck_assert(g_error_matches(error, LAB_ERROR, LAB_ERROR_INPUT));
}
END_TEST

#define FETCH MACHINE WEB "[f]\ntype = fetch\npeer = c\ntarget = eth0\nfileset = page\n"

/* 20,000 bytes at 100 Mbit/s take 1.6 ms; half of that on a wire of twice the rate. */
START_TEST(wires_take_their_time) {
	struct measures *slow = run("", FETCH);
	double us = measures_get(slow, "f.total_us");

	ck_assert_double_gt(us, 1600);
	ck_assert_double_lt(us, 1600 * 1.2);
	measures_free(slow);
	scenario_free(last);
}
END_TEST

/* The same seed gives the same run, to the last digit; another one does not, where there is chance.
 */
START_TEST(seeds) {
	static const char says[] =
		"[scenario]\nduration = 2s\n" MACHINE WEB
		"[u]\ntype = poisson\npeers = c\ntargets = eth0\nfileset = page\nrate = 50/s\n";
	struct text *text = text_of(says);
	g_autoptr(GPtrArray) specs = g_ptr_array_new();
	struct measures *m[3];
	GString *told[3];

	for (int i = 0; i < 3; i++)
		g_ptr_array_add(specs, run_spec_new("s", text, i == 2 ? 7 : 3));
	ck_assert(run_all((struct run_spec *const *)specs->pdata, 3, 2, m, NULL));
	for (int i = 0; i < 3; i++) {
		told[i] = g_string_new(NULL);
		measures_write(m[i], told[i]);
		measures_free(m[i]);
		run_spec_free(specs->pdata[i]);
	}
	ck_assert_str_eq(told[0]->str, told[1]->str);
	ck_assert_str_ne(told[0]->str, told[2]->str);
	for (int i = 0; i < 3; i++)
		g_string_free(told[i], TRUE);
	text_free(text);
}
END_TEST

/* A capture for each interface and peer, each with the same frames: 24 bytes of head, 16 before
 * each. */
START_TEST(captures) {
	g_autofree char *dir = g_dir_make_tmp("sopsim-test-XXXXXX", NULL);
	struct text *text = text_of("[scenario]\n" FETCH);
	struct run_spec *spec = run_spec_new("test", text, 1);
	g_autoptr(GError) error = NULL;
	struct measures *m;
	gsize sizes[2];
	static const char *const names[] = {"eth0.pcap", "c.pcap"};

	spec->pcap = dir;
	m = run_here(spec, &error);
	ck_assert_msg(m, "%s", error ? error->message : "");
	ck_assert(world_capture_keep(dir, &error));
	for (int i = 0; i < 2; i++) {
		g_autofree char *path = g_build_filename(dir, names[i], NULL), *bytes = NULL;

		ck_assert_msg(g_file_get_contents(path, &bytes, &sizes[i], NULL), "%s", path);
		ck_assert_uint_eq(*(guint32 *)(void *)bytes, 0xa1b23c4d); /* nanoseconds */
		g_unlink(path);
	}
	/* What is on its way to the server when the fetch is done is in the client's only. */
	ck_assert_uint_le(sizes[0], sizes[1]);
	ck_assert_uint_gt(sizes[0], sizes[1] - 3 * 82);
	ck_assert_uint_gt(sizes[0], 20000 + 24);
	ck_assert_int_eq(g_rmdir(dir), 0);
	measures_free(m);
	run_spec_free(spec);
	text_free(text);
}
END_TEST

/* Of a card what passes over the bus is captured too, a line of text a packet. */
START_TEST(captures_of_cards) {
	static const char *const words[] = {"doorbell: 1 commands, 0 completions taken",
	                                    " LISTEN socket ", "completion ",
	                                    "10.0.1.1:", "interrupt"};
	g_autofree char *dir = g_dir_make_tmp("sopsim-test-XXXXXX", NULL), *bytes = NULL;
	static const char *const names[] = {"eth0.pcap", "c.pcap", "toe0.pcap", "d.pcap",
	                                    "toe0-pci.pcap"};
	struct text *text =
		text_of("[scenario]\n" MACHINE CARD SOP "[web]\ntype = web\naddress = 10.0.1.1\n"
	                "[page]\ntype = fileset\npath = /p.html\nsize = 20000B\n"
	                "[f]\ntype = fetch\npeer = d\ntarget = toe0\nfileset = page\n");
	struct run_spec *spec = run_spec_new("test", text, 1);
	g_autoptr(GError) error = NULL;
	struct measures *m;
	gsize size = 0;

	spec->pcap = dir;
	m = run_here(spec, &error);
	ck_assert_msg(m, "%s", error ? error->message : "");
	ck_assert(world_capture_keep(dir, &error));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(dir, names[i], NULL);

		g_clear_pointer(&bytes, g_free);
		ck_assert_msg(g_file_get_contents(path, &bytes, &size, NULL), "%s", path);
		g_unlink(path);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		ck_assert_msg(memmem(bytes, size, words[i], strlen(words[i])), "%s", words[i]);
	ck_assert_int_eq(g_rmdir(dir), 0);
	measures_free(m);
	run_spec_free(spec);
	text_free(text);
}
END_TEST

/* The parts of a send() add up to the number that Table 1 has, and the spans of each worker to its account. */
START_TEST(watched) {
	struct text *text =
		text_of("[scenario]\n" MACHINE CARD "[bench]\ntype = sendbench\npeer = d\n"
	                "family = toe\nsends = 10\nrepetitions = 5\nmessage = 1000B\n"
	                "[cost]\nsyscall = 3us\ncomm_copy = 2ns/B\n[toecost]\ncommand = 4us\n");
	struct run_spec *spec = run_spec_new("test", text, 1);
	struct watch *watch = watch_send(spec);
	g_autoptr(GError) error = NULL;
	struct measures *m = run_here(spec, &error);
	double sum = 0;

	ck_assert_msg(m, "%s", error ? error->message : "");
	for (guint i = 0; i < m->list->len; i++)
		if (g_str_has_prefix(g_array_index(m->list, struct measure, i).name,
		                     "explain.part."))
			sum += g_array_index(m->list, struct measure, i).value;
	ck_assert_double_gt(sum, 3 + 2 + 4);
	ck_assert_double_eq_tol(sum, measures_get(m, "explain.total"), 1e-9);
	ck_assert_double_eq_tol(sum, measures_get(m, "bench.latency_us"), 1e-9);
	for (unsigned w = 0; watch_workers[w]; w++) {
		g_autofree char *spans = g_strdup_printf("explain.%s.spans", watch_workers[w]);
		g_autofree char *account = g_strdup_printf("explain.%s.account", watch_workers[w]);

		ck_assert_double_gt(measures_get(m, spans), 0);
		ck_assert_double_eq_tol(measures_get(m, spans), measures_get(m, account), 1e-6);
	}
	watch_free(watch);
	measures_free(m);
	run_spec_free(spec);
	text_free(text);
}
END_TEST

/* What programs and events do is told line by line, where it is to be shown. */
START_TEST(shown) {
	struct text *text =
		text_of("[scenario]\nduration = 10ms\n" MACHINE CARD SOP
	                "[event off]\nat = 1ms\ndo = unload\ntarget = sop\n"
	                "[program p]\nat = 2ms\ntext = {\n\ts = socket(stream)\n\tclose(s) = 0\n}\n"
	                "[run r]\nmachine = server\ncommand = ifconfig eth0\nat = 3ms\n");
	struct run_spec *spec = run_spec_new("test", text, 1);
	struct captured out = captured_begin(STDOUT_FILENO);
	g_autofree char *printed = NULL;
	struct measures *m;
	const char *off, *p, *r;

	spec->before = world_show;
	m = run_here(spec, NULL);
	printed = captured_end(out);
	ck_assert_ptr_nonnull(m);
	off = strstr(printed, "1.000 ms  off        -- unload sop: done\n");
	p = strstr(printed, "2.000 ms  p          close(0) = 0  ");
	r = strstr(printed, "inet addr:10.0.0.1");
	ck_assert_msg(off && p && r && off < p && p < r, "%s", printed);
	measures_free(m);
	run_spec_free(spec);
	text_free(text);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("runs");
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, runs_measure, 0, (int)G_N_ELEMENTS(runs));
	tcase_add_loop_test(tc, runs_refused, 0, (int)G_N_ELEMENTS(bad));
	tcase_add_test(tc, wires_take_their_time);
	tcase_add_test(tc, seeds);
	tcase_add_test(tc, captures);
	tcase_add_test(tc, captures_of_cards);
	tcase_add_test(tc, watched);
	tcase_add_test(tc, shown);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
