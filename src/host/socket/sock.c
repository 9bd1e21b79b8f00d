/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * struct sock: defaults, the callbacks that wake sleepers, pending errors and time-outs, and
 * addresses in and out.
 */
#include "host/socket/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* sysctl_wmem_default and sysctl_rmem_default of 2.4; families with sizes of their own (TCP) set
 * them after sock_init_data(). */
#define BUFFER_DEFAULT 65535

/* --- callbacks ---------------------------------------------------------------------------- */

void sock_wake_async(struct socket *sock, int sig, int band) {
	const struct file *file = sock ? sock->file : NULL;
	struct task *task;

	(void)band; /* si_band of siginfo, which handlers of the model do not get */
	if (!file || !file->owner || (sig == SIGIO && !(file->flags & O_ASYNC)))
		return;
	/* Process groups are not modelled: a group's number stands for its leader. */
	task = task_by_pid(sock->kernel, ABS(file->owner));
	/* F_SETSIG is about SIGIO alone, as in send_sigio_to_task(). */
	if (task)
		send_sig(sock->kernel, task, sig == SIGIO && file->sig ? file->sig : sig);
}

/* Concerns all who wait: connected, shut down, closed. */
static void sock_def_state_change(struct sock *sk) {
	if (!sk->socket)
		return;
	wake_up_all(sk->socket->kernel, &sk->socket->wait);
	sock_wake_async(sk->socket, SIGIO, POLLOUT);
}

static void sock_def_data_ready(struct sock *sk) {
	if (!sk->socket)
		return;
	wake_up(sk->socket->kernel, &sk->socket->wait);
	sock_wake_async(sk->socket, SIGIO, POLLIN);
}

/* SIGIO only once a writer was told that there is no room, as tcp_write_space(). */
static void sock_def_write_space(struct sock *sk) {
	if (!sk->socket)
		return;
	wake_up(sk->socket->kernel, &sk->socket->wait);
	if (!sk->socket->async_nospace || (sk->shutdown & SEND_SHUTDOWN))
		return;
	sk->socket->async_nospace = false;
	sock_wake_async(sk->socket, SIGIO, POLLOUT);
}

/* 2.4 wakes one exclusive waiter here too, but each of ours tests sk->err: all must see it. */
static void sock_def_error_report(struct sock *sk) {
	if (!sk->socket)
		return;
	wake_up_all(sk->socket->kernel, &sk->socket->wait);
	sock_wake_async(sk->socket, SIGIO, POLLERR);
}

static void sock_def_urgent(struct sock *sk) {
	if (!sk->socket)
		return;
	wake_up(sk->socket->kernel, &sk->socket->wait);
	sock_wake_async(sk->socket, SIGURG, POLLPRI);
}

/* --- state -------------------------------------------------------------------------------- */

void sock_init_data(struct socket *sock, struct sock *sk, int family, int type, int protocol) {
	*sk = (struct sock){
		.socket = sock,
		.family = family,
		.type = type,
		.protocol = protocol,
		.rcvtimeo = SIM_NEVER,
		.sndtimeo = SIM_NEVER,
		.sndbuf = BUFFER_DEFAULT,
		.rcvbuf = BUFFER_DEFAULT,
		.rcvlowat = 1,
		.state_change = sock_def_state_change,
		.data_ready = sock_def_data_ready,
		.write_space = sock_def_write_space,
		.error_report = sock_def_error_report,
		.urgent = sock_def_urgent,
	};
	if (sock)
		sock->sk = sk;
}

int sock_error(struct sock *sk) {
	int err = sk->err;

	sk->err = 0;
	return -err;
}

sim_time sock_rcvtimeo(const struct sock *sk, bool noblock) { return noblock ? 0 : sk->rcvtimeo; }

sim_time sock_sndtimeo(const struct sock *sk, bool noblock) { return noblock ? 0 : sk->sndtimeo; }

int sock_intr_errno(sim_time timeo) {
	/* 2.4 restarts calls without time-out under SA_RESTART; the model's handlers are those of
	 * System V signal(), which do not ask for it, so both cases look the same. */
	(void)timeo;
	return -EINTR;
}

/* --- addresses ---------------------------------------------------------------------------- */

int sockaddr_get_in(const struct sockaddr *addr, int len, uint32_t *ip, uint16_t *port) {
	struct sockaddr_in in;

	if (!addr || len < (int)sizeof in)
		return -EINVAL;
	memcpy(&in, addr, sizeof in);
	*ip = ntohl(in.sin_addr.s_addr);
	*port = ntohs(in.sin_port);
	return 0;
}

void sockaddr_put_in(struct sockaddr *addr, int *len, uint32_t ip, uint16_t port) {
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(ip),
	};

	memcpy(addr, &in, sizeof in);
	*len = (int)sizeof in;
}
