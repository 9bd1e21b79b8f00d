/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Web clients: one GET against servers that answer as a program says; SPECweb99's mix. */
#include "script_world.h"

#include <math.h>

#include "apps/http_get.h"
#include "apps/specweb.h"
#include "apps/web.h"
#include "host/file/file.h"
#include "run_suite.h"

#define SERVER 0x0a000001U

/* --- one GET ---------------------------------------------------------------------------------- */

static struct http_get get;
static unsigned gets_done;

static void count_done(struct http_get *done) {
	ck_assert_ptr_eq(done, &get);
	gets_done++;
}

static struct http_get_conf a_get(uint64_t line_speed, sim_time timeout) {
	return (struct http_get_conf){
		.addr = SERVER,
		.port = 80,
		.path = "/f",
		.pattern_key = 7,
		.verify = true,
		.line_speed = line_speed,
		.timeout = timeout,
	};
}

static void get_start(void *conf) {
	http_get_init(&get, W.peer[0], count_done);
	http_get_start(&get, conf);
}

/* A server's program and a GET, which begins once it listens. */
static void get_from(const char *text, struct http_get_conf conf, sim_time time) {
	struct script *script = script_read(text, NULL);
	struct script_run *run = script_start(W.k, script, "server", 0, take_event, NULL, NULL);

	gets_done = 0;
	sim_call_at(W.sim, 10 * SIM_MS, get_start, &conf);
	sim_run(W.sim, time);
	script_run_free(run);
	script_drop(script);
}

#define ACCEPT "l = socket(stream); bind(l, any:80) = 0; listen(l) = 0; c = accept(l) >= 0\n"
#define ASKED ACCEPT "recv(c, 4096) has \"GET /f HTTP/1.0\\r\\n\"\n"

/* What a server says, and what the client makes of it. */
static const struct {
	const char *server;
	int error, status;
	uint64_t body, wrong;
	int64_t length;
} answers[] = {
	/* As long as it says; other bytes than the pattern's are noticed, of a 200 alone. */
	{ASKED "send(c, \"HTTP/1.0 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nabc\") = 43; close(c)",
         0, 200, 3, 1, 3},
	{ASKED "send(c, \"HTTP/1.0 404 No\\r\\ncontent-length: 3\\r\\n\\r\\nabc\") = 43; close(c)",
         0, 404, 3, 0, 3},
	/* A head in pieces, the seam within its end. */
	{ASKED
         "send(c, \"HTTP/1.0 404 No\\r\\nX: y\\r\"); sleep 50ms; send(c, \"\\n\\r\"); sleep 50ms\n"
         "send(c, \"\\nabcd\"); close(c)",
         0, 404, 4, 0, -1},
	/* Short of what was said, or nothing said at all: RFC 1945, 7.2.2. */
	{ASKED "send(c, \"HTTP/1.0 404 No\\r\\nContent-Length: 4\\r\\n\\r\\nabc\"); close(c)",
         -ECONNABORTED, 404, 3, 0, 4},
	{ASKED "close(c)", -ECONNABORTED, 0, 0, 0, -1},
	{ASKED "send(c, \"HTTP/1.0 200 OK\\r\\n\"); close(c)", -ECONNABORTED, 0, 0, 0, -1},
	/* Unread bytes at the close: a reset (RFC 2525, 2.17). */
	{ACCEPT "sleep 100ms; close(c)", -ECONNRESET, 0, 0, 0, -1},
	{"sleep 1ms", -ECONNREFUSED, 0, 0, 0, -1},
};

START_TEST(a_get_tells_what_came) {
	world_up(false);
	get_from(answers[_i].server, a_get(0, 0), 5 * SIM_S);
	ck_assert_uint_eq(gets_done, 1);
	ck_assert_int_eq(get.error, answers[_i].error);
	ck_assert_int_eq(get.status, answers[_i].status);
	ck_assert_uint_eq(get.body, answers[_i].body);
	ck_assert_uint_eq(get.wrong, answers[_i].wrong);
	ck_assert_int_eq(get.content_length, answers[_i].length);
	ck_assert(get.first_byte < 0 || get.first_byte >= get.connected);
	world_down();
}
END_TEST

/* A head that never ends fills what there is for one, and no more. */
START_TEST(a_head_without_end_is_refused) {
	world_up(false);
	get_from(ASKED "send(c, 600) = 600; sleep 1s", a_get(0, 0), 500 * SIM_MS);
	ck_assert_uint_eq(gets_done, 1);
	ck_assert_int_eq(get.error, -EPROTO);
	world_down();
}
END_TEST

static void get_abort(void *arg) {
	(void)arg;
	http_get_abort(&get);
	http_get_abort(&get);
}

/* A server that accepts and is silent; the time runs from the last progress, the connection's at
 * the latest.  Who drops a request before is not told. */
START_TEST(a_get_waits_no_longer_than_its_time) {
	world_up(false);
	if (_i)
		sim_call_at(W.sim, SIM_S, get_abort, NULL);
	get_from(ACCEPT "sleep 10s", a_get(0, 2 * SIM_S), 8 * SIM_S);
	ck_assert_uint_eq(gets_done, !_i);
	if (!_i) {
		ck_assert_int_eq(get.error, -ETIMEDOUT);
		ck_assert_int_ge(get.finished, get.started + 2 * SIM_S);
		ck_assert_int_le(get.finished, get.connected + 2 * SIM_S);
	}
	world_down();
}
END_TEST

/* Half of the answer, and silence: the time runs from what came last. */
START_TEST(a_get_waits_from_the_last_progress) {
	world_up(false);
	get_from(ASKED "sleep 1s; send(c, \"HTTP/1.0 200 OK\\r\\n\\r\\nab\"); sleep 10s",
	         a_get(0, 2 * SIM_S), 8 * SIM_S);
	ck_assert_uint_eq(gets_done, 1);
	ck_assert_int_eq(get.error, -ETIMEDOUT);
	ck_assert_uint_eq(get.body, 2);
	ck_assert_int_eq(get.finished, get.first_byte + 2 * SIM_S);
	world_down();
}
END_TEST

/* 50 kB at 400 kbit/s take a second, less the last read, which nothing waits for; at the wire's
 * gigabit less than the tenth of one. */
START_TEST(a_get_reads_at_its_line_speed) {
	struct web_conf conf;

	world_up(false);
	fs_create_pattern(W.k, "/f", 50000, 7);
	web_conf_default(&conf);
	struct web_server *web = web_start(W.k, &conf);

	get_from("sleep 1ms", a_get(_i ? 0 : 400000, SIM_S), 5 * SIM_S);
	ck_assert_int_eq(get.error, 0);
	ck_assert_uint_eq(get.body, 50000);
	ck_assert_uint_eq(get.wrong, 0);
	if (_i)
		ck_assert_double_le(sim_to_s(get.finished - get.started), 0.1);
	else
		ck_assert_double_eq_tol(sim_to_s(get.finished - get.first_byte), 1.0, 0.03);
	web_free(web);
	world_down();
}
END_TEST

/* A peer has one net: another's address is told at once. */
START_TEST(a_get_without_route_ends_at_once) {
	struct http_get_conf conf = a_get(0, SIM_S);

	conf.addr = 0x0a090909;
	world_up(false);
	get_from("sleep 1ms", conf, SIM_S);
	ck_assert_uint_eq(gets_done, 1);
	ck_assert_int_eq(get.error, -ENETUNREACH);
	ck_assert_int_eq(get.finished, get.started);
	world_down();
}
END_TEST

/* --- SPECweb99 -------------------------------------------------------------------------------- */

static struct specweb_conf few_and_fast(unsigned connections) {
	struct specweb_conf conf;

	specweb_conf_default(&conf);
	conf.connections = connections;
	conf.directories = 4;
	conf.line_speed = 0;
	conf.ramp = SIM_MS;
	return conf;
}

static struct specweb_conf small_files(unsigned connections) {
	struct specweb_conf conf = few_and_fast(connections);

	memcpy(conf.mix, (double[]){1, 0, 0, 0}, sizeof conf.mix);
	return conf;
}

static struct specweb *specweb_on(const struct specweb_conf *conf) {
	static const uint32_t target = SERVER;

	return specweb_start(W.sim, W.peer, 1, &target, 1, conf);
}

static struct web_server *serve_set(unsigned directories) {
	struct web_conf conf;

	if (directories)
		specweb_fileset(W.k, directories);
	web_conf_default(&conf);
	return web_start(W.k, &conf);
}

/* Files asked for by class and number, from the server's log. */
static unsigned asked[SPECWEB_CLASSES][SPECWEB_FILES + 1], asked_dir[4];

static void read_access_log(unsigned lines) {
	g_autoptr(GBytes) log = fs_content(W.k, "/var/log/access");
	gsize size;
	const char *data = g_bytes_get_data(log, &size);
	g_autofree char *text = g_strndup(data, size);

	memset(asked, 0, sizeof asked);
	memset(asked_dir, 0, sizeof asked_dir);
	for (const char *at = text; lines; lines--) {
		unsigned dir, class, file;

		at = strstr(at, "/file_set/");
		ck_assert_ptr_nonnull(at);
		ck_assert_int_eq(sscanf(at, "/file_set/dir%5u/class%1u_%1u", &dir, &class, &file),
		                 3);
		ck_assert_uint_lt(dir, 4);
		ck_assert_uint_lt(class, SPECWEB_CLASSES);
		ck_assert(file >= 1 && file <= SPECWEB_FILES);
		asked_dir[dir]++;
		asked[class][file]++;
		at++;
	}
}

static unsigned asked_of_class(unsigned class) {
	unsigned n = 0;

	for (unsigned f = 1; f <= SPECWEB_FILES; f++)
		n += asked[class][f];
	return n;
}

static unsigned wanted;

static void stop_when_complete(void *arg) {
	struct specweb_result r;

	specweb_result(arg, &r);
	if (r.requests >= wanted)
		sim_stop(W.sim);
	else
		sim_call_at(W.sim, sim_now(W.sim) + 10 * SIM_MS, stop_when_complete, arg);
}

/* Runs until so many requests are complete, a minute at most. */
static struct specweb_result until_requests(struct specweb *sw, unsigned n) {
	struct specweb_result r;

	wanted = n;
	sim_call_at(W.sim, 10 * SIM_MS, stop_when_complete, sw);
	sim_run(W.sim, 60 * SIM_S);
	specweb_result(sw, &r);
	ck_assert_uint_ge(r.requests, n);
	return r;
}

/* Every hundred requests have each class exactly in its share; within a class, the file of rank r
 * (5 4 6 3 7 2 8 9 1) has 1/r of what the first has, and a low-discrepancy sequence keeps to it. */
START_TEST(the_mix_is_exact) {
	static const unsigned share[SPECWEB_CLASSES] = {35, 50, 14, 1};
	static const unsigned by_rank[SPECWEB_FILES] = {5, 4, 6, 3, 7, 2, 8, 9, 1};
	struct specweb_conf conf = few_and_fast(1);
	double harmonic = 0;

	world_up(false);
	struct web_server *web = serve_set(4);
	struct specweb *sw = specweb_on(&conf);

	ck_assert_uint_eq(until_requests(sw, 300).errors, 0);
	read_access_log(300);
	for (unsigned c = 0; c < SPECWEB_CLASSES; c++)
		ck_assert_uint_eq(asked_of_class(c), 3 * share[c]);
	for (unsigned r = 1; r <= SPECWEB_FILES; r++)
		harmonic += 1.0 / r;
	for (unsigned c = 0; c < 2; c++)
		for (unsigned r = 1; r <= SPECWEB_FILES; r++)
			ck_assert_double_eq_tol(asked[c][by_rank[r - 1]],
			                        3 * share[c] / (r * harmonic), 2.5);
	/* Directories: 1, 1/2, 1/3, 1/4 of 25/12; four sigma of a fair draw. */
	for (unsigned d = 0; d < 4; d++) {
		double p = 12.0 / 25 / (d + 1);

		ck_assert_double_eq_tol(asked_dir[d], 300 * p, 4 * sqrt(300 * p * (1 - p)));
	}
	specweb_free(sw);
	web_free(web);
	world_down();
}
END_TEST

/* The n-th request of a run is the same whoever asks it; the mix and the seed decide. */
START_TEST(the_sequence_is_the_seeds) {
	struct specweb_conf conf[] = {small_files(1), small_files(7), small_files(7)};
	struct specweb_result r[3];
	struct specweb *sw[3];

	memcpy(conf[2].mix, (double[]){0.9, 0.1, 0, 0}, sizeof conf[2].mix);
	world_up(false);
	struct web_server *web = serve_set(4);

	for (unsigned i = 0; i < 3; i++)
		sw[i] = specweb_on(&conf[i]);
	until_requests(sw[0], SPECWEB_DIGEST);
	for (unsigned i = 0; i < 3; i++) {
		specweb_result(sw[i], &r[i]);
		ck_assert_uint_ge(r[i].requests, SPECWEB_DIGEST);
		specweb_free(sw[i]);
	}
	ck_assert_uint_eq(r[0].digest, r[1].digest);
	ck_assert_uint_ne(r[0].digest, r[2].digest);
	web_free(web);
	world_down();
}
END_TEST

static void begin_window(void *arg) {
	struct specweb_result r;

	specweb_reset(arg);
	specweb_result(arg, &r);
	ck_assert_uint_eq(r.requests + r.errors + r.bytes, 0);
	ck_assert_int_eq(r.window, 0);
	ck_assert_double_eq(r.response_s, 0);
}

/* A closed loop: each request takes what the line and the server take, and the next follows at
 * once; so one connection's requests fill the window. */
START_TEST(a_window_is_filled_by_its_requests) {
	struct specweb_conf conf = few_and_fast(1);
	struct specweb_result r;
	unsigned n, sum = 0;

	world_up(false);
	struct web_server *web = serve_set(4);

	conf.line_speed = 10000000;
	struct specweb *sw = specweb_on(&conf);

	sim_call_at(W.sim, 500 * SIM_MS, begin_window, sw);
	sim_run(W.sim, 3 * SIM_S);
	specweb_result(sw, &r);
	ck_assert_int_eq(r.window, 2500 * SIM_MS);
	ck_assert_uint_gt(r.requests, 30);
	/* The longest is 0.74 s: that much of the first began before, of the last is to come. */
	ck_assert_double_eq_tol((double)r.requests * r.response_s, 2.5, 0.75);
	ck_assert_double_ge(r.response_s, (double)r.bytes * 8 / 1e7 / (double)r.requests * 0.9);
	/* A round trip, two propagations, at least. */
	ck_assert_double_ge(r.connect_s, 2e-6);
	ck_assert_double_lt(r.connect_s, r.response_s);
	const uint32_t *batch = specweb_batches(sw, &n);

	ck_assert_uint_eq(n, 3);
	for (unsigned i = 0; i < n; i++)
		sum += batch[i];
	ck_assert_uint_eq(sum, r.requests);
	specweb_free(sw);
	web_free(web);
	world_down();
}
END_TEST

/* Nobody listens, no such file, other bytes: an error each, and a tenth of a second's pause. */
START_TEST(errors_are_counted_and_not_hammered) {
	struct specweb_conf conf = small_files(3);
	struct specweb_result r;
	struct web_server *web = NULL;
	char path[64];

	world_up(false);
	if (_i > 0)
		web = serve_set(0);
	for (unsigned i = 0; _i > 1 && i < 4 * SPECWEB_FILES; i++) {
		g_snprintf(path, sizeof path, "/file_set/dir%05u/class0_%u", i / SPECWEB_FILES,
		           i % SPECWEB_FILES + 1);
		fs_create_pattern(W.k, path, 500, 0xbad);
	}
	conf.verify = _i < 3;
	struct specweb *sw = specweb_on(&conf);

	sim_run(W.sim, SIM_S);
	specweb_result(sw, &r);
	if (_i < 3) {
		ck_assert_uint_eq(r.requests + r.bytes, 0);
		ck_assert(r.errors >= 27 && r.errors <= 30);
	} else {
		ck_assert_uint_eq(r.errors, 0);
		ck_assert_uint_eq(r.bytes, 500 * r.requests);
	}
	specweb_free(sw);
	web_free(web);
	world_down();
}
END_TEST

/* Connections go round the addresses: both cards of a server are asked alike. */
START_TEST(connections_go_round_peers_and_addresses) {
	static const uint32_t targets[] = {SERVER, 0x0a000101U};
	struct specweb_conf conf = small_files(4);
	struct specweb_result r;
	struct link_counters count[2];

	world_up(true);
	struct web_server *web = serve_set(4);

	struct specweb *sw = specweb_start(W.sim, W.peer, 2, targets, 2, &conf);

	sim_run(W.sim, 300 * SIM_MS);
	specweb_result(sw, &r);
	ck_assert_uint_eq(r.errors, 0);
	for (unsigned i = 0; i < 2; i++) {
		port_counters(link_port(W.link[i], 0), &count[i]);
		/* Each more than a quarter of the bodies. */
		ck_assert_uint_gt(count[i].bytes, r.bytes / 4);
	}
	specweb_free(sw);
	web_free(web);
	world_down();
}
END_TEST

static struct web_server *web_after[2];

static void serve_too(void *arg) {
	struct web_conf conf;

	(void)arg;
	web_conf_default(&conf);
	conf.model = WEB_PREFORK;
	web_after[0] = web_start(W.k, &conf);
	conf.family = AF_INET6;
	web_after[1] = web_start(W.k, &conf);
}

/* A second server of the port, and one of a family that the machine has not: they know why. */
START_TEST(a_port_has_one_server) {
	world_up(false);
	struct web_server *web = serve_set(0);

	sim_call_at(W.sim, SIM_MS, serve_too, NULL);
	sim_run(W.sim, 10 * SIM_MS);
	ck_assert_int_eq(web_error(web), 0);
	ck_assert_int_eq(web_error(web_after[0]), -EADDRINUSE);
	ck_assert_int_eq(web_error(web_after[1]), -EAFNOSUPPORT);
	web_free(web_after[0]);
	web_free(web_after[1]);
	web_free(web);
	world_down();
}
END_TEST

/* Requests that end early, are too long or come in pieces; clients that go before they have all. */
START_TEST(a_server_bears_odd_clients) {
	struct web_conf conf;
	struct web_counters counters;

	world_up(false);
	web_conf_default(&conf);
	conf.model = _i ? WEB_PREFORK : WEB_FORK;
	conf.workers = 2;
	fs_create_pattern(W.k, "/big", 4000000, 7);
	struct web_server *web = web_start(W.k, &conf);

	must_hold(
		"sleep 10ms; s = socket(stream); connect(s, 127.0.0.1:80) = 0; close(s)\n"
		"s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"GET /none HTTP/1.0\\r\\n\"); sleep 10ms; send(s, \"\\r\\n\")\n"
		"recv(s, 9999, MSG_WAITALL) has \"HTTP/1.0 404 Not Found\\r\\n\"; close(s)\n"
		"s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"GET /big HT\"); shutdown(s, SHUT_WR) = 0\n"
		"recv(s, 9999, MSG_WAITALL) has \"HTTP/1.0 400 \"; close(s)\n"
		"s = socket(stream); connect(s, 127.0.0.1:80) = 0\n"
		"send(s, \"GET /big HTTP/1.0\\r\\n\\r\\n\"); recv(s, 1000); close(s); sleep 1s\n");
	web_counters(web, &counters);
	ck_assert_uint_eq(counters.accepted, 4);
	ck_assert_uint_eq(counters.requests, 0);
	ck_assert_uint_eq(counters.not_found, 1);
	ck_assert_uint_eq(counters.bad_requests, 1);
	ck_assert_uint_eq(counters.aborted, 1);
	ck_assert_uint_lt(counters.body_bytes, 4000000);
	web_free(web);
	world_down();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("clients");
	TCase *one = tcase_create("get"), *mix = tcase_create("specweb"),
	      *web = tcase_create("web");

	tcase_add_loop_test(one, a_get_tells_what_came, 0, G_N_ELEMENTS(answers));
	tcase_add_test(one, a_head_without_end_is_refused);
	tcase_add_loop_test(one, a_get_waits_no_longer_than_its_time, 0, 2);
	tcase_add_test(one, a_get_waits_from_the_last_progress);
	tcase_add_loop_test(one, a_get_reads_at_its_line_speed, 0, 2);
	tcase_add_test(one, a_get_without_route_ends_at_once);
	tcase_add_test(mix, the_mix_is_exact);
	tcase_add_test(mix, the_sequence_is_the_seeds);
	tcase_add_test(mix, a_window_is_filled_by_its_requests);
	tcase_add_loop_test(mix, errors_are_counted_and_not_hammered, 0, 4);
	tcase_add_test(mix, connections_go_round_peers_and_addresses);
	tcase_add_test(web, a_port_has_one_server);
	tcase_add_loop_test(web, a_server_bears_odd_clients, 0, 2);
	tcase_set_timeout(mix, 60);
	suite_add_tcase(suite, one);
	suite_add_tcase(suite, mix);
	suite_add_tcase(suite, web);
	return run_suite(suite);
}
