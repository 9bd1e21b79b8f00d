/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System calls that move data. */
#include <errno.h>
#include <string.h>

#include "host/socket/syscalls.h"
#include "pkt/calls.h"
#include "pkt/stream.h"

/* A buffer for `len` bytes: a string's, or what the stream has `ahead` bytes further on. */
static void *buffer(struct worker *w, const struct call *call, const struct expr *e, size_t ahead,
                    size_t len) {
	uint8_t *buf = g_malloc0(len + 1);

	if (e && e->kind == EXPR_STRING) {
		stream_odd(w->run, call_int(call, 0));
		memcpy(buf, e->text->str, MIN(e->text->len, len));
	} else if (e) {
		stream_fill(w->run, call_int(call, 0), ahead, buf, len);
	}
	return buf;
}

enum { BUFFER_MAX = 64 << 20 };

/* A buffer is one of the runner's own or the script's text: no place in memory has a number. */
static bool is_buffer(const struct expr *e, size_t len) {
	return e && (e->kind == EXPR_ELLIPSIS || e->kind == EXPR_STRING) && len <= BUFFER_MAX;
}

/* Where a script names what it reads, that must be it; else it must be what came. */
static void check_bytes(struct worker *w, const struct call *call, int flags, int64_t n,
                        const struct expr *want, const void *have) {
	if (n < 0 || flags & (MSG_OOB | MSG_TRUNC))
		return;
	if (!stream_read(w->run, call_int(call, 0), have, (size_t)n, !(flags & MSG_PEEK)))
		call_complain(w, n, "the bytes read are not those that were sent");
	if (!want || want->kind != EXPR_STRING)
		return;
	if (want->open)
		n = MIN(n, (int64_t)want->text->len);
	if ((gsize)n > want->text->len || memcmp(want->text->str, have, (size_t)n) != 0)
		call_complain(w, n, "the bytes read are not those expected");
}

/* read(fd, buf, n); recv(fd, buf, n, flags); recvfrom(fd, buf, n, flags, addr, len) */
int64_t call_read(struct worker *w, const struct call *call) {
	size_t len = (size_t)call_int(call, 2);
	g_autofree void *buf = NULL;
	int fd = call_fd(w, call), flags = (int)call_int(call, 3);
	struct sockaddr_in addr = {0};
	int addr_len = sizeof addr;
	int64_t n;

	if (!is_buffer(call_arg(call, 1), len))
		return call_complain(w, -ENOSYS, "a buffer that is no text, or too large");
	buf = buffer(w, call, NULL, 0, len);
	if (g_str_equal(call->name, "read"))
		n = sys_read(w->task, fd, buf, len);
	else if (g_str_equal(call->name, "recv"))
		n = sys_recv(w->task, fd, buf, len, flags);
	else
		n = sys_recvfrom(w->task, fd, buf, len, flags, (struct sockaddr *)&addr, &addr_len);
	if (call->args->len > 4)
		call_check_address(w, n, call_arg(call, 4), &addr);
	/* MSG_TRUNC makes the result larger than what was read. */
	check_bytes(w, call, flags, MIN(n, (int64_t)len), call_arg(call, 1), buf);
	return n;
}

/* write(fd, buf, n); send(fd, buf, n, flags); sendto(fd, buf, n, flags, addr, len) */
int64_t call_write(struct worker *w, const struct call *call) {
	size_t len = (size_t)call_int(call, 2);
	g_autofree void *buf = NULL;
	int fd = call_fd(w, call), flags = (int)call_int(call, 3);
	const struct expr *to = call_arg(call, 4);
	bool nowhere = to && to->kind == EXPR_INTEGER && to->value == 0; /* NULL */
	struct sockaddr_in addr;
	int64_t n;

	if (!is_buffer(call_arg(call, 1), len))
		return call_complain(w, -ENOSYS, "a buffer that is no text, or too large");
	buf = buffer(w, call, call_arg(call, 1), 0, len);
	if (g_str_equal(call->name, "write"))
		n = sys_write(w->task, fd, buf, len);
	else if (g_str_equal(call->name, "send"))
		n = sys_send(w->task, fd, buf, len, flags);
	else if (nowhere)
		n = sys_sendto(w->task, fd, buf, len, flags, NULL, 0);
	else
		n = sys_sendto(w->task, fd, buf, len, flags, (struct sockaddr *)&addr,
		               call_address(w, to, false, &addr));
	stream_wrote(w->run, call_int(call, 0), n);
	return n;
}

/* --- vectors ---------------------------------------------------------------------------------- */

enum { VECTOR_MAX = 64 };

static void free_vector(struct iovec *iov, size_t n) {
	for (size_t i = 0; i < n; i++)
		g_free(iov[i].iov_base);
}

/* "[{..., 1000}, {"abc", 3}]"; entries, or -1. */
static int make_vector(struct worker *w, const struct call *call, const struct expr *e,
                       struct iovec *iov) {
	size_t ahead = 0;

	if (!e || e->kind != EXPR_LIST || e->items->len > VECTOR_MAX)
		return -1;
	for (guint i = 0; i < e->items->len; i++) {
		const struct expr *entry = e->items->pdata[i];
		const struct expr *len = entry->kind == EXPR_STRUCT && entry->items->len == 2
		                                 ? entry->items->pdata[1]
		                                 : NULL;

		if (!len || !is_buffer(entry->items->pdata[0], (size_t)len->value)) {
			free_vector(iov, i);
			return -1;
		}
		iov[i].iov_len = (size_t)len->value;
		iov[i].iov_base = buffer(w, call, entry->items->pdata[0], ahead, iov[i].iov_len);
		ahead += iov[i].iov_len;
	}
	return (int)e->items->len;
}

/* n bytes went through a vector. */
static void moved(struct worker *w, const struct call *call, const struct expr *e,
                  const struct iovec *iov, int64_t n, int flags, bool write) {
	if (write) {
		stream_wrote(w->run, call_int(call, 0), n);
		return;
	}
	/* A look at what stays comes back to the same place: only its first part can be told. */
	for (guint i = 0; i < e->items->len && n > 0; i++) {
		const struct expr *entry = e->items->pdata[i];
		int64_t part = MIN(n, (int64_t)iov[i].iov_len);

		check_bytes(w, call, flags, part, entry->items->pdata[0], iov[i].iov_base);
		n = flags & MSG_PEEK ? 0 : n - part;
	}
}

static int64_t vectored(struct worker *w, const struct call *call, bool write) {
	struct iovec iov[VECTOR_MAX];
	int n = make_vector(w, call, call_arg(call, 1), iov), fd = call_fd(w, call);
	int64_t rc;

	if (n < 0)
		return call_complain(w, -ENOSYS, "a vector that is none");
	rc = write ? sys_writev(w->task, fd, iov, (int)call_int(call, 2))
	           : sys_readv(w->task, fd, iov, (int)call_int(call, 2));
	moved(w, call, call_arg(call, 1), iov, rc, 0, write);
	free_vector(iov, (size_t)n);
	return rc;
}

int64_t call_readv(struct worker *w, const struct call *call) { return vectored(w, call, false); }
int64_t call_writev(struct worker *w, const struct call *call) { return vectored(w, call, true); }

/* --- messages --------------------------------------------------------------------------------- */

static int64_t message(struct worker *w, const struct call *call, bool send) {
	const struct expr *e = call_arg(call, 1);
	const struct expr *name = expr_field(e, "msg_name"), *flags = expr_field(e, "msg_flags");
	const struct expr *control = expr_field(e, "msg_control");
	struct iovec iov[VECTOR_MAX];
	struct sockaddr_in addr = {0};
	struct msghdr msg = {.msg_iov = iov};
	int n = make_vector(w, call, expr_field(e, "msg_iov"), iov), fd = call_fd(w, call);
	int64_t rc;

	if (control && control->items && control->items->len) {
		free_vector(iov, (size_t)MAX(n, 0));
		return call_complain(w, -ENOSYS, "control messages");
	}
	if (n < 0)
		return call_complain(w, -ENOSYS, "a vector that is none");
	msg.msg_iovlen = (size_t)n;
	if (name && send && name->kind != EXPR_INTEGER)
		msg.msg_namelen = (socklen_t)call_address(w, name, false, &addr);
	else if (name && !send)
		msg.msg_namelen = sizeof addr;
	msg.msg_name = msg.msg_namelen ? &addr : NULL;
	rc = send ? sys_sendmsg(w->task, fd, &msg, (int)call_int(call, 2))
	          : sys_recvmsg(w->task, fd, &msg, (int)call_int(call, 2));
	moved(w, call, expr_field(e, "msg_iov"), iov, rc, (int)call_int(call, 2), send);
	if (rc >= 0 && !send) {
		call_check_address(w, rc, name, &addr);
		if (flags && flags->kind == EXPR_INTEGER && flags->value != msg.msg_flags)
			call_complain(w, rc, "Expected msg_flags 0x%x but got 0x%x",
			              (unsigned)flags->value, (unsigned)msg.msg_flags);
	}
	free_vector(iov, (size_t)n);
	return rc;
}

int64_t call_recvmsg(struct worker *w, const struct call *call) { return message(w, call, false); }
int64_t call_sendmsg(struct worker *w, const struct call *call) { return message(w, call, true); }

/* sendfile(out, in, [offset], n) */
int64_t call_sendfile(struct worker *w, const struct call *call) {
	off_t offset = (off_t)call_int(call, 2);

	stream_odd(w->run, call_int(call, 0));
	return sys_sendfile(w->task, call_fd(w, call), call_live_fd(w->run, call_int(call, 1)),
	                    &offset, (size_t)call_int(call, 3));
}
