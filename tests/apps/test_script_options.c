/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs ask of sockets by options and ioctls, alike on every stack; what stands still. */
#include "script_world.h"

#include "run_suite.h"

/* The same text for a socket of INET, of a card, and of SOP. */
static const char *const families[] = {"inet", "toe", "inet"};

static void must_hold_for(int i, const char *text) {
	g_autofree char *whole =
		g_strdup_printf("s = socket(%s, stream); u = socket(%s, dgram)\n%s", families[i],
	                        families[i], text);

	world_up(i > 0);
	must_hold(whole);
	world_down();
}

/* Values come in the shape of their option: times in microseconds, SO_LINGER in seconds or -1. */
START_TEST(values_have_the_shape_of_their_option) {
	must_hold_for(_i,
	              "setsockopt(s, SO_RCVTIMEO, 1500ms) = 0\n"
	              "getsockopt(s, SO_RCVTIMEO) = 1500000\n"
	              "setsockopt(s, SO_SNDTIMEO, 20ms) = 0\ngetsockopt(s, SO_SNDTIMEO) = 20000\n"
	              "getsockopt(s, SO_LINGER) = -1\nsetsockopt(s, SO_LINGER, 1, 7) = 0\n"
	              "getsockopt(s, SO_LINGER) = 7\nsetsockopt(s, SO_LINGER, 0, 7s) = 0\n"
	              "getsockopt(s, SO_LINGER) = -1\n"
	              "getsockopt(s, SO_TYPE) = SOCK_STREAM\ngetsockopt(u, SO_TYPE) = SOCK_DGRAM\n"
	              "getsockopt(s, SO_ERROR) = 0\n"
	              "setsockopt(u, IP_MULTICAST_TTL, 7) = 0\n"
	              "getsockopt(u, IP_MULTICAST_TTL) = 7\n");
}
END_TEST

/* Values that do not fit the option are the program's mistake: EINVAL, and nothing changes. */
START_TEST(values_of_another_shape_are_refused) {
	must_hold_for(_i, "setsockopt(s, SO_RCVTIMEO, 1) = -EINVAL\n"
	                  "setsockopt(s, SO_RCVTIMEO, 1s, 2s) = -EINVAL\n"
	                  "getsockopt(s, SO_RCVTIMEO) = 0\n"
	                  "setsockopt(s, SO_LINGER, 1) = -EINVAL\n"
	                  "setsockopt(s, SO_KEEPALIVE, \"x\") = -EINVAL\n"
	                  "setsockopt(s, SO_KEEPALIVE, 1, 2) = -EINVAL\n"
	                  "getsockopt(s, SO_KEEPALIVE) = 0\n"
	                  "setsockopt(u, SO_BINDTODEVICE, 1) = -EINVAL\n"
	                  "setsockopt(u, IP_MULTICAST_IF, 1) = -EINVAL\n"
	                  "setsockopt(u, IP_ADD_MEMBERSHIP, 1) = -EINVAL\n"
	                  "setsockopt(u, IP_ADD_MEMBERSHIP, 239.1.1.1, 1) = -EINVAL\n");
}
END_TEST

/* TCP's options are a stream's alone; errors as ip_setsockopt() and ip_getsockopt() have them. */
START_TEST(options_belong_to_protocols) {
	must_hold_for(_i, "setsockopt(s, TCP_NODELAY, 1) = 0\ngetsockopt(s, TCP_NODELAY) = 1\n"
	                  "setsockopt(u, TCP_NODELAY, 1) = -ENOPROTOOPT\n"
	                  "getsockopt(u, TCP_NODELAY) = -EOPNOTSUPP\n");
}
END_TEST

/* ioctls of 2.4: marks are a stream's, a stamp is there once a datagram was read. */
START_TEST(questions_by_ioctl) {
	must_hold_for(_i, "ioctl(s, SIOCATMARK) = 0\nioctl(u, SIOCATMARK) = -EINVAL\n"
	                  "ioctl(u, SIOCGSTAMP) = -ENOENT\nioctl(u, FIONREAD) = 0\n"
	                  "ioctl(s, FIOSETOWN, pid()) = 0\nioctl(s, FIOGETOWN) = pid()\n"
	                  "ioctl(s, SIOCGPGRP) = pid()\nioctl(s, SIOCSPGRP, 0) = 0\n"
	                  "ioctl(s, FIOGETOWN) = 0\n"
	                  "ioctl(s, FIONBIO, 1) = 0\nfcntl(s, F_GETFL) = O_NONBLOCK|O_RDWR\n"
	                  "ioctl(s, FIONBIO, 0) = 0\nfcntl(s, F_GETFL) = O_RDWR\n"
	                  "ioctl(99, FIONREAD) = -EBADF\n");
}
END_TEST

/* INET's stamp is when a datagram came.  A card does not tell that: its driver stamps what it gets
 * when it gets it. */
START_TEST(a_stamp_is_when_the_host_had_it) {
	static const char *const where[] = {"10.0.0.2:7", "10.0.1.2:7", "10.0.2.2:7"};
	g_autofree char *text =
		g_strdup_printf("u = socket(dgram)\nsleep 2s\n"
	                        "sendto(u, \"hi\", %s) = 2\nsleep 1s\n"
	                        "ioctl(u, FIONREAD) = 2\n"
	                        "recv(u, 9) = \"hi\"\n"
	                        "expect now() >= 3s\n"
	                        "t = ioctl(u, SIOCGSTAMP)\n"
	                        "expect t >= %u\nexpect t < %u\n",
	                        where[_i], _i ? 3000000u : 2000000u, _i ? 3200000u : 2200000u);

	world_up(true);
	struct echo *e = answer_at((unsigned)_i, ECHO_UDP, 7);

	must_hold(text);
	echo_free(e);
	world_down();
}
END_TEST

/* --- where programs stand --------------------------------------------------------------------- */

static void note_standing(void *arg, const char *process, unsigned line, const char *what) {
	g_string_append_printf(arg, "%s %u %s\n", process, line, what);
}

/* Who has not ended says at which line it is, and in what. */
START_TEST(standing_programs_are_named) {
	struct script *script = script_read("fork a { sleep 100s }\nfork b { until 200s }\n"
	                                    "fork c { exit }\ns = socket(dgram)\n"
	                                    "bind(s, 127.0.0.1:5)\nrecv(s, 10)",
	                                    NULL);
	g_autoptr(GString) got = g_string_new(NULL);

	ck_assert_ptr_nonnull(script);
	world_up(false);
	struct script_run *run = script_start(W.k, script, "main", 0, take_event, NULL, NULL);

	sim_run(W.sim, SIM_S);
	script_standing(run, note_standing, got);
	ck_assert_msg(strstr(got->str, "a 1 sleep\n"), "%s", got->str);
	ck_assert_msg(strstr(got->str, "b 2 until\n"), "%s", got->str);
	ck_assert_msg(strstr(got->str, "main 6 recv(0, 10)\n"), "%s", got->str);
	ck_assert_msg(!strstr(got->str, "c 3"), "%s", got->str);
	script_run_free(run);
	script_drop(script);
	world_down();
}
END_TEST

/* --- the machines at the other end ------------------------------------------------------------ */

static struct echo_conf caller(enum echo_mode mode) {
	struct echo_conf conf;

	echo_conf_default(&conf);
	conf.mode = mode;
	conf.addr = 0x0a000001;
	conf.timeout = SIM_S;
	return conf;
}

/* Each end of a connection is met once as wished for and once not. */
static const struct {
	enum echo_outcome outcome;
	const char *host;
} ends[] = {
	{ECHO_REFUSED, "sleep 1ms"},
	{ECHO_TIMEOUT, "l = socket(stream); bind(l, any:7); listen(l); c = accept(l); sleep 9s"},
	{ECHO_RESET, "l = socket(stream); bind(l, any:7); listen(l); c = accept(l); sleep 99ms"},
};

START_TEST(a_callers_end_is_judged) {
	struct echo_conf conf = caller(ECHO_CONNECT);
	struct echo_result r;
	bool wished = _i % 2;

	world_up(false);
	conf.expect = wished ? ends[_i / 2].outcome : ECHO_OK;
	struct echo *e = echo_start(W.peer[0], "client", &conf, take_event, NULL, NULL);

	must_hold(ends[_i / 2].host);
	echo_result(e, &r);
	ck_assert_uint_eq(r.failed, !wished);
	ck_assert_uint_eq(r.answers, 0);
	ck_assert(r.finished);
	echo_free(e);
	world_down();
}
END_TEST

/* Of five datagrams the third gets no answer: that one failed, and the others go on. */
START_TEST(a_lost_answer_is_one) {
	struct echo_conf conf = caller(ECHO_UDP_SEND);
	struct echo_result r;

	world_up(false);
	conf.times = 5;
	struct echo *e = echo_start(W.peer[0], "client", &conf, take_event, NULL, NULL);

	must_hold("u = socket(dgram); bind(u, any:7); n = 0\n"
	          "repeat 5 { recvfrom(u, 100) = 5; n = n + 1\n"
	          "if n = 3 { sleep 1ms } else { sendto(u, \"abcde\", from()) = 5 } }");
	echo_result(e, &r);
	ck_assert_uint_eq(r.messages, 5);
	ck_assert_uint_eq(r.answers, 4);
	ck_assert_uint_eq(r.failed, 1);
	ck_assert_uint_eq(r.bytes, 20);
	ck_assert(r.finished);
	ck_assert_double_gt(r.answer_us, 2);
	ck_assert_double_le(r.answer_us, r.answer_us_max);
	log_has("no answer");
	echo_reset(e);
	echo_result(e, &r);
	ck_assert_uint_eq(r.messages + r.answers + r.bytes, 0);
	ck_assert_uint_eq(r.failed, 1);
	ck_assert_double_eq(r.answer_us, 0);
	ck_assert(r.finished);
	echo_free(e);
	world_down();
}
END_TEST

/* Datagrams that want no answer, one each 100 ms, to one that takes them. */
START_TEST(datagrams_are_swallowed) {
	struct echo_result r;

	world_up(false);
	struct echo *sink = answer_at(0, ECHO_UDP_SINK, 9), *twice = answer_at(0, ECHO_SINK, 11);
	struct echo *again = answer_at(0, ECHO_SINK, 11);

	must_hold("u = socket(dgram)\nrepeat 3 { sendto(u, 500, 10.0.0.2:9) = 500; sleep 100ms }\n"
	          "setsockopt(u, SO_RCVTIMEO, 100ms)\nrecv(u, 9) = -EAGAIN\n");
	echo_result(sink, &r);
	ck_assert_uint_eq(r.messages, 3);
	ck_assert_uint_eq(r.bytes, 1500);
	ck_assert_uint_eq(r.answers, 0);
	/* A port has one server. */
	echo_result(twice, &r);
	ck_assert_uint_eq(r.failed, 0);
	echo_result(again, &r);
	ck_assert_uint_eq(r.failed, 1);
	log_has("cannot serve on port 11: Address already in use");
	echo_free(again);
	echo_free(twice);
	echo_free(sink);
	world_down();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("script_options");
	TCase *asked = tcase_create("asked"), *peers = tcase_create("peers");

	tcase_add_loop_test(asked, values_have_the_shape_of_their_option, 0, 3);
	tcase_add_loop_test(asked, values_of_another_shape_are_refused, 0, 3);
	tcase_add_loop_test(asked, options_belong_to_protocols, 0, 3);
	tcase_add_loop_test(asked, questions_by_ioctl, 0, 3);
	tcase_add_loop_test(asked, a_stamp_is_when_the_host_had_it, 0, 3);
	tcase_add_test(asked, standing_programs_are_named);
	tcase_add_loop_test(peers, a_callers_end_is_judged, 0, 2 * G_N_ELEMENTS(ends));
	tcase_add_test(peers, a_lost_answer_is_one);
	tcase_add_test(peers, datagrams_are_swallowed);
	suite_add_tcase(suite, asked);
	suite_add_tcase(suite, peers);
	return run_suite(suite);
}
