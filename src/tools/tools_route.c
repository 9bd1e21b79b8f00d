/* SPDX-License-Identifier: GPL-3.0-or-later */
/* route: by which way does an address go? */
#include <limits.h>

#include "tools/tools_internal.h"

/* --- showing ---------------------------------------------------------------------------------- */

struct show {
	struct tool_context *tool;
	bool numeric, netstat;
};

static void show_route(void *arg, const struct proc_route *route) {
	const struct show *show = arg;
	char dst[TOOL_ADDRESS], gateway[TOOL_ADDRESS], mask[TOOL_ADDRESS], flags[8];
	const char *to = !route->dst && !route->mask && !show->numeric
	                         ? "default"
	                         : tool_address(dst, route->dst);
	const char *via =
		!route->gateway && !show->numeric ? "*" : tool_address(gateway, route->gateway);

	g_snprintf(flags, sizeof flags, "U%s%s", route->gateway ? "G" : "",
	           route->mask == 0xffffffffU ? "H" : "");
	tool_print(show->tool, "%-15s %-15s %-15s ", to, via, tool_address(mask, route->mask));
	/* MSS, window and first round trip that "route add" may give: none here does. */
	if (show->netstat)
		tool_print(show->tool, "%-6s%5d %-5d %6d %s\n", flags, 0, 0, 0, route->device);
	else
		tool_print(show->tool, "%-5s %-6u %-2d %7d %s\n", flags, route->metric, 0, 0,
		           route->device);
}

void tool_print_routes(struct tool_context *tool, bool numeric, bool netstat) {
	struct show show = {tool, numeric, netstat};

	tool_print(tool,
	           "Kernel IP routing table\n"
	           "Destination     Gateway         Genmask         %s Iface\n",
	           netstat ? "Flags   MSS Window  irtt" : "Flags Metric Ref    Use");
	proc_routes(task_kernel(tool->task), show_route, &show);
}

/* --- changing --------------------------------------------------------------------------------- */

static bool take_word(struct rtentry *rt, bool *masked, char **word) {
	uint32_t addr = 0;
	const char *value = word[1];

	if (!value)
		return false;
	if (g_str_equal(word[0], "dev")) {
		rt->rt_dev = word[1];
		return true;
	}
	if (g_str_equal(word[0], "metric")) {
		rt->rt_metric =
			(short)(tool_number(value, SHRT_MAX - 1) + 1); /* as the ioctl has it */
		return rt->rt_metric > 0;
	}
	if (!tool_parse_address(value, &addr))
		return false;
	if (g_str_equal(word[0], "netmask")) {
		tool_put_address(&rt->rt_genmask, addr);
		*masked = true;
	} else if (g_str_equal(word[0], "gw")) {
		tool_put_address(&rt->rt_gateway, addr);
		rt->rt_flags |= RTF_GATEWAY;
	} else {
		return false;
	}
	return true;
}

/* The mask of a target's class, for -net without netmask. */
static uint32_t class_mask(uint32_t addr) {
	if (!addr)
		return 0;
	return addr >> 31 == 0 ? 0xff000000U : addr >> 30 == 2 ? 0xffff0000U : 0xffffff00U;
}

/* Target with an optional /prefix. */
static bool take_target(struct rtentry *rt, const char *text, uint32_t *dst, int *prefix) {
	g_auto(GStrv) parts = g_strsplit(text, "/", 2);

	*prefix = parts[0] && parts[1] ? tool_number(parts[1], 32) : -1;
	if (!parts[0] || !tool_parse_address(parts[0], dst) || (parts[1] && *prefix < 0))
		return false;
	tool_put_address(&rt->rt_dst, *dst);
	return true;
}

static int change(struct tool_context *tool, unsigned long cmd, const char *what, char **word) {
	struct rtentry rt = {.rt_flags = RTF_UP};
	bool net = *word && g_str_equal(*word, "-net"), host = *word && g_str_equal(*word, "-host");
	bool masked = false;
	uint32_t dst;
	int prefix, err;

	word += net || host;
	if (!*word || !take_target(&rt, *word, &dst, &prefix))
		return tool_usage(tool);
	word++;
	while (*word) {
		/* "route add default eth0": the device without its word. */
		if (!word[1])
			rt.rt_dev = *word++;
		else if (take_word(&rt, &masked, word))
			word += 2;
		else
			return tool_usage(tool);
	}
	if (prefix >= 0) {
		tool_put_address(&rt.rt_genmask, prefix ? ~UINT32_C(0) << (32 - prefix) : 0);
	} else if (!masked) {
		host |= !net && dst;
		tool_put_address(&rt.rt_genmask, class_mask(dst));
	}
	if (host && !masked && prefix < 0)
		rt.rt_flags |= RTF_HOST;
	err = tool_ioctl(tool, cmd, &rt);
	return err ? tool_error(tool, what, err) : 0;
}

static int list(struct tool_context *tool, char **argv) {
	static const char *const longs[] = {"numeric=n", "extend=e", NULL};
	struct tool_options o = {.word = argv + 1, .letters = "nve", .longs = longs};
	bool numeric = false, extended = false;
	int letter;

	while ((letter = tool_option(&o)) != TOOL_END) {
		if (letter == TOOL_WORD || letter == TOOL_UNKNOWN)
			return tool_usage(tool);
		numeric |= letter == 'n';
		extended |= letter == 'e';
	}
	tool_print_routes(tool, numeric, extended);
	return 0;
}

int tool_route(struct tool_context *tool, int argc, char **argv) {
	if (argc > 1 && g_str_equal(argv[1], "add"))
		return change(tool, SIOCADDRT, "SIOCADDRT", argv + 2);
	if (argc > 1 && g_str_equal(argv[1], "del"))
		return change(tool, SIOCDELRT, "SIOCDELRT", argv + 2);
	return list(tool, argv);
}
