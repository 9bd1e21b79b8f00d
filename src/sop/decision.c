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

#define OP(name) [SOP_OP_##name]
#define STEP(name) [SOP_STEP_##name]

static const struct {
	uint8_t stream[SOP_PHASE_COUNT], dgram[SOP_PHASE_COUNT];
} table[SOP_DECISIONS] = {
	/*                    open   bound  listen connect. pinned  open   bound  conn.  pinned */
	OP(bind)         = {S(ALL,   NO,    NO,    ONE, ONE, ONE), D(ALL,   NO,    ONE,   ONE)},
	OP(listen)       = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(NO,    NO,    NO,    NO)},
	OP(accept)       = {S(NO,    NO,    TURN,  NO,  NO,  ONE), D(NO,    NO,    NO,    NO)},
	OP(connect)      = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(ALL,   ALL,   ONE,   ONE)},
	STEP(port)       = {S(ALL,   NO,    NO,    ONE, ONE, ONE), D(ALL,   NO,    ONE,   ONE)},
	STEP(aim)        = {S(ROUTE, ROUTE, ROUTE, ONE, ONE, ONE), D(ROUTE, ROUTE, ROUTE, ONE)},
	OP(sendmsg)      = {S(NO,    NO,    NO,    ONE, ONE, ONE), D(INET,  INET,  ONE,   ONE)},
	STEP(send)       = {S(NO,    NO,    NO,    NO,  NO,  NO),  D(ROUTE, ROUTE, ROUTE, ROUTE)},
	OP(sendpage)     = {S(NO,    NO,    NO,    ONE, ONE, ONE), D(NO,    NO,    ONE,   ONE)},
	OP(recvmsg)      = {S(NO,    NO,    NO,    ONE, ONE, ONE), D(TURN,  TURN,  ONE,   ONE)},
	STEP(again)      = {S(NO,    NO,    NO,    NO,  NO,  NO),  D(TURN,  TURN,  TURN,  TURN)},
	OP(getname)      = {S(INET,  INET,  INET,  ONE, ONE, ONE), D(INET,  INET,  ONE,   ONE)},
	OP(ioctl)        = {S(TURN,  TURN,  TURN,  ONE, ONE, ONE), D(TURN,  TURN,  ONE,   ONE)},
	OP(poll)         = {S(TURN,  TURN,  TURN,  ONE, ONE, ONE), D(TURN,  TURN,  ONE,   ONE)},
	OP(setsockopt)   = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(ALL,   ALL,   ONE,   ONE)},
	OP(getsockopt)   = {S(INET,  INET,  INET,  ONE, ONE, ONE), D(INET,  INET,  ONE,   ONE)},
	STEP(judge)      = {S(INET,  INET,  INET,  ONE, ONE, ONE), D(INET,  INET,  ONE,   ONE)},
	OP(shutdown)     = {S(ALL,   ALL,   ALL,   ONE, ONE, ONE), D(ALL,   ALL,   ONE,   ONE)},
};
/* clang-format on */

enum sop_rule sop_rule(unsigned what, bool dgram, enum sop_phase phase) {
	return dgram ? table[what].dgram[phase] : table[what].stream[phase];
}
