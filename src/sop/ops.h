/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations, as the socket layer calls them, and what they have of each other. */
#ifndef SOP_OPS_H
#define SOP_OPS_H

#include "sop/target.h"

/* socket(): `stream` and `dgram` are what the sockets of either type get. */
int sop_socket(struct kernel *k, struct socket *sock, int protocol, const struct sop_face *stream,
               const struct sop_face *dgram);
int sop_release(struct socket *sock);
int sop_bind(struct socket *sock, const struct sockaddr *addr, int addr_len);
int sop_stream_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags);
int sop_dgram_connect(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags);
int sop_accept(struct socket *sock, struct socket *newsock, int flags);
int sop_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer);
unsigned sop_poll(struct file *file, struct socket *sock, struct poll_table *table);
int sop_ioctl(struct socket *sock, unsigned long cmd, void *arg);
int sop_listen(struct socket *sock, int backlog);
int sop_shutdown(struct socket *sock, int how);
int sop_setsockopt(struct socket *sock, int level, int name, const void *val, int len);
int sop_getsockopt(struct socket *sock, int level, int name, void *val, int *len);
ssize_t sop_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t sop_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
ssize_t sop_sendpage(struct socket *sock, const void *page, size_t size, int flags);

/* Hooks of the outer sock (options.c). */
void sop_option_changed(struct sock *sk, int name);
void sop_fetch_error(struct sock *sk);

/* Draws a port for an unbound socket and binds it on every stack (bind.c): as bind(ANY, 0). */
int sop_agree_port(struct sop_sock *ss);

/* Groups (groups.c). */
bool sop_is_group_option(int level, int name);
/* Carries one out; `all`: the legs that an unpinned socket has, or the pinned one. */
int sop_group_option(struct sop_sock *ss, const struct sop_set *all, int name, const void *val,
                     int len);

#endif
