/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control messages: what goes with a datagram besides its bytes (ip_cmsg_recv(), ip_cmsg_send() and
 * put_cmsg() of 2.4). */
#include "net/engine/dgram.h"
#include "net/engine/netif.h"
#include "net/engine/socket.h"

void cmsg_put(struct cmsg_room *room, struct net_msg *msg, int type, const void *data, size_t len) {
	struct cmsghdr head = {
		.cmsg_len = CMSG_LEN(len), .cmsg_level = IPPROTO_IP, .cmsg_type = type};
	uint8_t *at = room->at;
	size_t space = MIN(CMSG_SPACE(len), room->left);

	if (room->left < sizeof head) {
		msg->flags |= MSG_CTRUNC;
		return;
	}
	if (head.cmsg_len > room->left) {
		msg->flags |= MSG_CTRUNC;
		head.cmsg_len = room->left;
	}
	memset(at, 0, space); /* what is padded is nobody's memory */
	memcpy(at, &head, sizeof head);
	memcpy(CMSG_DATA((struct cmsghdr *)(void *)at), data, head.cmsg_len - sizeof head);
	room->at += space;
	room->left -= space;
}

/* What was sent to many is answered from the address of the interface that it came by. */
static void put_pktinfo(struct cmsg_room *room, struct net_msg *msg, const struct net_stack *st,
                        const struct arrival *from) {
	bool local = net_is_local(st, from->dst);
	struct in_pktinfo info = {
		.ipi_ifindex = from->ifp ? (int)from->ifp->index : 0,
		.ipi_spec_dst.s_addr = g_htonl(local       ? from->dst
	                                       : from->ifp ? from->ifp->addr
	                                                   : 0),
		.ipi_addr.s_addr = g_htonl(from->dst),
	};

	cmsg_put(room, msg, IP_PKTINFO, &info, sizeof info);
}

void cmsg_put_arrival(struct cmsg_room *room, struct net_msg *msg, const struct user_sock *us,
                      const struct arrival *from) {
	int ttl = from->ttl;

	if (us->cmsg_flags & CMSG_PKTINFO)
		put_pktinfo(room, msg, us->so.st, from);
	if (us->cmsg_flags & CMSG_TTL)
		cmsg_put(room, msg, IP_TTL, &ttl, sizeof ttl);
	if (us->cmsg_flags & CMSG_TOS)
		cmsg_put(room, msg, IP_TOS, &from->tos, sizeof from->tos);
}

/* One message at `at` of those in `control`; its length in all, 0 at the end, negative errno. */
static ssize_t take(const void *control, size_t len, size_t at, struct net_pktinfo *info) {
	const uint8_t *bytes = (const uint8_t *)control + at;
	struct in_pktinfo given;
	struct cmsghdr head;

	if (at + sizeof head > len)
		return 0;
	memcpy(&head, bytes, sizeof head);
	if (head.cmsg_len < sizeof head || head.cmsg_len > len - at)
		return -EINVAL;
	if (head.cmsg_level == IPPROTO_IP) {
		if (head.cmsg_type != IP_PKTINFO || head.cmsg_len != CMSG_LEN(sizeof given))
			return -EINVAL;
		memcpy(&given, bytes + CMSG_LEN(0), sizeof given);
		info->index = (uint32_t)given.ipi_ifindex;
		info->source = g_ntohl(given.ipi_spec_dst.s_addr);
	}
	return (ssize_t)CMSG_ALIGN(head.cmsg_len);
}

int net_pktinfo(const void *control, size_t len, struct net_pktinfo *info) {
	ssize_t n;

	*info = (struct net_pktinfo){0};
	for (size_t at = 0; (n = take(control, len, at, info)) > 0; at += (size_t)n)
		;
	return (int)n;
}
