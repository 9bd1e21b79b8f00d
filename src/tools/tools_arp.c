/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arp: who answers at which address? */
#include "tools/tools_internal.h"

struct show {
	struct tool_context *tool;
	const char *device; /* NULL: all */
	uint32_t host;      /* 0: all */
	bool bsd, verbose;  /* -a, -v */
	unsigned entries, shown;
};

static void show_bsd(const struct show *show, const struct proc_arp *entry) {
	char addr[TOOL_ADDRESS], mac[TOOL_ADDRESS];

	if (entry->complete)
		tool_print(show->tool, "? (%s) at %s [ether] %son %s\n",
		           tool_address(addr, entry->addr), tool_mac(mac, entry->mac),
		           entry->permanent ? "PERM " : "", entry->device);
	else
		tool_print(show->tool, "? (%s) at <incomplete> on %s\n",
		           tool_address(addr, entry->addr), entry->device);
}

static void show_entry(void *arg, const struct proc_arp *entry) {
	struct show *show = arg;
	char addr[TOOL_ADDRESS], mac[TOOL_ADDRESS];

	show->entries++;
	if ((show->host && show->host != entry->addr) ||
	    (show->device && strcmp(show->device, entry->device) != 0))
		return;
	if (show->bsd) {
		show_bsd(show, entry);
	} else {
		if (!show->shown)
			tool_print(show->tool,
			           "Address                  HWtype  HWaddress           Flags Mask"
			           "            Iface\n");
		tool_print(show->tool, "%-24s %-7s %-19s %-5s %-15s %s\n",
		           tool_address(addr, entry->addr), entry->complete ? "ether" : "",
		           entry->complete ? tool_mac(mac, entry->mac) : "(incomplete)",
		           !entry->complete   ? ""
		           : entry->permanent ? "CM"
		                              : "C",
		           "", entry->device);
	}
	show->shown++;
}

/* What net-tools 1.60 says of hosts and interfaces that are not there. */
static int show_all(struct show *show, const char *host) {
	proc_arp(task_kernel(show->tool->task), show_entry, show);
	if (show->verbose)
		tool_print(show->tool, "Entries: %u\tSkipped: %u\tFound: %u\n", show->entries,
		           show->entries - show->shown, show->shown);
	if (host && !show->shown && !show->bsd)
		tool_print(show->tool, "%s (%s) -- no entry\n", host, host);
	else if ((host || show->device) && !show->shown)
		tool_print(show->tool, "arp: in %u entries no match found.\n", show->entries);
	return 0;
}

static int change(struct tool_context *tool, unsigned long cmd, const char *what, const char *host,
                  const char *mac, const char *device) {
	struct arpreq req = {.arp_flags = ATF_PERM};
	uint32_t addr;
	int err;

	if (!host || !tool_parse_address(host, &addr)) {
		tool_print(tool, "%s: Unknown host\n", host ? host : "arp");
		return 1;
	}
	tool_put_address(&req.arp_pa, addr);
	if (cmd == SIOCSARP) {
		if (!mac || !tool_parse_mac(mac, (uint8_t *)req.arp_ha.sa_data)) {
			tool_print(tool, "arp: invalid hardware address\n");
			return 1;
		}
		req.arp_flags |= ATF_COM;
		req.arp_ha.sa_family = ARPHRD_ETHER;
	}
	if (device)
		g_strlcpy(req.arp_dev, device, sizeof req.arp_dev);
	err = tool_ioctl(tool, cmd, &req);
	if (err == -ENXIO && cmd == SIOCDARP) {
		tool_print(tool, "No ARP entry for %s\n", host);
		return 1;
	}
	return err ? tool_error(tool, what, err) : 0;
}

int tool_arp(struct tool_context *tool, int argc, char **argv) {
	static const char *const longs[] = {"set=s",     "delete=d",  "device=i",
	                                    "numeric=n", "verbose=v", NULL};
	struct tool_options o = {.word = argv + 1, .letters = "anvdsei:", .longs = longs};
	struct show show = {.tool = tool};
	const char *words[2] = {NULL, NULL};
	unsigned n = 0;
	int letter, order = 0;

	(void)argc;
	while ((letter = tool_option(&o)) != TOOL_END) {
		if (letter == 'i')
			show.device = o.value;
		else if (letter == 'a')
			show.bsd = true;
		else if (letter == 'v')
			show.verbose = true;
		else if (letter == 's' || letter == 'd')
			order = letter;
		else if (letter == TOOL_WORD && n < 2)
			words[n++] = o.value;
		else if (letter != 'n' && letter != 'e')
			return tool_usage(tool);
	}
	if (order == 's')
		return change(tool, SIOCSARP, "SIOCSARP", words[0], words[1], show.device);
	if (n > 1)
		return tool_usage(tool);
	if (order == 'd')
		return change(tool, SIOCDARP, "SIOCDARP", words[0], NULL, show.device);
	if (n && !tool_parse_address(words[0], &show.host)) {
		tool_print(tool, "%s: Unknown host\n", words[0]);
		return 1;
	}
	return show_all(&show, words[0]);
}
