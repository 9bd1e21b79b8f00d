/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The script language's parser: what it makes of texts, good and bad. */
#include <check.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "pkt/script.h"
#include "run_suite.h"

/* Parses a text under the name of a file; NULL and *message if it does not parse. */
static struct script *parse(const char *text, char **message, int *code) {
	g_autoptr(GHashTable) defines =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	struct script *script;
	int fd = g_file_open_tmp("sopsim-XXXXXX.pkt", &path, NULL);

	close(fd);
	ck_assert(g_file_set_contents(path, text, -1, NULL));
	g_hash_table_insert(defines, g_strdup("DEFINED"), g_strdup("1460"));
	script = script_parse(path, defines, &error);
	g_unlink(path);
	ck_assert(!script == !!error);
	if (error) {
		ck_assert(g_str_has_prefix(error->message, path));
		*message = g_strdup(error->message + strlen(path));
		*code = error->code;
	}
	return script;
}

static struct script *good(const char *text) {
	g_autofree char *message = NULL;
	int code = 0;
	struct script *script = parse(text, &message, &code);

	ck_assert_msg(script != NULL, "%s", message);
	return script;
}

static const struct event *nth(const struct script *script, unsigned i) {
	ck_assert_uint_gt(script->events->len, i);
	return script->events->pdata[i];
}

START_TEST(times) {
	static const struct {
		const char *text;
		struct event_time time;
	} cases[] = {
		{"0.25 `a`", {.at = 250 * SIM_MS}},
		{"+.000001 `a`", {.kind = TIME_RELATIVE, .at = SIM_US}},
		{"* > . 1:1(0) ack 1", {.kind = TIME_ANY}},
		{"+0~+.05 > . 1:1(0) ack 1",
	         {.kind = TIME_RELATIVE, .range = true, .until = 50 * SIM_MS}},
		{".1~.2 > . 1:1(0) ack 1",
	         {.range = true, .at = 100 * SIM_MS, .until = 200 * SIM_MS}},
		{"+0...3 close(3) = 0",
	         {.kind = TIME_RELATIVE, .blocking = true, .end = 3 * SIM_S}},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct script *script = good(cases[i].text);
		const struct event_time *have = &nth(script, 0)->time, *want = &cases[i].time;

		ck_assert_int_eq(have->kind, want->kind);
		ck_assert(have->range == want->range && have->blocking == want->blocking);
		ck_assert(have->at == want->at && have->until == want->until &&
		          have->end == want->end);
		script_free(script);
	}
}
END_TEST

START_TEST(segments) {
	struct script *script =
		good("0 < 5000 > 80 P.U 1:101(100) ack 7 win 257 urg 3 <mss DEFINED,nop,wscale 7,"
	             "sack 1:2 3:4,TS val 5 ecr 6>\n"
	             "+0 > [ect0, ttl 5] S. 4294967295:0(1) ack 101 <...>\n");
	const struct packet *in = &nth(script, 0)->packet, *out = &nth(script, 1)->packet;

	ck_assert(in->inbound && in->kind == PACKET_TCP);
	ck_assert(in->remote_port == 5000 && in->local_port == 80);
	ck_assert_uint_eq(in->flags, FLAG_PSH | FLAG_ACK | FLAG_URG);
	ck_assert(in->seq == 1 && in->len == 100 && in->ack == 7 && in->win == 257 && in->urg == 3);
	ck_assert_uint_eq(in->n_options, 5);
	ck_assert(in->options[0].kind == OPTION_MSS && in->options[0].a == 1460);
	ck_assert(in->options[3].kind == OPTION_SACK && in->options[3].blocks == 2);
	ck_assert(in->options[3].start[1] == 3 && in->options[3].end[1] == 4);
	ck_assert(in->options[4].a == 5 && in->options[4].b == 6);
	ck_assert(!out->inbound && out->any_options && out->ecn == 2 && out->ttl == 5);
	ck_assert(out->seq == UINT32_MAX && out->len == 1 && out->win == -1);
	ck_assert_uint_eq(nth(script, 1)->line, 2);
	script_free(script);
}
END_TEST

START_TEST(other_packets) {
	struct script *script = good("0 < [frag 0:1480] udp (3000)\n"
	                             "+0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]\n"
	                             "+0 > icmp echo_reply id 7 [raw (100)]\n");
	const struct packet *udp = &nth(script, 0)->packet, *icmp = &nth(script, 1)->packet;

	ck_assert(udp->kind == PACKET_UDP && udp->len == 3000 && udp->fragment);
	ck_assert(udp->frag_start == 0 && udp->frag_end == 1480);
	ck_assert(icmp->kind == PACKET_ICMP && icmp->icmp_type == 3 && icmp->icmp_code == 4);
	ck_assert(icmp->icmp_mtu == 1200 && icmp->quotes && icmp->quoted == PACKET_TCP);
	ck_assert(nth(script, 2)->packet.echo_id == 7 && nth(script, 2)->packet.icmp_raw == 100);
	script_free(script);
}
END_TEST

START_TEST(calls) {
	struct script *script =
		good("0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=2}, 8) = 0\n"
	             "+0 write(4, \"a\\nb\"..., 100) = -1 EPIPE (Broken pipe)\n"
	             "+0 read(4, ..., 0x10 | 1) = ...\n");
	const struct call *set = &nth(script, 0)->call, *write = &nth(script, 1)->call;
	const struct expr *linger = set->args->pdata[3], *text = write->args->pdata[1];

	ck_assert_str_eq(set->name, "setsockopt");
	ck_assert(linger->kind == EXPR_STRUCT && linger->items->len == 2);
	ck_assert(text->kind == EXPR_STRING && text->open);
	ck_assert_str_eq(text->text->str, "a\nb");
	ck_assert(write->result == -1 && write->error == 32);
	ck_assert(nth(script, 2)->call.any_result);
	ck_assert_int_eq(((const struct expr *)nth(script, 2)->call.args->pdata[2])->value, 17);
	script_free(script);
}
END_TEST

START_TEST(conditions) {
	struct script *script =
		good("#ifdef DEFINED\n0 `a`\n#ifdef NOT\n+1 `b`\n#else\n+2 `c`\n#endif\n"
	             "#else\n+3 `d`\n#endif\n  #ifndef NOT\n+4 `e`\n#endif\n");

	ck_assert_uint_eq(script->events->len, 3);
	ck_assert_str_eq(nth(script, 0)->text, "a");
	ck_assert_str_eq(nth(script, 1)->text, "c");
	ck_assert_uint_eq(nth(script, 1)->line, 6);
	ck_assert_str_eq(nth(script, 2)->text, "e");
	ck_assert_uint_eq(nth(script, 2)->line, 12);
	script_free(script);
}
END_TEST

/* Each with its line; FAILED is the script's fault, SKIPPED this runner's. */
static const struct {
	const char *text;
	int code;
	const char *message;
} bad[] = {
	{"", OUTCOME_FAILED, ": the script has no events"},
	{"0 close(3) = 0\n/* ", OUTCOME_FAILED, ":2: syntax error: a comment without end"},
	{"1 `a`\n0 `b`", OUTCOME_FAILED, "time goes backwards"},
	{"* close(3) = 0", OUTCOME_FAILED, "can only be used with outbound packets"},
	{"+0~+1 < . 1:1(0) ack 1 win 1", OUTCOME_FAILED, "can only be used with outbound packets"},
	{"+1~+0 > . 1:1(0) ack 1", OUTCOME_FAILED, "backwards"},
	{"0 < . 1:1(0) ack 1", OUTCOME_FAILED, "window must be specified"},
	{"0 < . 1:3(1) ack 1 win 1", OUTCOME_FAILED, "inferred payload length 2"},
	{"0 < . 1:1(0) ack 99999999999 win 1", OUTCOME_FAILED, "out of range"},
	{"0 < . 1:1(0) ack 1 win 65536", OUTCOME_FAILED, "window value out of range"},
	{"0 < ? 1:1(0) ack 1 win 1", OUTCOME_FAILED, "TCP flags '?'"},
	{"0 < . 1:1(0) ack 1 win 1 <mss 65536>", OUTCOME_FAILED, "mss is out of range"},
	{"0 < . 1:1(0) ack 1 win 1 <sack>", OUTCOME_FAILED, "sack without a block"},
	{"0 < 70000 > 80 . 1:1(0) ack 1 win 1", OUTCOME_FAILED, "a port is out of range"},
	{"0 < [frag 4:8] udp (3000)", OUTCOME_FAILED, "a fragment begins at"},
	{"0 close(3 = 0", OUTCOME_FAILED, "syntax error"},
	{"0 `a", OUTCOME_FAILED, "'`' is missing"},
	{"0 %{ assert 1", OUTCOME_FAILED, "'}%' is missing"},
	{"#else\n0 `a`", OUTCOME_FAILED, ":1: syntax error: '#else' without #ifdef"},
	{"#ifdef A\n#ifdef B\n#endif\n0 `a`", OUTCOME_FAILED,
         ":1: syntax error: a condition without"},
	{"#ifdef A\n0 `a`\n  ", OUTCOME_FAILED, ":1: syntax error: a condition without"},
	{"#ifdef A\nxendif\n0 `a`", OUTCOME_FAILED, ":1: syntax error: a condition without"},
	{"#ifdef A\n", OUTCOME_FAILED, ":1: syntax error: a condition without"},
	{"#if 1\n0 `a`\n#endif", OUTCOME_SKIPPED, ":1: the directive '#if 1'"},
	{"0 < . 1:1(0) ack 1 win NAME", OUTCOME_SKIPPED, "the name NAME, which is not defined"},
	{"0 < . 1:1(0) ack 1 win 1/udp(1 > 2)", OUTCOME_SKIPPED, "encapsulation: '/udp(1 > 2)'"},
	{"0 < S 1:1(0) win 1 <mpcapable>", OUTCOME_SKIPPED, "the TCP option mpcapable"},
	{"0 < A. 1:1(0) ack 1 win 1", OUTCOME_SKIPPED, "the TCP flags 'A.'"},
	{"0 < ipv6 ::1", OUTCOME_SKIPPED, "ipv6 packets"},
	{"5000000 `a`", OUTCOME_SKIPPED, "times beyond"},
	{"0 close(99999999999999999999) = 0", OUTCOME_FAILED,
         "number 99999999999999999999 is out of range"},
	{"0 < . 1:1(0) ack 1 win 1 urg 65536", OUTCOME_FAILED, "urg pointer out of range"},
	{"0 < . 1:70000(69999) ack 1 win 1", OUTCOME_FAILED, "payload of 69999 bytes is too long"},
	{"0 < udp (65508)", OUTCOME_FAILED, "UDP payload does not fit a packet"},
	{"0 < [tos 256] . 1:1(0) ack 1 win 1", OUTCOME_FAILED, "tos out of range for 8 bits"},
	{"0 < [ect01] . 1:1(0) ack 1 win 1", OUTCOME_FAILED,
         "[ect01] can only be used with outbound"},
	{"0 < [hop 1] . 1:1(0) ack 1 win 1", OUTCOME_SKIPPED, "the IP field hop"},
	{"0 < icmp nothing", OUTCOME_SKIPPED, "the ICMP type nothing"},
	{"0 < icmp unreachable nowhere", OUTCOME_SKIPPED, "the ICMP code nowhere"},
	{"0 < icmp unreachable mtu 65536", OUTCOME_FAILED, "mtu out of range"},
	{"0 < icmp echo_request id 65536", OUTCOME_FAILED, "id out of range"},
	{"0 < icmp echo_request [raw (7)]", OUTCOME_FAILED, "an ICMP message of 7 bytes"},
	{"0 < [1:2(1)] udp (3)", OUTCOME_FAILED, "only an ICMP message is about a packet"},
	{"0 < . 1:1(0) ack 1 win 1 <sack 1:2 3:4 5:6 7:8 9:10>", OUTCOME_FAILED,
         "more SACK blocks"},
	{"0 < . 1:1(0) ack 1 win 1 <...>", OUTCOME_FAILED,
         "can only be used with outbound packets"},
	{"0 < . 1:1(0) ack 1 win 1 <option 3 00>", OUTCOME_FAILED, "no option 3 by number"},
	{"0 < . 1:1(0) ack 1 win 1 <md5 0g>", OUTCOME_SKIPPED, "the md5 option of 0g"},
	{"0 < . 1:1(0) ack 1 win 1 {x}", OUTCOME_SKIPPED, "mutated packets"},
	{"0 bind(3, {sin_addr=inet_addr(\"1.2.3\")}, 16) = 0", OUTCOME_FAILED,
         "not an address: \"1.2.3\""},
	{"0 f(g(1)) = 0", OUTCOME_SKIPPED, "the function g()"},
	{"0 f(NO_NAME) = 0", OUTCOME_SKIPPED, "the name NO_NAME"},
	{"0 f(\"a\" | 1) = 0", OUTCOME_FAILED, "'|' joins numbers"},
	{"0 f((1)) = 0", OUTCOME_SKIPPED, "MPLS labels"},
	{"0 f(1) = -1 ENOTHING", OUTCOME_SKIPPED, "the errno ENOTHING"},
	{"0 f(1 2) = 0", OUTCOME_FAILED, "expected ','"},
	{"0 f([1 2]) = 0", OUTCOME_FAILED, "syntax error in a list"},
	{"0...+1 f(1) = 0", OUTCOME_FAILED, "a relative end of an absolute time"},
	{"+0~1 > . 1:1(0) ack 1", OUTCOME_FAILED, "a range from a relative to an absolute time"},
	{"0 `a`\n`b`\n`c`", OUTCOME_FAILED, "something follows the last shell line"},
};

START_TEST(refused) {
	g_autofree char *message = NULL;
	int code = 0;

	ck_assert_msg(!parse(bad[_i].text, &message, &code), "parsed: %s", bad[_i].text);
	ck_assert_msg(strstr(message, bad[_i].message), "%s", message);
	ck_assert_int_eq(code, bad[_i].code);
}
END_TEST

START_TEST(names) {
	int64_t value = 0;

	ck_assert(constant_find("SO_REUSEADDR", &value) && value == 2);
	ck_assert(constant_find("TCP_INFINITE_SSTHRESH", &value) && value == INT32_MAX);
	ck_assert(!constant_find("SO_NOTHING", &value));
	ck_assert_int_eq(errno_find("EPIPE"), 32);
	ck_assert_int_eq(errno_find("ENOTHING"), 0);
	ck_assert_str_eq(errno_name(22), "EINVAL");
	ck_assert_str_eq(errno_name(9999), "E?");
}
END_TEST

int main(void) {
	Suite *suite = suite_create("pkt_parse");
	TCase *cases = tcase_create("all");

	tcase_add_test(cases, times);
	tcase_add_test(cases, segments);
	tcase_add_test(cases, other_packets);
	tcase_add_test(cases, calls);
	tcase_add_test(cases, conditions);
	tcase_add_test(cases, names);
	tcase_add_loop_test(cases, refused, 0, (int)G_N_ELEMENTS(bad));
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
