/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apps/tools.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "apps/tools_internal.h"

const struct tool tools[] = {
	{"ifconfig",
	 "ifconfig [-a] [INTERFACE [ADDRESS] [netmask MASK] [broadcast ADDRESS] [mtu BYTES] "
	 "[hw ether MAC] [up|down]]", tool_ifconfig},
	{"route",
	 "route [-n] | route add|del [-net|-host] TARGET [netmask MASK] [gw GATEWAY] [metric N] "
	 "[dev INTERFACE]", tool_route},
	{"arp", "arp [-an] [-i INTERFACE] [HOST] | arp [-i INTERFACE] -s HOST MAC | arp -d HOST",
	 tool_arp},
	{"netstat", "netstat [-tuwlan] | netstat -i | netstat -r [-n]", tool_netstat},
	{"sopstat", "sopstat [-a] | sopstat -s", tool_sopstat},
};
const size_t n_tools = G_N_ELEMENTS(tools);

void tool_print(struct tool_context *tool, const char *format, ...) {
	va_list args;

	va_start(args, format);
	g_string_append_vprintf(tool->out, format, args);
	va_end(args);
}

int tool_error(struct tool_context *tool, const char *what, int err) {
	tool_print(tool, "%s: %s\n", what, g_strerror(-err));
	return 1;
}

int tool_usage(struct tool_context *tool, const char *name) {
	for (size_t i = 0; i < n_tools; i++)
		if (g_str_equal(tools[i].name, name))
			tool_print(tool, "Usage: %s\n", tools[i].usage);
	return 4;
}

int tool_ioctl(struct tool_context *tool, unsigned long cmd, void *arg) {
	int fd = sys_socket(tool->task, AF_INET, SOCK_DGRAM, 0), err;

	if (fd < 0)
		return fd;
	err = sys_ioctl(tool->task, fd, cmd, arg);
	sys_close(tool->task, fd);
	return err;
}

bool tool_parse_address(const char *text, uint32_t *addr) {
	struct in_addr in;

	if (g_str_equal(text, "default")) {
		*addr = 0;
		return true;
	}
	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*addr = ntohl(in.s_addr);
	return true;
}

bool tool_parse_mac(const char *text, uint8_t mac[6]) {
	unsigned part[6];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &part[0], &part[1], &part[2], &part[3], &part[4],
	           &part[5], &end) != 6 || text[end])
		return false;
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)part[i];
	return true;
}

void tool_put_address(struct sockaddr *sa, uint32_t addr) {
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr)};

	memcpy(sa, &in, sizeof in);
}

uint32_t tool_get_address(const struct sockaddr *sa) {
	struct sockaddr_in in;

	memcpy(&in, sa, sizeof in);
	return ntohl(in.sin_addr.s_addr);
}

const char *tool_address(char buf[TOOL_ADDRESS], uint32_t addr) {
	g_snprintf(buf, TOOL_ADDRESS, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255,
	           addr & 255);
	return buf;
}

const char *tool_mac(char buf[TOOL_ADDRESS], const uint8_t mac[6]) {
	g_snprintf(buf, TOOL_ADDRESS, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2], mac[3],
	           mac[4], mac[5]);
	return buf;
}

/* A tool runs at the machine's pace: its ioctls take the time they take; a signal that kills the
 * process in the middle takes the words with it. */
static int run_words(struct task *task, int argc, char **argv, GString *out) {
	struct tool_context tool = {task, out};

	for (size_t i = 0; i < n_tools; i++)
		if (g_str_equal(tools[i].name, argv[0]))
			return tools[i].main(&tool, argc, argv);
	tool_print(&tool, "%s: command not found\n", argv[0]);
	return 127;
}

int tool_run(struct task *task, const char *command, GString *out) {
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) argv = NULL;
	int argc;

	if (!g_shell_parse_argv(command, &argc, &argv, &error)) {
		g_string_append_printf(out, "sh: %s\n", error->message);
		return 2;
	}
	return run_words(task, argc, argv, out);
}
