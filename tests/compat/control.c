/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes with a datagram besides its bytes, and how large it may be: path MTU discovery, the error
 * queue, control messages. */
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>

#include "compat.h"
#include "net/engine/socket.h"

/* --- messages --------------------------------------------------------------------------------- */

struct received {
	struct sockaddr_in name;
	_Alignas(struct cmsghdr) uint8_t control[256];
	struct msghdr msg;
	char data[64];
};

/* Receives with `room` bytes for control messages. */
static ssize_t receive(struct task *me, int fd, struct received *r, size_t room, int flags) {
	static struct iovec iov;

	memset(r, 0, sizeof *r);
	iov = (struct iovec){r->data, sizeof r->data};
	r->msg = (struct msghdr){.msg_name = &r->name,
	                         .msg_namelen = sizeof r->name,
	                         .msg_iov = &iov,
	                         .msg_iovlen = 1,
	                         .msg_control = r->control,
	                         .msg_controllen = room};
	return sys_recvmsg(me, fd, &r->msg, flags);
}

/* The data of the control message of that type, of IP's; NULL: none came. */
static const void *control(struct received *r, int type) {
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&r->msg); c; c = CMSG_NXTHDR(&r->msg, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == type)
			return CMSG_DATA(c);
	return NULL;
}

static bool is_from(const struct received *r, const char *addr, uint16_t port) {
	struct sockaddr_in in = inet_address(addr, port);

	return r->name.sin_addr.s_addr == in.sin_addr.s_addr && r->name.sin_port == in.sin_port;
}

static int set_ip(struct task *me, int fd, int name, int value) {
	return set_int(me, fd, IPPROTO_IP, name, value);
}

static int get_ip(struct task *me, int fd, int name) { return get_int(me, fd, IPPROTO_IP, name); }

/* --- sizes ------------------------------------------------------------------------------------ */

static int mtu_discover(struct task *me, struct way *way) {
	static const char zeros[3000];
	int fds[] = {UDP(me), TCP(me)}, fd = fds[0];

	remote_udp(way, 6000);
	for (unsigned i = 0; i < 2; i++) {
		IS(get_ip(me, fds[i], IP_MTU_DISCOVER), IP_PMTUDISC_WANT);
		for (int v = IP_PMTUDISC_DONT; v <= IP_PMTUDISC_DO; v++) {
			IS(set_ip(me, fds[i], IP_MTU_DISCOVER, v), 0);
			IS(get_ip(me, fds[i], IP_MTU_DISCOVER), v);
		}
		IS(set_ip(me, fds[i], IP_MTU_DISCOVER, 3), -EINVAL);
		IS(set_ip(me, fds[i], IP_MTU_DISCOVER, -1), -EINVAL);
	}
	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(get_ip(me, fd, IP_MTU_DISCOVER), IP_PMTUDISC_DO); /* it outlives the choice of a stack */
	IS(sys_send(me, fd, zeros, 1473, 0), -EMSGSIZE);
	IS(sys_send(me, fd, zeros, 1472, 0), 1472);
	IS(set_ip(me, fd, IP_MTU_DISCOVER, IP_PMTUDISC_WANT), 0);
	IS(sys_send(me, fd, zeros, 3000, 0), 3000);
	IS(set_ip(me, fd, IP_MTU_DISCOVER, IP_PMTUDISC_DONT), 0);
	IS(sys_send(me, fd, zeros, 3000, 0), 3000);
	return 0;
}

static int mtu(struct task *me, struct way *way) {
	struct remote *r;
	int fd = UDP(me), stream = connected(me, way, &r), len = 1;
	uint8_t byte = 0;

	IS(get_ip(me, fd, IP_MTU), -ENOTCONN);
	IS(set_ip(me, fd, IP_MTU, 1000), -ENOPROTOOPT);
	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(get_ip(me, fd, IP_MTU), 1500);
	IS(get_ip(me, stream, IP_MTU), 1500);
	/* what fits one byte is given as one, if there is room for no more */
	IS(set_ip(me, fd, IP_TTL, 9), 0);
	IS(sys_getsockopt(me, fd, IPPROTO_IP, IP_TTL, &byte, &len), 0);
	IS(len, 1);
	IS(byte, 9);
	return 0;
}

/* --- the error queue -------------------------------------------------------------------------- */

static const struct sockaddr_in *offender(const struct sock_extended_err *ee) {
	return (const struct sockaddr_in *)(const void *)(ee + 1);
}

static int refusal_queued(struct task *me, struct way *way, int fd) {
	const struct sock_extended_err *ee;
	struct received r;

	sleep_ms(me, 10);
	IS(poll_one(me, fd, POLLIN, 0), POLLERR);
	IS(receive(me, fd, &r, sizeof r.control, MSG_ERRQUEUE), 5);
	IS(memcmp(r.data, "hello", 5), 0);
	OK(is_from(&r, REMOTE, PORT_CLOSED)); /* where it was to go */
	OK(r.msg.msg_flags & MSG_ERRQUEUE);
	ee = control(&r, IP_RECVERR);
	OK(ee);
	IS(ee->ee_errno, ECONNREFUSED);
	IS(ee->ee_origin, SO_EE_ORIGIN_ICMP);
	IS(ee->ee_type, 3);
	IS(ee->ee_code, 3);
	IS(offender(ee)->sin_family, AF_INET);
	IS(ntohl(offender(ee)->sin_addr.s_addr), 0x0a000002);
	return 0;
}

static int error_queue(struct task *me, struct way *way) {
	struct received r;
	int a = UDP(me), b = UDP(me);

	IS(get_ip(me, a, IP_RECVERR), 0);
	IS(receive(me, a, &r, sizeof r.control, MSG_ERRQUEUE), -EAGAIN); /* never waits */
	IS(set_ip(me, a, IP_RECVERR, 1), 0);
	IS(get_ip(me, a, IP_RECVERR), 1);
	IS(connect_to(me, a, REMOTE, PORT_CLOSED), 0);
	IS(sys_send(me, a, "hello", 5, 0), 5);
	IS(refusal_queued(me, way, a), 0);
	IS(poll_one(me, a, POLLIN, 0), 0); /* nothing is left of it */
	IS(get_int(me, a, SOL_SOCKET, SO_ERROR), 0);
	IS(receive(me, a, &r, sizeof r.control, MSG_ERRQUEUE), -EAGAIN);
	/* an unconnected socket hears of it as well */
	IS(set_ip(me, b, IP_RECVERR, 1), 0);
	IS(send_to(me, b, REMOTE, PORT_CLOSED, "hello"), 5);
	IS(refusal_queued(me, way, b), 0);
	return 0;
}

static int error_queue_order(struct task *me, struct way *way) {
	struct received r;
	int fd = UDP(me);

	IS(set_ip(me, fd, IP_RECVERR, 1), 0);
	IS(send_to(me, fd, REMOTE, PORT_CLOSED, "one"), 3);
	IS(send_to(me, fd, REMOTE, PORT_CLOSED, "two"), 3);
	sleep_ms(me, 10);
	IS(receive(me, fd, &r, sizeof r.control, MSG_ERRQUEUE), 3);
	IS(memcmp(r.data, "one", 3), 0);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED); /* that of the second */
	IS(poll_one(me, fd, POLLIN, 0), POLLERR);
	IS(receive(me, fd, &r, 4, MSG_ERRQUEUE), 3);
	OK(r.msg.msg_flags & MSG_CTRUNC);
	IS(r.msg.msg_controllen, 0);
	IS(send_to(me, fd, REMOTE, PORT_CLOSED, "gone"), 4);
	sleep_ms(me, 10);
	IS(set_ip(me, fd, IP_RECVERR, 0), 0);
	IS(receive(me, fd, &r, sizeof r.control, MSG_ERRQUEUE), -EAGAIN);
	return 0;
}

static int error_queue_local(struct task *me, struct way *way) {
	static const char zeros[3000];
	const struct sock_extended_err *ee;
	struct received r;
	int fd = UDP(me);

	IS(set_ip(me, fd, IP_RECVERR, 1), 0);
	IS(set_ip(me, fd, IP_MTU_DISCOVER, IP_PMTUDISC_DO), 0);
	IS(connect_to(me, fd, REMOTE, 6000), 0);
	IS(sys_send(me, fd, zeros, sizeof zeros, 0), -EMSGSIZE);
	IS(poll_one(me, fd, POLLIN, 0), POLLERR);
	IS(get_int(me, fd, SOL_SOCKET, SO_ERROR), 0); /* it was told */
	IS(receive(me, fd, &r, sizeof r.control, MSG_ERRQUEUE), 0);
	OK(is_from(&r, REMOTE, 6000));
	ee = control(&r, IP_RECVERR);
	OK(ee);
	IS(ee->ee_errno, EMSGSIZE);
	IS(ee->ee_origin, SO_EE_ORIGIN_LOCAL);
	IS(ee->ee_info, 1500);
	IS(offender(ee)->sin_family, AF_UNSPEC);
	return 0;
}

/* --- how a datagram came ---------------------------------------------------------------------- */

static int index_of(struct task *me, int fd) {
	struct ifreq ifr = {0};
	char device[IFNAMSIZ];

	device_name(me, fd, device);
	memcpy(ifr.ifr_name, device, IFNAMSIZ);
	sys_ioctl(me, fd, SIOCGIFINDEX, &ifr);
	return ifr.ifr_ifindex;
}

static int arrival(struct task *me, struct way *way) {
	static const int names[] = {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS};
	struct remote *remote = remote_udp(way, 6000);
	const struct in_pktinfo *info;
	struct received r;
	int fd = UDP(me);

	IS(bind_to(me, fd, "0.0.0.0", 5000), 0);
	remote_sendto(remote, 5000, "a", 1);
	IS(receive(me, fd, &r, sizeof r.control, 0), 1);
	IS(r.msg.msg_controllen, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		IS(get_ip(me, fd, names[i]), 0);
		IS(set_ip(me, fd, names[i], 7), 0);
		IS(get_ip(me, fd, names[i]), 1);
	}
	net_setopt(remote->ps.so, IPPROTO_IP, IP_TTL, &(int){9}, sizeof(int));
	net_setopt(remote->ps.so, IPPROTO_IP, IP_TOS, &(int){16}, sizeof(int));
	remote_sendto(remote, 5000, "b", 1);
	IS(receive(me, fd, &r, sizeof r.control, 0), 1);
	OK(is_from(&r, REMOTE, 6000));
	info = control(&r, IP_PKTINFO);
	OK(info);
	IS(info->ipi_ifindex, index_of(me, fd));
	IS(ntohl(info->ipi_addr.s_addr), 0x0a000001);
	IS(ntohl(info->ipi_spec_dst.s_addr), 0x0a000001);
	OK(control(&r, IP_TTL));
	IS(*(const int *)control(&r, IP_TTL), 9);
	OK(control(&r, IP_TOS));
	IS(*(const uint8_t *)control(&r, IP_TOS), 16);
	IS(r.msg.msg_flags, 0);
	/* no room: the bytes come nevertheless */
	remote_sendto(remote, 5000, "c", 1);
	IS(receive(me, fd, &r, CMSG_SPACE(sizeof *info), MSG_PEEK), 1);
	OK(control(&r, IP_PKTINFO));
	OK(!control(&r, IP_TTL));
	OK(r.msg.msg_flags & MSG_CTRUNC);
	IS(sys_recv(me, fd, r.data, 8, 0), 1);
	return 0;
}

/* sendmsg() of one byte with a control message. */
static ssize_t send_with(struct task *me, int fd, int type, const void *data, size_t len) {
	struct sockaddr_in to = inet_address(REMOTE, 6000);
	struct iovec iov = {(char[1]){'x'}, 1};
	union {
		struct cmsghdr head;
		uint8_t bytes[64];
	} c = {.head = {.cmsg_len = CMSG_LEN(len), .cmsg_level = IPPROTO_IP, .cmsg_type = type}};
	struct msghdr msg = {.msg_name = &to,
	                     .msg_namelen = sizeof to,
	                     .msg_iov = &iov,
	                     .msg_iovlen = 1,
	                     .msg_control = &c,
	                     .msg_controllen = CMSG_SPACE(len)};

	memcpy(CMSG_DATA(&c.head), data, len);
	return sys_sendmsg(me, fd, &msg, 0);
}

static ssize_t send_by(struct task *me, int fd, int index, const char *source) {
	struct in_pktinfo info = {.ipi_ifindex = index};

	if (source)
		info.ipi_spec_dst = inet_address(source, 0).sin_addr;
	return send_with(me, fd, IP_PKTINFO, &info, sizeof info);
}

static int send_with_pktinfo(struct task *me, struct way *way) {
	struct remote *r = remote_udp(way, 6000);
	int fd = UDP(me), index = index_of(me, fd);

	IS(send_by(me, fd, index, NULL), 1);
	sleep_ms(me, 10); /* ARP holds three frames only */
	IS(send_by(me, fd, 0, ME), 1);
	IS(send_by(me, fd, index, ME), 1);
	IS(send_by(me, fd, 0, NULL), 1);
	sleep_ms(me, 10);
	OK(remote_got(r, "xxxx"));
	IS(send_by(me, fd, 77, NULL), -ENODEV);
	IS(send_by(me, fd, 0, NOBODY), -EINVAL);
	IS(send_with(me, fd, IP_TTL, &(int){9}, sizeof(int)), -EINVAL);
	IS(send_with(me, fd, IP_PKTINFO, &(int){9}, sizeof(int)), -EINVAL);
	return 0;
}

/* A stream has none, whatever is set. */
static int streams(struct task *me, struct way *way) {
	struct remote *remote;
	struct received r;
	int fd = connected(me, way, &remote);

	IS(set_ip(me, fd, IP_PKTINFO, 1), 0);
	IS(set_ip(me, fd, IP_RECVERR, 1), 0);
	remote_send(remote, "x");
	IS(receive(me, fd, &r, sizeof r.control, 0), 1);
	IS(r.msg.msg_controllen, 0);
	return 0;
}

const struct compat_case compat_control[] = {
	{"IP_MTU_DISCOVER", mtu_discover},
	{"IP_MTU", mtu},
	{"IP_RECVERR", error_queue},
	{"IP_RECVERR in order", error_queue_order},
	{"IP_RECVERR of its own", error_queue_local},
	{"IP_PKTINFO, TTL and TOS", arrival},
	{"sendmsg IP_PKTINFO", send_with_pktinfo},
	{"control messages of streams", streams},
	{NULL, NULL},
};
