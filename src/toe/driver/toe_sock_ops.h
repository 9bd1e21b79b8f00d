/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which proto_ops do streams and datagrams have in common?
 */
#ifndef TOE_TOE_SOCK_OPS_H
#define TOE_TOE_SOCK_OPS_H

#include "host/socket/socket.h"

int toe_release(struct socket *sock);
int toe_bind(struct socket *sock, const struct sockaddr *addr, int addr_len);
int toe_getname(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer);
unsigned toe_poll(struct file *file, struct socket *sock, struct poll_table *table);
int toe_ioctl(struct socket *sock, unsigned long cmd, void *arg);
int toe_shutdown(struct socket *sock, int how);
int toe_setsockopt(struct socket *sock, int level, int name, const void *val, int len);
int toe_getsockopt(struct socket *sock, int level, int name, void *val, int *len);

#endif
