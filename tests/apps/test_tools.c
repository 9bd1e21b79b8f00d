/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ifconfig, route, arp, netstat, sopstat: what they print, set and complain about. */
#include "script_world.h"

#include "run_suite.h"

START_TEST(ifconfig_configures_nic_and_card_alike) {
	world_up(true);
	must_hold("run(\"ifconfig toe0 10.0.9.1 netmask 255.255.0.0 mtu 1400\") = 0\n"
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

START_TEST(route_shows_and_changes) {
	world_up(true);
	must_hold("run(\"route -n\") has "
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
	          "run(\"netstat -ltn\") has \"tcp        0      0 0.0.0.0:80              "
	          "0.0.0.0:*               LISTEN      inet\"\n"
	          "run(\"netstat -ltn\") has \"LISTEN      toe1\"\n"
	          "run(\"netstat -tn\") has \"10.0.1.2:7              ESTABLISHED toe0\"\n"
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
	tcase_add_test(tc, route_shows_and_changes);
	tcase_add_test(tc, arp_shows_and_changes);
	tcase_add_test(tc, netstat_lists_sockets_of_all_stacks);
	tcase_add_test(tc, sopstat_counts_and_names_stacks);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);

	return run_suite(suite);
}
