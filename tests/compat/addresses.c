/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and routes: 0.0.0.0, the source of datagrams, broadcasts and groups without a route, and
 * what changes under traffic. */
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/route.h>

#include "compat.h"
#include "net/engine/stack.h"

#define GROUP "239.9.9.9"
#define EVERYBODY "255.255.255.255"
#define OTHER "10.0.0.77" /* an address that the machine may have as well */

/* --- asking for changes ----------------------------------------------------------------------- */

static void put(struct sockaddr *to, const char *addr) {
	struct sockaddr_in in = inet_address(addr, 0);

	memcpy(to, &in, sizeof in);
}

static int set_address(struct task *me, int fd, const char *device, unsigned long cmd,
                       const char *addr) {
	struct ifreq ifr = {0};

	g_strlcpy(ifr.ifr_name, device, IFNAMSIZ);
	put(&ifr.ifr_addr, addr);
	return sys_ioctl(me, fd, cmd, &ifr);
}

/* As ifconfig does it. */
static int move_to(struct task *me, int fd, const char *device, const char *addr) {
	int err = set_address(me, fd, device, SIOCSIFADDR, addr);

	return err ? err : set_address(me, fd, device, SIOCSIFNETMASK, "255.255.255.0");
}

static int set_up(struct task *me, int fd, const char *device, bool up) {
	struct ifreq ifr = {.ifr_flags = up ? IFF_UP : 0};

	g_strlcpy(ifr.ifr_name, device, IFNAMSIZ);
	return sys_ioctl(me, fd, SIOCSIFFLAGS, &ifr);
}

/* `gateway` NULL: not said. */
static int route(struct task *me, int fd, unsigned long cmd, const char *dst, const char *mask,
                 const char *gateway) {
	struct rtentry rt = {.rt_flags = RTF_UP | (gateway ? RTF_GATEWAY : 0)};

	put(&rt.rt_dst, dst);
	put(&rt.rt_genmask, mask);
	if (gateway)
		put(&rt.rt_gateway, gateway);
	return sys_ioctl(me, fd, cmd, &rt);
}

static const struct net_counters *of_remote(struct way *way) {
	return net_stack_counters(peer_stack(way->peer));
}

/* --- this machine ----------------------------------------------------------------------------- */

static int peer_is(struct task *me, int fd, const char *addr) {
	const char *is;

	return port_of(me, fd, true, &is) > 0 && strcmp(is, addr) == 0;
}

static int zero_stream(struct task *me, struct way *way) {
	int lfd = listen_on(me, 8080), a = TCP(me), b = TCP(me);

	OK(lfd >= 0);
	IS(connect_to(me, a, "0.0.0.0", 8080), 0);
	OK(peer_is(me, a, "127.0.0.1"));
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	/* from an address: that one */
	IS(bind_to(me, b, ME, 5000), 0);
	IS(connect_to(me, b, "0.0.0.0", 8080), 0);
	OK(peer_is(me, b, ME));
	OK(sys_accept(me, lfd, NULL, NULL) >= 0);
	return 0;
}

/* Who sent the next datagram; NULL if none is there. */
static const char *sender(struct task *me, int fd) {
	static char text[INET_ADDRSTRLEN];
	struct sockaddr_in from;
	int len = sizeof from;
	char buf[8];

	if (sys_recvfrom(me, fd, buf, sizeof buf, MSG_DONTWAIT, (struct sockaddr *)&from, &len) < 0)
		return NULL;
	return inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
}

static ssize_t message_to(struct task *me, int fd, const char *addr, uint16_t port) {
	struct sockaddr_in to = inet_address(addr, port);
	struct iovec iov = {(char[1]){'m'}, 1};
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &iov, .msg_iovlen = 1};

	return sys_sendmsg(me, fd, &msg, 0);
}

static int zero_datagram(struct task *me, struct way *way) {
	int server = UDP(me), a = UDP(me), b = UDP(me), c = UDP(me);

	IS(bind_to(me, server, "0.0.0.0", 6000), 0);
	IS(send_to(me, a, "0.0.0.0", 6000, "x"), 1);
	IS(message_to(me, a, "0.0.0.0", 6000), 1);
	IS(connect_to(me, b, "0.0.0.0", 6000), 0);
	OK(peer_is(me, b, "127.0.0.1"));
	IS(sys_send(me, b, "x", 1, 0), 1);
	sleep_ms(me, 10);
	for (int i = 0; i < 3; i++)
		IS(g_strcmp0(sender(me, server), "127.0.0.1"), 0);
	/* from an address, be it of bind or of an earlier connect: that one */
	IS(bind_to(me, c, ME, 5000), 0);
	IS(send_to(me, c, "0.0.0.0", 6000, "x"), 1);
	IS(connect_to(me, c, "0.0.0.0", 6000), 0);
	OK(peer_is(me, c, ME));
	IS(connect_to(me, a, REMOTE, 6000), 0);
	IS(send_to(me, a, "0.0.0.0", 6000, "x"), 1);
	IS(connect_to(me, a, "0.0.0.0", 6000), 0);
	OK(peer_is(me, a, ME));
	sleep_ms(me, 10);
	for (int i = 0; i < 2; i++)
		IS(g_strcmp0(sender(me, server), ME), 0);
	return 0;
}

/* --- the source ------------------------------------------------------------------------------- */

static int keeps_source(struct task *me, struct way *way) {
	const char *addr;
	int fd = UDP(me);

	IS(connect_to(me, fd, REMOTE, 53), 0);
	IS(connect_to(me, fd, NOBODY, 53), 0);
	OK(port_of(me, fd, false, &addr) > 0);
	IS(strcmp(addr, ME), 0);
	IS(connect_to(me, fd, ELSEWHERE, 53), -ENETUNREACH);
	OK(peer_is(me, fd, NOBODY)); /* as it was */
	return 0;
}

/* A socket's address that is the machine's no more. */
static int source_gone(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me), stream = TCP(me);
	char device[IFNAMSIZ];

	device_name(me, fd, device);
	IS(bind_to(me, fd, ME, 5000), 0);
	IS(bind_to(me, stream, ME, 5001), 0);
	IS(move_to(me, fd, device, OTHER), 0);
	IS(send_to(me, fd, REMOTE, 6000, "x"), -EINVAL);
	IS(connect_to(me, fd, REMOTE, 6000), -EINVAL);
	IS(connect_to(me, stream, REMOTE, 90), -EINVAL);
	IS(move_to(me, fd, device, ME), 0);
	IS(send_to(me, fd, REMOTE, 6000, "y"), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "y"));
	return 0;
}

/* --- to everybody ----------------------------------------------------------------------------- */

static int broadcaster(struct task *me, const char *device, const char *addr) {
	int fd = UDP(me);

	set_int(me, fd, SOL_SOCKET, SO_BROADCAST, 1);
	if (device)
		sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, device, IFNAMSIZ);
	if (addr)
		bind_to(me, fd, addr, 0);
	return fd;
}

static int to_everybody(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 67);
	char device[IFNAMSIZ];
	int fd = broadcaster(me, NULL, NULL), by_address, by_device;

	device_name(me, fd, device);
	IS(send_to(me, fd, EVERYBODY, 67, "x"), -ENETUNREACH);
	IS(send_to(me, fd, GROUP, 67, "x"), -ENETUNREACH);
	by_address = broadcaster(me, NULL, ME);
	by_device = broadcaster(me, device, NULL);
	IS(send_to(me, by_address, EVERYBODY, 67, "a"), 1);
	IS(send_to(me, by_device, EVERYBODY, 67, "b"), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "ab"));
	/* a default route leads no group and no broadcast to its gateway */
	IS(route(me, fd, SIOCADDRT, "0.0.0.0", "0.0.0.0", NOBODY), 0);
	IS(send_to(me, fd, EVERYBODY, 67, "c"), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "abc"));
	return 0;
}

static int to_a_group(struct task *me, struct way *way) {
	char device[IFNAMSIZ];
	uint64_t before;
	int fd = UDP(me), by_address = broadcaster(me, NULL, ME), by_device;

	device_name(me, fd, device);
	by_device = broadcaster(me, device, NULL);
	before = of_remote(way)->ip_in;
	IS(send_to(me, by_address, GROUP, 67, "x"), 1);
	IS(send_to(me, by_device, GROUP, 67, "x"), 1);
	sleep_ms(me, 10);
	OK(of_remote(way)->arp_in == 0);
	OK(of_remote(way)->ip_in <= before + 2); /* less if it does not take the group */
	return 0;
}

/* With the device known nothing needs a route: all is on its link. */
static int by_device_alone(struct task *me, struct way *way) {
	char device[IFNAMSIZ];
	int fd = UDP(me);

	device_name(me, fd, device);
	IS(send_to(me, fd, ELSEWHERE, 67, "x"), -ENETUNREACH);
	IS(sys_setsockopt(me, fd, SOL_SOCKET, SO_BINDTODEVICE, device, IFNAMSIZ), 0);
	IS(send_to(me, fd, ELSEWHERE, 67, "x"), 1);
	sleep_ms(me, 10);
	IS(of_remote(way)->arp_in, 1); /* it is asked for */
	return 0;
}

/* --- under traffic ---------------------------------------------------------------------------- */

static int address_changed(struct task *me, struct way *way) {
	struct remote *r, *late = remote_listen(way, 91);
	int fd = connected(me, way, &r), other = TCP(me);
	char device[IFNAMSIZ], buf[8];
	uint64_t before;
	const char *addr;

	device_name(me, fd, device);
	IS(sys_send(me, fd, "before", 6, 0), 6);
	sleep_ms(me, 50);
	OK(remote_got(r, "before"));
	IS(move_to(me, fd, device, OTHER), 0);
	before = of_remote(way)->ip_in;
	IS(sys_send(me, fd, "while", 5, 0), 5);
	remote_send(r, "lost");
	sleep_ms(me, 3000);
	IS(of_remote(way)->ip_in, before); /* nothing under the old address */
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), -EAGAIN); /* nor to it */
	IS(connect_to(me, other, REMOTE, 91), 0);
	OK(port_of(me, other, false, &addr) > 0);
	IS(strcmp(addr, OTHER), 0);
	IS(sys_send(me, other, "new", 3, 0), 3);
	sleep_ms(me, 100);
	OK(remote_got(late->child, "new"));
	IS(move_to(me, fd, device, ME), 0);
	sleep_ms(me, 10000);
	OK(remote_got(r, "beforewhile"));
	IS(sys_recv(me, fd, buf, sizeof buf, MSG_DONTWAIT), 4);
	return 0;
}

static int goes(struct task *me, const char *addr) {
	int fd = UDP(me), err = connect_to(me, fd, addr, 53);

	sys_close(me, fd);
	return err;
}

static int down_and_up(struct task *me, struct way *way) {
	struct remote *r;
	int fd = connected(me, way, &r), bound = UDP(me);
	char device[IFNAMSIZ];

	device_name(me, fd, device);
	IS(route(me, fd, SIOCADDRT, "0.0.0.0", "0.0.0.0", REMOTE), 0);
	IS(route(me, fd, SIOCADDRT, "172.16.0.0", "255.255.0.0", REMOTE), 0);
	IS(goes(me, "8.8.8.8"), 0);
	IS(set_up(me, fd, device, false), 0);
	IS(sys_send(me, fd, "while", 5, 0), 5);
	IS(goes(me, REMOTE), -ENETUNREACH);
	IS(goes(me, "8.8.8.8"), -ENETUNREACH);
	IS(route(me, fd, SIOCADDRT, "0.0.0.0", "0.0.0.0", REMOTE), -ENETUNREACH);
	IS(bind_to(me, bound, ME, 7777), 0); /* the address stays */
	sleep_ms(me, 500);
	IS(set_up(me, fd, device, true), 0);
	IS(goes(me, REMOTE), 0); /* the connected route is back, the others are not */
	IS(goes(me, "8.8.8.8"), -ENETUNREACH);
	IS(goes(me, "172.16.1.1"), -ENETUNREACH);
	sleep_ms(me, 3000);
	OK(remote_got(r, "while"));
	return 0;
}

/* A new address takes the routes by the old one with it. */
static int routes_of_an_address(struct task *me, struct way *way) {
	char device[IFNAMSIZ];
	int fd = UDP(me);

	device_name(me, fd, device);
	IS(route(me, fd, SIOCADDRT, "0.0.0.0", "0.0.0.0", REMOTE), 0);
	IS(move_to(me, fd, device, ME), 0); /* no change */
	IS(goes(me, "8.8.8.8"), 0);
	IS(move_to(me, fd, device, OTHER), 0);
	IS(goes(me, "8.8.8.8"), -ENETUNREACH);
	IS(goes(me, REMOTE), 0);
	return 0;
}

static int route_deleted(struct task *me, struct way *way) {
	int fd = UDP(me);

	IS(route(me, fd, SIOCDELRT, "8.8.8.8", "255.255.255.255", NULL), -ESRCH);
	IS(route(me, fd, SIOCADDRT, "8.8.8.8", "255.255.255.255", REMOTE), 0);
	IS(goes(me, "8.8.8.8"), 0);
	IS(route(me, fd, SIOCDELRT, "8.8.8.8", "255.255.255.255", NOBODY), -ESRCH);
	IS(route(me, fd, SIOCDELRT, "8.8.8.8", "255.255.255.255", NULL), 0);
	IS(goes(me, "8.8.8.8"), -ENETUNREACH);
	IS(route(me, fd, SIOCADDRT, "0.0.0.0", "0.0.0.0", NULL), -ENODEV);
	return 0;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static int interface_numbers(struct task *me, struct way *way) {
	struct ifreq ifr = {0}, list[8] = {0};
	struct ifconf conf = {.ifc_len = sizeof list, .ifc_buf = (char *)list};
	char name[IFNAMSIZ];
	int fd = UDP(me), seen = 0;

	IS(sys_ioctl(me, fd, SIOCGIFCONF, &conf), 0);
	for (unsigned i = 0; i < (unsigned)conf.ifc_len / sizeof list[0]; i++) {
		memcpy(name, list[i].ifr_name, IFNAMSIZ);
		memcpy(ifr.ifr_name, name, IFNAMSIZ);
		IS(sys_ioctl(me, fd, SIOCGIFINDEX, &ifr), 0);
		IS(seen & 1 << ifr.ifr_ifindex, 0); /* each has its own */
		seen |= 1 << ifr.ifr_ifindex;
		memset(ifr.ifr_name, 0, IFNAMSIZ);
		IS(sys_ioctl(me, fd, SIOCGIFNAME, &ifr), 0);
		IS(strcmp(ifr.ifr_name, name), 0);
	}
	ifr.ifr_ifindex = 77;
	IS(sys_ioctl(me, fd, SIOCGIFNAME, &ifr), -ENODEV);
	return 0;
}

const struct compat_case compat_addresses[] = {
	{"connect to 0.0.0.0", zero_stream},
	{"datagrams to 0.0.0.0", zero_datagram},
	{"datagrams keep their source", keeps_source},
	{"source that is gone", source_gone},
	{"limited broadcast", to_everybody},
	{"group without a route", to_a_group},
	{"device instead of a route", by_device_alone},
	{"address changed", address_changed},
	{"interface down and up", down_and_up},
	{"routes of an address", routes_of_an_address},
	{"route deleted", route_deleted},
	{"interface numbers", interface_numbers},
	{NULL, NULL},
};
