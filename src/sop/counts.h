/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What SOP counts, each list once: enumerators and names are made of it. */
#ifndef SOP_COUNTS_H
#define SOP_COUNTS_H

/* The operations, counted per call. */
#define SOP_OPS(X)                                                                           \
	X(socket)                                                                            \
	X(bind)                                                                              \
	X(listen)                                                                            \
	X(accept) X(connect) X(sendmsg) X(recvmsg) X(getname) X(ioctl) X(poll) X(setsockopt) \
	    X(getsockopt) X(shutdown) X(release) X(sendpage)

enum sop_op {
#define X(name) SOP_OP_##name,
	SOP_OPS(X)
#undef X
		SOP_OP_COUNT
};

/* Why a socket was pinned. */
#define SOP_PINS(X) X(bind) X(connect) X(accept) X(device)

enum sop_pin {
	SOP_PIN_NONE,
#define X(name) SOP_PIN_##name,
	SOP_PINS(X)
#undef X
		SOP_PIN_COUNT
};

/* What else was decided. */
#define SOP_EVENTS(X)                                                                         \
	X(unpins)                                                                             \
	X(connect_sweeps)                                                                     \
	X(send_sweeps)                                                                        \
	X(recv_sweeps) X(accept_sweeps) X(cache_hits) X(cache_misses) X(port_draws)           \
	    X(port_redraws) X(undone) X(partial_create) X(partial_bind) X(partial_listen)     \
		X(partial_option) X(accept_threads) X(surplus_queued) X(surplus_closed)       \
		    X(twins_made) X(losers_released) X(errors_held) X(late_legs) X(lost_legs) \
			X(cards_added) X(cards_failed) X(cards_removed) X(raw_passed)

enum sop_event {
#define X(name) SOP_EV_##name,
	SOP_EVENTS(X)
#undef X
		SOP_EV_COUNT
};

/* Counted for each stack. */
#define SOP_STACK_EVENTS(X) X(opened) X(refused) X(chosen) X(pinned) X(accepted)

enum sop_stack_event {
#define X(name) SOP_STACK_##name,
	SOP_STACK_EVENTS(X)
#undef X
		SOP_STACK_EV_COUNT
};

#endif
