/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What streams to viewers, and what times the operations of sockets. */
#include "script_world.h"

#include <math.h>

#include "apps/oplat.h"
#include "apps/sendbench.h"
#include "apps/streaming.h"
#include "run_suite.h"

#define SERVER 0x0a000001U
#define CLIENT 0x0a000002U
#define GROUP 0xef010101U

/* --- streaming -------------------------------------------------------------------------------- */

static const uint32_t both_nets[] = {SERVER, 0x0a000101U};

static struct streaming_conf a_film(unsigned viewers) {
	struct streaming_conf conf;

	streaming_conf_default(&conf);
	conf.viewers = viewers;
	conf.ramp = SIM_MS;
	return conf;
}

static void begin_window(void *arg) {
	struct streaming_result r;

	streaming_reset(arg);
	streaming_result(arg, &r);
	ck_assert_uint_eq(r.bytes + r.underruns + r.lost, 0);
}

/* Runs and frees: what came from `from` to `to`. */
static struct streaming_result watch(const struct streaming_conf *conf, unsigned nets,
                                     sim_time from, sim_time to) {
	struct streaming *st = streaming_start(W.k, W.peer, nets, both_nets, nets, conf);
	struct streaming_result r;

	sim_call_at(W.sim, from, begin_window, st);
	sim_run(W.sim, to);
	streaming_result(st, &r);
	streaming_free(st);
	return r;
}

/* 1.5 Mbit/s are 187,500 bytes a second to each viewer, in chunks of a tenth. */
START_TEST(a_stream_keeps_to_the_clock) {
	struct streaming_conf conf = a_film(4);

	world_up(true);
	struct streaming_result r = watch(&conf, 2, 5 * SIM_S, 15 * SIM_S);

	ck_assert_uint_eq(r.playing, 4);
	ck_assert_double_eq_tol((double)r.bytes, 4 * 1875000.0, 4 * 18750.0);
	ck_assert_uint_eq(r.wrong + r.underruns + r.lost, 0);
	ck_assert_double_eq(r.late_s, 0);
	world_down();
}
END_TEST

/* The pre-buffer and a chunk come at once, nothing more before a chunk's time. */
START_TEST(a_stream_begins_with_its_prebuffer) {
	struct streaming_conf conf = a_film(1);

	world_up(false);
	struct streaming_result r = watch(&conf, 1, 0, 80 * SIM_MS);

	ck_assert_uint_eq(r.playing, 1);
	ck_assert_uint_eq(r.bytes, 375000 + 18750);
	world_down();
}
END_TEST

static struct script *script;
static struct script_run *cut;

static void cut_the_net(const char *text) {
	script = script_read(text, NULL);
	cut = script_start(W.k, script, "cut", 0, take_event, NULL, NULL);
}

static void cut_is_done(void) {
	struct script_result result;

	script_result(cut, &result);
	ck_assert_msg(!result.failed, "%s", result.first_failure);
	script_run_free(cut);
	script_drop(script);
}

/* The interface is down for 4 s, the buffer has 2 s and a chunk: each viewer runs dry once, for the
 * rest and TCP's next try (which doubles: at most as long again as it was down).  Or it stays. */
START_TEST(a_viewer_runs_dry_once_a_break) {
	struct streaming_conf conf = a_film(3);

	world_up(false);
	cut_the_net(_i ? "sleep 5s; run(\"ifconfig eth0 down\") = 0"
	               : "sleep 5s; run(\"ifconfig eth0 down\") = 0\n"
	                 "sleep 4s; run(\"ifconfig eth0 up\") = 0");
	struct streaming_result r = watch(&conf, 1, 4 * SIM_S, 20 * SIM_S);

	cut_is_done();
	ck_assert_uint_eq(r.underruns, 3);
	ck_assert_uint_eq(r.wrong, 0);
	if (_i) /* dry from about 7 s on, to the end */
		ck_assert_double_eq_tol(r.late_s, 3 * 13.0, 3 * 0.35);
	else
		ck_assert(r.late_s >= 3 * 1.7 && r.late_s <= 3 * 6.0);
	world_down();
}
END_TEST

/* A viewer that is dry when the window begins is late from then on, and ran dry before it. */
START_TEST(a_window_counts_its_own_lateness) {
	struct streaming_conf conf = a_film(1);

	world_up(false);
	cut_the_net("sleep 5s; run(\"ifconfig eth0 down\") = 0");
	struct streaming_result r = watch(&conf, 1, 10 * SIM_S, 13 * SIM_S);

	cut_is_done();
	ck_assert_uint_eq(r.underruns, 0);
	ck_assert_double_eq_tol(r.late_s, 3, 1e-9);
	world_down();
}
END_TEST

/* A server that cannot serve: nothing plays, and nothing else happens. */
START_TEST(a_film_without_server_never_plays) {
	struct streaming_conf conf = a_film(2);

	world_up(false);
	conf.family = _i ? AF_INET : AF_INET6;
	conf.addr = _i ? 0x0a090909 : 0;
	struct streaming_result r = watch(&conf, 1, SIM_S, 5 * SIM_S);

	ck_assert_uint_eq(r.playing + r.bytes + r.underruns, 0);
	world_down();
}
END_TEST

/* --- a group's stream ------------------------------------------------------------------------- */

static struct streaming_conf a_cast(unsigned viewers) {
	struct streaming_conf conf = a_film(viewers);

	conf.group = GROUP;
	conf.port = 5004;
	conf.prebuffer = 0;
	return conf;
}

static struct streaming_result cast_with(struct fault_conf fault, unsigned viewers) {
	struct streaming_conf conf = a_cast(viewers);

	world_fault = fault;
	world_up(true);
	struct streaming_result r = watch(&conf, 2, 2 * SIM_S, 6 * SIM_S);

	world_down();
	return r;
}

/* Each viewer sees it all; the wire has it once an interface. */
START_TEST(a_group_sees_one_stream) {
	struct streaming_conf conf = a_cast(6);
	struct link_counters wire[2];

	world_up(true);
	struct streaming_result r = watch(&conf, 2, 0, 4 * SIM_S);

	for (unsigned i = 0; i < 2; i++) {
		port_counters(link_port(W.link[i], 0), &wire[i]);
		/* 4 s of it and 8 + 28 + 14 bytes of headers each 1316. */
		ck_assert_double_eq_tol((double)wire[i].bytes, 4 * 187500.0 * (1 + 50 / 1316.0),
		                        25000);
	}
	ck_assert_uint_eq(r.playing, 6);
	ck_assert_double_eq_tol((double)r.bytes, 6 * 4 * 187500.0, 6 * 18750.0);
	ck_assert_uint_eq(r.wrong + r.lost, 0);
	world_down();
}
END_TEST

/* Every frame twice is every byte once. */
START_TEST(doubled_datagrams_count_once) {
	struct streaming_result r = cast_with((struct fault_conf){.duplicate = 1}, 2);

	ck_assert_double_eq_tol((double)r.bytes, 2 * 4 * 187500.0, 2 * 18750.0);
	ck_assert_uint_eq(r.wrong + r.lost, 0);
}
END_TEST

/* Three datagrams in a row, one of which may be a chunk's short last; on both wires. */
START_TEST(lost_datagrams_are_counted_in_bytes) {
	static const uint32_t drop[] = {400, 401, 402, 0};
	struct streaming_result r = cast_with((struct fault_conf){.drop = drop}, 2);

	ck_assert_uint_ge(r.lost, 2 * 2 * 1316);
	ck_assert_uint_le(r.lost, 2 * 3 * 1316);
	ck_assert_double_eq_tol((double)(r.bytes + r.lost), 2 * 4 * 187500.0, 2 * 18750.0);
	ck_assert_uint_eq(r.wrong, 0);
}
END_TEST

/* --- operations ------------------------------------------------------------------------------- */

static unsigned done_calls;

static void count_done(void *arg) {
	ck_assert_ptr_eq(arg, &done_calls);
	done_calls++;
}

static struct oplat_conf a_few(void) {
	struct oplat_conf conf;

	oplat_conf_default(&conf);
	conf.peer_addr = CLIENT;
	conf.own_addr = SERVER;
	conf.rounds = 5;
	conf.exchanges = 10;
	conf.idle = 100 * SIM_MS;
	return conf;
}

static struct oplat *oplat_up(const struct oplat_conf *conf) {
	kernel_set_cost(W.k, "syscall", (struct cost_value){700 * SIM_NS, 0});
	done_calls = 0;
	return oplat_start(W.k, W.peer[0], conf, count_done, &done_calls);
}

/* Where only the system call costs, each operation takes one, whichever it is: but connect, which
 * waits for the peer as well. */
START_TEST(operations_take_what_they_cost) {
	struct oplat_conf conf = a_few();
	struct oplat_result r;

	world_up(false);
	struct oplat *bench = oplat_up(&conf);
	double syscall = 0.7;

	if (_i) {
		kernel_set_cost(W.k, "syscall", (struct cost_value){1500 * SIM_NS, 0});
		syscall = 1.5;
	}
	sim_run(W.sim, 30 * SIM_S);
	oplat_result(bench, &r);
	ck_assert_msg(!r.error, "%s: %s", r.failed, g_strerror(-r.error));
	ck_assert_ptr_null(r.failed);
	ck_assert_uint_eq(done_calls, 1);
	for (unsigned i = 0; i < OPLAT_OPS_COUNT; i++)
		if (i != OPLAT_connect)
			ck_assert_msg(fabs(r.us[i] - syscall) < 1e-6, "%s: %g", oplat_op_names[i],
			              r.us[i]);
	/* The wire there and back; what a frame of 106 bytes takes on it, four times in a pair. */
	ck_assert_double_ge(r.us[OPLAT_connect], syscall + 2);
	ck_assert_double_ge(r.exchange_us, 2 * syscall + 2 + 2 * 106 * 8e-3);
	ck_assert_double_le(r.exchange_us, 2 * syscall + 12);
	ck_assert_double_eq_tol(r.exchanges_per_s * r.exchange_us, 1e6, 1);
	ck_assert_double_ge(r.exchange_cpu_pct, 100 * 2 * syscall / r.exchange_us - 1e-6);
	ck_assert_double_lt(r.exchange_cpu_pct, 100);
	/* The handshake's last segment travels, and accept() has paid for its call already. */
	ck_assert_double_ge(r.accept_wake_us, 1);
	ck_assert_double_le(r.accept_wake_us, 6);
	/* One call in a tenth of a second, and its timer. */
	ck_assert_double_ge(r.idle_cpu_pct, 100 * syscall / 1e5 * 0.9);
	ck_assert_double_le(r.idle_cpu_pct, 100 * 3 * syscall / 1e5);
	oplat_free(bench);
	world_down();
}
END_TEST

static void begin_oplat_window(void *bench) { oplat_reset(bench); }

/* A window that begins when all is over has nothing to tell. */
START_TEST(a_window_without_operations_is_empty) {
	struct oplat_conf conf = a_few();
	struct oplat_result r;

	world_up(false);
	struct oplat *bench = oplat_up(&conf);

	sim_call_at(W.sim, 20 * SIM_S, begin_oplat_window, bench);
	sim_run(W.sim, 21 * SIM_S);
	oplat_result(bench, &r);
	for (unsigned i = 0; i < OPLAT_OPS_COUNT; i++)
		ck_assert(isnan(r.us[i]));
	ck_assert(isnan(r.accept_wake_us) && isnan(r.exchange_us) && isnan(r.exchanges_per_s));
	ck_assert(isnan(r.exchange_cpu_pct) && isnan(r.idle_cpu_pct));
	oplat_free(bench);
	world_down();
}
END_TEST

/* The first operation is under way when the window begins, and is none of it; the next is. */
START_TEST(an_operation_counts_where_it_began) {
	struct oplat_conf conf = a_few();
	struct oplat_result r;

	conf.rounds = 1;
	world_up(false);
	struct oplat *bench = oplat_up(&conf);

	/* The pause before it takes a second's call and 20 to 40 ms. */
	kernel_set_cost(W.k, "syscall", (struct cost_value){SIM_S, 0});
	sim_call_at(W.sim, 1500 * SIM_MS, begin_oplat_window, bench);
	sim_run(W.sim, 4 * SIM_S);
	oplat_result(bench, &r);
	ck_assert(isnan(r.us[OPLAT_socket]));
	ck_assert_double_eq_tol(r.us[OPLAT_setsockopt], 1e6, 1e-3);
	oplat_free(bench);
	world_down();
}
END_TEST

/* A receive in vain that began before the window is watched from its start on, as long as it has
 * lasted; without exchanges there is no mean of any. */
START_TEST(a_stretch_under_way_counts_from_the_window) {
	struct oplat_conf conf = a_few();
	struct oplat_result r;

	conf.rounds = 1;
	conf.exchanges = 0;
	conf.idle = 10 * SIM_S;
	world_up(false);
	struct oplat *bench = oplat_up(&conf);

	sim_call_at(W.sim, 2 * SIM_S, begin_oplat_window, bench);
	sim_run(W.sim, 4 * SIM_S);
	oplat_result(bench, &r);
	ck_assert_uint_eq(done_calls, 0);
	ck_assert_double_eq(r.idle_cpu_pct, 0); /* it sleeps: its call was before */
	ck_assert(isnan(r.exchange_us) && isnan(r.us[OPLAT_socket]));
	oplat_free(bench);
	world_down();
}
END_TEST

/* The first failure ends it and is named: no such host, a port that is taken, and a family that
 * the machine has not. */
START_TEST(the_first_failure_is_named) {
	static const struct {
		int error;
		const char *failed;
	} want[] = {{-EHOSTUNREACH, "connect"}, {-EADDRINUSE, "bind"}, {-EAFNOSUPPORT, "socket"}};
	struct oplat_conf conf = a_few();
	struct oplat_result r;

	world_up(false);
	conf.peer_addr = _i == 0 ? 0x0a00004d : CLIENT;
	conf.family = _i == 2 ? AF_INET6 : AF_INET;
	if (_i == 1)
		cut_the_net("s = socket(stream); bind(s, any:7) = 0; listen(s) = 0; sleep 10s");
	struct oplat *bench = oplat_up(&conf);

	sim_run(W.sim, 9 * SIM_S);
	oplat_result(bench, &r);
	ck_assert_int_eq(r.error, want[_i].error);
	ck_assert_str_eq(r.failed, want[_i].failed);
	ck_assert_uint_eq(done_calls, 1);
	oplat_free(bench);
	if (_i == 1)
		cut_is_done();
	world_down();
}
END_TEST

/* --- the send benchmark ----------------------------------------------------------------------- */

static void begin_sends_window(void *bench) {
	unsigned n;

	sendbench_latencies(bench, &n);
	ck_assert_uint_eq(n, 3);
	sendbench_reset(bench);
}

/* Two calls a millisecond; a repetition of 100, every second: the one that the window cuts is not
 * counted, nor those before. */
START_TEST(a_repetition_counts_in_one_window) {
	struct sendbench_conf conf;
	unsigned n;

	world_up(false);
	kernel_set_cost(W.k, "syscall", (struct cost_value){500 * SIM_US, 0});
	struct sink *sink = sink_start(W.peer[0], 5001);

	sendbench_conf_default(&conf);
	conf.addr = CLIENT;
	conf.sends = 100;
	conf.repetitions = 6;
	conf.gap = 950 * SIM_MS;
	struct sendbench *bench = sendbench_start(W.k, &conf, count_done, &done_calls);

	/* Gap and repetition are 1.0005 s and the clock's rounding up: the fourth is under way. */
	sim_call_at(W.sim, _i ? 3500 * SIM_MS : 4005 * SIM_MS, begin_sends_window, bench);
	sim_run(W.sim, 20 * SIM_S);
	const double *us = sendbench_latencies(bench, &n);

	ck_assert_int_eq(sendbench_error(bench), 0);
	ck_assert_uint_eq(done_calls, 1);
	ck_assert_uint_eq(n, _i ? 3 : 2);
	/* A hundred calls and the clock's own; the NIC's interrupts besides. */
	for (unsigned i = 0; i < n; i++)
		ck_assert_double_eq_tol(us[i], 505.5, 0.5);
	ck_assert_uint_eq(sink_bytes(sink), 6 * 100 * conf.message);
	sendbench_free(bench);
	sink_free(sink);
	world_down();
}
END_TEST

START_TEST(sends_without_sink_are_told) {
	struct sendbench_conf conf;
	unsigned n;

	world_up(false);
	sendbench_conf_default(&conf);
	conf.addr = CLIENT;
	conf.family = _i ? AF_INET6 : AF_INET;
	struct sendbench *bench = sendbench_start(W.k, &conf, count_done, &done_calls);

	sim_run(W.sim, SIM_S);
	ck_assert_int_eq(sendbench_error(bench), _i ? -EAFNOSUPPORT : -ECONNREFUSED);
	sendbench_latencies(bench, &n);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(done_calls, 1);
	sendbench_free(bench);
	world_down();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("streams");
	TCase *film = tcase_create("film"), *group = tcase_create("group"),
	      *ops = tcase_create("ops");

	tcase_add_test(film, a_stream_keeps_to_the_clock);
	tcase_add_test(film, a_stream_begins_with_its_prebuffer);
	tcase_add_loop_test(film, a_viewer_runs_dry_once_a_break, 0, 2);
	tcase_add_test(film, a_window_counts_its_own_lateness);
	tcase_add_loop_test(film, a_film_without_server_never_plays, 0, 2);
	tcase_add_test(group, a_group_sees_one_stream);
	tcase_add_test(group, doubled_datagrams_count_once);
	tcase_add_test(group, lost_datagrams_are_counted_in_bytes);
	tcase_add_loop_test(ops, operations_take_what_they_cost, 0, 2);
	tcase_add_test(ops, a_window_without_operations_is_empty);
	tcase_add_test(ops, an_operation_counts_where_it_began);
	tcase_add_test(ops, a_stretch_under_way_counts_from_the_window);
	tcase_add_loop_test(ops, the_first_failure_is_named, 0, 3);
	tcase_add_loop_test(ops, a_repetition_counts_in_one_window, 0, 2);
	tcase_add_loop_test(ops, sends_without_sink_are_told, 0, 2);
	suite_add_tcase(suite, film);
	suite_add_tcase(suite, group);
	suite_add_tcase(suite, ops);
	return run_suite(suite);
}
