/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system calls by name; those on sockets and descriptors.  (Data: calls_data.c; options:
 * calls_opt.c; arguments: calls_args.c.) */
#include "pkt/calls.h"
#include "host/socket/syscalls.h"
#include "pkt/conf.h"
#include "pkt/conn.h"
#include "pkt/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* --- sockets ---------------------------------------------------------------------------------- */

/* SOCK_NONBLOCK and SOCK_CLOEXEC, and with them accept4(), came with Linux 2.6.27 and save the
 * fcntl() that is made here. */
static int64_t with_flags(struct worker *w, int64_t fd, int flags) {
	if (fd >= 0 && flags & SOCK_NONBLOCK)
		sys_fcntl(w->task, (int)fd, F_SETFL, O_RDWR | O_NONBLOCK);
	if (fd >= 0 && flags & SOCK_CLOEXEC)
		sys_fcntl(w->task, (int)fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static int64_t do_socket(struct worker *w, const struct call *call) {
	const struct expr *family = call_arg(call, 0);
	int type = (int)call_int(call, 1);

	/* "..." is what the script is run over: always IPv4. */
	return with_flags(
		w,
		sys_socket(w->task,
	                   family && family->kind == EXPR_INTEGER ? (int)family->value : AF_INET,
	                   type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), (int)call_int(call, 2)),
		type);
}

static int64_t do_bind(struct worker *w, const struct call *call) {
	struct sockaddr_in addr;
	int len = call_address(w, call_arg(call, 1), true, &addr);
	int64_t rc = sys_bind(w->task, call_fd(w, call), (struct sockaddr *)&addr,
	                      call_length(call_arg(call, 2), len));

	if (rc == 0)
		g_hash_table_insert(w->run->bound, GINT_TO_POINTER((int)call_int(call, 0)),
		                    GUINT_TO_POINTER(g_ntohs(addr.sin_port)));
	return rc;
}

static int64_t do_listen(struct worker *w, const struct call *call) {
	gpointer fd = GINT_TO_POINTER((int)call_int(call, 0));
	struct sockaddr_in addr;
	int len = sizeof addr;
	int64_t rc = sys_listen(w->task, call_fd(w, call), (int)call_int(call, 1));

	if (rc == 0 && !sys_getsockname(w->task, call_fd(w, call), (struct sockaddr *)&addr, &len))
		g_hash_table_insert(w->run->listeners, fd,
		                    GUINT_TO_POINTER(g_ntohs(addr.sin_port)));
	if (rc == 0)
		w->run->listens_anew = true;
	return rc;
}

static int64_t do_accept(struct worker *w, const struct call *call) {
	struct sockaddr_in addr = {0};
	int len = sizeof addr;
	int64_t fd = sys_accept(w->task, call_fd(w, call), (struct sockaddr *)&addr, &len);
	struct conn *c = fd >= 0 ? conn_by_remote_port(w->run, g_ntohs(addr.sin_port)) : NULL;

	if (c)
		c->fd = (int)call->result;
	return with_flags(w, fd, (int)call_int(call, 3)); /* accept4() */
}

/* Whether connect() would begin something: else it asks for the attempt under way. */
static bool begins(struct task *me, int fd) {
	int err;
	const struct socket *sock = sockfd_lookup(me, fd, &err);

	return sock && sock->type == SOCK_STREAM && sock->state == SS_UNCONNECTED;
}

/* A new attempt is a new connection to the script. */
static void note_connect(struct worker *w, const struct call *call,
                         const struct sockaddr_in *addr) {
	struct run *r = w->run;
	gpointer port;
	struct conn *c;

	if (addr->sin_family != AF_INET)
		return;
	c = conn_new(r, PACKET_TCP);
	c->active = c->connecting = true;
	c->remote_port = g_ntohs(addr->sin_port);
	c->fd = (int)call_int(call, 0);
	if (g_hash_table_lookup_extended(r->bound, GINT_TO_POINTER(c->fd), NULL, &port) &&
	    GPOINTER_TO_UINT(port)) {
		c->local_port = (uint16_t)GPOINTER_TO_UINT(port);
		c->connecting = false;
	}
}

static int64_t do_connect(struct worker *w, const struct call *call) {
	struct sockaddr_in addr;
	int len = call_address(w, call_arg(call, 1), false, &addr), fd = call_fd(w, call);

	if (begins(w->task, fd))
		note_connect(w, call, &addr);
	return sys_connect(w->task, fd, (struct sockaddr *)&addr,
	                   call_length(call_arg(call, 2), len));
}

static int64_t do_name(struct worker *w, const struct call *call) {
	struct sockaddr_in addr = {0};
	int len = call_length(call_arg(call, 2), sizeof addr), fd = call_fd(w, call);
	bool peer = g_str_equal(call->name, "getpeername");
	int64_t rc = peer ? sys_getpeername(w->task, fd, (struct sockaddr *)&addr, &len)
	                  : sys_getsockname(w->task, fd, (struct sockaddr *)&addr, &len);

	return call_check_address(w, rc, call_arg(call, 1), &addr);
}

static int64_t do_shutdown(struct worker *w, const struct call *call) {
	int how = (int)call_int(call, 1);
	int64_t rc = sys_shutdown(w->task, call_fd(w, call), how);

	if (rc == 0 && how != SHUT_WR)
		g_hash_table_remove(w->run->listeners, GINT_TO_POINTER((int)call_int(call, 0)));
	return rc;
}

static int64_t do_close(struct worker *w, const struct call *call) {
	int64_t fd = call_int(call, 0);
	int live = call_fd(w, call);

	g_hash_table_remove(w->run->listeners, GINT_TO_POINTER((int)fd));
	g_hash_table_remove(w->run->bound, GINT_TO_POINTER((int)fd));
	g_hash_table_remove(w->run->fds, GINT_TO_POINTER((int)fd));
	return sys_close(w->task, live);
}

/* --- descriptors ------------------------------------------------------------------------------ */

static int64_t do_fcntl(struct worker *w, const struct call *call) {
	return sys_fcntl(w->task, call_fd(w, call), (int)call_int(call, 1),
	                 (long)call_int(call, 2));
}

static int64_t do_ioctl(struct worker *w, const struct call *call) {
	const struct expr *e = call_arg(call, 2);
	int value = (int)call_int(call, 2), before = value;
	unsigned long cmd = (unsigned long)call_int(call, 1);
	int64_t rc;

	if (e && (e->kind == EXPR_STRUCT || e->kind == EXPR_STRING))
		return call_complain(w, -ENOSYS, "ioctl on a struct");
	rc = sys_ioctl(w->task, call_fd(w, call), cmd, &value);
	if (rc >= 0 && cmd != FIONBIO && e && e->kind == EXPR_LIST && value != before)
		call_complain(w, rc, "Expected value %d but got %d", before, value);
	return rc;
}

static int64_t do_dup(struct worker *w, const struct call *call) {
	return sys_dup(w->task, call_fd(w, call));
}

/* Any file a script opens exists: 16 MiB of pattern. */
static int64_t do_open(struct worker *w, const struct call *call) {
	const struct expr *path = call_arg(call, 0);

	if (!path || path->kind != EXPR_STRING)
		return call_complain(w, -ENOSYS, "a path that is no string");
	fs_create_pattern(w->run->m.kernel, path->text->str, 16 << 20, 1);
	return sys_open(w->task, path->text->str, (int)call_int(call, 1));
}

static int64_t do_poll(struct worker *w, const struct call *call) {
	const struct expr *list = call_arg(call, 0);
	struct pollfd fds[64] = {0};
	unsigned n = (unsigned)call_int(call, 1);
	int64_t rc;

	if (!list || list->kind != EXPR_LIST || n > list->items->len || n > G_N_ELEMENTS(fds))
		return call_complain(w, -ENOSYS, "a list of descriptors that does not fit");
	for (unsigned i = 0; i < n; i++) {
		const struct expr *fd = expr_field(list->items->pdata[i], "fd");
		const struct expr *events = expr_field(list->items->pdata[i], "events");

		fds[i].fd = fd ? call_live_fd(w->run, fd->value) : -1;
		fds[i].events = (short)(events ? events->value : 0);
	}
	rc = sys_poll(w->task, fds, n, (int)call_int(call, 2));
	for (unsigned i = 0; rc >= 0 && i < n; i++) {
		const struct expr *want = expr_field(list->items->pdata[i], "revents");

		/* Not named means none, as in packetdrill. */
		short revents = (short)(want ? want->value : 0);

		if ((!want || want->kind == EXPR_INTEGER) && revents != fds[i].revents)
			call_complain(w, rc, "Expected revents 0x%x of descriptor %u but got 0x%x",
			              (unsigned)(unsigned short)revents, i,
			              (unsigned)(unsigned short)fds[i].revents);
	}
	return rc;
}

/* --- by name ---------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	call_fn fn;
} calls[] = {
	{"socket", do_socket},
	{"bind", do_bind},
	{"listen", do_listen},
	{"accept", do_accept},
	{"accept4", do_accept},
	{"connect", do_connect},
	{"getsockname", do_name},
	{"getpeername", do_name},
	{"shutdown", do_shutdown},
	{"close", do_close},
	{"fcntl", do_fcntl},
	{"ioctl", do_ioctl},
	{"dup", do_dup},
	{"open", do_open},
	{"poll", do_poll},
	{"read", call_read},
	{"write", call_write},
	{"recv", call_read},
	{"send", call_write},
	{"recvfrom", call_read},
	{"sendto", call_write},
	{"readv", call_readv},
	{"writev", call_writev},
	{"recvmsg", call_recvmsg},
	{"sendmsg", call_sendmsg},
	{"sendfile", call_sendfile},
	{"getsockopt", call_getsockopt},
	{"setsockopt", call_setsockopt},
};

int64_t call_make(struct worker *w, const struct call *call) {
	for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
		if (g_str_equal(call->name, calls[i].name))
			return calls[i].fn(w, call);
	return call_complain(w, -ENOSYS, "there is none of that name here");
}
