/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interfaces, addresses, routes and neighbours as messages of rtnetlink. */
#include "tools/rtnetlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/dev/dev.h"
#include "host/dev/toedev.h"
#include "tools/proc.h"

#define DATAGRAM_MOST 3584U /* below a page, which is what most have room for */
#define MAC_LEN 6U

/* An answer that is being written. */
struct answer {
	struct kernel *kernel;
	const struct nlmsghdr *request;
	uint32_t port; /* whose it is */
	void (*reply)(void *arg, const void *datagram, size_t len);
	void *arg;
	GByteArray *datagram; /* messages that are whole ... */
	GByteArray *message;  /* ... and the one that is not */
	unsigned one;         /* number of the one interface that is asked for; 0: all */
	bool found;
};

/* --- writing ---------------------------------------------------------------------------------- */

/* Bytes, up to the next multiple of four. */
static void put(struct answer *a, const void *bytes, size_t len) {
	static const uint8_t none[NLMSG_ALIGNTO];

	g_byte_array_append(a->message, bytes, (guint)len);
	g_byte_array_append(a->message, none, (guint)(NLMSG_ALIGN(len) - len));
}

static void put_attribute(struct answer *a, uint16_t type, const void *bytes, size_t len) {
	struct rtattr head = {.rta_len = (uint16_t)RTA_LENGTH(len), .rta_type = type};

	put(a, &head, sizeof head);
	put(a, bytes, len);
}

static void put_word(struct answer *a, uint16_t type, uint32_t word) {
	put_attribute(a, type, &word, sizeof word);
}

static void put_text(struct answer *a, uint16_t type, const char *text) {
	put_attribute(a, type, text, strlen(text) + 1);
}

static void begin(struct answer *a, uint16_t type, const void *body, size_t len) {
	struct nlmsghdr head = {
		.nlmsg_type = type,
		.nlmsg_flags = a->request->nlmsg_flags & NLM_F_DUMP && type != NLMSG_ERROR
	                               ? NLM_F_MULTI
	                               : 0,
		.nlmsg_seq = a->request->nlmsg_seq,
		.nlmsg_pid = a->port,
	};

	g_byte_array_set_size(a->message, 0);
	put(a, &head, sizeof head);
	put(a, body, len);
}

static void flush(struct answer *a) {
	if (a->datagram->len)
		a->reply(a->arg, a->datagram->data, a->datagram->len);
	g_byte_array_set_size(a->datagram, 0);
}

static void end(struct answer *a) {
	((struct nlmsghdr *)a->message->data)->nlmsg_len = a->message->len;
	if (a->datagram->len + a->message->len > DATAGRAM_MOST)
		flush(a);
	g_byte_array_append(a->datagram, a->message->data, a->message->len);
}

/* The request's own head goes with it. */
static void put_error(struct answer *a, int error) {
	struct nlmsgerr body = {.error = error, .msg = *a->request};

	begin(a, NLMSG_ERROR, &body, sizeof body);
	end(a);
}

/* --- asking ------------------------------------------------------------------------------------- */

/* As ifconfig does: 0 or a negative errno. */
static int ask(const struct answer *a, const char *name, unsigned long cmd, struct ifreq *ifr) {
	struct kernel *k = a->kernel;
	struct toedev *td = toedev_find(k, name);

	*ifr = (struct ifreq){0};
	g_strlcpy(ifr->ifr_name, name, sizeof ifr->ifr_name);
	return td ? td->op.ioctl(td, cmd, ifr) : dev_ioctl(k, cmd, ifr);
}

static int index_of(const struct answer *a, const char *name) {
	struct ifreq ifr;

	return ask(a, name, SIOCGIFINDEX, &ifr) ? 0 : ifr.ifr_ifindex;
}

/* In network byte order; 0: it has none. */
static uint32_t addr_of(const struct answer *a, const char *name, unsigned long cmd) {
	struct sockaddr_in in;
	struct ifreq ifr;

	if (ask(a, name, cmd, &ifr))
		return 0;
	memcpy(&in, &ifr.ifr_addr, sizeof in);
	return in.sin_addr.s_addr;
}

static unsigned flags_of(const struct answer *a, const char *name) {
	struct ifreq ifr;

	return ask(a, name, SIOCGIFFLAGS, &ifr) ? 0 : (uint16_t)ifr.ifr_flags;
}

static unsigned char prefix_length(uint32_t mask) {
	return (unsigned char)__builtin_popcount(mask);
}

/* --- interfaces ----------------------------------------------------------------------------------- */

static void put_link_stats(struct answer *a, const struct proc_device *dev) {
	struct rtnl_link_stats stats = {
		.rx_packets = (uint32_t)dev->rx_packets,
		.tx_packets = (uint32_t)dev->tx_packets,
		.rx_bytes = (uint32_t)dev->rx_bytes,
		.tx_bytes = (uint32_t)dev->tx_bytes,
		.rx_errors = (uint32_t)dev->rx_errors,
		.rx_dropped = (uint32_t)dev->rx_dropped,
		.tx_dropped = (uint32_t)dev->tx_dropped,
	};

	put_attribute(a, IFLA_STATS, &stats, sizeof stats);
}

/* rtnetlink_fill_ifinfo() of 2.4 */
static void add_link(void *arg, const struct proc_device *dev) {
	static const uint8_t everybody[MAC_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t nobody[MAC_LEN];
	struct answer *a = arg;
	struct ifinfomsg body = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index_of(a, dev->name),
		.ifi_flags = flags_of(a, dev->name),
		.ifi_change = UINT32_MAX,
	};
	bool lo = body.ifi_flags & IFF_LOOPBACK;
	struct ifreq ifr;

	if (a->one && a->one != (unsigned)body.ifi_index)
		return;
	a->found = true;
	body.ifi_type = lo ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
	begin(a, RTM_NEWLINK, &body, sizeof body);
	put_text(a, IFLA_IFNAME, dev->name);
	put_word(a, IFLA_TXQLEN, dev->tx_queue);
	if (ask(a, dev->name, SIOCGIFMTU, &ifr) == 0)
		put_word(a, IFLA_MTU, (uint32_t)ifr.ifr_mtu);
	put_text(a, IFLA_QDISC, lo ? "noqueue" : "pfifo_fast");
	if (!lo && ask(a, dev->name, SIOCGIFHWADDR, &ifr) == 0)
		put_attribute(a, IFLA_ADDRESS, ifr.ifr_hwaddr.sa_data, MAC_LEN);
	else
		put_attribute(a, IFLA_ADDRESS, nobody, MAC_LEN);
	put_attribute(a, IFLA_BROADCAST, lo ? nobody : everybody, MAC_LEN);
	put_link_stats(a, dev);
	end(a);
}

static void list_links(struct answer *a) { proc_devices(a->kernel, add_link, a); }

/* --- addresses ------------------------------------------------------------------------------------ */

/* inet_fill_ifaddr() of 2.4 */
static void add_address(void *arg, const struct proc_device *dev) {
	struct answer *a = arg;
	uint32_t addr = addr_of(a, dev->name, SIOCGIFADDR);
	uint32_t broadcast = addr_of(a, dev->name, SIOCGIFBRDADDR);
	bool lo = flags_of(a, dev->name) & IFF_LOOPBACK;
	struct ifaddrmsg body = {
		.ifa_family = AF_INET,
		.ifa_prefixlen = prefix_length(addr_of(a, dev->name, SIOCGIFNETMASK)),
		.ifa_flags = IFA_F_PERMANENT,
		.ifa_scope = lo ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE,
		.ifa_index = (unsigned)index_of(a, dev->name),
	};

	if (!addr)
		return;
	begin(a, RTM_NEWADDR, &body, sizeof body);
	put_word(a, IFA_ADDRESS, addr);
	put_word(a, IFA_LOCAL, addr);
	if (broadcast && !lo)
		put_word(a, IFA_BROADCAST, broadcast);
	put_text(a, IFA_LABEL, dev->name);
	end(a);
}

static void list_addresses(struct answer *a) { proc_devices(a->kernel, add_address, a); }

/* --- routes --------------------------------------------------------------------------------------- */

/* fib_dump_info() of 2.4: the main table, as /proc/net/route. */
static void add_route(void *arg, const struct proc_route *route) {
	struct answer *a = arg;
	uint32_t addr = addr_of(a, route->device, SIOCGIFADDR);
	bool connected = !route->gateway && route->dst == (ntohl(addr) & route->mask) &&
	                 htonl(route->mask) == addr_of(a, route->device, SIOCGIFNETMASK);
	struct rtmsg body = {
		.rtm_family = AF_INET,
		.rtm_dst_len = prefix_length(route->mask),
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = connected ? RTPROT_KERNEL : RTPROT_BOOT,
		.rtm_scope = route->gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};

	begin(a, RTM_NEWROUTE, &body, sizeof body);
	if (route->mask)
		put_word(a, RTA_DST, htonl(route->dst));
	if (route->metric)
		put_word(a, RTA_PRIORITY, route->metric);
	if (connected)
		put_word(a, RTA_PREFSRC, addr);
	if (route->gateway)
		put_word(a, RTA_GATEWAY, htonl(route->gateway));
	put_word(a, RTA_OIF, (uint32_t)index_of(a, route->device));
	end(a);
}

static void list_routes(struct answer *a) { proc_routes(a->kernel, add_route, a); }

/* --- neighbours ------------------------------------------------------------------------------------ */

/* neigh_fill_info() of 2.4 */
static void add_neighbour(void *arg, const struct proc_arp *entry) {
	struct answer *a = arg;
	struct ndmsg body = {
		.ndm_family = AF_INET,
		.ndm_ifindex = index_of(a, entry->device),
		.ndm_state = entry->permanent  ? NUD_PERMANENT
	                     : entry->complete ? NUD_REACHABLE
	                                       : NUD_INCOMPLETE,
		.ndm_type = RTN_UNICAST,
	};

	begin(a, RTM_NEWNEIGH, &body, sizeof body);
	put_word(a, NDA_DST, htonl(entry->addr));
	if (entry->complete)
		put_attribute(a, NDA_LLADDR, entry->mac, sizeof entry->mac);
	end(a);
}

static void list_neighbours(struct answer *a) { proc_arp(a->kernel, add_neighbour, a); }

/* --- requests --------------------------------------------------------------------------------------- */

static const struct table {
	uint16_t request;
	bool of_inet; /* empty for other families */
	void (*write)(struct answer *a);
} tables[] = {
	{RTM_GETLINK, false, list_links},
	{RTM_GETADDR, true, list_addresses},
	{RTM_GETROUTE, true, list_routes},
	{RTM_GETNEIGH, true, list_neighbours},
};

static const struct table *table_of(uint16_t request) {
	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
		if (tables[i].request == request)
			return &tables[i];
	return NULL;
}

/* The family is the first byte of every request's body. */
static int family_of(const struct nlmsghdr *request) {
	return request->nlmsg_len > NLMSG_HDRLEN ? *(const uint8_t *)NLMSG_DATA(request)
	                                         : AF_UNSPEC;
}

static void write_list(struct answer *a, const struct table *table) {
	int family = family_of(a->request), none = 0;

	if (table->of_inet ? family == AF_UNSPEC || family == AF_INET : family != AF_BRIDGE)
		table->write(a);
	flush(a);
	begin(a, NLMSG_DONE, &none, sizeof none);
	end(a);
}

/* The number of the interface that is asked for, which may be named instead; 0: no such one. */
static unsigned interface_of(const struct answer *a) {
	const struct ifinfomsg *body = NLMSG_DATA(a->request);
	char name[IFNAMSIZ];
	int left;

	if (a->request->nlmsg_len < NLMSG_LENGTH(sizeof *body))
		return 0;
	if (body->ifi_index > 0)
		return (unsigned)body->ifi_index;
	left = (int)(a->request->nlmsg_len - NLMSG_LENGTH(sizeof *body));
	for (const struct rtattr *at = IFLA_RTA(body); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if (at->rta_type != IFLA_IFNAME)
			continue;
		memset(name, 0, sizeof name);
		memcpy(name, RTA_DATA(at), MIN(RTA_PAYLOAD(at), sizeof name - 1));
		return (unsigned)index_of(a, name);
	}
	return 0;
}

static void write_one(struct answer *a) {
	a->one = interface_of(a);
	if (a->one)
		list_links(a);
	if (!a->found)
		put_error(a, -ENODEV);
	else if (a->request->nlmsg_flags & NLM_F_ACK)
		put_error(a, 0);
}

bool rtnetlink_serve(struct kernel *k, const struct nlmsghdr *request, uint32_t port,
                     void (*reply)(void *arg, const void *datagram, size_t len), void *arg) {
	const struct table *table = table_of(request->nlmsg_type);
	bool all = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP, known = true;
	struct answer a = {.kernel = k,
	                   .request = request,
	                   .port = port,
	                   .reply = reply,
	                   .arg = arg,
	                   .datagram = g_byte_array_new(),
	                   .message = g_byte_array_new()};

	if (table && all)
		write_list(&a, table);
	else if (request->nlmsg_type == RTM_GETLINK)
		write_one(&a);
	else
		known = false;
	if (!known)
		put_error(&a, -EOPNOTSUPP);
	flush(&a);
	g_byte_array_unref(a.datagram);
	g_byte_array_unref(a.message);
	return known;
}
