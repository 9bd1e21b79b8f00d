/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The INET family: the host's own TCP/IP behind the BSD socket layer.
 *
 * inet_stream_ops and inet_dgram_ops wrap a net_sock of the kernel's stack, add blocking, wait
 * queues, signals and time-outs, and charge the costs.  SOP calls these functions by name as the
 * real module called the kernel's.
 */
#ifndef HOST_INET_H
#define HOST_INET_H

#include "host/socket/socket.h"

extern const struct net_proto_family inet_family_ops;

struct inet_sock {
	struct sock sk; /* first */
	struct net_sock *so;
	sim_time stamp; /* when data last arrived (SIOCGSTAMP); SIM_NEVER: not yet */
};

static inline struct inet_sock *inet_sk(const struct sock *sk) { return (struct inet_sock *)sk; }

/* Which engine socket serves: NULL before create and after release. */
struct net_sock *inet_net_sock(const struct socket *sock);

int inet_create(struct kernel *k, struct socket *sock, int protocol);
int inet_release(struct socket *sock);
int inet_bind(struct socket *sock, const struct sockaddr *addr, int addr_len);
int inet_listen(struct socket *sock, int backlog);
int inet_accept(struct socket *sock, struct socket *newsock, int flags);
int inet_stream_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags);
int inet_dgram_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags);
int inet_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer);
unsigned inet_poll(struct file *file, struct socket *sock, struct poll_table *table);
int inet_ioctl(struct socket *sock, unsigned long cmd, void *arg);
int inet_shutdown(struct socket *sock, int how);
int inet_setsockopt(struct socket *sock, int level, int name, const void *val, int len);
int inet_getsockopt(struct socket *sock, int level, int name, void *val, int *len);

/* Ports that are drawn (ip_local_port_range of 2.4), both included. */
void inet_port_range(const struct kernel *k, uint16_t *low, uint16_t *high);
/* What IP_PKTINFO among the control messages of a datagram asks for (ip_cmsg_send() of 2.4): number of
 * an interface and source address, 0: none.  -EINVAL for messages that are malformed. */
int inet_pktinfo(const struct msghdr *msg, uint32_t *index, uint32_t *source);

/* Boot and end (host/boot). */
void inet_init(struct kernel *k);
void inet_exit(struct kernel *k);

#endif
