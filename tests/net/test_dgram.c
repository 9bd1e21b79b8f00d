/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The send buffer of datagram sockets: what they have sent and the machine has not (sock_alloc_send_skb(),
 * sock_wfree(), ip_build_xmit_slow() of 2.4). */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "net/engine/socket.h"
#include "net/engine/socket_state.h"
#include "net/engine/stack.h"
#include "raw_fixture.h"
#include "run_suite.h"

/* A packet of 1,500 bytes takes 1,696, so 39 find less than 65,535 taken. */
enum { FULL = 1472, TRUESIZE = 1696, ROOM = 39, SLICE = 1480 };

static uint8_t block[65507];

static void begin(void (*tweak)(struct net_params *)) {
	w = world_raw(tweak);
	so = sock_open(w, A, SOCK_DGRAM);
	ck_assert_int_eq(net_connect(so, ADDR_B, 9), 0);
}

static void up_dgram(void) { begin(NULL); }

static ssize_t send_some(size_t len, struct net_progress *progress) {
	struct iovec iov = {block, len};
	struct net_msg msg = {.iov = &iov, .iovlen = 1, .progress = progress};

	return net_send(so, &msg);
}

/* The hardware has sent the oldest frame: its flags and offset. */
static unsigned frame_is_sent(void) {
	struct frame *f = frame_queue_pop(&w->caught);
	unsigned mark = (unsigned)f->bytes[f->start + 20] << 8 | f->bytes[f->start + 21];

	frame_free(f);
	net_sent(w->node[A].st);
	return mark;
}

static bool writeable(void) { return net_poll(so) & POLLOUT; }

START_TEST(there_is_room_for_so_many) {
	int sent = 0;

	for (; send_some(FULL, NULL) == FULL; sent++) {
		ck_assert_int_eq(net_unsent(so), (sent + 1) * TRUESIZE);
		ck_assert_int_eq(writeable(), net_unsent(so) < 65535 / 2);
	}
	ck_assert_int_eq(sent, ROOM);
	ck_assert_int_eq(send_some(1, NULL), -EAGAIN);
	ck_assert_uint_eq(net_send_space(so), 0);
	/* Small ones count as what they take, too: 1 + 28 + 31 to a line of 32, and 160. */
	take_events(w, A, so);
	while (!writeable()) {
		ck_assert_uint_eq(take_events(w, A, so), 0);
		frame_is_sent();
	}
	ck_assert_uint_eq(take_events(w, A, so), NET_EV_WRITE);
	ck_assert_int_eq(net_unsent(so), 19 * TRUESIZE);
	while (w->caught.count)
		frame_is_sent();
	ck_assert_uint_eq(take_events(w, A, so), 0);
	ck_assert_int_eq(send_some(1, NULL), 1);
	ck_assert_int_eq(net_unsent(so), 64 + 160);
}
END_TEST

/* Twice what was asked for, 2,048 at least; a larger one is told of. */
START_TEST(its_size_is_set) {
	set_int(so, SOL_SOCKET, SO_SNDBUF, 1);
	ck_assert_int_eq(send_some(FULL, NULL), FULL);
	ck_assert_int_eq(send_some(FULL, NULL), FULL);
	ck_assert_int_eq(send_some(FULL, NULL), -EAGAIN);
	take_events(w, A, so);
	set_int(so, SOL_SOCKET, SO_SNDBUF, 20000);
	ck_assert_uint_eq(take_events(w, A, so), NET_EV_WRITE);
	for (int sent = 2; sent < 24; sent++)
		ck_assert_int_eq(send_some(FULL, NULL), FULL);
	ck_assert_int_eq(send_some(FULL, NULL), -EAGAIN);
}
END_TEST

/* 44 fragments, the last first, of which 40 find room at once, since the last is short, and the others one
 * by one.  Who does not wait is asked for the first alone. */
START_TEST(fragments_leave_as_there_is_room) {
	struct net_progress progress = {0};
	unsigned number = 64008 / SLICE;

	ck_assert_int_eq(send_some(64000, &progress), -EAGAIN);
	ck_assert_uint_eq(progress.done, ROOM + 1);
	for (unsigned i = 0; i < 44; i++) {
		unsigned mark = frame_is_sent();

		ck_assert_uint_eq((mark & 0x1fff) * 8, number * SLICE);
		ck_assert_int_eq(mark & 0x2000, i ? 0x2000 : 0);
		if (progress.done < 44) {
			ssize_t wanted = progress.done == 43 ? 64000 : -EAGAIN;

			ck_assert_int_eq(send_some(64000, &progress), wanted);
		}
		number--;
	}
	ck_assert_int_eq(net_unsent(so), 0);
	ck_assert_uint_eq(counters(w, A)->udp_out, 1);
	ck_assert_uint_eq(counters(w, A)->ip_fragments_out, 44);
	ck_assert_int_eq(send_some(64000, NULL), 64000);
	ck_assert_uint_eq(w->caught.count, 44);
	ck_assert_int_eq(send_some(1, NULL), -EAGAIN);
}
END_TEST

static void first_first(struct net_params *p) { p->last_fragment_first = false; }

START_TEST(a_card_sends_the_first_first) {
	struct net_params p;

	ck_assert(net_params_preset(&p, "bsd-card"));
	ck_assert(!p.last_fragment_first);
	begin(first_first);
	ck_assert_int_eq(send_some(4000, NULL), 4000);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_eq((frame_is_sent() & 0x1fff) * 8, i * SLICE);
	world_free(w);
}
END_TEST

/* The machine's own queue is another matter: who wants to hear of errors hears of it, others do not
 * (net_xmit_errno()). */
START_TEST(a_full_queue_is_an_error_for_who_asks) {
	w->node[A].room = 0;
	ck_assert_int_eq(send_some(FULL, NULL), FULL);
	ck_assert_int_eq(send_some(4000, NULL), 4000);
	ck_assert_uint_eq(w->node[A].refused, 4);
	set_int(so, IPPROTO_IP, IP_RECVERR, 1);
	ck_assert_int_eq(send_some(FULL, NULL), -ENOBUFS);
	ck_assert_int_eq(send_some(4000, NULL), -ENOBUFS); /* the rest is not tried */
	ck_assert_uint_eq(w->node[A].refused, 6);
	ck_assert_int_eq(net_unsent(so), 0);
}
END_TEST

/* What is under way stays so when its socket has gone. */
START_TEST(frames_outlive_their_socket) {
	ck_assert_int_eq(send_some(64000, NULL), 64000);
	net_close(so, false);
	ck_assert_uint_eq(w->caught.count, 44);
	while (w->caught.count)
		frame_is_sent();
}
END_TEST

/* To the machine itself, or lost while they wait for an address: then they are sent, or gone. */
START_TEST(what_stays_inside_counts_no_more) {
	struct net_sock *lo = sock_open(w, A, SOCK_DGRAM), *far = sock_open(w, A, SOCK_DGRAM);

	ck_assert_int_eq(net_connect(lo, INADDR_LOOPBACK, 9), 0);
	ck_assert_int_eq(net_connect(far, ADDR_B + 1, 9), 0);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(send_flags(lo, block, FULL, 0), FULL);
		ck_assert_int_eq(net_unsent(lo), 0);
		ck_assert_int_eq(send_flags(far, block, FULL, 0), FULL);
		ck_assert_int_eq(net_unsent(far), MIN(i + 1, 3) * TRUESIZE);
	}
	world_for(w, 10 * SIM_S);
	ck_assert_int_eq(net_unsent(far), 0);
}
END_TEST

/* As in a card that was pulled out: its frames are gone, and nobody looks at its stack any more. */
START_TEST(a_stack_ends_with_news_untold) {
	struct net_sock *other = sock_open(w, A, SOCK_DGRAM);
	struct net_sock *both[] = {so, other};

	ck_assert_int_eq(net_connect(other, ADDR_B, 9), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(both); i++) {
		so = both[i];
		while (send_some(FULL, NULL) == FULL)
			;
	}
	frame_queue_flush(&w->caught);
	ck_assert(net_has_events(w->node[A].st));
}
END_TEST

int main(void) {
	Suite *suite = suite_create("net-dgram");
	TCase *tc = tcase_create("buffer"), *alone = tcase_create("alone");

	tcase_add_checked_fixture(tc, up_dgram, down);
	tcase_add_test(tc, there_is_room_for_so_many);
	tcase_add_test(tc, its_size_is_set);
	tcase_add_test(tc, fragments_leave_as_there_is_room);
	tcase_add_test(tc, a_full_queue_is_an_error_for_who_asks);
	tcase_add_test(tc, frames_outlive_their_socket);
	tcase_add_test(tc, what_stays_inside_counts_no_more);
	tcase_add_test(tc, a_stack_ends_with_news_untold);
	suite_add_tcase(suite, tc);
	tcase_add_test(alone, a_card_sends_the_first_first);
	suite_add_tcase(suite, alone);
	return run_suite(suite);
}
