/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netstat: which sockets, interfaces and groups are there? */
#include <netinet/tcp.h>

#include "tools/tools_internal.h"

/* --- netstat: sockets ------------------------------------------------------------------------- */

struct wanted {
	struct tool_context *tool;
	bool tcp, udp, raw, listening, all, interfaces, routes, numeric, extended, programs,
		statistics;
	bool stack, groups;
	GArray *rows;   /* struct proc_socket */
	GArray *owners; /* struct proc_owner; NULL: not wanted */
};

static const char *state_name(const struct proc_socket *sock) {
	static const char *const names[] = {"",           "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
	                                    "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSE",
	                                    "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING"};

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

static void show_owner(const struct wanted *w, const struct proc_socket *sock) {
	const struct proc_owner *owner = proc_owner_of(w->owners, sock);
	char text[32] = "-";

	if (owner)
		g_snprintf(text, sizeof text, "%d/%s", owner->pid, owner->name);
	tool_print(w->tool, "%-19.19s ", text);
}

static void show_socket(const struct wanted *w, const struct proc_socket *sock) {
	char local[TOOL_ENDPOINT], foreign[TOOL_ENDPOINT];

	tool_endpoint(local, sock->laddr, sock->lport);
	tool_endpoint(foreign, sock->faddr, sock->fport);
	tool_print(w->tool, "%-4s  %6d %6d %-23s %-23s %-12s",
	           sock->type == SOCK_STREAM  ? "tcp"
	           : sock->type == SOCK_DGRAM ? "udp"
	                                      : "raw",
	           sock->recv_q, sock->send_q, local, foreign, state_name(sock));
	if (w->owners)
		show_owner(w, sock);
	tool_print(w->tool, "%s\n", w->stack ? sock->stack : "");
}

static bool look_alike(const struct proc_socket *a, const struct proc_socket *b) {
	return a->type == b->type && a->state == b->state && a->laddr == b->laddr &&
	       a->lport == b->lport && a->faddr == b->faddr && a->fport == b->fport;
}

/* A program has one socket where SOP has one on each stack, all bound alike: one row, unless the
 * stacks are to be told.  Rows of one stack are sockets of their own. */
static void take_socket(void *arg, const struct proc_socket *sock) {
	const struct wanted *w = arg;

	if (!is_wanted(w, sock))
		return;
	for (guint i = 0; !w->stack && i < w->rows->len; i++) {
		struct proc_socket *row = &g_array_index(w->rows, struct proc_socket, i);

		if (!look_alike(row, sock) || g_str_equal(row->stack, sock->stack))
			continue;
		row->recv_q += sock->recv_q;
		row->send_q += sock->send_q;
		row->stack = sock->stack;
		return;
	}
	g_array_append_val(w->rows, *sock);
}

static void show_sockets(struct wanted *w) {
	struct kernel *k = task_kernel(w->tool->task);

	w->rows = g_array_new(FALSE, FALSE, sizeof(struct proc_socket));
	w->owners = w->programs ? proc_owners(k) : NULL;
	tool_print(w->tool, "Active Internet connections (%s)\n",
	           w->all         ? "servers and established"
	           : w->listening ? "only servers"
	                          : "w/o servers");
	tool_print(w->tool,
	           "Proto Recv-Q Send-Q Local Address           Foreign Address         State"
	           "      %s%s\n",
	           w->programs ? " PID/Program name    " : "", w->stack ? " Stack" : "");
	proc_sockets(k, take_socket, w);
	for (guint i = 0; i < w->rows->len; i++)
		show_socket(w, &g_array_index(w->rows, struct proc_socket, i));
	g_array_unref(w->rows);
	g_clear_pointer(&w->owners, g_array_unref);
}

/* --- netstat: interfaces ---------------------------------------------------------------------- */

static int show_interfaces(const struct wanted *w) {
	tool_print(w->tool, "Kernel Interface table\n");
	if (w->extended)
		return tool_show_interfaces(w->tool, NULL, w->all);
	tool_print_interfaces(w->tool, w->all);
	return 0;
}

/* --- netstat: groups -------------------------------------------------------------------------- */

static void show_group(void *arg, const struct proc_group *group) {
	char addr[TOOL_ADDRESS];

	tool_print(arg, "%-15s %-6u %s\n", group->device, group->users,
	           tool_address(addr, group->addr));
}

static void show_groups(struct tool_context *tool) {
	tool_print(tool,
	           "IPv6/IPv4 Group Memberships\n"
	           "Interface       RefCnt Group\n--------------- ------ ---------------------\n");
	proc_groups(task_kernel(tool->task), show_group, tool);
}

/* --- netstat ---------------------------------------------------------------------------------- */

static bool take_option(struct wanted *w, int letter) {
	bool *const flag[] = {&w->tcp,        &w->udp,    &w->raw,     &w->listening, &w->all,
	                      &w->interfaces, &w->routes, &w->numeric, &w->extended,  &w->programs,
	                      &w->statistics, &w->stack,  &w->groups};
	static const char letters[] = "tuwlairnepsSg";
	const char *at = letter > TOOL_WORD ? strchr(letters, letter) : NULL;

	if (at)
		*flag[at - letters] = true;
	return at;
}

/* Letters of net-tools, and --stack: a last column that names the stack.  It has no letter, and is
 * not there unasked, so that scripts find the state where they look for it. */
int tool_netstat(struct tool_context *tool, int argc, char **argv) {
	static const char *const longs[] = {
		"tcp=t",        "udp=u",   "raw=w",     "listening=l", "all=a",
		"interfaces=i", "route=r", "numeric=n", "extend=e",    "programs=p",
		"statistics=s", "stack=S", "groups=g",  NULL};
	struct tool_options o = {.word = argv + 1, .letters = "tuwlairnepsg", .longs = longs};
	struct wanted w = {.tool = tool};
	int letter;

	(void)argc;
	while ((letter = tool_option(&o)) != TOOL_END)
		if (!take_option(&w, letter))
			return tool_usage(tool);
	if (w.interfaces)
		return show_interfaces(&w);
	if (w.routes)
		tool_print_routes(tool, w.numeric, true);
	else if (w.groups)
		show_groups(tool);
	else if (w.statistics)
		tool_print_statistics(tool, w.tcp, w.udp, w.raw);
	else
		show_sockets(&w);
	return 0;
}
