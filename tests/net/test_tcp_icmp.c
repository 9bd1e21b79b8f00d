/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ICMP messages do to a connection: RFC 1122 4.2.3.9, RFC 1191. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "raw_fixture.h"
#include "run_suite.h"

enum { UNREACH = 3, QUENCH = 4, EXCEEDED = 11, PARAMETER = 12, TOO_BIG = 4 };

static char block[60000];

/* --- errors ----------------------------------------------------------------------------------- */

static void patient(struct net_params *p) {
	plain(p);
	p->icmp_aborts_connect = false;
}

static const struct {
	uint8_t type, code;
	bool hard; /* for RFC 1122 */
	int error;
} errors[] = {
	{UNREACH, 0, false, ENETUNREACH},   {UNREACH, 1, false, EHOSTUNREACH},
	{UNREACH, 2, true, ENOPROTOOPT},    {UNREACH, 3, true, ECONNREFUSED},
	{UNREACH, 5, false, EOPNOTSUPP},    {EXCEEDED, 0, false, EHOSTUNREACH},
	{EXCEEDED, 1, false, EHOSTUNREACH}, {PARAMETER, 0, false, EPROTO},
};

/* Each error meets an attempt to connect: RFC 1122's soft ones must not end it, and are told only
 * if nothing comes of it; for Linux 2.4 any is the end. */
START_TEST(attempt_to_connect) {
	const bool linux24 = _i % 2, hard = errors[_i / 2].hard;

	w = world_raw(linux24 ? plain : patient);
	so = sock_open(w, A, SOCK_STREAM);
	net_connect(so, ADDR_B, 80);
	EXPECT(w, &s, SYN);
	iss = s.seq;
	icmp_from_peer(&(struct icmp){.type = errors[_i / 2].type,
	                              .code = errors[_i / 2].code,
	                              .seq = iss + 2}); /* not ours */
	ck_assert_int_eq(net_state(so), TCP_SYN_SENT);
	icmp_from_peer(&(struct icmp){
		.type = errors[_i / 2].type, .code = errors[_i / 2].code, .seq = iss});
	ck_assert_int_eq(net_state(so), linux24 || hard ? TCP_CLOSE : TCP_SYN_SENT);
	world_for(w, 300 * SIM_S);
	ck_assert_int_eq(net_take_error(so), errors[_i / 2].error);
	world_free(w);
}
END_TEST

/* Each error meets a SYN,ACK: 2.4 forgets the request silently, for whatever error, BSD at the second
 * error behind the third repetition; a wrong number, a source quench and a smaller MTU are no reason. */
START_TEST(request_in_syn_received) {
	const bool linux24 = _i % 2;
	struct icmp icmp = {.type = errors[_i / 2].type, .code = errors[_i / 2].code};

	w = world_raw(linux24 ? plain : patient);
	listener(w, A, 99, 5);
	inject(w, &(struct seg){.flags = SYN, .seq = 5000, .dport = 99, .wnd = 1000});
	EXPECT(w, &s, SYN | ACK);
	iss = icmp.seq = s.seq;
	icmp.port = 99;
	icmp.seq++;
	icmp_from_peer(&icmp);
	icmp.seq--;
	icmp_from_peer(&(struct icmp){.type = QUENCH, .seq = iss, .port = 99});
	icmp_from_peer(&(struct icmp){.type = UNREACH,
	                              .code = TOO_BIG,
	                              .mtu = 600,
	                              .total = 700,
	                              .seq = iss,
	                              .port = 99});
	world_for(w, 3 * SIM_S);
	EXPECT(w, &s, SYN | ACK);
	icmp_from_peer(&icmp);
	if (!linux24) {
		world_for(w, 18 * SIM_S);
		EXPECT(w, &s, SYN | ACK);
		EXPECT(w, &s, SYN | ACK);
		icmp_from_peer(&icmp);
	}
	NOTHING(w);
	inject(w,
	       &(struct seg){.flags = ACK, .seq = 5001, .ack = iss + 1, .dport = 99, .wnd = 1000});
	EXPECT(w, &s, RST);
	ck_assert_uint_eq(counters(w, A)->tcp_attempt_fails, 1);
	world_for(w, 200 * SIM_S);
	NOTHING(w);
	world_free(w);
}
END_TEST

/* None ends a connection; the last one is told if the other side stays silent. */
START_TEST(connection) {
	send_flags(so, block, 1000, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
		icmp_from_peer(&(struct icmp){
			.type = errors[i].type, .code = errors[i].code, .seq = iss + 1});
		ck_assert_int_eq(net_state(so), TCP_ESTABLISHED);
		ck_assert_int_eq(net_peek_error(so), 0);
	}
	if (_i) { /* it does not */
		from_peer(ACK, 5001, iss + 1001, "");
		send_flags(so, block, 1000, 0);
	}
	world_for(w, 1200 * SIM_S);
	ck_assert_int_eq(net_take_error(so), _i ? ETIMEDOUT : EPROTO);
}
END_TEST

/* --- source quench ---------------------------------------------------------------------------- */

/* Must slow down, and a slow start is the way; one per slow start. */
START_TEST(source_quench) {
	send_flags(so, block, sizeof(block), 0);
	for (uint32_t n = 1; n <= 8; n++)
		from_peer(ACK, 5001, iss + 1 + 1000 * n, "");
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 12);
	for (int i = 0; i < 3; i++)
		icmp_from_peer(&(struct icmp){.type = QUENCH, .seq = iss + 8001});
	ck_assert_uint_eq(info().tcpi_snd_cwnd, 1);
	ck_assert_uint_eq(info().tcpi_snd_ssthresh, 6);
	drop_caught(w);
	from_peer(ACK, 5001, iss + 10001, "");
	NOTHING(w); /* ten are still out */
	ck_assert_uint_eq(counters(w, A)->tcp_retransmits, 0);
	from_peer(ACK, 5001, iss + 20001, "");
	ck_assert_uint_eq(w->caught.count, info().tcpi_snd_cwnd);
	ck_assert_uint_le(info().tcpi_snd_cwnd, 3);
}
END_TEST

/* --- path MTU --------------------------------------------------------------------------------- */

static uint16_t after_too_big(uint16_t mtu, uint16_t total) {
	icmp_from_peer(&(struct icmp){
		.type = UNREACH, .code = TOO_BIG, .mtu = mtu, .total = total, .seq = iss + 1});
	return (uint16_t)(info().tcpi_snd_mss + 40);
}

/* A message lowers the estimate and never raises it, nor below 68 (RFC 1191 section 3); an old
 * router says nothing, and the plateaus of section 7 are tried. */
START_TEST(path_mtu_falls) {
	send_flags(so, block, 10000, 0);
	ck_assert_uint_eq(after_too_big(900, 1040), 900);
	ck_assert_uint_eq(after_too_big(1000, 1040), 900);
	ck_assert_uint_eq(after_too_big(5000, 900), 508);
	ck_assert_uint_eq(after_too_big(0, 508), 296);
	ck_assert_uint_eq(after_too_big(20, 296), 68);
	ck_assert_uint_eq(after_too_big(0, 68), 68);
	/* not a sign of congestion: RFC 1191 6.5 */
	ck_assert_uint_eq(info().tcpi_snd_ssthresh, G_MAXINT32);
	ck_assert_uint_eq(counters(w, A)->tcp_timeouts, 0);
}
END_TEST

static uint32_t mss_now(struct net_sock *sock) {
	int mss = 0;
	socklen_t len = sizeof(mss);

	ck_assert_int_eq(net_getopt(sock, IPPROTO_IP, IP_MTU, &mss, &len), 0);
	return (uint32_t)mss;
}

/* It is tried larger again ten minutes later, and not before: section 6.3. */
START_TEST(path_mtu_rises) {
	send_flags(so, block, 1000, 0);
	after_too_big(600, 1040);
	ck_assert_uint_eq(mss_now(so), 600);
	from_peer(ACK, 5001, iss + 1001, "");
	world_for(w, 300 * SIM_S);
	after_too_big(700, 1040); /* does not make it younger either */
	ck_assert_uint_eq(mss_now(so), 600);
	world_for(w, 300 * SIM_S);
	ck_assert_uint_eq(mss_now(so), 600);
	world_for(w, 1);
	ck_assert_uint_eq(mss_now(so), 1500);
	/* nor does a message raise what the connection uses */
	send_flags(so, block, 1000, 0);
	icmp_from_peer(&(struct icmp){
		.type = UNREACH, .code = TOO_BIG, .mtu = 1200, .total = 1300, .seq = iss + 1001});
	ck_assert_uint_eq(info().tcpi_snd_mss, 560);
}
END_TEST

static void fill_alone(TCase *t) {
	tcase_add_loop_test(t, attempt_to_connect, 0, 2 * G_N_ELEMENTS(errors));
	tcase_add_loop_test(t, request_in_syn_received, 0, 2 * G_N_ELEMENTS(errors));
}

static void fill_established(TCase *t) {
	tcase_add_checked_fixture(t, up, down);
	tcase_add_loop_test(t, connection, 0, 2);
	tcase_add_test(t, source_quench);
	tcase_add_test(t, path_mtu_falls);
	tcase_add_test(t, path_mtu_rises);
}

int main(void) {
	Suite *suite = suite_create("net-tcp-icmp");

	add_both_ways(suite, "alone", near_wrap_on, near_wrap_off, fill_alone);
	add_both_ways(suite, "established", near_wrap_on, near_wrap_off, fill_established);
	return run_suite(suite);
}
