/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the INET family share.
 *
 * A call on a stream does its work at once, and pays for it afterwards.  Until it has, the socket is
 * locked (lock_sock() of 2.4): segments that arrive for it wait, and the task itself answers them before
 * it lets go (release_sock()).  So no segment leaves before its bytes are copied, and no ACK frees bytes
 * that are still being copied.
 */
#ifndef HOST_INET_INTERNAL_H
#define HOST_INET_INTERNAL_H

#include "host/dev/toedev.h"
#include "host/inet/inet.h"
#include "net/engine/socket.h"
#include "sim/watch.h"

struct net_msg;

/* A copy between user and kernel whose charge goes out piece by piece, between the segments that
 * it makes or frees, as tcp_sendmsg() and tcp_recvmsg() interleave them. */
struct inet_copy {
	unsigned cost;
	size_t left, charged;
	bool ahead; /* a frame's copy for this machine has paid for the frame's bytes */
	const struct net_sock *to; /* a stream that sends; NULL: others */
};

/* One machine's INET: the owner of its stack. */
struct inet_host {
	struct kernel *k;
	const struct sim_track *waiting; /* connections, for accept() */
	struct sim_event timer;
	struct sim_duty duty; /* the stack's timers */
	struct inet_copy copy;
	struct toedev td; /* stack 0 of the machine */
	bool locked;      /* a socket is, by the task that has the processor */
};

struct inet_host *inet_host(const struct kernel *k);
/* Registers it (inet_toedev.c). */
void inet_toedev_init(struct inet_host *host);

/* Task context: a stream's socket is the caller's alone; and is not any more, when all that the caller was
 * charged is worked off and what has come meanwhile is answered.  The socket may be gone by then.  No
 * task sleeps in between.  Nothing happens for other types, and outside of a task. */
void inet_lock(struct inet_sock *is);
void inet_unlock(struct kernel *k);

/* Announces that the stack is about to copy `bytes`, to be sent by the stream `to` (NULL: it is none); and
 * that it did copy `bytes`. */
void inet_copy_begin(struct inet_host *host, unsigned cost, size_t bytes,
                     const struct net_sock *to);
void inet_copy_end(struct inet_host *host, size_t bytes);
/* Bytes of the copy that have been charged. */
size_t inet_copy_charged(const struct inet_host *host);

/* A position in an iovec. */
struct iov_cursor {
	const struct iovec *iov;
	size_t n, offset;  /* of iov[0] */
	struct iovec part; /* the rest of an entry that was begun */
};

static inline struct iov_cursor iov_cursor(const struct iovec *iov, size_t n) {
	return (struct iov_cursor){.iov = iov, .n = n};
}
/* What lies at the cursor, without allocation: the rest of the entry begun, or all entries. */
void iov_cursor_view(struct iov_cursor *cursor, struct net_msg *msg);
void iov_cursor_advance(struct iov_cursor *cursor, size_t bytes);

/*
 * How a call waits.  Before it sleeps it lets go of a locked socket, and what it waits for may come
 * in that moment.  Then accept(), send() and recv() look and do not sleep (wait_for_connect(),
 * wait_for_tcp_memory(), tcp_data_wait() of 2.4).  Who waits for a hand-shake or for the end of a
 * connection calls schedule() all the same, which chooses anew (inet_wait_for_connect(),
 * wait_for_tcp_connect(), tcp_close()).
 */
enum inet_wait_how { INET_WAIT_EXCLUSIVE = 1, INET_WAIT_LOOKS = 2 };

/* Sleeps until ready(is).  0, -EAGAIN when *timeo has run out (at once if it is 0), or the errno of
 * an interrupted call.  *timeo becomes what is left. */
int inet_wait(struct inet_sock *is, bool (*ready)(const struct inet_sock *is), unsigned how,
              sim_time *timeo);

/* Has the caller root's rights?  Nobody calls: the machine is set up. */
bool inet_capable(const struct kernel *k);

/* The pending error, brought outward and taken: 0 or negative. */
int inet_take_error(struct inet_sock *is);

/* Whether the engine has something for a reader or a writer, errors and ends included. */
bool inet_can_read(const struct inet_sock *is);
bool inet_can_write(const struct inet_sock *is);

/* Makes `so` the engine's half of a new inet_sock on `sock`. */
struct inet_sock *inet_sock_new(struct socket *sock, int protocol);
void inet_sock_attach(struct inet_sock *is, struct net_sock *so);

ssize_t inet_stream_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t inet_stream_sendpage(struct socket *sock, const void *page, size_t size, int flags);
ssize_t inet_stream_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);
ssize_t inet_dgram_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
ssize_t inet_dgram_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags);

/* inet_stack.c: between the engine and the machine. */
struct inet_host *inet_stack_new(struct kernel *k);
void inet_stack_free(struct kernel *k);

#endif
