/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Socket-API tests that run with the same expectations on every way to serve a socket.
 *
 * The machine under test is 10.0.0.1 whatever serves it, NIC or card; a second stack is 10.9.0.1,
 * so that an open socket always concerns two where SOP is loaded.  The machine at the other end of
 * the wire is 10.0.0.2.  A test is a program of the machine; it also plays the remote, whose calls
 * (remote_...) act at once and without blocking.  A test that has failed returns early; the reason
 * is the first expectation that did not hold.
 */
#ifndef TESTS_COMPAT_COMPAT_H
#define TESTS_COMPAT_COMPAT_H

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/socket.h>

#include "host/file/file.h"
#include "host/socket/syscalls.h"
#include "net/wire/peer.h"

#define ME "10.0.0.1"
#define REMOTE "10.0.0.2"
/* Addresses on the remote's net that nobody has, and on no net of the machine's. */
#define NOBODY "10.0.0.77"
#define ELSEWHERE "192.168.1.1"

/* A port of the remote where nobody listens, and one that sends back what it gets. */
#define PORT_CLOSED 81
#define PORT_ECHO 7

struct remote;
struct machine;

/* A way to serve sockets, while a test runs on it. */
struct way {
	const char *name;
	struct machine *machine;
	struct kernel *kernel;
	struct peer *peer;
	GPtrArray *remotes; /* every remote that was made */
	char *why;          /* NULL: all went well so far */
	bool ended;         /* the program came to its end */
};

typedef int (*compat_test)(struct task *me, struct way *way);

struct compat_case {
	const char *name;
	compat_test test;
};

/* Tables of cases, each ending with a NULL name. */
extern const struct compat_case compat_names[], compat_accept[], compat_connect[], compat_stream[],
	compat_close[], compat_unwaited[], compat_partial[], compat_files[], compat_wait[],
	compat_options[], compat_dgram[], compat_addresses[], compat_control[];

/* --- expectations ----------------------------------------------------------------------------- */

void compat_wrong(struct way *way, const char *file, int line, const char *what, long long value,
                  long long wanted);

/* The expression has that value. */
#define IS(value, wanted)                                                                          \
	do {                                                                                           \
		long long got_ = (value), wanted_ = (wanted);                                              \
		if (got_ != wanted_) {                                                                     \
			compat_wrong(way, __FILE__, __LINE__, #value, got_, wanted_);                          \
			return 1;                                                                              \
		}                                                                                          \
	} while (0)

/* It is not zero. */
#define OK(condition) IS(!!(condition), 1)

/* --- programs --------------------------------------------------------------------------------- */

#define TCP(me) sys_socket(me, AF_INET, SOCK_STREAM, 0)
#define UDP(me) sys_socket(me, AF_INET, SOCK_DGRAM, 0)

int bind_to(struct task *me, int fd, const char *addr, uint16_t port);
int connect_to(struct task *me, int fd, const char *addr, uint16_t port);
ssize_t send_to(struct task *me, int fd, const char *addr, uint16_t port, const char *text);
/* A TCP socket that listens on 0.0.0.0:port, backlog 5, or a negative errno. */
int listen_on(struct task *me, uint16_t port);
int set_int(struct task *me, int fd, int level, int name, int value);
int get_int(struct task *me, int fd, int level, int name); /* the value, or a negative errno */
int set_seconds(struct task *me, int fd, int name, int seconds); /* SO_RCVTIMEO, SO_SNDTIMEO */
int nonblocking(struct task *me, int fd);
/* Own or peer's name of a socket: the port, the address in *addr (NULL: not wanted); negative
 * errno. */
int port_of(struct task *me, int fd, bool peer, const char **addr);
/* poll() of one descriptor: the events that came, 0, or a negative errno. */
int poll_one(struct task *me, int fd, int events, int timeout_ms);
/* The name of the interface that has ME, which needs IFNAMSIZ bytes. */
void device_name(struct task *me, int fd, char *name);
void sleep_ms(struct task *me, int ms);
/* How much earlier than asked for a time-out of a socket or of select() may be over (docs/time.md). */
#define TICK (10 * SIM_MS)
/* Counts signals that came to a task; see compat.c. */
int signals_on(struct task *me, int sig);
int signals_seen(void);
/* Runs fn(arg) after a while, beside the program. */
void later(struct way *way, int ms, void (*fn)(void *arg), void *arg);
/* Signals the task later. */
void signal_later(struct way *way, struct task *me, int ms, int sig);
/* A fork whose child shares the test's way: its program gets `way`. */
pid_t fork_with(struct task *me, struct way *way, compat_test child);
/* Sends until there is no room any more, also when the wire has carried what it can: the bytes. */
ssize_t fill(struct task *me, int fd);
/* Reads as much as was asked for, or to the end. */
ssize_t recv_all(struct task *me, int fd, void *buf, size_t len);

/* --- the remote ------------------------------------------------------------------------------- */

/* One socket of the remote: reads what comes, unless it is held. */
struct remote {
	struct peer_sock ps; /* first */
	struct way *way;
	GByteArray *got;
	uint8_t *to_send; /* what did not go into the send buffer yet */
	size_t left, sent;
	bool stream, connected, ended, listens, echoes, held, close_when_sent;
	int error; /* what it was told, e.g. ECONNRESET; 0 */
	unsigned accepted;
	struct remote *child; /* of a listener: the last connection */
	uint16_t from_port;   /* of the last datagram */
};

struct remote *remote_connect(struct way *way, uint16_t port); /* to ME */
void remote_call(void *way); /* remote_connect to port 80; void * for later() */
struct remote *remote_listen(struct way *way, uint16_t port);
struct remote *remote_udp(struct way *way, uint16_t port);
void remote_send(struct remote *r, const char *text);
void remote_send_bytes(struct remote *r, const void *bytes, size_t len);
void remote_urgent(struct remote *r, char byte);
void remote_sendto(struct remote *r, uint16_t port, const void *bytes, size_t len); /* to ME */
void remote_shutdown(void *r); /* FIN; void * for later() */
void remote_close(void *r);
void remote_reset(void *r);
void remote_release(void *r); /* reads again after a hold */
void remote_greet(void *r);   /* sends "hello" */
bool remote_got(const struct remote *r, const char *text);

/* --- common beginnings ------------------------------------------------------------------------ */

/* A connection that the remote opened, or the machine did; `r` is the remote's end.  The
 * descriptor, or negative. */
int accepted(struct task *me, struct way *way, struct remote **r);
int connected(struct task *me, struct way *way, struct remote **r);

#endif
