/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ifconfig, route, arp, netstat, sopstat: what they print, set and complain about. */
#include "script_world.h"

#include "run_suite.h"

START_TEST(ifconfig_configures_nic_and_card_alike) {
	world_up(true);
	must_hold(
		"run(\"ifconfig toe0 10.0.9.1 netmask 255.255.0.0 mtu 1400\") = 0\n"
		"run(\"ifconfig toe0\") has "
		"\"inet addr:10.0.9.1  Bcast:10.0.255.255  Mask:255.255.0.0\"\n"
		"run(\"ifconfig toe0\") has \"UP BROADCAST RUNNING MULTICAST  MTU:1400  Metric:1\"\n"
		"run(\"ifconfig toe0\") has \"HWaddr 02:00:00:00:01:01\"\n"
		"run(\"ifconfig eth0\") has \"inet addr:10.0.0.1\"\n"
		"run(\"ifconfig eth0\") has \"RX packets:0\"\n"
		"run(\"ifconfig toe1 down\") = 0\n"
		"run(\"ifconfig\") has \"eth0      Link encap:Ethernet\"\n"
		"run(\"ifconfig\") has \"toe0      Link encap:Ethernet\"\n"
		"run(\"ifconfig -a\") has \"toe1\"\n"
		"run(\"ifconfig lo\") has \"Local Loopback\"\n"
		"s = socket(stream)\n"
		"bind(s, 10.0.9.1:80) = 0\n"
		"expect stack(s) = toe0\n");
	world_down();
}
END_TEST

START_TEST(without_sop_the_cards_are_not_there) {
	world_up(false);
	must_hold("run(\"ifconfig\") has \"eth0\"\n"
	          "run(\"ifconfig toe0\") = 1\n"
	          "run(\"ifconfig toe0\") has "
	          "\"toe0: error fetching interface information: Device not found\"\n"
	          "run(\"ifconfig toe0 10.0.1.9\") has \"SIOCSIFADDR: No such device\"\n"
	          "run(\"ifconfig toe0 up\") has \"toe0: unknown interface: No such device\"\n"
	          "run(\"sopstat\") = 1\n"
	          "run(\"sopstat\") has \"the module sop is not loaded\"\n");
	world_down();
}
END_TEST

START_TEST(ifconfig_complains) {
	world_up(true);
	must_hold("run(\"ifconfig eth0 nonsense\") has \"Usage: ifconfig\"\n"
	          "run(\"ifconfig eth0 mtu 20\") has \"SIOCSIFMTU: Invalid argument\"\n"
	          "run(\"ifconfig eth0 netmask 255.0.255.0\") has "
	          "\"SIOCSIFNETMASK: Invalid argument\"\n"
	          "run(\"ifconfig eth0 hw ether 02:00:00:00:00:99\") has \"SIOCSIFHWADDR\"\n"
	          "run(\"ifconfig eth0 hw ether nonsense\") has \"invalid ether address\"\n"
	          "run(\"ifconfig eth0 down hw ether 02:00:00:00:00:99 up\") = 0\n"
	          "run(\"ifconfig eth0\") has \"02:00:00:00:00:99\"\n"
	          "run(\"nothing\") = 127\n"
	          "run(\"ifconfig 'eth0\") = 2\n");
	world_down();
}
END_TEST

START_TEST(groups_and_promiscuity) {
	world_up(true);
	must_hold(
		"run(\"ifconfig toe0 promisc\") = 0\n"
		"run(\"ifconfig toe0\") has \"UP BROADCAST RUNNING PROMISC MULTICAST  MTU:1500\"\n"
		"run(\"ifconfig toe0 -promisc allmulti\") = 0\n"
		"run(\"ifconfig toe0\") has \"UP BROADCAST RUNNING ALLMULTI MULTICAST  MTU:1500\"\n"
		"run(\"netstat -i\") has \"ABMRU\"\n"
		"run(\"ifconfig toe0 -allmulti\") = 0\n"
		"run(\"ifconfig toe0\") has \"UP BROADCAST RUNNING MULTICAST  MTU:1500\"\n"
		"s = socket(dgram)\n"
		"setsockopt(s, IP_ADD_MEMBERSHIP, 239.1.1.1, 10.0.1.1) = 0\n"
		"setsockopt(s, IP_ADD_MEMBERSHIP, 239.1.1.1, 10.0.0.1) = 0\n"
		"setsockopt(s, IP_ADD_MEMBERSHIP, 239.1.1.1, any, 2) = 0\n"
		"setsockopt(s, IP_ADD_MEMBERSHIP, 239.1.1.1, any, 99) = -ENODEV\n"
		"run(\"netstat -gn\") has \"IPv6/IPv4 Group Memberships\\n"
		"Interface       RefCnt Group\\n--------------- ------ ---------------------\\n"
		"lo              1      224.0.0.1\\n"
		"eth0            2      239.1.1.1\\n"
		"eth0            1      224.0.0.1\\n"
		"toe0            1      239.1.1.1\\n"
		"toe0            1      224.0.0.1\\n\"\n"
		"close(s) = 0\n"
		"run(\"netstat --groups\") has \"eth0            1      224.0.0.1\"\n");
	world_down();
}
END_TEST

START_TEST(route_shows_and_changes) {
	world_up(true);
	must_hold(
		"run(\"route -n\") has "
		"\"10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0\"\n"
		"run(\"route\") has "
		"\"10.0.1.0        *               255.255.255.0   U     0      0        0 toe0\"\n"
		"run(\"route add default gw 10.0.1.2\") = 0\n"
		"run(\"route\") has "
		"\"default         10.0.1.2        0.0.0.0         UG    0      0        0 toe0\"\n"
		"run(\"route add default gw 10.0.1.2\") has \"SIOCADDRT: File exists\"\n"
		"run(\"route add -host 10.7.7.7 gw 10.0.0.2 metric 3\") = 0\n"
		"run(\"route -n\") has "
		"\"10.7.7.7        10.0.0.2        255.255.255.255 UGH   3      0        0 eth0\"\n"
		"run(\"route add -net 10.8.0.0 netmask 255.255.0.0 dev toe1\") = 0\n"
		"run(\"route del -net 10.8.0.0/16 dev toe1\") = 0\n"
		"run(\"route del -net 10.8.0.0/16 dev toe1\") has \"SIOCDELRT: No such process\"\n"
		"run(\"route add -net 10.8.0.0/16 gw 10.99.0.1\") has "
		"\"SIOCADDRT: Network is unreachable\"\n"
		"run(\"route frob\") has \"Usage: route\"\n");
	world_down();
}
END_TEST

START_TEST(arp_shows_and_changes) {
	world_up(true);
	struct echo *a = answer_at(0, ECHO_SERVER, 7), *b = answer_at(1, ECHO_SERVER, 7);

	must_hold("s = socket(stream); connect(s, 10.0.0.2:7) = 0\n"
	          "t = socket(stream); connect(t, 10.0.1.2:7) = 0\n"
	          "run(\"arp -n\") has \"10.0.0.2                 ether   02:00:00:00:00:02   C\"\n"
	          "run(\"arp -n\") has \"toe0\"\n"
	          "run(\"arp -a\") has \"? (10.0.1.2) at 02:00:00:00:01:02 [ether] on toe0\"\n"
	          "run(\"arp 10.0.0.77\") has \"10.0.0.77 (10.0.0.77) -- no entry\"\n"
	          "run(\"arp -s 10.0.1.77 02:00:00:00:00:77\") = 0\n"
	          "run(\"arp 10.0.1.77\") has \"CM\"\n"
	          "run(\"arp -i toe0\") has \"10.0.1.77\"\n"
	          "run(\"arp -d 10.0.1.77\") = 0\n"
	          "run(\"arp -d 10.0.1.77\") has \"No ARP entry for 10.0.1.77\"\n"
	          "run(\"arp -s 10.0.1.77 nonsense\") has \"invalid hardware address\"\n");
	echo_free(a);
	echo_free(b);
	world_down();
}
END_TEST

START_TEST(netstat_lists_sockets_of_all_stacks) {
	world_up(true);
	struct echo *a = answer_at(1, ECHO_SERVER, 7);

	must_hold("l = socket(stream); bind(l, any:80) = 0; listen(l) = 0\n"
	          "s = socket(stream); connect(s, 10.0.1.2:7) = 0; p = port(s)\n"
	          "u = socket(dgram); bind(u, 10.0.2.1:53) = 0\n"
	          "run(\"netstat -ltn --stack\") has \"tcp        0      0 0.0.0.0:80              "
	          "0.0.0.0:*               LISTEN      inet\"\n"
	          "run(\"netstat --stack -ltn\") has \"LISTEN      toe1\"\n"
	          "run(\"netstat -tn --stack\") has \"10.0.1.2:7              ESTABLISHED toe0\"\n"
	          "run(\"netstat -aun\") has \"udp        0      0 10.0.2.1:53\"\n"
	          "run(\"netstat -i\") has \"toe0   1500\"\n"
	          "run(\"netstat -rn\") has \"Kernel IP routing table\"\n"
	          "run(\"netstat -x\") has \"Usage: netstat\"\n");
	log_has("netstat");
	ck_assert(!strstr(W.log->str, "UNKNOWN"));
	echo_free(a);
	world_down();
}
END_TEST

/* What awk sees of the last line with `text`: its last word, as in '{print $NF}'. */
static void last_word_of(const char *text, const char *word) {
	char *at = g_strrstr(W.log->str, text), *end = at ? strchr(at, '\n') : NULL;
	g_autofree char *line = NULL;

	ck_assert_msg(end, "'%s' is not in\n%s", text, W.log->str);
	line = g_strchomp(g_strndup(at, (gsize)(end - at)));
	ck_assert_msg(g_str_has_suffix(line, word), "'%s' does not end with '%s'", line, word);
}

/* Columns of net-tools 1.60: scripts find the state in the last one, and the sixth. */
START_TEST(scripts_read_netstat) {
	world_up(true);
	struct echo *a = answer_at(1, ECHO_SERVER, 7);

	must_hold(
		"l = socket(stream); bind(l, any:80) = 0; listen(l) = 0\n"
		"s = socket(stream); connect(s, 10.0.1.2:7) = 0\n"
		"u = socket(dgram); bind(u, any:53) = 0\n"
		"run(\"netstat -ant\") has \"Proto Recv-Q Send-Q Local Address           "
		"Foreign Address         State      \\n\"\n"
		"run(\"netstat -ant\") has \"10.0.1.2:7              ESTABLISHED \\n\"\n"
		"run(\"netstat -ant\") has \"0.0.0.0:*               LISTEN      \\n\"\n"
		"run(\"netstat --all --numeric --tcp\") has \"ESTABLISHED \\n\"\n"
		"run(\"netstat -anu\") has \"0.0.0.0:*                           \\n\"\n"
		"run(\"netstat -antp\") has \"State       PID/Program name    \\n\"\n"
		"run(\"netstat -nap\") has \"0.0.0.0:*               LISTEN      2/test              \"\n"
		"run(\"netstat -nap\") has \"ESTABLISHED 2/test              \\n\"\n"
		"c = socket(stream); connect(c, 127.0.0.1:80) = 0; d = accept(l)\n"
		"run(\"netstat -ntp\") has \"tcp        0      0 127.0.0.1:80            127.0.0.1:\"\n"
		"run(\"netstat -ntp\")\n"
		"close(s) = 0; sleep 1s\n"
		"run(\"netstat -antp\") has \"TIME_WAIT   -                   \\n\"\n"
		"run(\"netstat -an\")");
	last_word_of("10.0.1.2:7", "TIME_WAIT");
	/* One listener, one row. */
	ck_assert_ptr_null(strstr(strstr(g_strrstr(W.log->str, "Active"), "LISTEN") + 1, "LISTEN"));
	last_word_of("0.0.0.0:80", "LISTEN");
	log_has("10.0.1.2:7              ESTABLISHED 2/test");
	/* Connected and accepted: nobody's would be "-". */
	ck_assert_msg(!strstr(W.log->str, "ESTABLISHED -"), "%s", W.log->str);
	last_word_of("0.0.0.0:53", "0.0.0.0:*");
	echo_free(a);
	world_down();
}
END_TEST

START_TEST(routes_as_netstat_shows_them) {
	world_up(true);
	must_hold(
		"run(\"route add default gw 10.0.1.2\") = 0\n"
		"run(\"netstat -rn\") has \"Kernel IP routing table\\nDestination     Gateway         "
		"Genmask         Flags   MSS Window  irtt Iface\\n\"\n"
		"run(\"netstat -rn\") has "
		"\"0.0.0.0         10.0.1.2        0.0.0.0         UG        0 0          0 toe0\\n\"\n"
		"run(\"netstat -r\") has "
		"\"default         10.0.1.2        0.0.0.0         UG        0 0          0 toe0\\n\"\n"
		"run(\"route -e\") has "
		"\"10.0.0.0        *               255.255.255.0   U         0 0          0 eth0\\n\"\n"
		"run(\"route -ne\") has \"irtt\"\nrun(\"route -x\") = 4\n"
		"run(\"route add -net 10.9.0.0/x dev eth0\") has \"Usage: route\"\n"
		"run(\"route add -net 10.9.0.0/33 dev eth0\") = 4\n"
		"run(\"route add -net 10.9.0.0/16 metric x dev eth0\") = 4\n"
		"run(\"route add -net 10.9.0.0/16 metric 1 dev eth0\") = 0\n");
	world_down();
}
END_TEST

START_TEST(arp_takes_letters_together) {
	world_up(true);
	struct echo *a = answer_at(0, ECHO_SERVER, 7);

	must_hold(
		"s = socket(stream); connect(s, 10.0.0.2:7) = 0\n"
		"run(\"arp -an\") has \"? (10.0.0.2) at 02:00:00:00:00:02 [ether] on eth0\\n\"\n"
		"run(\"arp -a -n\") has \"? (10.0.0.2) at\"\nrun(\"arp -na -i eth0\") has \"10.0.0.2\"\n"
		"run(\"arp -nieth0\") has \"10.0.0.2                 ether\"\n"
		"run(\"arp 10.0.0.2 -a\") has \"? (10.0.0.2) at\"\n"
		"run(\"arp -an -i lo\") has \"arp: in 1 entries no match found.\\n\"\n"
		"run(\"arp -a 10.0.0.9\") has \"arp: in 1 entries no match found.\\n\"\n"
		"run(\"arp -v\") has \"Entries: 1\\tSkipped: 0\\tFound: 1\\n\"\n"
		"run(\"arp -s 10.0.1.77 02:00:00:00:00:77 -i toe0\") = 0\n"
		"run(\"arp -nv\") has \"Entries: 2\\tSkipped: 0\"\n"
		"run(\"arp -ax\") = 4\nrun(\"arp -ni\") = 4\nrun(\"arp a b\") = 4\n"
		"run(\"arp --numeric\") = 0\nrun(\"arp --nothing\") = 4\n");
	echo_free(a);
	world_down();
}
END_TEST

/* The same exchange by NIC, card and loop-back: all count. */
START_TEST(interfaces_count) {
	world_up(true);
	struct echo *a = answer_at(0, ECHO_SERVER, 7), *b = answer_at(1, ECHO_SERVER, 7);

	must_hold(
		"s = socket(stream); connect(s, 10.0.0.2:7) = 0; send(s, 1000); recv(s, 1000, "
		"MSG_WAITALL) = 1000; close(s) = 0\n"
		"s = socket(stream); connect(s, 10.0.1.2:7) = 0; send(s, 1000); recv(s, 1000, "
		"MSG_WAITALL) = 1000; close(s) = 0\n"
		"u = socket(dgram); sendto(u, 1000, 127.0.0.1:9) = 1000\nsleep 1s\n"
		"run(\"ifconfig lo\") has \"RX packets:2 errors:0 dropped:0 overruns:0 frame:0\\n\"\n"
		/* 1000 bytes with their headers; an ICMP that quotes the first 28. */
		"run(\"ifconfig lo\") has \"          collisions:0 txqueuelen:0 \\n"
		"          RX bytes:1604 (1.5 Kb)  TX bytes:1604 (1.5 Kb)\\n\"\n"
		"run(\"ifconfig toe1\") has \"RX packets:0 \"\n"
		"run(\"netstat -i\") has \"Iface   MTU Met    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR "
		"TX-DRP TX-OVR Flg\\neth0 \"\n"
		"run(\"netstat -ie\") has \"eth0      Link encap\"\n"
		"run(\"ifconfig -s\") has \"Iface   MTU\"\n"
		"run(\"ifconfig toe0\") has \"          collisions:0 txqueuelen:100 \\n\"\n"
		"run(\"ifconfig -x\") = 4\n"
		"run(\"netstat -s\") has \"Tcp:\\n    2 active connections openings\\n\"\n"
		"run(\"netstat -su\") has \"Udp:\\n    0 packets received\\n    1 packets to unknown port "
		"received.\\n\"\n"
		"run(\"ifconfig eth0\")\nrun(\"ifconfig toe0\")\n");
	/* By the same segments: the card is a computer with the same protocol. */
	char *eth = g_strrstr(W.log->str, "| eth0  "), *toe = g_strrstr(W.log->str, "| toe0  ");
	static const char *const counts[] = {"RX packets:", "TX packets:", "RX bytes:"};

	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		const char *x = strstr(eth, counts[i]) + strlen(counts[i]);
		const char *y = strstr(toe, counts[i]) + strlen(counts[i]);

		ck_assert_int_ge(atoi(x), 5);
		ck_assert_msg(ABS(atoi(x) - atoi(y)) <= atoi(x) / 4, "%s\n%s", x, y);
	}
	echo_free(a);
	echo_free(b);
	world_down();
}
END_TEST

/* 4008 bytes behind IP's header are three fragments of 1480 at most, there and back, behind a whole
 * datagram for the address; nothing is said of what did not happen. */
START_TEST(fragments_are_counted) {
	world_up(true);
	struct echo *e = answer_at((unsigned)_i, ECHO_UDP, 7);
	g_autofree char *text = g_strdup_printf(
		"run(\"netstat -s\")\nu = socket(dgram); sendto(u, 1, 10.0.%d.2:7) = 1\n"
		"recvfrom(u, 9) = 1; sendto(u, 4000, from()) = 4000\n"
		"recv(u, 9999) = 4000\nrun(\"netstat -s\") has \"    3 reassemblies required\\n"
		"    1 packets reassembled ok\\n    3 fragments created\\nIcmp:\\n\"\n"
		"run(\"netstat -s\") has \"    4 total packets received\\n    0 forwarded\\n"
		"    4 incoming packets delivered\\n    4 requests sent out\\n\"\n",
		_i);

	must_hold(text);
	char *first = strstr(W.log->str, "Ip:"), *next = strstr(first, "Icmp:");

	ck_assert(!g_strstr_len(first, next - first, "fragments"));
	ck_assert(!g_strstr_len(first, next - first, "reassembl"));
	echo_free(e);
	world_down();
}
END_TEST

/* eth2 before eth10, lo between the cards: as net-tools sort. */
START_TEST(interfaces_are_sorted) {
	world_up(true);
	must_hold("run(\"ifconfig -a\")\n");
	ck_assert(strstr(W.log->str, "| eth0") < strstr(W.log->str, "| lo"));
	ck_assert(strstr(W.log->str, "| lo") < strstr(W.log->str, "| toe0"));
	ck_assert(strstr(W.log->str, "| toe0") < strstr(W.log->str, "| toe1"));
	world_down();
}
END_TEST

START_TEST(sopstat_counts_and_names_stacks) {
	world_up(true);
	must_hold("s = socket(stream); bind(s, 10.0.1.1:80) = 0; listen(s) = 0\n"
	          "t = socket(stream)\n"
	          "run(\"sopstat\") has \"calls.socket\"\n"
	          "run(\"sopstat\") has \"pins.bind                               1\"\n"
	          "run(\"sopstat -a\") has \"pins.accept                             0\"\n"
	          "run(\"sopstat -s\") has \"tcp   10.0.1.1:80             0.0.0.0:*               "
	          "toe0   bind     toe0\"\n"
	          "run(\"sopstat -s\") has \"any             inet toe0 toe1\"\n"
	          "run(\"sopstat -x\") has \"Usage: sopstat\"\n");
	world_down();
}
END_TEST

int main(void) {
	Suite *suite = suite_create("tools");
	TCase *tc = tcase_create("tools");

	tcase_add_test(tc, ifconfig_configures_nic_and_card_alike);
	tcase_add_test(tc, without_sop_the_cards_are_not_there);
	tcase_add_test(tc, ifconfig_complains);
	tcase_add_test(tc, groups_and_promiscuity);
	tcase_add_test(tc, route_shows_and_changes);
	tcase_add_test(tc, arp_shows_and_changes);
	tcase_add_test(tc, netstat_lists_sockets_of_all_stacks);
	tcase_add_test(tc, scripts_read_netstat);
	tcase_add_test(tc, routes_as_netstat_shows_them);
	tcase_add_test(tc, arp_takes_letters_together);
	tcase_add_test(tc, interfaces_count);
	tcase_add_loop_test(tc, fragments_are_counted, 0, 2);
	tcase_add_test(tc, interfaces_are_sorted);
	tcase_add_test(tc, sopstat_counts_and_names_stacks);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);

	return run_suite(suite);
}
