/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SOL_SOCKET options, as sock_setsockopt() and sock_getsockopt() of Linux 2.4.22 (net/core/sock.c)
 * answer them.
 */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>

#include "host/dev/toedev.h"
#include "host/socket/socket_inode.h"
#include "net/engine/iface.h"

/* sysctl_wmem_max and sysctl_rmem_max of 2.4; what is granted is doubled for book-keeping. */
#define BUFFER_MAX 65535
#define SNDBUF_MIN 2048 /* SOCK_MIN_SNDBUF */
#define RCVBUF_MIN 256  /* SOCK_MIN_RCVBUF */

/* --- setting ------------------------------------------------------------------------------ */

static uint32_t buffer_size(int asked, int least) {
	return (uint32_t)MAX(MIN(asked, BUFFER_MAX) * INT64_C(2), least);
}

static void set_sndbuf(struct socket *sock, int val) {
	struct sock *sk = sock->sk;

	sk->sndbuf = buffer_size(val, SNDBUF_MIN);
	socket_inode(sock)->flags |= SOCKET_SNDBUF_LOCK;
	/* More room may have come into being for a writer that sleeps. */
	if (sk->write_space)
		sk->write_space(sk);
}

static void set_rcvbuf(struct socket *sock, int val) {
	sock->sk->rcvbuf = buffer_size(val, RCVBUF_MIN);
	socket_inode(sock)->flags |= SOCKET_RCVBUF_LOCK;
}

static bool current_capable(const struct kernel *k) {
	const struct task *me = current_task(k);

	return !me || capable(me);
}

static int set_priority(struct socket *sock, int val) {
	if ((val < 0 || val > 6) && !current_capable(sock->kernel))
		return -EPERM;
	sock->sk->priority = val;
	return 0;
}

static int set_linger(struct sock *sk, const void *val, int len) {
	struct linger ling;

	if (len < (int)sizeof ling)
		return -EINVAL;
	memcpy(&ling, val, sizeof ling);
	sk->linger = ling.l_onoff != 0;
	/* Negative seconds are very many, as in 2.4. */
	if (sk->linger)
		sk->lingertime = ling.l_linger < 0 || ling.l_linger >= SIM_NEVER / SIM_S
		                         ? SIM_NEVER
		                         : ling.l_linger * SIM_S;
	return 0;
}

/* {0, 0} means for ever.  A negative time, which 2.4 hands to its scheduler, expires at once. */
static int set_timeout(sim_time *timeout, const void *val, int len) {
	struct timeval tv;

	if (len < (int)sizeof tv)
		return -EINVAL;
	memcpy(&tv, val, sizeof tv);
	if ((tv.tv_sec == 0 && tv.tv_usec == 0) || tv.tv_sec >= SIM_NEVER / SIM_S - 1)
		*timeout = SIM_NEVER;
	else if (tv.tv_sec < 0 || tv.tv_usec < 0)
		*timeout = 0;
	else
		*timeout = tv.tv_sec * SIM_S + MIN(tv.tv_usec, 1000000) * SIM_US;
	return 0;
}

static bool device_exists(const struct kernel *k, const char *name) {
	const struct toedev *td = toedev_find(k, name);

	return (k->stack && net_if_find(k->stack, name)) || (td && !td->dead);
}

static int set_device(struct socket *sock, const char *val, int len) {
	struct sock *sk = sock->sk;
	char name[sizeof sk->bound_dev] = "";

	if (!current_capable(sock->kernel))
		return -EPERM;
	memcpy(name, val, MIN((size_t)len, sizeof name - 1));
	if (*name && !device_exists(sock->kernel, name))
		return -ENODEV;
	memcpy(sk->bound_dev, name, sizeof name);
	return 0;
}

static int set_flag(struct socket *sock, enum socket_flag flag, int val) {
	struct socket_inode *inode = socket_inode(sock);

	if (flag == SOCKET_DEBUG && val && !current_capable(sock->kernel))
		return -EACCES;
	inode->flags = val ? inode->flags | flag : inode->flags & ~(unsigned)flag;
	return 0;
}

/* The switch that an on-off option of struct sock lives in; NULL for others. */
static bool *sock_switch(struct sock *sk, int name) {
	switch (name) {
	case SO_REUSEADDR:
		return &sk->reuse;
	case SO_BROADCAST:
		return &sk->broadcast;
	case SO_KEEPALIVE:
		return &sk->keepalive;
	case SO_OOBINLINE:
		return &sk->oobinline;
	default:
		return NULL;
	}
}

/* The flag of an option that is only kept; 0 for others. */
static enum socket_flag kept_flag(int name) {
	switch (name) {
	case SO_DEBUG:
		return SOCKET_DEBUG;
	case SO_DONTROUTE:
		return SOCKET_DONTROUTE;
	case SO_NO_CHECK:
		return SOCKET_NO_CHECK;
	case SO_BSDCOMPAT:
		return SOCKET_BSDCOMPAT;
	case SO_PASSCRED:
		return SOCKET_PASSCRED;
	case SO_TIMESTAMP:
		return SOCKET_TIMESTAMP;
	default:
		return 0;
	}
}

static int set_option(struct socket *sock, int name, const void *bytes, int len) {
	struct sock *sk = sock->sk;
	bool *toggle = sock_switch(sk, name);
	int val;

	memcpy(&val, bytes, sizeof val);
	if (toggle) {
		*toggle = val != 0;
		return 0;
	}
	if (kept_flag(name))
		return set_flag(sock, kept_flag(name), val);
	switch (name) {
	case SO_SNDBUF:
		set_sndbuf(sock, val);
		return 0;
	case SO_RCVBUF:
		set_rcvbuf(sock, val);
		return 0;
	case SO_RCVLOWAT:
		sk->rcvlowat = val < 0 ? INT_MAX : MAX(val, 1);
		return 0;
	case SO_PRIORITY:
		return set_priority(sock, val);
	case SO_LINGER:
		return set_linger(sk, bytes, len);
	case SO_RCVTIMEO:
		return set_timeout(&sk->rcvtimeo, bytes, len);
	case SO_SNDTIMEO:
		return set_timeout(&sk->sndtimeo, bytes, len);
	case SO_BINDTODEVICE:
		return set_device(sock, bytes, len);
	default: /* SO_TYPE and SO_ERROR among them, which are only read */
		return -ENOPROTOOPT;
	}
}

int sock_setsockopt(struct socket *sock, int name, const void *val, int len) {
	struct sock *sk = sock->sk;
	int err;

	if (!sk || len < (int)sizeof(int))
		return -EINVAL;
	if (!val)
		return -EFAULT;
	err = set_option(sock, name, val, len);
	if (err)
		return err;
	sk->opt_seq++;
	if (sk->option_changed)
		sk->option_changed(sk, name);
	return 0;
}

/* --- reading ------------------------------------------------------------------------------ */

union option_value {
	int number;
	struct linger linger;
	struct timeval tv;
};

static struct timeval timeout_value(sim_time timeout) {
	if (timeout == SIM_NEVER)
		return (struct timeval){0};
	return (struct timeval){
		.tv_sec = timeout / SIM_S,
		.tv_usec = timeout % SIM_S / SIM_US,
	};
}

static int take_error(struct sock *sk) {
	if (sk->fetch_error)
		sk->fetch_error(sk);
	return -sock_error(sk);
}

/* An option that is an int; false if `name` is none. */
static bool get_number(struct socket *sock, int name, int *val) {
	struct sock *sk = sock->sk;
	const bool *toggle = sock_switch(sk, name);

	if (toggle || kept_flag(name)) {
		*val = toggle ? *toggle : (socket_inode(sock)->flags & kept_flag(name)) != 0;
		return true;
	}
	switch (name) {
	case SO_SNDBUF:
		*val = (int)sk->sndbuf;
		return true;
	case SO_RCVBUF:
		*val = (int)sk->rcvbuf;
		return true;
	case SO_RCVLOWAT:
		*val = sk->rcvlowat;
		return true;
	case SO_SNDLOWAT:
		*val = 1;
		return true;
	case SO_PRIORITY:
		*val = sk->priority;
		return true;
	case SO_TYPE:
		*val = sk->type;
		return true;
	case SO_ERROR:
		*val = take_error(sk);
		return true;
	case SO_ACCEPTCONN:
		*val = sk->acceptconn;
		return true;
	default:
		return false;
	}
}

int sock_getsockopt(struct socket *sock, int name, void *val, int *len) {
	struct sock *sk = sock->sk;
	union option_value v = {0};
	size_t size = sizeof v.number;

	if (!len)
		return -EFAULT;
	if (!sk || *len < 0)
		return -EINVAL;
	/* Before SO_ERROR is taken, so that a bad pointer does not lose it. */
	if (!val && *len > 0)
		return -EFAULT;
	if (name == SO_LINGER) {
		v.linger.l_onoff = sk->linger;
		v.linger.l_linger = (int)(sk->lingertime / SIM_S);
		size = sizeof v.linger;
	} else if (name == SO_RCVTIMEO || name == SO_SNDTIMEO) {
		v.tv = timeout_value(name == SO_RCVTIMEO ? sk->rcvtimeo : sk->sndtimeo);
		size = sizeof v.tv;
	} else if (!get_number(sock, name, &v.number)) {
		return -ENOPROTOOPT;
	}
	*len = (int)MIN((size_t)*len, size);
	if (*len)
		memcpy(val, &v, (size_t)*len);
	return 0;
}

/* --- copying ------------------------------------------------------------------------------ */

/* Which of `from`'s buffer sizes the program chose: a protocol's own default is not to be
 * overruled by that of another.  An orphan does not know and passes on what it has. */
static unsigned buffer_locks(const struct sock *from) {
	unsigned both = SOCKET_SNDBUF_LOCK | SOCKET_RCVBUF_LOCK;

	return from->socket ? socket_inode(from->socket)->flags & both : both;
}

#define FIELD(f) offsetof(struct sock, f), sizeof((struct sock *)0)->f

const struct sock_option sock_options[SOCK_OPTIONS] = {
	{SO_REUSEADDR, 0, FIELD(reuse), 0, 0},
	{SO_KEEPALIVE, 0, FIELD(keepalive), 0, 0},
	{SO_OOBINLINE, 0, FIELD(oobinline), 0, 0},
	{SO_BROADCAST, 0, FIELD(broadcast), 0, 0},
	{SO_LINGER, 0, FIELD(linger), FIELD(lingertime)},
	{SO_RCVTIMEO, 0, FIELD(rcvtimeo), 0, 0},
	{SO_SNDTIMEO, 0, FIELD(sndtimeo), 0, 0},
	{SO_SNDBUF, SOCKET_SNDBUF_LOCK, FIELD(sndbuf), 0, 0},
	{SO_RCVBUF, SOCKET_RCVBUF_LOCK, FIELD(rcvbuf), 0, 0},
	{SO_RCVLOWAT, 0, FIELD(rcvlowat), 0, 0},
	{SO_PRIORITY, 0, FIELD(priority), 0, 0},
	{SO_BINDTODEVICE, 0, FIELD(bound_dev), 0, 0},
};

static bool copy_field(struct sock *to, const struct sock *from, size_t offset, size_t size) {
	char *t = (char *)to + offset;
	const char *f = (const char *)from + offset;

	if (!size || memcmp(t, f, size) == 0)
		return false;
	memcpy(t, f, size);
	return true;
}

bool sock_option_copy(struct sock *to, const struct sock *from, const struct sock_option *opt) {
	bool changed = copy_field(to, from, opt->offset, opt->size);

	changed |= copy_field(to, from, opt->offset2, opt->size2);
	return changed;
}

/* Bits of the result stand for options of the list that made a difference. */
static unsigned copy_options(struct sock *to, const struct sock *from) {
	unsigned changed = 0, locks = buffer_locks(from);

	for (unsigned i = 0; i < SOCK_OPTIONS; i++) {
		const struct sock_option *opt = &sock_options[i];

		if ((!opt->lock || opt->lock & locks) && sock_option_copy(to, from, opt))
			changed |= 1U << i;
	}
	return changed;
}

/* The copy also takes over opt_seq, so `to->opt_seq != from->opt_seq` says that a copy is due.  The
 * protocol is told when all fields are in place. */
void sock_copy_options(struct sock *to, const struct sock *from) {
	unsigned changed = copy_options(to, from);

	if (to->socket && from->socket) {
		struct socket_inode *inode = socket_inode(to->socket);
		unsigned flags = socket_inode(from->socket)->flags;
		inode->flags = (inode->flags & ~(unsigned)SOCKET_KEPT) | flags;
	}
	to->opt_seq = from->opt_seq;
	if (!to->option_changed)
		return;
	for (unsigned i = 0; i < SOCK_OPTIONS; i++)
		if (changed & 1U << i)
			to->option_changed(to, sock_options[i].name);
}
