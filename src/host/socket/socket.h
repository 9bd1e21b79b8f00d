/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The BSD socket layer: struct socket, struct sock, proto_ops, net_families[].
 *
 * The shapes are those of Linux 2.4 (include/linux/net.h, include/net/sock.h), since SOP is written
 * against them as the real module was.
 *
 * Facts kept from 2.4.22 (net/socket.c): sock_register() refuses an occupied slot; SOL_SOCKET
 * options never reach proto_ops but act on the outer sock->sk; listen's backlog is clamped to 128;
 * on a failed accept ops->release sees newsock->sk == NULL.
 */
#ifndef HOST_SOCKET_H
#define HOST_SOCKET_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "host/core/kernel.h"
#include "host/file/file.h"

#define AF_TOE 27 /* the cards' own family: what a program changed for a card names */

enum socket_state { SS_UNCONNECTED = 1, SS_CONNECTING, SS_CONNECTED, SS_DISCONNECTING };

struct proto_ops;

struct socket {
	enum socket_state state;
	int type; /* SOCK_STREAM ... */
	const struct proto_ops *ops;
	struct kernel *kernel;
	struct sock *sk;
	struct file *file;      /* NULL for sockets that no descriptor names (inner sockets) */
	struct wait_queue wait; /* sleepers and pollers */
	bool async_nospace;     /* SOCK_ASYNC_NOSPACE: a writer saw no room */
};

/* Options and errors that the socket layer itself keeps (sk->... of 2.4).  Families embed it first
 * in their own struct. */
struct sock {
	struct socket *socket; /* NULL once orphaned */
	int family, type, protocol;
	int err;           /* pending error, positive errno */
	unsigned shutdown; /* RCV_SHUTDOWN | SEND_SHUTDOWN */
	bool reuse, keepalive, oobinline, broadcast, linger;
	sim_time lingertime, rcvtimeo, sndtimeo; /* SIM_NEVER: none */
	uint32_t sndbuf, rcvbuf;                 /* as getsockopt shows them */
	int rcvlowat;
	int priority;
	char bound_dev[16]; /* SO_BINDTODEVICE, "" = none */
	uint32_t opt_seq;   /* counts setsockopt(SOL_SOCKET): lets layers copy changes late */
	bool acceptconn;    /* SO_ACCEPTCONN */
	/* How the protocol tells the socket layer; defaults (sock_init_data) wake sock->wait and send
	 * SIGIO/SIGURG.  A layer above (SOP) may replace them on inner sockets. */
	void (*state_change)(struct sock *sk);
	void (*data_ready)(struct sock *sk);
	void (*write_space)(struct sock *sk);
	void (*error_report)(struct sock *sk);
	void (*urgent)(struct sock *sk);
	void *user; /* for the layer above that replaced them */
	/* Called by the socket layer after a SOL_SOCKET option changed, for protocols that must act
	 * (NULL: nothing). */
	void (*option_changed)(struct sock *sk, int name);
	/* Called before SO_ERROR is read, to bring an inner error outward (NULL: nothing). */
	void (*fetch_error)(struct sock *sk);
};

#define RCV_SHUTDOWN 1U
#define SEND_SHUTDOWN 2U

/* Fills in defaults and binds sk and sock together (sock may be NULL). */
void sock_init_data(struct socket *sock, struct sock *sk, int family, int type, int protocol);
/* Takes the pending error: -err, or 0. */
int sock_error(struct sock *sk);

/*
 * The operations of a protocol family.  Return 0 or a positive count, or a negative errno.
 * `flags` of connect and accept are the file's (O_NONBLOCK); sendmsg and recvmsg find MSG_DONTWAIT
 * already set in msg_flags when the file is non-blocking.  Every slot is filled: sock_no_*.
 */
struct proto_ops {
	int family;
	int (*release)(struct socket *sock);
	int (*bind)(struct socket *sock, const struct sockaddr *addr, int addr_len);
	int (*connect)(struct socket *sock, const struct sockaddr *addr, int addr_len, int flags);
	int (*socketpair)(struct socket *a, struct socket *b);
	int (*accept)(struct socket *sock, struct socket *newsock, int flags);
	int (*getname)(struct socket *sock, struct sockaddr *addr, int *addr_len, int peer);
	unsigned (*poll)(struct file *file, struct socket *sock, struct poll_table *table);
	int (*ioctl)(struct socket *sock, unsigned long cmd, void *arg);
	int (*listen)(struct socket *sock, int backlog);
	int (*shutdown)(struct socket *sock, int how);
	int (*setsockopt)(struct socket *sock, int level, int name, const void *val, int len);
	int (*getsockopt)(struct socket *sock, int level, int name, void *val, int *len);
	ssize_t (*sendmsg)(struct socket *sock, struct msghdr *msg, size_t len);
	ssize_t (*recvmsg)(struct socket *sock, struct msghdr *msg, size_t len, int flags);
	int (*mmap)(struct file *file, struct socket *sock);
	ssize_t (*sendpage)(struct socket *sock, const void *page, size_t size, int flags);
};

/* Operations that answer as Linux 2.4's sock_no_*: for slots that a family does not have. */
int sock_no_socketpair(struct socket *a, struct socket *b);                 /* -EOPNOTSUPP */
int sock_no_accept(struct socket *sock, struct socket *newsock, int flags); /* -EOPNOTSUPP */
int sock_no_listen(struct socket *sock, int backlog);                       /* -EOPNOTSUPP */
int sock_no_ioctl(struct socket *sock, unsigned long cmd, void *arg);       /* -EOPNOTSUPP */
int sock_no_shutdown(struct socket *sock, int how);                         /* -EOPNOTSUPP */
/* -EOPNOTSUPP */
int sock_no_setsockopt(struct socket *sock, int level, int name, const void *val, int len);
int sock_no_getsockopt(struct socket *sock, int level, int name, void *val, int *len);
int sock_no_mmap(struct file *file, struct socket *sock); /* -ENODEV */
/* sendpage on top of the socket's own sendmsg. */
ssize_t sock_no_sendpage(struct socket *sock, const void *page, size_t size, int flags);

struct net_proto_family {
	int family;
	int (*create)(struct kernel *k, struct socket *sock, int protocol);
};

/* -ENOBUFS out of range, -EEXIST on an occupied slot. */
int sock_register(struct kernel *k, const struct net_proto_family *family);
int sock_unregister(struct kernel *k, int family);

/* A bare socket without ops or sk, charges COST_SOCK_ALLOC; and its end: calls ops->release. */
struct socket *sock_alloc(struct kernel *k, int type);
/* An inner socket, that no descriptor will name: the same without file and without charge. */
struct socket *sock_alloc_inner(struct kernel *k, int type);
void sock_release(struct socket *sock);
/* socket() for the kernel's own use: through net_families[].  -EAFNOSUPPORT, create's error. */
int sock_create(struct kernel *k, int family, int type, int protocol, struct socket **sock);

/* The socket behind a descriptor: NULL and *err = -EBADF or -ENOTSOCK. */
struct socket *sockfd_lookup(struct task *me, int fd, int *err);

/* What an option of SOL_SOCKET sets, for layers that carry options to other socks: the one list. */
struct sock_option {
	int name;
	unsigned
		lock; /* of a socket_inode: copied only if the program chose the value; 0: always */
	size_t offset, size;   /* of its field in struct sock */
	size_t offset2, size2; /* of the other one, which SO_LINGER has; size 0: none */
};

enum { SOCK_OPTIONS = 12 };
extern const struct sock_option sock_options[SOCK_OPTIONS];

/* Copies what an option sets; true: that was different. */
bool sock_option_copy(struct sock *to, const struct sock *from, const struct sock_option *opt);

/* SOL_SOCKET on any sock, as sys_setsockopt does it: also for layers that copy options inward. */
int sock_setsockopt(struct socket *sock, int name, const void *val, int len);
int sock_getsockopt(struct socket *sock, int name, void *val, int *len);
/* Copies the SOL_SOCKET options of one sock onto another (and calls its option_changed). */
void sock_copy_options(struct sock *to, const struct sock *from);

/* Time a receive or send may block: 0 when MSG_DONTWAIT, else the sock's time-out. */
sim_time sock_rcvtimeo(const struct sock *sk, bool noblock);
sim_time sock_sndtimeo(const struct sock *sk, bool noblock);
/* -ERESTARTSYS shown to programs as -EINTR; with a finite time-out -EINTR. */
int sock_intr_errno(sim_time timeo);

/* SIGIO/SIGURG to the owner of an outer socket's file. */
void sock_wake_async(struct socket *sock, int sig, int band);

/* Copies a sockaddr_in out of the user's bytes; -EINVAL if shorter than 16. */
int sockaddr_get_in(const struct sockaddr *addr, int len, uint32_t *ip, uint16_t *port);
void sockaddr_put_in(struct sockaddr *addr, int *len, uint32_t ip, uint16_t port);

/* Boot and end (host/boot). */
void socket_init(struct kernel *k);
void socket_exit(struct kernel *k);

#endif
