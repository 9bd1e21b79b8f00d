/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run is told: options, parameters, shell lines. */
#include "pkt/conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/frame.h"
#include "pkt/script.h"

static bool set_preset(struct run_conf *conf, const char *name) {
	conf->preset = g_intern_string(name);
	return net_params_preset(&conf->net, name);
}

void run_conf_default(struct run_conf *conf) {
	*conf = (struct run_conf){
		.tolerance = 4 * SIM_MS, /* packetdrill's default */
		.local_ip = 0xc0a80001U, /* 192.168.0.1 and the others: its defaults */
		.netmask = 0xffff0000U,
		.gateway_ip = 0xc0a80002U,
		.remote_ip = 0xc0000201U,
		.bind_port = 8080,
		.connect_port = 8080,
		.mtu = FRAME_MTU,
	};
	set_preset(conf, "linux-2.4");
}

char *run_conf_preset_name(const struct run_conf *conf) {
	char *name = g_ascii_strup(conf->preset, -1);

	return g_strcanon(name, G_CSET_A_2_Z G_CSET_DIGITS, '_');
}

static bool bad(GError **error, enum outcome outcome, const char *name, const char *value) {
	g_set_error(error, SCRIPT_ERROR, outcome, "%s --%s%s%s",
	            outcome == OUTCOME_SKIPPED ? "the option" : "bad value of", name,
	            *value ? "=" : "", value);
	return false;
}

/* --- options ---------------------------------------------------------------------------------- */

enum { USECS_MAX = 1000000000 };

static void set_isn(struct run_conf *conf, uint32_t isn) {
	conf->have_isn = true;
	conf->isn = isn;
	conf->net.isn = isn;
}

static bool option_number(struct run_conf *conf, const char *name, int64_t n) {
	if (g_str_equal(name, "tolerance_usecs") && n <= USECS_MAX)
		conf->tolerance = n * SIM_US;
	else if (g_str_equal(name, "tcp_ts_tick_usecs") && n <= USECS_MAX)
		conf->ts_tick = n * SIM_US;
	else if (g_str_equal(name, "mtu") && n >= 68 && n <= FRAME_MTU_JUMBO)
		conf->mtu = (uint16_t)n;
	else if (g_str_equal(name, "mss") && n > 0 && n <= 65535)
		conf->gathered = (uint32_t)n;
	else if (g_str_equal(name, "isn") && n > 0 && n <= UINT32_MAX)
		set_isn(conf, (uint32_t)n);
	else if (g_str_equal(name, "bind_port") && n >= 0 && n <= 65535)
		conf->bind_port = (uint16_t)n;
	else if (g_str_equal(name, "connect_port") && n > 0 && n <= 65535)
		conf->connect_port = (uint16_t)n;
	else
		return false;
	return true;
}

static uint32_t *address_option(struct run_conf *conf, const char *name) {
	return g_str_equal(name, "local_ip")     ? &conf->local_ip
	       : g_str_equal(name, "remote_ip")  ? &conf->remote_ip
	       : g_str_equal(name, "gateway_ip") ? &conf->gateway_ip
	       : g_str_equal(name, "netmask_ip") ? &conf->netmask
	                                         : NULL;
}

/* "192.0.2.1", also "192.0.2.1/24". */
static bool parse_address(const char *text, uint32_t *address) {
	g_auto(GStrv) parts = g_strsplit(text, "/", 2);
	struct in_addr in;

	if (!parts[0] || inet_pton(AF_INET, parts[0], &in) != 1)
		return false;
	*address = ntohl(in.s_addr);
	return true;
}

static bool *flag_option(struct run_conf *conf, const char *name) {
	return g_str_equal(name, "strict_segments")     ? &conf->strict_segments
	       : g_str_equal(name, "complete")          ? &conf->complete
	       : g_str_equal(name, "tcp_ts_ecr_scaled") ? &conf->ts_ecr_scaled
	                                                : NULL;
}

/* "linux-2.4: why not the others": the presets whose rules a script shows. */
static bool check_presets(const struct run_conf *conf, const char *value, GError **error) {
	g_auto(GStrv) parts = g_strsplit(value, ": ", 2);
	g_auto(GStrv) names = g_strsplit(parts[0] ? parts[0] : "", ", ", -1);
	struct net_params any;

	if (!parts[0] || !parts[1])
		return bad(error, OUTCOME_FAILED, "presets", value);
	for (char **name = names; *name; name++)
		if (!net_params_preset(&any, *name))
			return bad(error, OUTCOME_FAILED, "presets", value);
	if (g_strv_contains((const gchar *const *)names, conf->preset))
		return true;
	g_set_error(error, SCRIPT_ERROR, OUTCOME_SKIPPED, "not of %s: %s", conf->preset, parts[1]);
	return false;
}

bool run_conf_option(struct run_conf *conf, const char *name, const char *value, GError **error) {
	/* What concerns only a real machine, or is so here anyway. */
	static const char *const idle[] = {
		"send_omit_free", "non_fatal",    "verbose",     "v",
		"dry_run",        "code_command", "code_format", "code_sockopt",
		"init_scripts",   "speed",        "is_anyip",    "persistent_tun_dev",
		"no_cleanup",     "debug"};
	static const char *const numbers[] = {"tolerance_usecs", "tcp_ts_tick_usecs", "mtu", "mss",
	                                      "bind_port",       "connect_port",      "isn"};
	bool *flag = flag_option(conf, name);
	uint32_t *address = address_option(conf, name);
	char *end;

	for (size_t i = 0; i < G_N_ELEMENTS(idle); i++)
		if (g_str_equal(name, idle[i]))
			return true;
	if (g_str_equal(name, "ip_version"))
		return g_str_equal(value, "ipv4") ||
		       bad(error, g_str_has_prefix(value, "ipv") ? OUTCOME_SKIPPED : OUTCOME_FAILED,
		           name, value);
	if (g_str_equal(name, "presets"))
		return check_presets(conf, value, error);
	if (address)
		return parse_address(value, address) || bad(error, OUTCOME_FAILED, name, value);
	if (flag) {
		*flag = true;
		return !*value || bad(error, OUTCOME_FAILED, name, value);
	}
	if (g_str_equal(name, "tolerance_percent")) {
		conf->tolerance_percent = g_ascii_strtod(value, &end);
		return (*value && !*end && conf->tolerance_percent >= 0 &&
		        conf->tolerance_percent <= 100) ||
		       bad(error, OUTCOME_FAILED, name, value);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		int64_t n = g_ascii_strtoll(value, &end, 10);

		if (!g_str_equal(name, numbers[i]))
			continue;
		if (*value && !*end && g_str_equal(name, "mtu") && n > FRAME_MTU_JUMBO &&
		    n <= 65535)
			return bad(error, OUTCOME_SKIPPED, name,
			           value); /* the wire is an Ethernet */
		return (*value && !*end && n >= 0 && option_number(conf, name, n)) ||
		       bad(error, OUTCOME_FAILED, name, value);
	}
	return bad(error, OUTCOME_SKIPPED, name, value);
}

/* --- parameters ------------------------------------------------------------------------------- */

static const struct {
	const char *suffix;
	double factor;
} suffixes[] = {
	{"", 1},        {"ps", 1},     {"ns", SIM_NS},        {"us", SIM_US},
	{"ms", SIM_MS}, {"s", SIM_S},  {"min", 60.0 * SIM_S}, {"B", 1},
	{"bytes", 1},   {"KiB", 1024}, {"MiB", 1 << 20},      {"kB", 1000},
	{"MB", 1e6},
};

static bool parse_value(const char *text, int64_t *value) {
	static const char *const on[] = {"true", "yes", "on"}, *const off[] = {"false", "no",
	                                                                       "off"};
	char *end;
	double n = g_ascii_strtod(text, &end);

	for (size_t i = 0; i < G_N_ELEMENTS(on); i++)
		if (g_str_equal(text, on[i]) || g_str_equal(text, off[i])) {
			*value = g_str_equal(text, on[i]);
			return true;
		}
	for (size_t i = 0; end != text && i < G_N_ELEMENTS(suffixes); i++)
		if (g_str_equal(end, suffixes[i].suffix)) {
			*value = (int64_t)CLAMP(n * suffixes[i].factor + 0.5, -9e18, 9e18);
			return true;
		}
	return false;
}

bool run_conf_set(struct run_conf *conf, const char *assignment, GError **error) {
	const char *equals = strchr(assignment, '=');
	g_autofree char *key = equals ? g_strndup(assignment, (gsize)(equals - assignment)) : NULL;
	int64_t value;
	int rc;

	if (!key || !g_str_has_prefix(key, "tcp.")) {
		g_set_error(error, SCRIPT_ERROR, OUTCOME_FAILED, "--set %s: expected tcp.KEY=VALUE",
		            assignment);
		return false;
	}
	if (g_str_equal(key, "tcp.preset"))
		rc = set_preset(conf, equals + 1) ? 0 : -ERANGE;
	else
		rc = parse_value(equals + 1, &value) ? net_params_set(&conf->net, key + 4, value)
		                                     : -ERANGE;
	if (rc)
		g_set_error(error, SCRIPT_ERROR, OUTCOME_FAILED, "--set %s: %s", assignment,
		            rc == -ENOENT ? "there is no such parameter"
		                          : "the value is not allowed");
	return rc == 0;
}

/* --- shell lines ------------------------------------------------------------------------------ */

enum sysctl_kind { SYSCTL_COUNT, SYSCTL_SECONDS, SYSCTL_IGNORED };

/* Linux's names where ours are others, ours, and the unit. */
static const struct {
	const char *name, *param;
	enum sysctl_kind kind;
} sysctls[] = {
	{"tcp_reordering", "dupack_threshold", SYSCTL_COUNT},
	{"tcp_keepalive_time", "keepalive_idle", SYSCTL_SECONDS},
	{"tcp_keepalive_intvl", "keepalive_interval", SYSCTL_SECONDS},
	{"tcp_slow_start_after_idle", "idle_restart", SYSCTL_COUNT},
	{"somaxconn", "somaxconn", SYSCTL_COUNT},
	{"ipfrag_time", "reassembly_timeout", SYSCTL_SECONDS},
};

static bool set_named(struct net_params *params, const char *name, const char *value) {
	int64_t n = g_ascii_strtoll(value, NULL, 10);

	for (size_t i = 0; i < G_N_ELEMENTS(sysctls) && ABS(n) <= SCRIPT_SECONDS_MAX; i++)
		if (g_str_equal(name, sysctls[i].name))
			return net_params_set(params, sysctls[i].param,
			                      sysctls[i].kind == SYSCTL_SECONDS ? n * SIM_S : n) ==
			       0;
	/* and what has no name in Linux: tcp_minshall=0 */
	return g_str_has_prefix(name, "tcp_") && !net_params_set(params, name + 4, n);
}

/* tcp_rmem and tcp_wmem: "least default most".  Linux counts whole buffers: of the default of
 * tcp_rmem three quarters are window, of the most of tcp_wmem half is payload (net/params.c). */
static bool set_memory(struct net_params *params, const char *name, const char *value) {
	long long least, usual, most;

	if (sscanf(value, "%lld %lld %lld", &least, &usual, &most) != 3)
		return false;
	if (g_str_equal(name, "tcp_rmem"))
		return !net_params_set(params, "rcvbuf", MIN(usual / 4 * 3, 65535));
	if (g_str_equal(name, "tcp_wmem"))
		return !net_params_set(params, "sndbuf", most / 2);
	return false;
}

/* One assignment: "net.ipv4.tcp_sack=0", or a path below /proc/sys. */
static bool set_sysctl(struct net_params *params, const char *path, const char *value) {
	const char *last = strrchr(path, strchr(path, '/') ? '/' : '.');
	const char *name = last ? last + 1 : path;

	return set_named(params, name, value) || set_memory(params, name, value);
}

/* "sysctl [-q] [-w] a.b.c=value ...", "set_sysctls.py /proc/sys/a/b/c=value ..." */
static bool run_sysctl(struct net_params *params, char **words) {
	bool all = true;

	for (; *words; words++) {
		g_auto(GStrv) parts = NULL;

		if (**words == '-')
			continue;
		parts = g_strsplit(*words, "=", 2);
		all &= parts[1] && set_sysctl(params, parts[0], parts[1]);
	}
	return all;
}

/* "echo value > /proc/sys/net/ipv4/name" */
static bool run_echo(struct net_params *params, char **words) {
	guint n = g_strv_length(words);
	GString *value = g_string_new(NULL);
	bool done;

	for (guint i = 0; i + 2 < n; i++)
		g_string_append_printf(value, "%s%s", i ? " " : "", words[i]);
	done = n >= 3 && g_str_equal(words[n - 2], ">") &&
	       g_str_has_prefix(words[n - 1], "/proc/sys/") &&
	       set_sysctl(params, words[n - 1], value->str);
	g_string_free(value, TRUE);
	return done;
}

char *run_conf_shell(struct net_params *params, const char *line) {
	g_auto(GStrv) commands = g_strsplit_set(line, "\n;", -1);
	GString *notes = g_string_new(NULL);

	for (char **c = commands; *c; c++) {
		g_auto(GStrv) words = NULL;
		int n;
		bool done = false;

		g_strstrip(*c);
		if (!**c)
			continue;
		if (!g_shell_parse_argv(*c, &n, &words, NULL))
			words = g_strsplit(*c, " ", -1);
		if (words[0] && (g_str_has_suffix(words[0], "sysctl") ||
		                 g_str_has_suffix(words[0], "set_sysctls.py")))
			done = run_sysctl(params, words + 1);
		else if (words[0] && g_str_equal(words[0], "echo"))
			done = run_echo(params, words + 1);
		if (!done)
			g_string_append_printf(notes, "%signored: %s", notes->len ? "\n" : "", *c);
	}
	return g_string_free(notes, notes->len == 0);
}
