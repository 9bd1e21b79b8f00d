/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each call may say: an errno from elsewhere shows a leak between layers.  From the functions
 * of Linux 2.4 behind the calls, and what is ruled for cards: one that is dead gives ECONNRESET on
 * streams, ENETDOWN else; one that is full, ENOBUFS, which a socket tells at its next call.
 */
#include "random_world.h"

#define CALL(kind) (UINT64_C(1) << RANDOM_##kind)
#define OPENS                                                                                      \
	(CALL(server) | CALL(client) | CALL(receiver) | CALL(member) | CALL(socket) | CALL(raw) |      \
	 CALL(toe))
#define BINDS (CALL(bind) | CALL(server) | CALL(receiver) | CALL(member))
#define LISTENS (CALL(listen) | CALL(server))
#define CONNECTS (CALL(connect) | CALL(client))
#define SENDS (CALL(send) | CALL(sendto) | CALL(sendmsg) | CALL(writev) | CALL(sendfile))
#define AIMED (CALL(sendto) | CALL(sendmsg))
#define RECEIVES (CALL(recv) | CALL(recvmsg) | CALL(readv))
#define OPTIONS (CALL(setsockopt) | CALL(getsockopt))
#define GROUPED (CALL(join) | CALL(leave) | CALL(mcast))
#define WATCHES (CALL(poll) | CALL(select) | CALL(sleep))
/* These tell an error of the socket that an earlier call, or the wire, has left. */
#define TELLS (CONNECTS | SENDS | RECEIVES)
/* These reach a card. */
#define ASKS                                                                                       \
	(BINDS | LISTENS | TELLS | OPTIONS | GROUPED | CALL(accept) | CALL(disconnect) | CALL(names) |  \
	 CALL(ioctl) | CALL(shutdown))

enum { ANY, STREAM, OTHER }; /* of which type of socket */

static const struct {
	int err;
	uint64_t calls; /* bits */
	int type;
} known[] = {
	/* Sets overlap.  NOLINTBEGIN(misc-redundant-expression) */
	/* descriptors and families */
	{EMFILE, OPENS | CALL(accept) | CALL(dup), ANY},
	{EBADF, CALL(sendfile), ANY}, /* there was no descriptor for the file */
	{EPROTONOSUPPORT, CALL(raw), ANY},
	{EAFNOSUPPORT, CALL(toe), ANY},
	/* waiting */
	{EAGAIN, CALL(accept) | SENDS | RECEIVES, ANY},
	{EINTR, CALL(accept) | CONNECTS | SENDS | RECEIVES | WATCHES, ANY},
	{EINPROGRESS, CALL(connect), STREAM},
	{EALREADY, CALL(connect), STREAM},
	/* names and states */
	{EINVAL, BINDS | LISTENS | CALL(accept) | CALL(connect) | CALL(shutdown) | CALL(ioctl),
         ANY},
	{EINVAL, AIMED | CALL(setsockopt), ANY},
	{EINVAL, RECEIVES, STREAM}, /* no urgent byte */
	{EADDRINUSE, BINDS | LISTENS, ANY},
	{EADDRNOTAVAIL, BINDS | CONNECTS | AIMED, ANY},
	{EISCONN, CALL(connect), STREAM},
	{ENOTCONN, CALL(names) | CALL(shutdown), ANY},
	{ENOTCONN, RECEIVES, STREAM},
	{EPIPE, SENDS, ANY},
	{EDESTADDRREQ, SENDS, OTHER},
	{EMSGSIZE, SENDS, OTHER},
	{EOPNOTSUPP, CALL(accept) | CALL(listen), OTHER},
	{EOPNOTSUPP, CALL(send) | CALL(sendmsg) | CALL(recv) | CALL(recvmsg), OTHER}, /* MSG_OOB */
	{EOPNOTSUPP, CALL(getsockopt), OTHER},
	{ENOPROTOOPT, OPTIONS, ANY},
	{ENODEV, CALL(setsockopt) | CALL(reconfigure), ANY},
	/* groups: ip_mc_join_group(), ip_mc_leave_group(), ip_setsockopt() */
	{EINVAL, CALL(join), ANY},  /* no group */
	{EINVAL, CALL(mcast), ANY}, /* a stream, or bound to another interface */
	{ENODEV, CALL(join), ANY},  /* nobody's address, no route */
	{EADDRINUSE, CALL(join), ANY},
	{EADDRNOTAVAIL, CALL(leave) | CALL(mcast), ANY}, /* not joined; nobody's address */
	/* ip_rt_ioctl(): there is one already, there is none, its interface is gone or down */
	{EEXIST, CALL(groute), ANY},
	{ESRCH, CALL(groute), ANY},
	{ENODEV, CALL(groute), ANY},
	{ENETDOWN, CALL(groute), ANY},
	{EBUSY, CALL(module), ANY},
	/* the way there */
	{EACCES, CONNECTS | AIMED, ANY},
	{ENETUNREACH, CONNECTS | SENDS, ANY},
	{EHOSTUNREACH, TELLS, ANY},
	{ETIMEDOUT, TELLS, STREAM},
	{ECONNREFUSED, TELLS, ANY},
	{ECONNRESET, TELLS, STREAM},
	{ECONNABORTED, CONNECTS | CALL(accept), STREAM},
	/* cards */
	{ECONNRESET, ASKS, STREAM},
	{ENETDOWN, ASKS | OPENS | CALL(reconfigure), ANY},
	{ENOBUFS, ASKS | OPENS, ANY},
	/* NOLINTEND(misc-redundant-expression) */
};

bool random_is_known(unsigned kind, int type, long result) {
	if (result >= 0)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].err == -result && known[i].calls >> kind & 1 &&
		    (known[i].type == ANY || (known[i].type == STREAM) == (type == SOCK_STREAM)))
			return true;
	return false;
}
