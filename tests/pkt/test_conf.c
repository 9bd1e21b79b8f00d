/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run is told: packetdrill's options, --set tcp.KEY=VALUE, and shell lines. */
#include <check.h>
#include <string.h>

#include "pkt/conf.h"
#include "pkt/script.h"
#include "run_suite.h"

static struct run_conf conf;

static void set_up(void) { run_conf_default(&conf); }

static int64_t param(const struct net_params *params, const char *name) {
	const char *each, *unit;
	int64_t value;

	for (size_t i = 0; net_params_get(params, i, &each, &unit, &value); i++)
		if (g_str_equal(each, name))
			return value;
	ck_abort_msg("no parameter %s", name);
	return 0;
}

/* 192.168.0.1/16 against 192.0.2.1, 4 ms: packetdrill's. */
START_TEST(defaults) {
	g_autofree char *name = run_conf_preset_name(&conf);

	ck_assert_str_eq(name, "LINUX_2_4");
	ck_assert_uint_eq(conf.local_ip, 0xc0a80001);
	ck_assert_uint_eq(conf.remote_ip, 0xc0000201);
	ck_assert_uint_eq(conf.netmask, 0xffff0000);
	ck_assert_int_eq(conf.tolerance, 4 * SIM_MS);
	ck_assert_uint_eq(conf.mtu, 1500);
	ck_assert(!conf.strict_segments && !conf.complete && !conf.have_isn);
}
END_TEST

static void take(const char *name, const char *value) {
	g_autoptr(GError) error = NULL;

	ck_assert_msg(run_conf_option(&conf, name, value, &error), "%s",
	              error ? error->message : "");
}

START_TEST(options_arrive) {
	take("tolerance_usecs", "1000000000");
	take("tcp_ts_tick_usecs", "10000");
	take("mtu", "68");
	take("mss", "65535");
	take("isn", "4294967295");
	take("bind_port", "0");
	take("connect_port", "65535");
	take("local_ip", "10.1.2.3/24");
	take("netmask_ip", "255.255.255.0");
	take("gateway_ip", "10.1.2.254");
	take("remote_ip", "10.9.8.7");
	take("tolerance_percent", "12.5");
	take("complete", "");
	take("strict_segments", "");
	take("tcp_ts_ecr_scaled", "");
	take("ip_version", "ipv4");
	take("verbose", "");
	take("presets", "bsd-card, linux-2.4: both do");
	ck_assert_int_eq(conf.tolerance, 1000 * SIM_S);
	ck_assert_int_eq(conf.ts_tick, 10 * SIM_MS);
	ck_assert(conf.mtu == 68 && conf.gathered == 65535 && conf.bind_port == 0);
	ck_assert(conf.have_isn && conf.isn == UINT32_MAX && conf.net.isn == UINT32_MAX);
	ck_assert_uint_eq(conf.connect_port, 65535);
	ck_assert(conf.local_ip == 0x0a010203 && conf.netmask == 0xffffff00);
	ck_assert(conf.gateway_ip == 0x0a0102fe && conf.remote_ip == 0x0a090807);
	ck_assert_double_eq(conf.tolerance_percent, 12.5);
	ck_assert(conf.complete && conf.strict_segments && conf.ts_ecr_scaled);
}
END_TEST

static const struct {
	const char *name, *value;
	int code;
	const char *message;
} bad_options[] = {
	{"tolerance_usecs", "1000000001", OUTCOME_FAILED,
         "bad value of --tolerance_usecs=1000000001"},
	{"tolerance_usecs", "", OUTCOME_FAILED, "bad value of --tolerance_usecs"},
	{"tolerance_usecs", "1ms", OUTCOME_FAILED, "bad value of --tolerance_usecs=1ms"},
	{"tcp_ts_tick_usecs", "-1", OUTCOME_FAILED, "bad value of --tcp_ts_tick_usecs=-1"},
	{"mtu", "67", OUTCOME_FAILED, "bad value of --mtu=67"},
	{"mtu", "9001", OUTCOME_SKIPPED, "the option --mtu=9001"},
	{"mtu", "65536", OUTCOME_FAILED, "bad value of --mtu=65536"},
	{"mss", "0", OUTCOME_FAILED, "bad value of --mss=0"},
	{"mss", "65536", OUTCOME_FAILED, "bad value of --mss=65536"},
	{"isn", "0", OUTCOME_FAILED, "bad value of --isn=0"},
	{"isn", "4294967296", OUTCOME_FAILED, "bad value of --isn=4294967296"},
	{"bind_port", "65536", OUTCOME_FAILED, "bad value of --bind_port=65536"},
	{"connect_port", "0", OUTCOME_FAILED, "bad value of --connect_port=0"},
	{"local_ip", "10.0.0", OUTCOME_FAILED, "bad value of --local_ip=10.0.0"},
	{"remote_ip", "", OUTCOME_FAILED, "bad value of --remote_ip"},
	{"netmask_ip", "ffff0000", OUTCOME_FAILED, "bad value of --netmask_ip=ffff0000"},
	{"tolerance_percent", "101", OUTCOME_FAILED, "bad value of --tolerance_percent=101"},
	{"tolerance_percent", "-1", OUTCOME_FAILED, "bad value of --tolerance_percent=-1"},
	{"tolerance_percent", "", OUTCOME_FAILED, "bad value of --tolerance_percent"},
	{"complete", "yes", OUTCOME_FAILED, "bad value of --complete=yes"},
	{"ip_version", "ipv6", OUTCOME_SKIPPED, "the option --ip_version=ipv6"},
	{"ip_version", "4", OUTCOME_FAILED, "bad value of --ip_version=4"},
	{"presets", "linux-2.4", OUTCOME_FAILED, "bad value of --presets=linux-2.4"},
	{"presets", "", OUTCOME_FAILED, "bad value of --presets"},
	{"presets", "hurd: why not", OUTCOME_FAILED, "bad value of --presets=hurd: why not"},
	{"presets", "bsd-card: SACK", OUTCOME_SKIPPED, "not of linux-2.4: SACK"},
	{"so_filename", "a.so", OUTCOME_SKIPPED, "the option --so_filename=a.so"},
};

START_TEST(options_refused) {
	g_autoptr(GError) error = NULL;

	ck_assert(!run_conf_option(&conf, bad_options[_i].name, bad_options[_i].value, &error));
	ck_assert_str_eq(error->message, bad_options[_i].message);
	ck_assert_int_eq(error->code, bad_options[_i].code);
}
END_TEST

static const struct {
	const char *text;
	const char *name;
	int64_t value;
} sets[] = {
	{"tcp.rto_min=300ms", "rto_min", 300 * SIM_MS},
	{"tcp.rto_min=0.25s", "rto_min", 250 * SIM_MS},
	{"tcp.time_wait=2min", "time_wait", 120 * SIM_S},
	{"tcp.rcvbuf=32KiB", "rcvbuf", 32768},
	{"tcp.rcvbuf=32kB", "rcvbuf", 32000},
	{"tcp.sack=off", "sack", 0},
	{"tcp.sack=yes", "sack", 1},
};

START_TEST(parameters_arrive) {
	g_autoptr(GError) error = NULL;

	ck_assert_msg(run_conf_set(&conf, sets[_i].text, &error), "%s",
	              error ? error->message : "");
	ck_assert_int_eq(param(&conf.net, sets[_i].name), sets[_i].value);
}
END_TEST

/* A preset sets them all, and is known by name to scripts. */
START_TEST(presets) {
	g_autofree char *name = NULL;

	ck_assert(run_conf_set(&conf, "tcp.sack=on", NULL));
	ck_assert(run_conf_set(&conf, "tcp.preset=bsd-card", NULL));
	name = run_conf_preset_name(&conf);
	ck_assert_str_eq(name, "BSD_CARD");
	ck_assert_int_eq(param(&conf.net, "sack"), 0);
}
END_TEST

static const struct {
	const char *text, *message;
} bad_sets[] = {
	{"tcp.rto_min", "--set tcp.rto_min: expected tcp.KEY=VALUE"},
	{"rto_min=1s", "--set rto_min=1s: expected tcp.KEY=VALUE"},
	{"tcp.rto_mim=1s", "--set tcp.rto_mim=1s: there is no such parameter"},
	{"tcp.rto_min=1h", "--set tcp.rto_min=1h: the value is not allowed"},
	{"tcp.rto_min=", "--set tcp.rto_min=: the value is not allowed"},
	{"tcp.rto_min=-1s", "--set tcp.rto_min=-1s: the value is not allowed"},
	{"tcp.preset=hurd", "--set tcp.preset=hurd: the value is not allowed"},
};

START_TEST(parameters_refused) {
	g_autoptr(GError) error = NULL;

	ck_assert(!run_conf_set(&conf, bad_sets[_i].text, &error));
	ck_assert_str_eq(error->message, bad_sets[_i].message);
	ck_assert_int_eq(error->code, OUTCOME_FAILED);
}
END_TEST

/* Linux's names, ours, and what it counts otherwise; else a note. */
static const struct {
	const char *line, *name;
	int64_t value;
} lines[] = {
	{"sysctl -q -w net.ipv4.tcp_sack=0", "sack", 0},
	{"/sbin/sysctl net.ipv4.tcp_reordering=5", "dupack_threshold", 5},
	{"./set_sysctls.py /proc/sys/net/ipv4/tcp_keepalive_time=90", "keepalive_idle", 90 * SIM_S},
	{"echo 7 > /proc/sys/net/ipv4/tcp_keepalive_intvl", "keepalive_interval", 7 * SIM_S},
	{"sysctl -w net.ipv4.tcp_rmem=\"4096 40000 90000\"", "rcvbuf", 30000},
	{"sysctl -w net.ipv4.tcp_rmem=\"4096 400000 900000\"", "rcvbuf", 65535},
	{"echo 4096 16384 131072 > /proc/sys/net/ipv4/tcp_wmem", "sndbuf", 65536},
	{"true\nsysctl net.core.somaxconn=9; true", "somaxconn", 9},
};

START_TEST(shell_lines_arrive) {
	g_autofree char *note = run_conf_shell(&conf.net, lines[_i].line);

	ck_assert_int_eq(param(&conf.net, lines[_i].name), lines[_i].value);
	if (strstr(lines[_i].line, "true"))
		ck_assert_str_eq(note, "ignored: true\nignored: true");
	else
		ck_assert_msg(!note, "%s", note);
}
END_TEST

static const char *const ignored[] = {
	"ip link set dev eth0 up",
	"sysctl -w net.ipv4.tcp_no_such=1",
	"sysctl -w net.ipv4.tcp_sack",
	"sysctl -w net.ipv4.tcp_rmem=4096",
	"sysctl -w net.ipv4.udp_mem=\"1 2 3\"",
	"sysctl -w net.ipv4.tcp_keepalive_time=4000001",
	"echo 1",
	"echo 1 > /tmp/tcp_sack",
	"echo 'an open quote",
};

START_TEST(shell_lines_ignored) {
	const struct net_params before = conf.net;
	g_autofree char *note = run_conf_shell(&conf.net, ignored[_i]);
	g_autofree char *want = g_strdup_printf("ignored: %s", ignored[_i]);

	ck_assert_pstr_eq(note, want);
	ck_assert_mem_eq(&before, &conf.net, sizeof before);
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(cases, test, 0, (int)G_N_ELEMENTS(table))

int main(void) {
	Suite *suite = suite_create("pkt_conf");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, set_up, NULL);
	tcase_add_test(cases, defaults);
	tcase_add_test(cases, options_arrive);
	LOOP(options_refused, bad_options);
	LOOP(parameters_arrive, sets);
	tcase_add_test(cases, presets);
	LOOP(parameters_refused, bad_sets);
	LOOP(shell_lines_arrive, lines);
	LOOP(shell_lines_ignored, ignored);
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
