/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "link_ends.h"

#include <string.h>

const struct link_conf gigabit = {
	.name = "test", .bits_per_s = 1000000000, .propagation = 50 * SIM_US};

struct sim *sim;

void world_up(void) { sim = sim_new(1); }
void world_down(void) {
	sim_free(sim);
	frame_pool_drain();
}

struct frame *numbered(uint32_t number, size_t len) {
	static const uint8_t header[HEADER] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
	struct frame *f = frame_new(64, len);

	g_assert(len >= HEADER + sizeof number);
	frame_push(f, 0);
	f->len = (uint16_t)len;
	memset(frame_data(f), 0, len);
	memcpy(frame_data(f), header, HEADER);
	memcpy(frame_data(f) + HEADER, &number, sizeof number);
	return f;
}

static uint32_t number_of(struct frame *f) {
	uint32_t number;

	memcpy(&number, frame_data(f) + HEADER, sizeof number);
	return number;
}

static unsigned wrong_bits(struct frame *f) {
	struct frame *good = numbered(number_of(f), f->len);
	unsigned n = 0;

	/* a flip in the number itself shows as the number, not here */
	for (size_t i = 0; i < f->len; i++)
		n += (unsigned)__builtin_popcount(frame_data(f)[i] ^ frame_data(good)[i]);
	frame_free(good);
	return n;
}

static void end_receive(void *arg, struct frame *frame) {
	struct end *end = arg;
	uint32_t number = number_of(frame);
	unsigned bits = wrong_bits(frame);
	sim_time now = sim_now(sim);

	g_array_append_val(end->number, number);
	g_array_append_val(end->when, now);
	g_array_append_val(end->bits, bits);
	frame_free(frame);
}

static void end_sent(void *arg) {
	struct end *end = arg;
	sim_time now = sim_now(sim);

	g_array_append_val(end->sent, now);
}

const struct port_ops quiet_ops = {.receive = end_receive};
const struct port_ops full_ops = {.receive = end_receive, .sent = end_sent};

void end_init(struct end *end, struct port *port, const struct port_ops *ops) {
	end->port = port;
	end->number = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	end->when = g_array_new(FALSE, FALSE, sizeof(sim_time));
	end->bits = g_array_new(FALSE, FALSE, sizeof(unsigned));
	end->sent = g_array_new(FALSE, FALSE, sizeof(sim_time));
	port_attach(port, ops, end);
}

void end_clear(struct end *end) {
	g_array_unref(end->number);
	g_array_unref(end->when);
	g_array_unref(end->bits);
	g_array_unref(end->sent);
}
