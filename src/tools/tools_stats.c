/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the stacks and SOP counted: netstat -s, sopstat. */
#include "sop/sop.h"
#include "tools/tools_internal.h"

/* --- netstat -s ------------------------------------------------------------------------------- */

static void line(struct tool_context *tool, uint64_t n, const char *what) {
	tool_print(tool, "    %" PRIu64 " %s\n", n, what);
}

static void show_ip(struct tool_context *tool, const struct net_counters *n) {
	tool_print(tool, "Ip:\n");
	line(tool, n->ip_in, "total packets received");
	if (n->ip_bad_header)
		line(tool, n->ip_bad_header, "with invalid headers");
	if (n->ip_not_mine)
		line(tool, n->ip_not_mine, "with invalid addresses");
	line(tool, n->ip_forwarded, "forwarded");
	line(tool, n->ip_in - n->ip_bad_header - n->ip_not_mine - n->ip_forwarded,
	     "incoming packets delivered");
	line(tool, n->ip_out, "requests sent out");
	if (n->ip_no_route)
		line(tool, n->ip_no_route, "dropped because of missing route");
	if (n->ip_reassembly_timeouts)
		line(tool, n->ip_reassembly_timeouts, "fragments dropped after timeout");
	if (n->ip_fragments_in)
		line(tool, n->ip_fragments_in, "reassemblies required");
	if (n->ip_reassembled)
		line(tool, n->ip_reassembled, "packets reassembled ok");
	if (n->ip_fragments_out)
		line(tool, n->ip_fragments_out, "fragments created");
	tool_print(tool, "Icmp:\n");
	line(tool, n->icmp_in, "ICMP messages received");
	line(tool, n->icmp_out, "ICMP messages sent");
}

static void show_tcp(struct tool_context *tool, const struct net_counters *n) {
	tool_print(tool, "Tcp:\n");
	line(tool, n->tcp_active_opens, "active connections openings");
	line(tool, n->tcp_passive_opens, "passive connection openings");
	line(tool, n->tcp_attempt_fails, "failed connection attempts");
	line(tool, n->tcp_resets_in, "connection resets received");
	line(tool, n->tcp_established, "connections established");
	line(tool, n->tcp_in, "segments received");
	line(tool, n->tcp_out, "segments send out");
	line(tool, n->tcp_retransmits, "segments retransmited");
	line(tool, n->tcp_bad_checksum, "bad segments received.");
	line(tool, n->tcp_resets_out, "resets sent");
}

static void show_udp(struct tool_context *tool, const struct net_counters *n) {
	tool_print(tool, "Udp:\n");
	line(tool, n->udp_in, "packets received");
	line(tool, n->udp_no_port, "packets to unknown port received.");
	line(tool, n->udp_bad_checksum + n->udp_overflow, "packet receive errors");
	line(tool, n->udp_out, "packets sent");
}

void tool_print_statistics(struct tool_context *tool, bool tcp, bool udp, bool ip) {
	bool all = !ip && !tcp && !udp;
	struct net_counters n;

	proc_snmp(task_kernel(tool->task), &n);
	if (all || ip)
		show_ip(tool, &n);
	if (all || tcp)
		show_tcp(tool, &n);
	if (all || udp)
		show_udp(tool, &n);
}

/* --- sopstat ---------------------------------------------------------------------------------- */

static void show_sop(void *arg, const struct proc_sop *row) {
	struct tool_context *tool = arg;
	char local[TOOL_ENDPOINT], foreign[TOOL_ENDPOINT];

	tool_endpoint(local, row->laddr, row->lport);
	tool_endpoint(foreign, row->faddr, row->fport);
	tool_print(tool, "%-5s %-23s %-23s %-6s %-8s %s\n",
	           row->type == SOCK_STREAM ? "tcp" : "udp", local, foreign, row->stack, row->why,
	           row->legs);
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
		return tool_usage(tool);
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
