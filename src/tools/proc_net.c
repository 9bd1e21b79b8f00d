/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of proc.h as the text of Linux 2.4's files, which real tools read. */
#include <arpa/inet.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <string.h>

#include "tools/proc.h"

/* States as the kernel numbers them (include/linux/tcp.h). */
#define STATE_ESTABLISHED 1
#define STATE_CLOSE 7

static void add_device(void *text, const struct proc_device *dev) {
	g_string_append_printf(
		text,
		"%6s:%8" PRIu64 " %7" PRIu64 " %4" PRIu64 " %4" PRIu64 " %4u %5u %10u %9u %8" PRIu64
		" %7" PRIu64 " %4u %4" PRIu64 " %4u %5u %7u %10u\n",
		dev->name, dev->rx_bytes, dev->rx_packets, dev->rx_errors, dev->rx_dropped, 0U, 0U,
		0U, 0U, dev->tx_bytes, dev->tx_packets, 0U, dev->tx_dropped, 0U, 0U, 0U, 0U);
}

static void dev_text(struct kernel *k, GString *text) {
	g_string_append(
		text,
		"Inter-|   Receive                                                |  Transmit\n"
		" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets "
		"errs drop fifo colls carrier compressed\n");
	proc_devices(k, add_device, text);
}

static void add_route(void *text, const struct proc_route *route) {
	unsigned flags = RTF_UP | (route->gateway ? RTF_GATEWAY : 0) |
	                 (route->mask == UINT32_MAX ? RTF_HOST : 0);

	g_string_append_printf(text, "%s\t%08X\t%08X\t%04X\t0\t0\t%u\t%08X\t0\t0\t0\n",
	                       route->device, htonl(route->dst), htonl(route->gateway), flags,
	                       route->metric, htonl(route->mask));
}

static void route_text(struct kernel *k, GString *text) {
	g_string_append(text,
	                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU"
	                "\tWindow\tIRTT\n");
	proc_routes(k, add_route, text);
}

static void add_arp(void *text, const struct proc_arp *entry) {
	struct in_addr in = {htonl(entry->addr)};
	const uint8_t *mac = entry->mac;
	char dotted[INET_ADDRSTRLEN];

	g_string_append_printf(
		text, "%-17s0x%-10x0x%-10x%02X:%02X:%02X:%02X:%02X:%02X     *        %s\n",
		inet_ntop(AF_INET, &in, dotted, sizeof dotted), (unsigned)ARPHRD_ETHER,
		(unsigned)((entry->complete ? ATF_COM : 0) | (entry->permanent ? ATF_PERM : 0)),
		mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], entry->device);
}

static void arp_text(struct kernel *k, GString *text) {
	g_string_append(text,
	                "IP address       HW type     Flags       HW address            Mask     "
	                "Device\n");
	proc_arp(k, add_arp, text);
}

/* --- sockets ------------------------------------------------------------------------------------ */

struct listing {
	GString *text;
	int type, rows;
};

static void add_socket(void *arg, const struct proc_socket *s) {
	struct listing *list = arg;
	int state = s->state ? s->state : s->fport ? STATE_ESTABLISHED : STATE_CLOSE;

	if (s->type != list->type)
		return;
	g_string_append_printf(list->text,
	                       "%4d: %08X:%04X %08X:%04X %02X %08X:%08X 00:00000000 00000000     0"
	                       "        0 %d 1\n",
	                       list->rows, htonl(s->laddr), s->lport, htonl(s->faddr), s->fport,
	                       (unsigned)state, (unsigned)s->send_q, (unsigned)s->recv_q,
	                       list->rows + 1);
	list->rows++;
}

static void sockets_text(struct kernel *k, GString *text, int type) {
	struct listing list = {.text = text, .type = type};

	g_string_append(text, "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
	                      "retrnsmt   uid  timeout inode\n");
	proc_sockets(k, add_socket, &list);
}

static void tcp_text(struct kernel *k, GString *text) { sockets_text(k, text, SOCK_STREAM); }
static void udp_text(struct kernel *k, GString *text) { sockets_text(k, text, SOCK_DGRAM); }
static void raw_text(struct kernel *k, GString *text) { sockets_text(k, text, SOCK_RAW); }

/* --- all ------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	void (*write)(struct kernel *k, GString *text);
} files[] = {
	{"dev", dev_text}, {"route", route_text}, {"arp", arp_text},
	{"tcp", tcp_text}, {"udp", udp_text},     {"raw", raw_text},
};

char *proc_net_file(struct kernel *k, const char *name) {
	GString *text;

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		if (!g_str_equal(files[i].name, name))
			continue;
		text = g_string_new(NULL);
		files[i].write(k, text);
		return g_string_free(text, FALSE);
	}
	return NULL;
}
