/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which tool does a command line call? */
#include "tools/tools.h"

#include "tools/tools_internal.h"

static const struct tool tools[] = {
	{"ifconfig",
         "ifconfig [-a] [-s] [INTERFACE [ADDRESS] [netmask MASK] [broadcast ADDRESS] [mtu BYTES] "
         "[hw ether MAC] [[-]promisc] [[-]allmulti] [up|down]]",
         tool_ifconfig},
	{"route",
         "route [-n] [-e] | route add|del [-net|-host] TARGET [netmask MASK] [gw GATEWAY] [metric N] "
         "[dev INTERFACE]",
         tool_route},
	{"arp", "arp [-anv] [-i INTERFACE] [HOST] | arp [-i INTERFACE] -s HOST MAC | arp -d HOST",
         tool_arp},
	{"netstat",
         "netstat [-tuwlanp] [--stack] | netstat -i [-ae] | netstat -r [-n] | "
         "netstat -g [-n] | netstat -s [-tuw]",
         tool_netstat},
	{"sopstat", "sopstat [-a] | sopstat -s", tool_sopstat},
};

/* A tool runs at the machine's pace: its ioctls take the time they take; a signal that kills the
 * process in the middle takes the words with it. */
static int run_words(struct task *task, int argc, char **argv, GString *out) {
	struct tool_context tool = {task, out, NULL};

	for (size_t i = 0; i < G_N_ELEMENTS(tools); i++)
		if (g_str_equal(tools[i].name, argv[0])) {
			tool.usage = tools[i].usage;
			return tools[i].main(&tool, argc, argv);
		}
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
