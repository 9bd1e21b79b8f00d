/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machines at the other end of programs: peers that ask, swallow and answer. */
#include "script_world.h"

#include "run_suite.h"

START_TEST(a_peer_asks_and_counts) {
	struct echo_conf conf;
	struct echo_result r;

	world_up(true);
	echo_conf_default(&conf);
	conf.addr = 0x0a000101;
	conf.times = 20;
	conf.bytes = 3000;
	conf.connections = 2;
	struct echo *e = echo_start(W.peer[1], "client", &conf, take_event, NULL, NULL);
	must_hold(
		"l = socket(stream)\nbind(l, 10.0.1.1:7)\nlisten(l)\n"
		"repeat 2 {\nc = accept(l) = 10.0.1.2\n"
		"repeat { n = read(c, 10000)\nif n <= 0 { break }\nwrite(c, \"\") = 0 }\nclose(c) }");
	echo_result(e, &r);
	/* Nothing came back. */
	ck_assert_uint_eq(r.answers, 0);
	ck_assert_uint_eq(r.failed, 2);
	ck_assert(r.finished);
	echo_free(e);
	world_down();
}
END_TEST

/* More than the send buffer, or the peer's window, holds: all of it, before the end of the stream. */
START_TEST(a_peer_sends_much) {
	struct echo_conf conf;
	struct echo_result r;

	world_up(true);
	echo_conf_default(&conf);
	conf.addr = 0x0a000001 | (unsigned)_i << 8;
	conf.bytes = 200000;
	conf.times = 2;
	conf.answer = false;
	struct echo *e = echo_start(W.peer[_i], "client", &conf, take_event, NULL, NULL);
	must_hold("l = socket(stream)\nbind(l, any:7)\nlisten(l)\nc = accept(l) >= 0\n"
	          "recv(c, 1000000, MSG_WAITALL) = 400000\nrecv(c, 1) = 0\nclose(c)");
	echo_result(e, &r);
	ck_assert_uint_eq(r.failed, 0);
	ck_assert_uint_eq(r.messages, 2);
	ck_assert(r.finished);
	echo_free(e);
	world_down();
}
END_TEST

/* A server that goes before it has all is no success. */
START_TEST(a_peer_notices_an_early_end) {
	struct echo_conf conf;
	struct echo_result r;

	world_up(true);
	echo_conf_default(&conf);
	conf.addr = 0x0a000001;
	conf.bytes = 200000;
	conf.answer = false;
	struct echo *e = echo_start(W.peer[0], "client", &conf, take_event, NULL, NULL);
	must_hold("l = socket(stream)\nbind(l, any:7)\nlisten(l)\nc = accept(l) >= 0\n"
	          "shutdown(c, SHUT_WR) = 0\nsleep 1s\nclose(c)");
	echo_result(e, &r);
	ck_assert_uint_eq(r.failed, 1);
	echo_free(e);
	world_down();
}
END_TEST

START_TEST(a_server_counts) {
	struct echo_result r;

	world_up(true);
	struct echo *e = answer_at(1, ECHO_SERVER, 7), *sink = answer_at(2, ECHO_SINK, 9);
	must_hold(
		"s = socket(stream); connect(s, 10.0.1.2:7) = 0\n"
		"repeat 10 { send(s, 1000) = 1000; recv(s, 1000, MSG_WAITALL) = 1000 }\nclose(s)\n"
		"s = socket(stream); connect(s, 10.0.2.2:9) = 0\n"
		"repeat 3 { send(s, 100) = 100; sleep 100ms }\nclose(s)");
	echo_result(e, &r);
	ck_assert_uint_eq(r.connections, 1);
	ck_assert_uint_eq(r.bytes, 10000);
	ck_assert_uint_eq(r.messages, 10);
	ck_assert_uint_eq(r.answers, 10);
	echo_result(sink, &r);
	ck_assert_uint_eq(r.messages, 3);
	ck_assert_uint_eq(r.answers, 0);
	ck_assert_uint_eq(r.bytes, 300);
	echo_free(e);
	echo_free(sink);
	world_down();
}
END_TEST

START_TEST(datagram_client_gets_answers) {
	struct echo_conf conf;
	struct echo_result r;

	world_up(true);
	echo_conf_default(&conf);
	conf.mode = ECHO_UDP_SEND;
	conf.addr = 0x0a000201;
	conf.times = 5;
	struct echo *e = echo_start(W.peer[2], "client", &conf, take_event, NULL, NULL);
	must_hold(
		"s = socket(dgram)\nbind(s, any:7)\n"
		"repeat 5 { recvfrom(s, 100) = \"abcde\"\nsendto(s, \"abcde\", 10.0.2.2:port(s)) }");
	echo_result(e, &r);
	ck_assert_uint_eq(r.messages, 5);
	echo_free(e);
	world_down();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("script_peers");
	TCase *running = tcase_create("running");

	tcase_add_test(running, a_peer_asks_and_counts);
	tcase_add_loop_test(running, a_peer_sends_much, 0, 2);
	tcase_add_test(running, a_peer_notices_an_early_end);
	tcase_add_test(running, a_server_counts);
	tcase_add_test(running, datagram_client_gets_answers);
	tcase_set_timeout(running, 60);
	suite_add_tcase(suite, running);
	return run_suite(suite);
}
