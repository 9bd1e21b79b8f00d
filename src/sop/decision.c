/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decision table: the paper's section 3.2 in a page.  docs/semantics-index.md shows it, and the
 * test "sop decisions" that it does.
 */
#include "sop/target.h"

/* clang-format off */
#define NO SOP_FOR_nobody
#define ONE SOP_FOR_alone
#define INET SOP_FOR_inet
#define ALL SOP_FOR_all
#define TURN SOP_FOR_turn
#define ROUTE SOP_FOR_route

/* By phase: of streams, and of datagram sockets, which neither listen nor wait for a connection. */
#define S(open, bound, listening, connecting, connected, pinned) \
	{open, bound, listening, connecting, connected, pinned}
#define D(open, bound, connected, pinned) {open, bound, NO, NO, connected, pinned}

static const struct {
	uint8_t stream[SOP_PHASE_COUNT], dgram[SOP_PHASE_COUNT];
} table[SOP_DECISIONS] = {
	/*                         open   bound  listen connect. pinned open   bound  conn.  pinned */
	[SOP_OP_bind]         = {S(ALL,   NO,    NO,    ONE, ONE, ONE), D(ALL,   NO,    ONE,   ONE)},
	[SOP_OP_listen]       = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(NO,    NO,    NO,    NO)},
	[SOP_OP_accept]       = {S(NO,    NO,    TURN,  NO,  NO,  ONE), D(NO,    NO,    NO,    NO)},
	[SOP_OP_connect]      = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(ALL,   ALL,   ONE,   ONE)},
	[SOP_STEP_port]       = {S(ALL,   NO,    NO,    ONE, ONE, ONE), D(ALL,   NO,    ONE,   ONE)},
	[SOP_STEP_aim]        = {S(ROUTE, ROUTE, ROUTE, ONE, ONE, ONE), D(ROUTE, ROUTE, ROUTE, ONE)},
	[SOP_STEP_disconnect] = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(ALL,   ALL,   ONE,   ONE)},
	[SOP_OP_sendmsg]      = {S(NO,    NO,    NO,    ONE, ONE, ONE), D(INET,  INET,  ONE,   ONE)},
	[SOP_STEP_send]       = {S(NO,    NO,    NO,    NO,  NO,  NO),  D(ROUTE, ROUTE, ROUTE, ROUTE)},
	[SOP_OP_sendpage]     = {S(NO,    NO,    NO,    ONE, ONE, ONE), D(NO,    NO,    ONE,   ONE)},
	[SOP_OP_recvmsg]      = {S(NO,    NO,    NO,    ONE, ONE, ONE), D(TURN,  TURN,  ONE,   ONE)},
	[SOP_STEP_again]      = {S(NO,    NO,    NO,    NO,  NO,  NO),  D(TURN,  TURN,  TURN,  TURN)},
	[SOP_OP_getname]      = {S(INET,  INET,  INET,  ONE, ONE, ONE), D(INET,  INET,  ONE,   ONE)},
	[SOP_OP_ioctl]        = {S(TURN,  TURN,  TURN,  ONE, ONE, ONE), D(TURN,  TURN,  ONE,   ONE)},
	[SOP_OP_poll]         = {S(TURN,  TURN,  TURN,  ONE, ONE, ONE), D(TURN,  TURN,  ONE,   ONE)},
	[SOP_OP_setsockopt]   = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(ALL,   ALL,   ONE,   ONE)},
	[SOP_OP_getsockopt]   = {S(INET,  INET,  INET,  ONE, ONE, ONE), D(INET,  INET,  ONE,   ONE)},
	[SOP_STEP_judge]      = {S(INET,  INET,  INET,  ONE, ONE, ONE), D(INET,  INET,  ONE,   ONE)},
	[SOP_OP_shutdown]     = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(ALL,   ALL,   ONE,   ONE)},
};
/* clang-format on */

enum sop_rule sop_rule(unsigned what, bool dgram, enum sop_phase phase) {
	return dgram ? table[what].dgram[phase] : table[what].stream[phase];
}
