/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the socket layer keeps around a struct socket and shares between its own files only.
 */
#ifndef HOST_SOCKET_INODE_H
#define HOST_SOCKET_INODE_H

#include "host/core/cache.h"
#include "host/socket/socket.h"

/* On-off options that are kept and shown but that nothing in the model acts on. */
enum socket_flag {
	SOCKET_DEBUG = 1,
	SOCKET_DONTROUTE = 2,
	SOCKET_NO_CHECK = 4,
	SOCKET_BSDCOMPAT = 8,
	SOCKET_PASSCRED = 16,
	SOCKET_TIMESTAMP = 32,
	SOCKET_KEPT = 63,
	/* 2.4's SOCK_SNDBUF_LOCK and SOCK_RCVBUF_LOCK: the program chose the size itself. */
	SOCKET_SNDBUF_LOCK = 64,
	SOCKET_RCVBUF_LOCK = 128,
	/* SO_REUSEPORT, which 2.4 does not know: src/exec answers it. */
	SOCKET_REUSE_PORT = 256,
};

/* As in 2.4, where the socket lives in its inode. */
struct socket_inode {
	struct socket socket; /* first */
	bool inner;           /* made by a layer, not by a program: costs nothing to have */
	unsigned flags;       /* enum socket_flag */
	struct footprint footprint;
};

static inline struct socket_inode *socket_inode(struct socket *sock) {
	return (struct socket_inode *)sock;
}

/* A call goes by the descriptor to the socket: charges COST_DISPATCH, and what is not found in the cache. */
void socket_dispatch(struct socket *sock);

/* Frees the struct alone, its ops are not told. */
void socket_free(struct socket *sock);

/* Opens a file and a descriptor on a socket: -EMFILE.  The descriptor then owns the socket. */
int sock_map_fd(struct task *me, struct socket *sock);

#endif
