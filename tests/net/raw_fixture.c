/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "raw_fixture.h"

#include <string.h>

static const uint8_t mss_1000[4] = {2, 4, 1000 >> 8, 1000 & 255};

void plain(struct net_params *p) {
	p->timestamps = false;
	p->window_scaling = false;
	p->quickacks = 0;
	p->delack_min = p->delack_max = 100 * SIM_MS;
	p->linux_rto = false; /* RFC 2988's own rule */
}

struct world *w;
struct net_sock *so;
uint32_t iss;
struct seg s;

void up(void) {
	w = world_raw(plain);
	so = raw_connected(w, &iss, mss_1000, sizeof(mss_1000), 20000);
}
void up_sack(void) {
	static const uint8_t both[8] = {2, 4, 1000 >> 8, 1000 & 255, 1, 1, 4, 2};

	near_wrap_at(10500); /* among what is under way */
	w = world_raw(plain);
	so = raw_connected(w, &iss, both, sizeof(both), 60000);
}
void down(void) { world_free(w); }

void from_peer(uint8_t flags, uint32_t seq, uint32_t ack, const char *text) {
	inject(w, &(struct seg){.flags = flags, .seq = seq, .ack = ack, .wnd = 20000, .data = text,
	                        .len = strlen(text)});
}
