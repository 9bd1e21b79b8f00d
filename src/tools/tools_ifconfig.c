/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ifconfig: what is an interface set to, and what passed it? */
#include <limits.h>

#include "tools/tools_internal.h"

/* --- showing ---------------------------------------------------------------------------------- */

struct show {
	struct tool_context *tool;
	const char *wanted; /* NULL: all */
	bool all, found;
};

static void show_flags(struct tool_context *tool, short flags) {
	static const struct {
		short flag;
		const char *name;
	} names[] = {
		{IFF_UP, "UP"},
		{IFF_BROADCAST, "BROADCAST"},
		{IFF_LOOPBACK, "LOOPBACK"},
		{IFF_POINTOPOINT, "POINTOPOINT"},
		{IFF_RUNNING, "RUNNING"},
		{IFF_NOARP, "NOARP"},
		{IFF_PROMISC, "PROMISC"},
		{IFF_ALLMULTI, "ALLMULTI"},
		{IFF_MULTICAST, "MULTICAST"},
	};

	tool_print(tool, "          ");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (flags & names[i].flag)
			tool_print(tool, "%s ", names[i].name);
}

static struct ifreq request(const char *name) {
	struct ifreq ifr = {0};

	g_strlcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
	return ifr;
}

static void show_link(struct tool_context *tool, const char *name, short flags) {
	struct ifreq ifr = request(name);
	char mac[TOOL_ADDRESS];

	if (flags & IFF_LOOPBACK) {
		tool_print(tool, "%-9s Link encap:Local Loopback  \n", name);
		return;
	}
	tool_ioctl(tool, SIOCGIFHWADDR, &ifr);
	tool_print(tool, "%-9s Link encap:Ethernet  HWaddr %s  \n", name,
	           tool_mac(mac, (const uint8_t *)ifr.ifr_hwaddr.sa_data));
}

static void show_addresses(struct tool_context *tool, const char *name, short flags) {
	struct ifreq addr = request(name), other = request(name);
	char buf[TOOL_ADDRESS];

	if (tool_ioctl(tool, SIOCGIFADDR, &addr))
		return;
	tool_print(tool, "          inet addr:%s",
	           tool_address(buf, tool_get_address(&addr.ifr_addr)));
	if ((flags & IFF_BROADCAST) && !tool_ioctl(tool, SIOCGIFBRDADDR, &other))
		tool_print(tool, "  Bcast:%s",
		           tool_address(buf, tool_get_address(&other.ifr_broadaddr)));
	if (!tool_ioctl(tool, SIOCGIFNETMASK, &other))
		tool_print(tool, "  Mask:%s",
		           tool_address(buf, tool_get_address(&other.ifr_netmask)));
	tool_print(tool, "\n");
}

/* "1234 (1.2 Kb)". */
static const char *byte_text(char buf[48], uint64_t bytes) {
	static const struct {
		uint64_t above, unit;
		const char *name;
	} units[] = {{1048576, 1048576, "Mb"}, {1024, 1024, "Kb"}, {0, 1, "b"}};
	unsigned i = 0;
	uint64_t tenths;

	while (units[i].above && bytes <= units[i].above)
		i++;
	tenths = bytes * 10 / units[i].unit;
	g_snprintf(buf, 48, "%" PRIu64 " (%" PRIu64 ".%" PRIu64 " %s)", bytes, tenths / 10,
	           tenths % 10, units[i].name);
	return buf;
}

static void show_counters(struct tool_context *tool, const struct proc_device *dev) {
	char rx[48], tx[48];

	tool_print(tool,
	           "          RX packets:%" PRIu64 " errors:%" PRIu64 " dropped:%" PRIu64
	           " overruns:0 frame:%" PRIu64 "\n",
	           dev->rx_packets, dev->rx_errors, dev->rx_dropped, dev->rx_errors);
	tool_print(tool,
	           "          TX packets:%" PRIu64 " errors:0 dropped:%" PRIu64
	           " overruns:0 carrier:0\n",
	           dev->tx_packets, dev->tx_dropped);
	tool_print(tool, "          collisions:0 txqueuelen:%u \n", dev->tx_queue);
	tool_print(tool, "          RX bytes:%s  TX bytes:%s\n", byte_text(rx, dev->rx_bytes),
	           byte_text(tx, dev->tx_bytes));
}

static void show_device(void *arg, const struct proc_device *dev) {
	struct show *show = arg;
	struct tool_context *tool = show->tool;
	struct ifreq ifr = request(dev->name);
	short flags;

	if (show->wanted && strcmp(show->wanted, dev->name) != 0)
		return;
	show->found = true;
	if (tool_ioctl(tool, SIOCGIFFLAGS, &ifr))
		return;
	flags = ifr.ifr_flags;
	if (!show->wanted && !show->all && !(flags & IFF_UP))
		return;
	show_link(tool, dev->name, flags);
	show_addresses(tool, dev->name, flags);
	show_flags(tool, flags);
	tool_ioctl(tool, SIOCGIFMTU, &ifr);
	tool_print(tool, " MTU:%d  Metric:1\n", ifr.ifr_mtu);
	show_counters(tool, dev);
	tool_print(tool, "\n");
}

int tool_show_interfaces(struct tool_context *tool, const char *wanted, bool all) {
	struct show s = {tool, wanted, all, false};

	tool_devices(tool, show_device, &s);
	if (!wanted || s.found)
		return 0;
	tool_print(tool, "%s: error fetching interface information: Device not found\n", wanted);
	return 1;
}

static void show_line(void *arg, const struct proc_device *dev) {
	const struct show *show = arg;
	struct ifreq ifr = request(dev->name);
	int mtu;

	if (tool_ioctl(show->tool, SIOCGIFMTU, &ifr))
		return;
	mtu = ifr.ifr_mtu;
	if (tool_ioctl(show->tool, SIOCGIFFLAGS, &ifr) || (!(ifr.ifr_flags & IFF_UP) && !show->all))
		return;
	tool_print(show->tool,
	           "%-5s %5d %3d %8" PRIu64 " %6" PRIu64 " %6" PRIu64 "      0 %8" PRIu64
	           "      0 %6" PRIu64 "      0 %s%s%s%s%s%s\n",
	           dev->name, mtu, 0, dev->rx_packets, dev->rx_errors, dev->rx_dropped,
	           dev->tx_packets, dev->tx_dropped, ifr.ifr_flags & IFF_ALLMULTI ? "A" : "",
	           ifr.ifr_flags & IFF_BROADCAST ? "B" : "",
	           ifr.ifr_flags & IFF_LOOPBACK    ? "L"
	           : ifr.ifr_flags & IFF_MULTICAST ? "M"
	                                           : "",
	           ifr.ifr_flags & IFF_PROMISC ? "P" : "", ifr.ifr_flags & IFF_RUNNING ? "R" : "",
	           ifr.ifr_flags & IFF_UP ? "U" : "");
}

void tool_print_interfaces(struct tool_context *tool, bool all) {
	struct show show = {tool, NULL, all, false};

	tool_print(tool,
	           "Iface   MTU Met    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR "
	           "Flg\n");
	tool_devices(tool, show_line, &show);
}

/* --- setting ---------------------------------------------------------------------------------- */

static int change_flags(struct tool_context *tool, const char *name, int set, int clear) {
	struct ifreq ifr = request(name);
	int err = tool_ioctl(tool, SIOCGIFFLAGS, &ifr);

	if (err) {
		tool_print(tool, "%s: unknown interface: %s\n", name, g_strerror(-err));
		return 1;
	}
	ifr.ifr_flags = (short)((ifr.ifr_flags | set) & ~clear);
	err = tool_ioctl(tool, SIOCSIFFLAGS, &ifr);
	return err ? tool_error(tool, "SIOCSIFFLAGS", err) : 0;
}

static int set_address(struct tool_context *tool, const char *name, unsigned long cmd,
                       const char *what, const char *text) {
	struct ifreq ifr = request(name);
	uint32_t addr;
	int err;

	if (!tool_parse_address(text, &addr)) {
		tool_print(tool, "%s: Host name lookup failure\n", text);
		return 1;
	}
	tool_put_address(&ifr.ifr_addr, addr);
	err = tool_ioctl(tool, cmd, &ifr);
	return err ? tool_error(tool, what, err) : 0;
}

static int set_mtu(struct tool_context *tool, const char *name, const char *text) {
	struct ifreq ifr = request(name);
	int err;

	/* What is no number is 0, as for net-tools, and refused as such. */
	ifr.ifr_mtu = MAX(0, tool_number(text, INT_MAX));
	err = tool_ioctl(tool, SIOCSIFMTU, &ifr);
	return err ? tool_error(tool, "SIOCSIFMTU", err) : 0;
}

static int set_hw(struct tool_context *tool, const char *name, const char *text) {
	struct ifreq ifr = request(name);
	int err;

	if (!tool_parse_mac(text, (uint8_t *)ifr.ifr_hwaddr.sa_data)) {
		tool_print(tool, "%s: invalid ether address.\n", text);
		return 1;
	}
	ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	err = tool_ioctl(tool, SIOCSIFHWADDR, &ifr);
	return err ? tool_error(tool, "SIOCSIFHWADDR", err) : 0;
}

/* Words that are flags: 0 or 1, as change_flags() has it; -1: none of them. */
static int set_flag(struct tool_context *tool, const char *name, const char *word) {
	static const struct {
		const char *word;
		int set, clear;
	} flags[] = {
		{"up", IFF_UP | IFF_RUNNING, 0}, {"down", 0, IFF_UP},
		{"promisc", IFF_PROMISC, 0},     {"-promisc", 0, IFF_PROMISC},
		{"allmulti", IFF_ALLMULTI, 0},   {"-allmulti", 0, IFF_ALLMULTI},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
		if (g_str_equal(word, flags[i].word))
			return change_flags(tool, name, flags[i].set, flags[i].clear);
	return -1;
}

/* Words with a value; *used: how many words were taken. */
static int set_word(struct tool_context *tool, const char *name, char **word, int *used) {
	bool valued = word[1];
	int status = set_flag(tool, name, word[0]);

	*used = 1;
	if (status >= 0)
		return status;
	*used = 2;
	if (g_str_equal(word[0], "netmask") && valued)
		return set_address(tool, name, SIOCSIFNETMASK, "SIOCSIFNETMASK", word[1]);
	if (g_str_equal(word[0], "broadcast") && valued)
		return set_address(tool, name, SIOCSIFBRDADDR, "SIOCSIFBRDADDR", word[1]);
	if (g_str_equal(word[0], "mtu") && valued)
		return set_mtu(tool, name, word[1]);
	*used = 3;
	if (g_str_equal(word[0], "hw") && valued && word[2])
		return set_hw(tool, name, word[2]);
	*used = 1;
	if (!g_ascii_isdigit(word[0][0]))
		return tool_usage(tool);
	/* An address brings the interface up. */
	return set_address(tool, name, SIOCSIFADDR, "SIOCSIFADDR", word[0]) |
	       change_flags(tool, name, IFF_UP | IFF_RUNNING, 0);
}

/* Options stand before the interface; behind it, "-arp" and its like would be words. */
int tool_ifconfig(struct tool_context *tool, int argc, char **argv) {
	bool all = false, lines = false;
	int status = 0, used;

	(void)argc;
	for (argv++; *argv && **argv == '-'; argv++) {
		if (!g_str_equal(*argv, "-a") && !g_str_equal(*argv, "-s"))
			return tool_usage(tool);
		*((*argv)[1] == 'a' ? &all : &lines) = true;
	}
	if (!argv[0] && lines) {
		tool_print_interfaces(tool, all);
		return 0;
	}
	if (!argv[0] || !argv[1])
		return lines ? tool_usage(tool)
		             : tool_show_interfaces(tool, argv[0], all || argv[0]);
	for (char **word = argv + 1; *word; word += used)
		status |= set_word(tool, argv[0], word, &used);
	return status;
}
