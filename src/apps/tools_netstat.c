/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <netinet/tcp.h>

#include "apps/tools_internal.h"
#include "sop/sop.h"

/* --- netstat: sockets ------------------------------------------------------------------------- */

struct wanted {
	struct tool_context *tool;
	bool tcp, udp, raw, listening, all, interfaces, routes, numeric;
};

static const char *state_name(const struct proc_socket *sock) {
	static const char *const names[] = {
		"", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
		"CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"};

	if (sock->type != SOCK_STREAM)
		return sock->fport ? "ESTABLISHED" : "";
	return sock->state > 0 && sock->state < (int)G_N_ELEMENTS(names) ? names[sock->state]
	                                                                : "UNKNOWN";
}

static bool is_server(const struct proc_socket *sock) {
	return sock->type == SOCK_STREAM ? sock->state == TCP_LISTEN : !sock->fport;
}

static bool is_wanted(const struct wanted *w, const struct proc_socket *sock) {
	bool any = w->tcp || w->udp || w->raw;
	bool kind = sock->type == SOCK_STREAM ? w->tcp : sock->type == SOCK_DGRAM ? w->udp : w->raw;

	/* A bound socket that neither listens nor is connected is shown with -a only. */
	if (any && !kind)
		return false;
	if (w->all)
		return true;
	return w->listening == is_server(sock) && (sock->fport || is_server(sock));
}

static void endpoint(char *buf, size_t size, uint32_t addr, uint16_t port) {
	char text[TOOL_ADDRESS];

	if (port)
		g_snprintf(buf, size, "%s:%u", tool_address(text, addr), port);
	else
		g_snprintf(buf, size, "%s:*", tool_address(text, addr));
}

static void show_socket(void *arg, const struct proc_socket *sock) {
	const struct wanted *w = arg;
	char local[TOOL_ADDRESS + 8], foreign[TOOL_ADDRESS + 8];

	if (!is_wanted(w, sock))
		return;
	endpoint(local, sizeof local, sock->laddr, sock->lport);
	endpoint(foreign, sizeof foreign, sock->faddr, sock->fport);
	tool_print(w->tool, "%-5s %6d %6d %-23s %-23s %-11s %s\n",
	           sock->type == SOCK_STREAM ? "tcp" : sock->type == SOCK_DGRAM ? "udp" : "raw",
	           sock->recv_q, sock->send_q, local, foreign, state_name(sock), sock->stack);
}

static void show_sockets(struct wanted *w) {
	tool_print(w->tool, "Active Internet connections (%s)\n",
	           w->all ? "servers and established" : w->listening ? "only servers" : "w/o servers");
	tool_print(w->tool, "Proto Recv-Q Send-Q Local Address           Foreign Address         State"
	           "       Stack\n");
	proc_sockets(task_kernel(w->tool->task), show_socket, w);
}

/* --- netstat: interfaces ---------------------------------------------------------------------- */

static void show_interface(void *arg, const struct proc_device *dev) {
	const struct wanted *w = arg;
	struct ifreq ifr = {0};
	int mtu;

	g_strlcpy(ifr.ifr_name, dev->name, sizeof ifr.ifr_name);
	if (tool_ioctl(w->tool, SIOCGIFMTU, &ifr) < 0)
		return;
	mtu = ifr.ifr_mtu;
	if (tool_ioctl(w->tool, SIOCGIFFLAGS, &ifr) < 0 || (!(ifr.ifr_flags & IFF_UP) && !w->all))
		return;
	tool_print(w->tool, "%-5s %5d %3d %8" PRIu64 "      0 %6" PRIu64 "      0 %8" PRIu64
	           "      0 %6" PRIu64 "      0 %s%s%s%s\n", dev->name, mtu, 0,
	           dev->rx_packets, dev->rx_dropped, dev->tx_packets, dev->tx_dropped,
	           ifr.ifr_flags & IFF_BROADCAST ? "B" : "",
	           ifr.ifr_flags & IFF_LOOPBACK ? "L" : ifr.ifr_flags & IFF_MULTICAST ? "M" : "",
	           ifr.ifr_flags & IFF_RUNNING ? "R" : "", ifr.ifr_flags & IFF_UP ? "U" : "");
}

static void show_interfaces(struct wanted *w) {
	tool_print(w->tool, "Kernel Interface table\n"
	           "Iface   MTU Met    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n");
	proc_devices(task_kernel(w->tool->task), show_interface, w);
}

static bool take_letter(struct wanted *w, char letter) {
	bool *const flag[] = {&w->tcp, &w->udp, &w->raw, &w->listening, &w->all, &w->interfaces,
	                      &w->routes, &w->numeric};
	static const char letters[] = "tuwlairn";
	const char *at = letter ? strchr(letters, letter) : NULL;

	if (at)
		*flag[at - letters] = true;
	return at;
}

int tool_netstat(struct tool_context *tool, int argc, char **argv) {
	struct wanted w = {.tool = tool};

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1])
			return tool_usage(tool, "netstat");
		for (const char *letter = argv[i] + 1; *letter; letter++)
			if (!take_letter(&w, *letter))
				return tool_usage(tool, "netstat");
	}
	if (w.routes)
		tool_print_routes(tool, w.numeric);
	else if (w.interfaces)
		show_interfaces(&w);
	else
		show_sockets(&w);
	return 0;
}

/* --- sopstat ---------------------------------------------------------------------------------- */

static void show_sop(void *arg, const struct proc_sop *row) {
	struct tool_context *tool = arg;
	char local[TOOL_ADDRESS + 8], foreign[TOOL_ADDRESS + 8];

	endpoint(local, sizeof local, row->laddr, row->lport);
	endpoint(foreign, sizeof foreign, row->faddr, row->fport);
	tool_print(tool, "%-5s %-23s %-23s %-6s %-8s %s\n", row->type == SOCK_STREAM ? "tcp" : "udp",
	           local, foreign, row->stack, row->why, row->legs);
}

static void show_counters(struct tool_context *tool, const struct module *sop, bool all) {
	const char *name;
	uint64_t value;

	for (size_t i = 0; sop_counter(sop, i, &name, &value); i++)
		if (value || all)
			tool_print(tool, "%-28s %12" PRIu64 "\n", name, value);
}

int tool_sopstat(struct tool_context *tool, int argc, char **argv) {
	const struct module *sop = module_find(task_kernel(tool->task), "sop");
	bool sockets = argc == 2 && g_str_equal(argv[1], "-s");
	bool all = argc == 2 && g_str_equal(argv[1], "-a");

	if (argc > 2 || (argc == 2 && !sockets && !all))
		return tool_usage(tool, "sopstat");
	if (!sop) {
		tool_print(tool, "sopstat: the module sop is not loaded\n");
		return 1;
	}
	if (!sockets) {
		show_counters(tool, sop, all);
		return 0;
	}
	tool_print(tool, "Proto Local Address           Foreign Address         Stack  Pinned by "
	           "Inner sockets\n");
	proc_sop(task_kernel(tool->task), show_sop, tool);
	return 0;
}
