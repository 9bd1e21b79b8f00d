/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What do a script's socket calls do?  The words become arguments, the call is made, what came is
 * noted.
 */
#include "script/script_acts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "host/file/file.h"
#include "script/script_process.h"
#include "script/script_tree.h"

/* A single call moves this at most. */
#define MOST_BYTES (16 * 1024 * 1024)

/* --- data and addresses ----------------------------------------------------------------------- */

/* What is to be sent: a text as it stands, or so many bytes of a pattern.  -EINVAL: too many. */
static int take_data(struct process *p, const struct value *v, const char **data, size_t *len) {
	if (v->type == VALUE_TEXT) {
		*data = v->text;
		*len = v->len;
		return 0;
	}
	if (v->number < 0 || v->number > MOST_BYTES)
		return -EINVAL;
	*len = (size_t)v->number;
	g_string_set_size(p->data, *len);
	for (size_t i = 0; i < *len; i++)
		p->data->str[i] = (char)('a' + i % 26);
	*data = p->data->str;
	return 0;
}

static int make_room(struct process *p, int64_t size) {
	if (size < 0 || size > MOST_BYTES)
		return -EINVAL;
	g_string_set_size(p->data, (gsize)size);
	return 0;
}

static void received(struct process *p, ssize_t n, struct outcome *out) {
	out->result = n;
	out->has_data = n >= 0;
	g_string_set_size(p->data, n > 0 ? (gsize)n : 0);
}

static struct sockaddr_in to_sockaddr(const struct value *v) {
	return (struct sockaddr_in){
		.sin_family = v->unspec ? AF_UNSPEC : AF_INET,
		.sin_port = htons(v->port),
		.sin_addr.s_addr = htonl(v->addr),
	};
}

static void note_address(struct process *p, const struct sockaddr_in *in, struct outcome *out) {
	if (out->result < 0)
		return;
	p->addr = ntohl(in->sin_addr.s_addr);
	p->port = ntohs(in->sin_port);
	out->has_addr = true;
}

static int flags_of(const struct value *arg, unsigned n, unsigned i) {
	return n > i ? (int)arg[i].number : 0;
}

/* --- making and naming ------------------------------------------------------------------------ */

/* socket(stream), socket(toe, stream), socket(AF_INET, SOCK_RAW, IPPROTO_ICMP). */
static void act_socket(struct process *p, const struct value *arg, unsigned n,
                       struct outcome *out) {
	int family = n > 1 ? (int)arg[0].number : AF_INET;
	int type = (int)arg[n > 1 ? 1 : 0].number;

	out->result = sys_socket(p->task, family, type, flags_of(arg, n, 2));
	out->fd = (int)out->result;
}

static void act_bind(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	struct sockaddr_in in = to_sockaddr(&arg[1]);

	(void)n;
	out->result = sys_bind(p->task, out->fd, (struct sockaddr *)&in, sizeof in);
}

static void act_listen(struct process *p, const struct value *arg, unsigned n,
                       struct outcome *out) {
	out->result = sys_listen(p->task, out->fd, n > 1 ? (int)arg[1].number : 5);
}

static void act_accept(struct process *p, const struct value *arg, unsigned n,
                       struct outcome *out) {
	struct sockaddr_in in = {0};
	int len = sizeof in;

	(void)arg, (void)n;
	out->result = sys_accept(p->task, out->fd, (struct sockaddr *)&in, &len);
	note_address(p, &in, out);
	if (out->result >= 0)
		out->fd = (int)out->result;
}

static void act_connect(struct process *p, const struct value *arg, unsigned n,
                        struct outcome *out) {
	struct sockaddr_in in = to_sockaddr(&arg[1]);

	(void)n;
	out->result = sys_connect(p->task, out->fd, (struct sockaddr *)&in, sizeof in);
}

static void act_getsockname(struct process *p, const struct value *arg, unsigned n,
                            struct outcome *out) {
	struct sockaddr_in in = {0};
	int len = sizeof in;

	(void)arg, (void)n;
	out->result = sys_getsockname(p->task, out->fd, (struct sockaddr *)&in, &len);
	note_address(p, &in, out);
}

static void act_getpeername(struct process *p, const struct value *arg, unsigned n,
                            struct outcome *out) {
	struct sockaddr_in in = {0};
	int len = sizeof in;

	(void)arg, (void)n;
	out->result = sys_getpeername(p->task, out->fd, (struct sockaddr *)&in, &len);
	note_address(p, &in, out);
}

static void act_shutdown(struct process *p, const struct value *arg, unsigned n,
                         struct outcome *out) {
	(void)n;
	out->result = sys_shutdown(p->task, out->fd, (int)arg[1].number);
}

/* --- sending ---------------------------------------------------------------------------------- */

static void act_send(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	const char *data;
	size_t len;

	out->result = take_data(p, &arg[1], &data, &len);
	if (!out->result)
		out->result = sys_send(p->task, out->fd, data, len, flags_of(arg, n, 2));
}

static void act_write(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	const char *data;
	size_t len;

	(void)n;
	out->result = take_data(p, &arg[1], &data, &len);
	if (!out->result)
		out->result = sys_write(p->task, out->fd, data, len);
}

static void act_sendto(struct process *p, const struct value *arg, unsigned n,
                       struct outcome *out) {
	struct sockaddr_in in = to_sockaddr(&arg[2]);
	const char *data;
	size_t len;

	out->result = take_data(p, &arg[1], &data, &len);
	if (!out->result)
		out->result = sys_sendto(p->task, out->fd, data, len, flags_of(arg, n, 3),
		                         (struct sockaddr *)&in, sizeof in);
}

/* The data in two halves, as sendmsg() and writev() take them. */
static void halves(struct iovec iov[2], const char *data, size_t len) {
	iov[0] = (struct iovec){(char *)data, len / 2};
	iov[1] = (struct iovec){(char *)data + len / 2, len - len / 2};
}

static void act_sendmsg(struct process *p, const struct value *arg, unsigned n,
                        struct outcome *out) {
	struct sockaddr_in in = {0};
	struct iovec iov[2];
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
	const char *data;
	size_t len;

	out->result = take_data(p, &arg[1], &data, &len);
	if (out->result)
		return;
	halves(iov, data, len);
	if (n > 2) {
		in = to_sockaddr(&arg[2]);
		msg.msg_name = &in;
		msg.msg_namelen = sizeof in;
	}
	out->result = sys_sendmsg(p->task, out->fd, &msg, flags_of(arg, n, 3));
}

static void act_writev(struct process *p, const struct value *arg, unsigned n,
                       struct outcome *out) {
	struct iovec iov[2];
	const char *data;
	size_t len;

	(void)n;
	out->result = take_data(p, &arg[1], &data, &len);
	if (out->result)
		return;
	halves(iov, data, len);
	out->result = sys_writev(p->task, out->fd, iov, 2);
}

/* --- receiving -------------------------------------------------------------------------------- */

static void act_recv(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	int err = make_room(p, arg[1].number);

	received(p,
	         err ? err
	             : sys_recv(p->task, out->fd, p->data->str, p->data->len, flags_of(arg, n, 2)),
	         out);
}

static void act_read(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	int err = make_room(p, arg[1].number);

	(void)n;
	received(p, err ? err : sys_read(p->task, out->fd, p->data->str, p->data->len), out);
}

static void act_readv(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	int err = make_room(p, arg[1].number);
	struct iovec iov[2];

	(void)n;
	halves(iov, p->data->str, p->data->len);
	received(p, err ? err : sys_readv(p->task, out->fd, iov, 2), out);
}

static void act_recvfrom(struct process *p, const struct value *arg, unsigned n,
                         struct outcome *out) {
	struct sockaddr_in in = {0};
	int len = sizeof in, err = make_room(p, arg[1].number);

	received(p,
	         err ? err
	             : sys_recvfrom(p->task, out->fd, p->data->str, p->data->len,
	                            flags_of(arg, n, 2), (struct sockaddr *)&in, &len),
	         out);
	note_address(p, &in, out);
}

static void act_recvmsg(struct process *p, const struct value *arg, unsigned n,
                        struct outcome *out) {
	int err = make_room(p, arg[1].number);
	struct sockaddr_in in = {0};
	struct iovec iov[2];
	union {
		struct cmsghdr aligned;
		uint8_t bytes[256];
	} control;
	struct msghdr msg = {.msg_name = &in,
	                     .msg_namelen = sizeof in,
	                     .msg_iov = iov,
	                     .msg_iovlen = 2,
	                     .msg_control = &control,
	                     .msg_controllen = sizeof control};

	halves(iov, p->data->str, p->data->len);
	received(p, err ? err : sys_recvmsg(p->task, out->fd, &msg, flags_of(arg, n, 2)), out);
	note_address(p, &in, out);
	note_control(p, &msg, out);
}

/* --- the table -------------------------------------------------------------------------------- */

const struct call script_calls[] = {
	{"socket", "n?nn", "socket(TYPE) or socket(FAMILY, TYPE, [PROTOCOL])", act_socket},
	{"bind", "fa", "bind(FD, ADDRESS)", act_bind},
	{"listen", "f?n", "listen(FD, [BACKLOG])", act_listen},
	{"accept", "f", "accept(FD)", act_accept},
	{"connect", "fa", "connect(FD, ADDRESS)", act_connect},
	{"getsockname", "f", "getsockname(FD)", act_getsockname},
	{"getpeername", "f", "getpeername(FD)", act_getpeername},
	{"send", "fd?n", "send(FD, DATA, [FLAGS])", act_send},
	{"sendto", "fda?n", "sendto(FD, DATA, ADDRESS, [FLAGS])", act_sendto},
	{"sendmsg", "fd?an", "sendmsg(FD, DATA, [ADDRESS], [FLAGS])", act_sendmsg},
	{"recv", "fl?n", "recv(FD, BYTES, [FLAGS])", act_recv},
	{"recvfrom", "fl?n", "recvfrom(FD, BYTES, [FLAGS])", act_recvfrom},
	{"recvmsg", "fl?n", "recvmsg(FD, BYTES, [FLAGS])", act_recvmsg},
	{"shutdown", "fn", "shutdown(FD, SHUT_RD, SHUT_WR or SHUT_RDWR)", act_shutdown},
	{"setsockopt", "fnov", "setsockopt(FD, [LEVEL], OPTION, VALUE...)", act_setsockopt},
	{"getsockopt", "fno", "getsockopt(FD, [LEVEL], OPTION)", act_getsockopt},
	{"read", "fl", "read(FD, BYTES)", act_read},
	{"write", "fd", "write(FD, DATA)", act_write},
	{"readv", "fl", "readv(FD, BYTES)", act_readv},
	{"writev", "fd", "writev(FD, DATA)", act_writev},
	{"sendfile", "ffl", "sendfile(OUT, IN, BYTES)", act_sendfile},
	{"close", "f", "close(FD)", act_close},
	{"dup", "f", "dup(FD)", act_dup},
	{"dup2", "fn", "dup2(FD, NEW)", act_dup2},
	{"fcntl", "fn?l", "fcntl(FD, F_GETFL or another, [NUMBER])", act_fcntl},
	{"ioctl", "fn?n", "ioctl(FD, FIONREAD or another, [NUMBER])", act_ioctl},
	{"poll", "pt", "poll([FD:EVENTS, ...,] TIME)", act_poll},
	{"select", "pt", "select([FD:EVENTS, ...,] TIME)", act_select},
	{"open", "s?n", "open(\"PATH\", [FLAGS])", act_open},
	{"lseek", "fln", "lseek(FD, OFFSET, SEEK_SET, SEEK_CUR or SEEK_END)", act_lseek},
	{"create", "sd", "create(\"PATH\", DATA)", act_create},
	{"kill", "nn", "kill(PID, SIGNAL)", act_kill},
	{"signal", "nn", "signal(SIGNAL, SIG_DFL, SIG_IGN or SIG_CATCH)", act_signal},
	{"wait", "", "wait()", act_wait},
	{"run", "s", "run(\"COMMAND\")", act_run},
};
const size_t n_script_calls = G_N_ELEMENTS(script_calls);
